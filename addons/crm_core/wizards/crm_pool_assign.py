# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import OwnershipError
from ..models.crm_pool import MODELS


class CrmPoolAssign(models.TransientModel):
    _name = "crm.pool.assign"
    _description = "Assign to Sales Reps"

    res_model = fields.Selection(MODELS, required=True, readonly=True)
    res_ids = fields.Char(required=True, readonly=True)
    count = fields.Integer(string="Number", compute="_compute_count")
    user_ids = fields.Many2many(
        "res.users", string="Assign to", domain=lambda self: self._get_user_domain(), help="Shared out in turn."
    )
    share = fields.Char(string="Each Gets", compute="_compute_share")

    @api.model
    def _open(self, model_name, ids):
        if not self.env.user._may_assign():
            raise OwnershipError(_("Only team leaders and sales directors assign to others."))
        return {
            "type": "ir.actions.act_window",
            "name": _("Assign to Sales Reps"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_res_model": model_name, "default_res_ids": ",".join(map(str, ids))},
        }

    def _get_records(self):
        """The chosen records, as far as the user sees them.

        :raise OwnershipError: when there are none
        """
        ids = [int(part) for part in (self.res_ids or "").split(",") if part.isdigit()]
        records = self.env[self.res_model]._get_manageable(ids)
        if not records:
            raise OwnershipError(_("Select what you want to assign. Some may just have been claimed."))
        return records

    @api.depends("res_model", "res_ids")
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard._get_records())

    @api.model
    def _get_user_domain(self):
        """Everybody in sales, or for leaders themselves and the people of their teams."""
        actor = self.env.user
        domain = [("share", "=", False), ("groups_id", "in", self.env.ref("sales_team.group_sale_salesman").ids)]
        if not actor._may_own_for_all():
            teams = actor._get_led_teams()
            domain += ["|", "|", ("id", "=", actor.id), ("sale_team_id", "in", teams.ids), ("id", "in", teams.user_id.ids)]
        return domain

    @api.depends("count", "user_ids")
    @api.depends_context("lang")
    def _compute_share(self):
        for wizard in self:
            number = len(wizard.user_ids)
            least, rest = divmod(wizard.count, number) if number else (0, 0)
            wizard.share = _("%(least)d or %(most)d", least=least, most=least + 1) if rest else str(least)

    def action_assign(self):
        """Assign, tell each of those who got some in one message, and say who got how many."""
        self.ensure_one()
        records = self._get_records()
        shares = records._assign_batch(self.user_ids)
        for user in self.user_ids:
            self._notify_new_owner(user, shares[user.id])
        text = ", ".join("%s: %d" % (user.name, shares[user.id]) for user in self.user_ids)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": _("Assigned"),
                "message": text.replace("%", "%%"),
                "type": "success",
                "next": {"type": "ir.actions.client", "tag": "reload"},
            },
        }

    def _notify_new_owner(self, user, number):
        if user != self.env.user and number:
            kind = dict(self._fields["res_model"]._description_selection(self.with_context(lang=user.lang).env))
            translated = self.with_context(lang=user.lang)
            user.partner_id.sudo().message_notify(
                partner_ids=user.partner_id.ids,
                author_id=self.env.user.partner_id.id,
                subject=translated._get_notice(number, kind[self.res_model]),
                body=translated._get_notice(number, kind[self.res_model]),
            )

    def _get_notice(self, number, kind):
        return _("%(user)s assigned to you: %(number)d (%(kind)s)", user=self.env.user.name, number=number, kind=kind)
