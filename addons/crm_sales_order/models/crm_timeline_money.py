# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models, tools
from odoo.addons.crm_core.engine.timeline import TimelineKind
from psycopg2.extensions import AsIs

INVOICES = ("out_invoice", "out_refund")


class CrmTimeline(models.AbstractModel):
    """Invoices, and what was paid on them, whichever way the money came."""

    _inherit = "crm.timeline"

    def init(self):
        super().init()
        # Serves the timeline of a customer; the uninstall hook drops it.
        tools.create_index(self.env.cr, "account_move_partner_idx", "account_move", ["partner_id"])

    @api.model
    def _get_kinds(self):
        return super()._get_kinds() + [
            TimelineKind(
                "invoice",
                _("Invoice"),
                "fa-file-text",
                "account.move",
                "money",
                date="invoice_date",
                partner="partner_id",
                lead="invoice_line_ids.sale_line_ids.order_id.opportunity_id",
                domain=[("move_type", "in", INVOICES), ("state", "=", "posted")],
                title="name",
                text="invoice_origin",
                author="invoice_user_id",
                amount="amount_total",
                status="payment_state",
                looks={"not_paid": "attention", "partial": "attention", "in_payment": "on_track"},
            ),
            TimelineKind(
                "payment",
                _("Payment"),
                "fa-money",
                "account.partial.reconcile",
                "money",
                date="max_date",
                partner="debit_move_id.move_id.partner_id",
                lead="debit_move_id.move_id",
                title="debit_move_id",
                amount="amount",
                currency="company_currency_id",
                through="account.move",
            ),
        ]

    @api.model
    def _get_links(self, kind, scope, query):
        """Payments are those of the invoices the reader may see."""
        if kind.key != "payment":
            return super()._get_links(kind, scope, query)
        invoice = next(each for each in self._get_kinds() if each.key == "invoice")
        moves = self.env["account.move"]
        invoices = moves._where_calc(list(invoice.domain))
        links = super()._get_links(invoice, scope, invoices)
        if not links:
            return []
        invoices.add_where("(%s)" % " OR ".join(link for link, _ids in links), [ids for _link, ids in links])
        moves._apply_ir_rules(invoices, "read")
        select = self.env.cr.mogrify(*invoices.select()).decode()
        lines = "%s.debit_move_id IN (SELECT id FROM account_move_line WHERE move_id IN (%%s))" % "account_partial_reconcile"
        return [(lines, AsIs(select))]

    @api.model
    def _prepare_entries(self, kind, vals_list):
        """A payment opens the invoice it pays. A credit note set off against an invoice is no payment."""
        entries = super()._prepare_entries(kind, vals_list)
        if kind.key != "payment":
            return entries
        for partial in self.env["account.partial.reconcile"].sudo().browse(list(entries)):
            invoice = partial.debit_move_id.move_id
            if partial.credit_move_id.move_id.move_type in INVOICES:
                del entries[partial.id]
            else:
                entries[partial.id].update(title=invoice.name, res_model=invoice._name, res_id=invoice.id)
        return entries
