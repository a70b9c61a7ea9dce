# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models

#: Confidence from which a proposal is shown as likely
LIKELY = 0.8


class CrmBankProposal(models.Model):
    """What matching found for a bank statement line: whose money it is and what it pays, how sure that is and why.

    ``proposed`` waits for a person, ``queued`` for the job that books it. ``posted`` ones stay as the record of
    why a line was booked, ``refused`` ones so that the same is not proposed again. Written by the methods of this model;
    people with rights in accounting may change customer, items and fee of one that waits for them.
    """

    _name = "crm.bank.proposal"
    _description = "Matching Proposal"
    _order = "confidence desc, id"
    _rec_name = "line_id"

    line_id = fields.Many2one(
        "account.bank.statement.line", string="Payment", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True)
    date = fields.Date(related="line_id.date")
    match_payer = fields.Char(related="line_id.match_payer")
    payment_ref = fields.Char(related="line_id.payment_ref", string="Memo")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency")
    amount = fields.Monetary(compute="_compute_currency")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    part_ids = fields.One2many("crm.bank.proposal.part", "proposal_id", string="Pays")
    fee = fields.Monetary(string="Bank Fee")
    advance = fields.Monetary(help="What nothing is owed for: it stays the customer's, for the next invoice.")
    confidence = fields.Float(readonly=True, digits=(4, 3), group_operator="avg")
    reasons = fields.Text(compute="_compute_reasons")
    reason_codes = fields.Text(readonly=True, help="JSON: [[code, [[name, value], …]], …]")
    state = fields.Selection(
        [("proposed", "Proposed"), ("queued", "Being Booked"), ("posted", "Booked"), ("refused", "Refused")],
        required=True,
        readonly=True,
        default="proposed",
    )

    def init(self):
        # One open proposal per line, also when two runs meet
        self.env.cr.execute(
            """CREATE UNIQUE INDEX IF NOT EXISTS crm_bank_proposal_open_idx
                   ON crm_bank_proposal (line_id) WHERE state IN ('proposed', 'queued')"""
        )

    @api.depends(
        "line_id.amount",
        "line_id.amount_currency",
        "line_id.foreign_currency_id",
        "line_id.currency_id",
        "paid_currency_id",
        "paid_amount",
    )
    def _compute_currency(self):
        for proposal in self:
            line = proposal.line_id
            proposal.currency_id = proposal.paid_currency_id or line.foreign_currency_id or line.currency_id
            if proposal.paid_currency_id:
                proposal.amount = proposal.paid_amount
            else:
                proposal.amount = line.amount_currency if line.foreign_currency_id else line.amount

    @api.depends("reason_codes")
    @api.depends_context("lang")
    def _compute_reasons(self):
        words = self._get_reason_words()
        for proposal in self:
            proposal.reasons = "\n".join(
                words[code] % dict(values) for code, values in json.loads(proposal.reason_codes or "[]") if code in words
            )

    def _get_items_text(self):
        """What it pays, in a few words: the documents' numbers."""
        self.ensure_one()
        names = list(dict.fromkeys(part.move_id.name or part.item_id.display_name for part in self.part_ids))
        names += [_("Advance")] if self.advance else []
        shown = ", ".join(names[:3])
        return _("%(items)s and %(count)s more", items=shown, count=len(names) - 3) if len(names) > 3 else shown

    def _get_match_state(self):
        """State of the payment it is for, as the screen “To Reconcile” shows it."""
        self.ensure_one()
        if self.state == "queued":
            return "queued"
        return "likely" if self.confidence >= LIKELY else "guess"
