# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine import quotation_diff


class CrmQuotationComparison(models.TransientModel):
    """Two versions of a quotation side by side; without the newer one, the order as it is now."""

    _name = "crm.quotation.comparison"
    _description = "Comparison of Quotation Versions"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    older_id = fields.Many2one("crm.quotation.version", "From", required=True, ondelete="cascade", domain="[('order_id', '=', order_id)]")
    newer_id = fields.Many2one(
        "crm.quotation.version", "To", ondelete="cascade", domain="[('order_id', '=', order_id)]", help="Empty: the quotation as it is now."
    )
    comparison = fields.Html(compute="_compute_comparison", sanitize=False)

    @api.model
    def _open(self, order, older, newer):
        """The action that shows two versions of ``order``; ``newer`` may be empty: as it is now."""
        wizard = self.create({"order_id": order.id, "older_id": older.id, "newer_id": newer.id})
        return {
            "type": "ir.actions.act_window",
            "name": _("Versions of %(order)s", order=order.name),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.depends("older_id", "newer_id")
    @api.depends_context("lang")
    def _compute_comparison(self):
        """With the rights of who looks: records of others raise an AccessError."""
        for wizard in self:
            older, newer = wizard.older_id, wizard.newer_id
            if not older or (older | newer).order_id - wizard.order_id:
                wizard.comparison = False
                continue
            values = {
                "changes": wizard._get_changes(),
                "older": wizard._describe(older),
                "newer": wizard._describe(newer or wizard.order_id),
                "totals": wizard._get_totals(older, newer or wizard.order_id),
                "currency": (newer or wizard.order_id).currency_id,
                "older_currency": older.currency_id,
            }
            wizard.comparison = self.env["ir.qweb"]._render("crm_sales_order.quotation_comparison", values)

    def _get_changes(self):
        """:rtype: list of :class:`engine.quotation_diff.Change`"""
        self.ensure_one()
        newer = (self.newer_id or self.order_id)._get_offer()
        return quotation_diff.compare(quotation_diff.read(self.older_id._get_offer()), quotation_diff.read(newer))

    def _describe(self, source):
        """The head of a column, of a version or of the order itself."""
        source.check_access_rights("read")
        source.check_access_rule("read")
        return {"title": source.display_name if source._name == "crm.quotation.version" else _("As it is now")}

    def _get_totals(self, older, newer):
        """Rows of the table below the lines; the margin for those only who may see it."""
        labels = {"amount_untaxed": _("Untaxed Amount"), "amount_total": _("Total")}
        if self.env.user._sees_margins():
            labels["margin"] = _("Margin")
        return [{"label": label, "older": older[name], "newer": newer[name]} for name, label in labels.items()]
