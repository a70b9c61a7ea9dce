# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from html import escape

from odoo import _, api, models

from .crm_pool import MODELS

SHOWN = 20


class CrmRecycleNotice(models.AbstractModel):
    """Tells owners what a run of the recycle rules warned them of: one message and one activity each."""

    _name = "crm.recycle.notice"
    _description = "Warnings Before Recycling"

    @api.model
    def _tell(self, moment):
        """One message and one activity per owner and kind, whatever the number.

        :param moment: when the run began; what was warned of then is told
        """
        for model_name, _label in MODELS:
            for user, number, ids in self._get_warned(model_name, moment):
                records = self.env[model_name].sudo().browse(ids)
                self.with_context(lang=user.lang)._tell_owner(user, number, records)

    @api.model
    def _get_warned(self, model_name, moment):
        """List of (owner, number of records, ids of the first :data:`SHOWN`, longest untouched first)."""
        self.env[model_name].flush()
        since = self.env[model_name]._owned_since_field()
        self.env.cr.execute(
            """
            SELECT record.user_id, count(*), (array_agg(record.id ORDER BY coalesce(record.date_last_follow_up,
                   record.%s, record.create_date)))[1:%d]
              FROM %s AS record
              JOIN res_users AS owner ON owner.id = record.user_id AND owner.active
             WHERE record.recycle_warned_at = %%s
             GROUP BY record.user_id ORDER BY record.user_id
            """
            % (since, SHOWN, self.env[model_name]._table),
            (moment,),
        )
        users = self.env["res.users"].sudo()
        return [(users.browse(user_id), number, ids) for user_id, number, ids in self.env.cr.fetchall()]

    @api.model
    def _tell_owner(self, user, number, records):
        kind = dict(self.env["crm.pool"]._fields["res_model"]._description_selection(self.env))[records._name]
        title = _("%(number)d %(kind)s go back to the public pool soon", number=number, kind=kind)
        links = "".join(
            '<li><a href="/web#id=%d&amp;model=%s&amp;view_type=form">%s</a></li>'
            % (record.id, record._name, escape(record.display_name))
            for record in records
        )
        text = _("Follow them up to keep them: call, write, meet, or move the stage.")
        more = _("… and %d more", number - len(records)) if number > len(records) else ""
        body = "<p>%s</p><ul>%s</ul><p>%s</p>" % (escape(text), links, escape(more))
        user.partner_id.message_notify(partner_ids=user.partner_id.ids, subject=title, body=body)
        records[0].with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", summary=title, note=body, user_id=user.id
        )
