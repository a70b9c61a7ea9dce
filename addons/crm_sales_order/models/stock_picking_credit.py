# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine import credit
from .crm_credit_release import FINANCE
from .stock_move_credit import OPEN


class StockPicking(models.Model):
    """Shipments that credit control holds back: the warehouse reads why, without amounts; finance releases them once."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "crm.credit.mixin"]

    is_credit_blocked = fields.Boolean(
        "Blocked by Credit", compute="_compute_is_credit_blocked", search="_search_is_credit_blocked"
    )

    @api.depends("credit_hold")
    def _compute_is_credit_blocked(self):
        for picking in self:
            picking.is_credit_blocked = picking.credit_hold in ("blocked", "requested")

    @api.model
    def _search_is_credit_blocked(self, operator, value):
        """Of the transfers still to leave, those whose customers are blocked: one query, and those of the customers' standing."""
        blocked = [("id", "in", self._get_blocked_ids())]
        return blocked if (operator == "=") == bool(value) else ["!", *blocked]

    @api.model
    def _get_blocked_ids(self):
        """Ids of transfers that may not leave and are not released, of the reader's companies."""
        leaving = self.env["stock.move"].sudo()._load_leaving(
            OPEN + " AND move.picking_id IS NOT NULL AND move.company_id = ANY(%(companies)s)", {"companies": self.env.companies.ids}
        )
        verdicts = self.env["crm.credit"].sudo()._get_verdicts(set().union(*leaving.values()))
        ids = [key for key, pairs in leaving.items() if any(verdicts[pair].state == credit.BLOCKED for pair in pairs)]
        released = self.env["crm.credit.release"].sudo().search([("picking_id", "in", ids), ("state", "=", "granted")])
        return sorted(set(ids) - set(released.picking_id.ids))

    def _leaves(self):
        """Whether goods of this transfer go to a customer."""
        self.ensure_one()
        return any(move.location_dest_id.usage == "customer" or move.location_dest_id.custody for move in self.move_lines)

    def _get_credit_pairs(self):
        saved = self.filtered(lambda picking: picking.id and picking.state not in ("done", "cancel"))
        leaving = {}
        if saved:
            scope = "move.picking_id = ANY(%(ids)s) AND move.state NOT IN ('done', 'cancel')"
            leaving = self.env["stock.move"]._load_leaving(scope, {"ids": saved.ids})
        return {picking: leaving[picking.id] for picking in saved if picking.id in leaving}

    def _get_credit_amount(self):
        """What is to leave, or is being shipped when that is more."""
        moves = self.move_lines.filtered(lambda move: move.state != "cancel")
        value = sum(move._get_credit_value(max(move.product_uom_qty, move.quantity_done)) for move in moves)
        return self.company_id.currency_id.round(value)

    def _get_credit_order(self):
        return self.sale_id or self.move_lines.sale_line_id.order_id[:1]

    def _prepare_release_document(self):
        return {"picking_id": self.id, "purpose": "ship"}

    def action_cancel(self):
        result = super().action_cancel()
        self.env["crm.credit.release"].sudo()._lapse(self)
        return result

    def get_formview_id(self, access_uid=None):
        """Links open finance a form of what it decides on; the warehouse's asks for rights finance has not."""
        user = self.env["res.users"].browse(access_uid) if access_uid else self.env.user
        if user.has_group(FINANCE) and not user.has_group("stock.group_stock_user"):
            return self.env.ref("crm_sales_order.stock_picking_view_form_credit_blocked").id
        return super().get_formview_id(access_uid=access_uid)

    def action_open_transfer(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id, "views": [(False, "form")]}

    @api.model
    def _workbench_blocked_shipments(self):
        """Transfers that credit control holds back, the oldest first; amounts are told by finance's other tiles."""
        domain = [("id", "in", self._get_blocked_ids())]

        def describe(picking):
            customer = picking._get_credit_order().sudo().partner_id or picking.partner_id
            day = picking.scheduled_date.date()
            return {"title": picking.name, "text": customer.commercial_partner_id.name, "date": day, "status": "late"}

        tile = self.env["crm.workbench"]._list(self, domain, describe, order="scheduled_date, id")
        note = _("Finance can release them, once each.") if tile["value"] else False
        return dict(tile, note=note, status="late" if tile["value"] else "on_track")


class CrmCreditRelease(models.Model):
    _inherit = "crm.credit.release"

    @api.model
    def _workbench_credit_releases(self):
        """What finance is asked to let go, the oldest first."""
        domain = [("state", "=", "requested")]

        def describe(release):
            return {
                "title": release.partner_id.name,
                "text": " · ".join(filter(None, [release.document_name, release.requester_id.name])),
                "amount": release.amount,
                "status": "attention",
            }

        tile = self.env["crm.workbench"]._list(self, domain, describe, order="id")
        return dict(tile, status="attention" if tile["value"] else "on_track")
