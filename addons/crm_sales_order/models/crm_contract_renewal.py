# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models

from .crm_contract import IN_FORCE_STATES


class CrmContract(models.Model):
    """Contracts that come to their end: the salesperson is told in time, and an opportunity to renew is opened once."""

    _inherit = "crm.contract"

    alert_days = fields.Integer(
        string="Alert Before End (Days)",
        default=lambda self: self.env.company.contract_alert_days,
        groups="base.group_user",
        help="So long before its end the salesperson is told, and an opportunity to renew it is opened.",
    )
    alert_date = fields.Date(compute="_compute_alert_date", store=True, groups="base.group_user")
    alerted_date = fields.Date(
        string="Alerted for End on", readonly=True, copy=False, groups="base.group_user", help="The end the salesperson was told of."
    )
    renewal_lead_id = fields.Many2one(
        "crm.lead",
        string="Renewal",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups="crm_core.group_sales_rep,crm_core.group_executive",
    )

    @api.depends("date_end", "alert_days")
    def _compute_alert_date(self):
        for contract in self:
            end = contract.date_end
            contract.alert_date = end - timedelta(days=contract.alert_days) if end else False

    @api.model
    def _cron_follow_up(self):
        """Once a day: what follows from orders and dates, and who is to be told."""
        self._settle(self.search([("state", "in", IN_FORCE_STATES)]))
        self._alert()

    @api.model
    def _get_alert_domain(self):
        """Contracts in force that end soon, or have ended without being settled."""
        today = fields.Date.context_today(self)
        return [("state", "in", IN_FORCE_STATES), ("amends_id", "=", False), ("alert_date", "<=", today)]

    @api.model
    def _alert(self):
        """Tell salespeople of contracts about to end, once for each end, and open what is to be renewed.

        A second run finds nothing left; one at the same time loses on serialization.

        :return: the contracts alerted
        """
        due = self.sudo().search(self._get_alert_domain()).filtered(lambda contract: contract.alerted_date != contract.date_end)
        due._open_renewals()
        for contract in due:
            contract._write_guarded({"alerted_date": contract.date_end})
        self.env["crm.notification"]._notify_batch([contract._prepare_alert() for contract in due if contract.user_id])
        return due

    def _open_renewals(self):
        """An opportunity for each contract that has none which is still open."""
        missing = self.filtered(lambda contract: not contract._has_open_renewal())
        leads = self.env["crm.lead"].sudo().create([contract._prepare_renewal() for contract in missing])
        for contract, lead in zip(missing, leads):
            contract._write_guarded({"renewal_lead_id": lead.id})

    def _has_open_renewal(self):
        lead = self.with_context(active_test=False).renewal_lead_id
        return bool(lead) and lead.active and lead.probability < 100

    def _prepare_renewal(self):
        self.ensure_one()
        return {
            "type": "opportunity",
            "name": _("Renewal of %(contract)s", contract=self.display_name),
            "partner_id": self.partner_id.id,
            "user_id": self.user_id.id,
            "team_id": self.team_id.id,
            "company_id": self.company_id.id,
            "expected_revenue": self.currency_id._convert(
                self.amount_total, self.company_id.currency_id, self.company_id, fields.Date.context_today(self)
            ),
            "date_deadline": self.date_end,
        }

    def _prepare_alert(self):
        told = self.with_context(lang=self.user_id.lang)
        return {
            "users": self.user_id,
            "subject": _("%(contract)s ends on %(date)s", contract=told.display_name, date=told._say_date(self.date_end)),
            "body": _("An opportunity to renew it is open: %(lead)s", lead=self.renewal_lead_id.name or ""),
            "record": self,
            "key": "crm.contract,%d,ends,%s" % (self.id, self.date_end),
        }
