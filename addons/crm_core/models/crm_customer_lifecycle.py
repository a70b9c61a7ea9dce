# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools

from ..engine.customer import DORMANT, LOST, NEED, NEGOTIATION, NURTURE, REPEAT, WON, Patience
from ..exceptions import CrmValidationError

LIFECYCLE = [
    (NURTURE, "Nurture"),
    (NEED, "Need"),
    (NEGOTIATION, "Negotiation"),
    (WON, "First Deal"),
    (REPEAT, "Repeat Purchase"),
    (DORMANT, "Dormant"),
    (LOST, "Churned"),
]


class LifecycleError(CrmValidationError):
    """The stages of silence do not follow one another."""


class CrmCustomerLifecycle(models.Model):
    """The stages of a customer in words, how many are in each, and after how many days of silence the last two begin."""

    _name = "crm.customer.lifecycle"
    _description = "Lifecycle Stage"
    _order = "sequence"

    name = fields.Selection(LIFECYCLE, string="Stage", required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    meaning = fields.Char(string="A Customer is Here When", compute="_compute_meaning")
    days = fields.Integer(string="After Days", help="Days since the last purchase with nothing under way.")
    customer_count = fields.Integer(string="Customers", compute="_compute_customer_count")

    _sql_constraints = [("name_unique", "unique (name)", "There is one line for each stage.")]

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_meaning(self):
        meanings = {
            "nurture": _("nothing was bought yet and nothing is under way"),
            "need": _("there is an open lead, and nothing was bought yet"),
            "negotiation": _("there is an open opportunity or quotation, and nothing was bought yet"),
            "won": _("it bought once"),
            "repeat": _("it bought more than once"),
            "dormant": _("it bought, but not for this many days, and nothing is under way"),
            "lost": _("it bought, but not for even more days, and nothing is under way"),
        }
        for stage in self:
            stage.meaning = meanings.get(stage.name)

    def _compute_customer_count(self):
        groups = self.env["res.partner"].read_group([("lifecycle", "!=", False)], ["lifecycle"], ["lifecycle"])
        counts = {group["lifecycle"]: group["lifecycle_count"] for group in groups}
        for stage in self:
            stage.customer_count = counts.get(stage.name, 0)

    @api.constrains("days")
    def _check_days(self):
        days = {stage.name: stage.days for stage in self.search([])}
        if not 0 < days.get(DORMANT, 180) < days.get(LOST, 365):
            raise LifecycleError(
                _("A customer is dormant after at least one day, and churned only some days later. Enter more days for “Churned”.")
            )

    @api.model
    @tools.ormcache()
    def _get_patience(self):
        days = {stage.name: stage.days for stage in self.sudo().search([])}
        return Patience(days.get(DORMANT) or Patience.dormant, days.get(LOST) or Patience.lost)

    def write(self, vals):
        result = super().write(vals)
        if "days" in vals:
            self.clear_caches()
            self.env["res.partner"]._schedule_customer_states()
        return result

    def action_customers(self):
        """The customers in this stage."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.action_customers")
        return {**action, "domain": [("lifecycle", "=", self.name)]}
