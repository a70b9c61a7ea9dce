# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.handover import HandoverKind

SALESMAN = "sales_team.group_sale_salesman"


class CrmHandover(models.Model):
    _inherit = "crm.handover"

    @api.model
    def _get_kinds(self):
        """Quotations, orders until they are delivered, invoiced and paid, and the invoices somebody has to chase.

        What is closed stays with who sold it.
        """
        *kinds, last = super()._get_kinds()
        kinds += [
            HandoverKind(
                "quotation",
                _("Quotations"),
                "sale.order",
                [("state", "in", ("draft", "sent"))],
                team="team_id",
                group=SALESMAN,
            ),
            HandoverKind(
                "order",
                _("Open Orders"),
                "sale.order",
                [
                    ("state", "in", ("sale", "done")),
                    "|",
                    "|",
                    ("invoice_status", "=", "to invoice"),
                    ("payment_status", "in", ("to_bill", "billed", "partial")),
                    ("picking_ids.state", "in", ("waiting", "confirmed", "assigned")),
                ],
                team="team_id",
                group=SALESMAN,
            ),
            HandoverKind(
                "invoice",
                _("Open Invoices"),
                "account.move",
                [
                    ("move_type", "in", ("out_invoice", "out_refund")),
                    ("state", "!=", "cancel"),
                    ("payment_state", "not in", ("paid", "reversed")),
                ],
                owner="invoice_user_id",
                team="team_id",
                group=SALESMAN,
            ),
        ]
        return [*kinds, last]
