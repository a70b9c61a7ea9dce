# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderValidationError


class CrmDunningLevel(models.Model):
    """A step of reminding of an amount, so many days before or after it is due: who is told, and by which letter.

    What the daily run makes of the levels is in crm_dunning_run.py.
    """

    _name = "crm.dunning.level"
    _description = "Reminder Level"
    _order = "days, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: for all companies.")
    days = fields.Integer(
        string="Days after Due", required=True, help="So many days after the due date; below zero: before it."
    )
    amount_from = fields.Float(
        string="From Amount", digits=(16, 2), help="Less than that, in the currency of the company, is not worth a reminder."
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Letter",
        domain=[("model", "=", "crm.dunning.notice")],
        ondelete="restrict",
        help="What the customer gets, in their language. Empty: the customer is not told.",
    )
    tell_rep = fields.Boolean(string="Salesperson", default=True, help="Tell the salesperson of the invoice.")
    tell_leader = fields.Boolean(string="Leader", help="Tell the leader of the salesperson's team.")

    @api.constrains("days", "company_id", "active")
    def _check_days(self):
        for level in self.filtered("active"):
            domain = [("days", "=", level.days), ("id", "!=", level.id)]
            if level.company_id:
                domain.append(("company_id", "in", (False, level.company_id.id)))
            twin = self.search(domain, limit=1)
            if twin:
                raise SalesOrderValidationError(
                    _(
                        "“%(twin)s” already acts %(days)d days after the due date. Choose another day for “%(level)s”.",
                        twin=twin.name,
                        days=level.days,
                        level=level.name,
                    )
                )

    @api.constrains("amount_from")
    def _check_amount_from(self):
        if any(level.amount_from < 0 for level in self):
            raise SalesOrderValidationError(_("An amount to remind of cannot be below zero: enter 0 to remind of everything."))

    @api.constrains("template_id", "tell_rep", "tell_leader")
    def _check_somebody(self):
        for level in self:
            if not (level.template_id or level.tell_rep or level.tell_leader):
                raise SalesOrderValidationError(
                    _("“%(level)s” tells nobody: choose a letter, the salesperson or the leader.", level=level.name)
                )
