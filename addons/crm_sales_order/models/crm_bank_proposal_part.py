# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class CrmBankProposalPart(models.Model):
    """An open item a payment is proposed to pay, and how much of it."""

    _name = "crm.bank.proposal.part"
    _description = "Item of a Matching Proposal"
    _order = "id"
    _rec_name = "item_id"

    proposal_id = fields.Many2one("crm.bank.proposal", required=True, readonly=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(related="proposal_id.partner_id")
    company_id = fields.Many2one(related="proposal_id.company_id", store=True)
    currency_id = fields.Many2one(related="proposal_id.currency_id")
    item_id = fields.Many2one("account.move.line", string="Open Item", required=True, index=True, ondelete="cascade")
    move_id = fields.Many2one(related="item_id.move_id", string="Invoice")
    date_due = fields.Date(related="item_id.date_maturity")
    amount_open = fields.Monetary(related="item_id.amount_residual_currency", string="Open")
    amount = fields.Monetary(string="Paid", required=True)
