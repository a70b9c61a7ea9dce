# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmTriangleFinding(models.Model):
    """Something a check of the triangle found not to hold, with a link to it."""

    _name = "crm.triangle.finding"
    _description = "Finding of a Triangle Check"
    _order = "id"
    _rec_name = "kind"

    check_id = fields.Many2one("crm.triangle.check", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="check_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("plan", "The instalments do not sum to the order"),
            ("ordered", "Ordered is not invoiced + still to invoice + cancelled"),
            ("invoiced", "Invoiced is not collected + open + credited + written off"),
            ("billed", "The order says something else than its invoices"),
            ("settled", "The order says something else than the open amounts of its invoices"),
            ("invoice", "An invoice is not what is matched and what is open of it"),
            ("item", "A ledger item is not what is matched and what is open of it"),
        ],
        "What Does Not Hold",
        required=True,
        readonly=True,
    )
    order_id = fields.Many2one("sale.order", "Order", readonly=True, ondelete="cascade")
    move_id = fields.Many2one("account.move", "Entry", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", "Currency", readonly=True)
    expected = fields.Monetary(readonly=True)
    found = fields.Monetary(readonly=True)
    difference = fields.Monetary(readonly=True)

    def action_open(self):
        """The order or entry it is about."""
        self.ensure_one()
        return (self.order_id or self.move_id).get_formview_action()
