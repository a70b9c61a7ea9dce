# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError, SalesOrderValidationError


class CrmDunningHold(models.Model):
    """A customer, or one invoice, is not reminded: somebody says why, and until when.

    A dispute over an invoice is reported by whoever talks to the customer; that a customer is never reminded is decided by
    finance, and so is the end of either. What was on hold stays on record.
    """

    _name = "crm.dunning.hold"
    _description = "Dispute or Hold"
    _order = "id desc"
    _rec_name = "partner_id"

    kind = fields.Selection(
        [("dispute", "Disputed Invoice"), ("customer", "Customer Not Reminded")], required=True, readonly=True, default="dispute"
    )
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, readonly=True, ondelete="cascade")
    invoice_id = fields.Many2one("account.move", "Invoice", index=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", default=lambda self: self.env.company
    )
    reason = fields.Char(required=True, help="What the customer says is wrong, or why they are left alone.")
    date_until = fields.Date("Until", help="The last day without reminders. Empty: until finance releases it.")
    active = fields.Boolean("On Hold", default=True, readonly=True)
    released_by_id = fields.Many2one("res.users", "Released by", readonly=True, ondelete="set null")
    released_on = fields.Datetime(readonly=True)

    def init(self):
        # One hold at a time for a customer, and for an invoice
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS crm_dunning_hold_active_idx"
            " ON crm_dunning_hold (partner_id, company_id, coalesce(invoice_id, 0)) WHERE active"
        )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._complete(dict(vals)) for vals in vals_list]
        for vals in vals_list:
            self._check_may_hold(vals)
            self._check_not_held(vals)
        return super().create(vals_list)

    @api.model
    def _complete(self, vals):
        """The customer and company of the invoice, and the company behind a contact."""
        for name in ("active", "released_by_id", "released_on"):
            vals.pop(name, None)
        invoice = self.env["account.move"].browse(vals.get("invoice_id") or ())
        if invoice:
            vals.update(kind="dispute", partner_id=invoice.commercial_partner_id.id, company_id=invoice.company_id.id)
        elif vals.get("partner_id"):
            vals["partner_id"] = self.env["res.partner"].browse(vals["partner_id"]).commercial_partner_id.id
        return vals

    @api.model
    def _check_may_hold(self, vals):
        if vals.get("kind", "dispute") == "dispute":
            invoice = self.env["account.move"].browse(vals.get("invoice_id") or ())
            if invoice.move_type not in ("out_invoice", "out_receipt") or invoice.state != "posted":
                raise SalesOrderError(_("Name the posted customer invoice that is disputed."))
        elif not self.env.su and not self.env.user.has_group("crm_sales_order.group_finance"):
            raise SalesOrderError(_("That a customer is not reminded at all is decided by finance. Report a dispute on the invoice."))

    @api.model
    def _check_not_held(self, vals):
        domain = [("partner_id", "=", vals.get("partner_id")), ("invoice_id", "=", vals.get("invoice_id") or False)]
        company_id = vals.get("company_id") or self.env.company.id
        held = self.sudo().search(domain + [("company_id", "=", company_id)], limit=1)
        if held:
            raise SalesOrderError(
                _("It is on hold already, since %(date)s: %(reason)s", date=fields.Date.to_string(held.create_date), reason=held.reason)
            )

    def write(self, vals):
        """Reason and end can be changed; everything else is what was decided."""
        if not self.env.su and set(vals) - {"reason", "date_until"}:
            raise SalesOrderError(_("Release this hold and record a new one instead of changing whom it is about."))
        return super().write(vals)

    @api.constrains("reason")
    def _check_reason(self):
        if any(not (hold.reason or "").strip() for hold in self):
            raise SalesOrderValidationError(_("Say why: somebody else will have to deal with it."))

    def action_release(self):
        """Remind again from the next run on; finance only."""
        if not self.env.user.has_group("crm_sales_order.group_finance"):
            raise SalesOrderError(_("Holds are released by finance. Tell them that the dispute is settled."))
        self.check_access_rule("read")
        held = self.sudo().filtered("active")
        held.write({"active": False, "released_by_id": self.env.user.id, "released_on": fields.Datetime.now()})
        return True
