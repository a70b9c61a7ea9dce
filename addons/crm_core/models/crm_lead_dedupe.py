# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmUserError

PERSON_FIELDS = {"phone", "mobile", "email_from", "wechat"}


def _notify(title, message):
    """A client action that shows a message."""
    params = {"title": title, "message": message, "type": "info", "sticky": False}
    return {"type": "ir.actions.client", "tag": "display_notification", "params": params}


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.dedupe.mixin"]
    _dedupe_query = """
        SELECT lead.id, COALESCE(lead.company_id, 0), lead.active AND NOT COALESCE(stage.is_won, FALSE),
               lead.phone, lead.mobile, lead.email_from, lead.wechat, lead.credit_code, lead.partner_name
          FROM crm_lead AS lead
     LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id
         WHERE lead.id = ANY(%s)
    """
    _dedupe_fields = {
        "phone": "phone",
        "mobile": "mobile",
        "email": "email_from",
        "wechat": "wechat",
        "uscc": "credit_code",
        "company": "partner_name",
    }

    credit_code = fields.Char(string="Credit Code", help="Unified social credit code of the company (18 characters).")

    @api.depends(
        "phone",
        "mobile",
        "email_from",
        "wechat",
        "credit_code",
        "partner_name",
        "company_id",
        "active",
        "stage_id.is_won",
    )
    def _compute_dedupe_synced(self):
        return super()._compute_dedupe_synced()

    @api.depends("phone", "mobile", "email_from", "wechat", "credit_code", "partner_name")
    def _compute_dedupe_warning(self):
        return super()._compute_dedupe_warning()

    def _get_dedupe_own(self):
        customer = self.partner_id._origin
        return super()._get_dedupe_own() + [
            ("res.partner", partner_id) for partner_id in (customer + customer.sudo().commercial_partner_id).ids
        ]

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._check_dedupe_refused()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if PERSON_FIELDS & vals.keys():
            self._check_dedupe_refused()
        return result

    def _check_dedupe_refused(self):
        """Where the policy says so, a rep makes no second open lead of a person.

        :raise CrmUserError: with whose the person is
        """
        user = self.env.user
        if self.env.su or not user._is_crm_limited() or user.has_group("crm_core.group_team_leader"):
            return
        refused = [
            company.id
            for company in self.company_id
            if self.env["crm.dedupe.policy"]._get_settings(company.id)[0] == "refuse"
        ]
        leads = self.filtered(lambda lead: lead.company_id.id in refused)
        if not leads:
            return
        self.flush()
        self.env.cr.execute(
            """
            SELECT DISTINCT COALESCE(person.name, '')
              FROM crm_dedupe_key AS key
              JOIN crm_dedupe_key AS other
                ON other.value = key.value AND other.kind = key.kind AND other.company = key.company
               AND other.model = key.model AND other.guards
         LEFT JOIN crm_lead AS lead ON lead.id = other.res_id
         LEFT JOIN res_users AS owner ON owner.id = lead.user_id
         LEFT JOIN res_partner AS person ON person.id = owner.partner_id
             WHERE key.res_id = ANY(%s) AND key.model = 'crm.lead' AND key.open AND NOT key.guards AND NOT key.learned
            """,
            [leads.ids],
        )
        owners = sorted(name for (name,) in self.env.cr.fetchall())
        if owners:
            names = ", ".join(filter(None, owners)) or _("nobody yet")
            raise CrmUserError(
                _(
                    "This person has an open lead already; its owner: %(owner)s. Work on that one together, or ask your "
                    "team leader to hand it over.",
                    owner=names,
                )
            )

    def action_find_duplicates(self):
        """Leads that may be the same as this one, as far as the user may see them, to be merged."""
        self.ensure_one()
        vals = {name: self[name] for name in self._dedupe_fields.values() if self[name]}
        hits = self.env["crm.dedupe"].find(vals, exclude=self._get_dedupe_own())
        ids = [hit["res_id"] for hit in hits if hit["model"] == "crm.lead" and hit["visible"]]
        if not hits:
            message = _("Nobody else has this phone, e-mail, WeChat, credit code or a similar company name.")
            return _notify(_("No duplicates"), message)
        if not ids:
            return _notify(_("Possible duplicates"), "\n".join(self.env["crm.dedupe"]._get_hit_texts(hits)))
        action = self.env["ir.actions.actions"]._for_xml_id("crm_core.action_lead_duplicates")
        return {**action, "domain": [("id", "in", self.ids + ids)]}

    def _prepare_dedupe_row(self, region):
        is_open = self.active and not self.stage_id.is_won
        values = {field: self[field] for field in self._dedupe_fields.values()}
        return (self.company_id.id or 0, is_open, self._get_dedupe_keys(values, region))
