# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The peer: plain Odoo 14, each deal with the methods behind the buttons a user presses.

Kinder to plain Odoo than life: no forms are rendered, no onchange runs, one commit per deal instead of one per
click, and one bank statement for a whole slice of deals. It does write a Factur-X file per invoice, which the suite
leaves out for companies outside Europe: 16 of about 540 queries a deal, within the noise of its time.
"""

from lead_to_cash_deals import BOUGHT, DROP_SHIPPED
from odoo import fields


class PlainFlow:
    def __init__(self, masters):
        self.masters = masters
        self.env = masters.env

    def run(self, leads):
        """Take won opportunities to matched payments.

        :param leads: {deal: crm.lead}
        :returns: value collected
        """
        invoices = {}
        for deal, lead in leads.items():
            invoices[deal] = self.run_to_invoice(deal, lead)
            self.env.cr.commit()
        self.collect(invoices)
        self.env.cr.commit()
        for deal, invoice in invoices.items():
            if invoice.payment_state != "paid" or invoice.amount_total != deal.value:
                raise AssertionError("plain Odoo: deal %s is not paid in full" % (deal,))
        return sum(invoice.amount_total for invoice in invoices.values())

    def run_to_invoice(self, deal, lead):
        order = self.quote(deal, lead)
        self.check_stock(order)
        order.action_confirm()
        if deal.product == BOUGHT:
            self.buy(order)
        if deal.product == DROP_SHIPPED:
            self.env["purchase.order"].search([("origin", "=", order.name)]).button_confirm()
        self.validate(order.picking_ids)
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def quote(self, deal, lead):
        product = self.masters.products[deal.product]
        order = self.env["sale.order"].create(
            {
                "partner_id": lead.partner_id.id,
                "opportunity_id": lead.id,
                "origin": lead.name,
                "team_id": lead.team_id.id,
                "order_line": [(0, 0, {"product_id": product.id, "price_unit": deal.value})],
            }
        )
        order.onchange_partner_shipping_id()
        return order

    def check_stock(self, order):
        order.order_line.mapped("virtual_available_at_date")

    def buy(self, order):
        line = order.order_line
        seller = line.product_id.seller_ids[:1]
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": seller.name.id,
                "origin": order.name,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "name": line.product_id.display_name,
                            "product_id": line.product_id.id,
                            "product_qty": line.product_uom_qty,
                            "product_uom": line.product_uom.id,
                            "price_unit": seller.price,
                            "date_planned": fields.Datetime.now(),
                        },
                    )
                ],
            }
        )
        purchase.button_confirm()
        self.validate(purchase.picking_ids)
        order.picking_ids.action_assign()

    def validate(self, pickings):
        """The Validate button, and yes to its question whether everything was processed."""
        for picking in pickings:
            action = picking.button_validate()
            if isinstance(action, dict):
                wizard = self.env[action["res_model"]].with_context(action["context"])
                wizard.create(
                    {
                        "pick_ids": [(4, picking.id)],
                        "immediate_transfer_line_ids": [(0, 0, {"picking_id": picking.id, "to_immediate": True})],
                    }
                ).process()
            if picking.state != "done":
                raise AssertionError("plain Odoo: transfer %s is %s" % (picking.name, picking.state))

    def collect(self, invoices):
        total = sum(invoice.amount_total for invoice in invoices.values())
        statement = self.env["account.bank.statement"].create(
            {
                "name": "Plain %s" % min(deal.ref for deal in invoices),
                "journal_id": self.masters.bank.id,
                "balance_start": 0.0,
                "balance_end_real": total,
            }
        )
        statement.balance_start = 0.0
        for invoice in invoices.values():
            self.env["account.bank.statement.line"].create(
                {
                    "statement_id": statement.id,
                    "payment_ref": "Payment %s" % invoice.invoice_origin,
                    "amount": invoice.amount_total,
                    "partner_id": invoice.partner_id.id,
                    "date": fields.Date.today(),
                }
            )
        statement.balance_end_real = statement.balance_end
        statement.button_post()
        for line, invoice in zip(statement.line_ids.sorted("id"), invoices.values()):
            receivable = invoice.line_ids.filtered(lambda item: item.account_internal_type == "receivable")
            line.reconcile([{"id": receivable.id}])
            self.env.cr.commit()
