# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools

from ..exceptions import CrmUserError
from .crm_dedupe_key import KINDS


class CrmDedupeDuplicate(models.Model):
    """Open leads, and customers, that share a key: one row per record and shared key, a group per key.

    A view over the keys: found by the small index of those who came second, so its cost grows with the duplicates,
    not with the leads. Leaders see the rows of their teams' records.
    """

    _name = "crm.dedupe.duplicate"
    _description = "Duplicate"
    _auto = False
    _contact_details_guarded = True
    _order = "group_name, id"

    group_name = fields.Char(string="Shared by", readonly=True)
    kind = fields.Selection(KINDS, string="What Is the Same", readonly=True)
    record_kind = fields.Selection([("lead", "Leads"), ("customer", "Customers")], string="Of", readonly=True)
    members = fields.Integer(string="Records in All", readonly=True, group_operator="max")
    deal = fields.Boolean(
        string="Deal of a Customer", readonly=True, help="An opportunity of a known customer, who may well have several."
    )
    name = fields.Char(readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Lead", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", string="Company", readonly=True)
    date = fields.Datetime(string="Created on", readonly=True)

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"group_name"}

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(
            """
            CREATE VIEW crm_dedupe_duplicate AS
            WITH shared AS (
                SELECT value, kind, company, model, count(*) + 1 AS members
                  FROM crm_dedupe_key
                 WHERE open AND NOT guards AND (model = 'res.partner' OR kind IN ('phone', 'email', 'wechat'))
                 GROUP BY value, kind, company, model)
            SELECT key.id, shared.value AS group_name, shared.kind, shared.members,
                   CASE key.model WHEN 'crm.lead' THEN 'lead' ELSE 'customer' END AS record_kind,
                   COALESCE(lead.type = 'opportunity' AND lead.partner_id IS NOT NULL, FALSE) AS deal,
                   COALESCE(lead.name, partner.display_name) AS name,
                   lead.id AS lead_id, partner.id AS partner_id,
                   COALESCE(lead.user_id, partner.user_id, customer.user_id) AS user_id,
                   COALESCE(lead.team_id, partner.team_id, customer.team_id) AS team_id,
                   NULLIF(key.company, 0) AS company_id,
                   COALESCE(lead.create_date, partner.create_date) AS date
              FROM shared
              JOIN crm_dedupe_key AS key
                ON key.value = shared.value AND key.kind = shared.kind AND key.model = shared.model
               AND key.company = shared.company AND key.open
         LEFT JOIN crm_lead AS lead ON lead.id = key.res_id AND key.model = 'crm.lead'
         LEFT JOIN res_partner AS partner ON partner.id = key.res_id AND key.model = 'res.partner'
         LEFT JOIN res_partner AS customer ON customer.id = partner.commercial_partner_id
             WHERE lead.id IS NOT NULL OR partner.id IS NOT NULL
            """
        )

    def action_open(self):
        self.ensure_one()
        record = self.lead_id or self.partner_id
        return {"type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id, "view_mode": "form"}

    def action_merge(self):
        """The wizard for the records of the chosen rows.

        :raise CrmUserError: if they are fewer than two, or leads together with customers
        """
        leads, partners = self.lead_id, self.partner_id
        if leads and partners:
            raise CrmUserError(_("Leads and customers cannot be merged into one. Choose rows of one kind."))
        records = leads or partners
        if len(records) < 2:
            raise CrmUserError(_("Choose at least two records to merge."))
        xml_id = "crm.action_merge_opportunities" if leads else "base.action_partner_merge"
        action = self.env["ir.actions.actions"]._for_xml_id(xml_id)
        action["context"] = {"active_model": records._name, "active_ids": records.ids}
        return action
