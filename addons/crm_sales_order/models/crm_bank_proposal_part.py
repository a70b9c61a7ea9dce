# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError, SalesOrderValidationError


class CrmBankProposalPart(models.Model):
    """An open item a payment is proposed to pay, and how much of it."""

    _name = "crm.bank.proposal.part"
    _description = "Item of a Matching Proposal"
    _order = "id"
    _rec_name = "item_id"

    proposal_id = fields.Many2one("crm.bank.proposal", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="proposal_id.company_id", store=True)
    currency_id = fields.Many2one(related="proposal_id.currency_id")
    item_id = fields.Many2one("account.move.line", string="Open Item", required=True, index=True, ondelete="cascade")
    move_id = fields.Many2one(related="item_id.move_id", string="Invoice")
    date_due = fields.Date(related="item_id.date_maturity")
    amount_open = fields.Monetary(compute="_compute_amount_open", string="Open")
    amount = fields.Monetary(string="Paid", required=True)

    @api.depends("item_id.amount_residual_currency")
    def _compute_amount_open(self):
        for part in self:
            part.amount_open = part.item_id.amount_residual_currency

    @api.onchange("item_id")
    def _onchange_item(self):
        left = self.proposal_id.amount_left + self.amount
        self.amount = max(0.0, min(left, self.amount_open)) or self.amount_open

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_may_change()
        return parts

    def write(self, vals):
        self._check_may_change()
        return super().write(vals)

    def unlink(self):
        self._check_may_change()
        return super().unlink()

    def _check_may_change(self):
        if not self.env.su and any(state != "proposed" for state in self.proposal_id.mapped("state")):
            raise SalesOrderError(_("This proposal is booked, refused or being booked. Open the payment anew."))

    @api.constrains("item_id", "amount", "proposal_id")
    def _check_item(self):
        """A customer's open item of the same company and currency, and no more than is open."""
        for part in self:
            item, proposal = part.item_id, part.proposal_id
            problem = None
            if item.account_internal_type != "receivable" or item.parent_state != "posted" or item.company_id != proposal.company_id:
                problem = _("%(item)s is no open receivable of this company.", item=item.display_name)
            elif item.partner_id.commercial_partner_id != proposal.partner_id.commercial_partner_id:
                problem = _("%(item)s is another customer's. A payment is never split over customers.", item=item.display_name)
            elif item.currency_id != part.currency_id:
                problem = _("%(item)s is in another currency than the payment.", item=item.display_name)
            elif not 0 < part.currency_id.round(part.amount) <= part.currency_id.round(item.amount_residual_currency):
                problem = _("%(item)s: pay more than nothing and no more than is open.", item=item.display_name)
            if problem:
                raise SalesOrderValidationError(problem)
