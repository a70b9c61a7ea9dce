# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError
from .crm_bank_proposal import LIKELY


class AccountBankStatementLine(models.Model):
    """The screen “To Reconcile”: each open payment with its best proposal."""

    _inherit = "account.bank.statement.line"

    proposal_ids = fields.One2many("crm.bank.proposal", "line_id", string="Proposals", readonly=True)
    proposal_id = fields.Many2one("crm.bank.proposal", compute="_compute_proposal", string="Proposal")
    match_payer = fields.Char(compute="_compute_match_payer", string="Payer")
    match_partner_id = fields.Many2one("res.partner", compute="_compute_proposal", string="Proposed Customer")
    match_items = fields.Char(compute="_compute_proposal", string="Pays")
    match_confidence = fields.Float(compute="_compute_proposal", string="Sure", digits=(4, 3))
    match_reasons = fields.Text(compute="_compute_proposal", string="Why")
    match_state = fields.Selection(
        [("none", "Nothing Found"), ("guess", "Guess"), ("likely", "Likely"), ("queued", "Being Booked")],
        compute="_compute_proposal",
        search="_search_match_state",
        string="Matching",
    )

    @api.depends("partner_name", "partner_id")
    def _compute_match_payer(self):
        for line in self:
            line.match_payer = line.partner_name or line.partner_id.name or ""

    @api.depends("proposal_ids.state", "proposal_ids.part_ids.amount", "proposal_ids.partner_id", "proposal_ids.fee")
    @api.depends_context("lang")
    def _compute_proposal(self):
        """The open proposal of each line, for all lines at once."""
        domain = [("line_id", "in", self.ids), ("state", "in", ("proposed", "queued"))]
        found = {proposal.line_id.id: proposal for proposal in self.env["crm.bank.proposal"].search(domain)}
        for line in self:
            proposal = found.get(line.id, self.env["crm.bank.proposal"])
            line.proposal_id = proposal
            line.match_partner_id = proposal.partner_id
            line.match_items = proposal._get_items_text() if proposal else ""
            line.match_confidence = proposal.confidence
            line.match_reasons = proposal.reasons
            line.match_state = proposal._get_match_state() if proposal else "none"

    @api.model
    def _search_match_state(self, operator, value):
        domains = {
            "none": [("state", "in", ("proposed", "queued"))],
            "guess": [("state", "=", "proposed"), ("confidence", "<", LIKELY)],
            "likely": [("state", "=", "proposed"), ("confidence", ">=", LIKELY)],
            "queued": [("state", "=", "queued")],
        }
        if operator not in ("=", "!=") or value not in domains:
            raise SalesOrderError(_("Look for one state of matching: nothing found, a guess, likely, or being booked."))
        found = self.env["crm.bank.proposal"].search(domains[value]).line_id.ids
        return [("id", "in" if (operator == "=") == (value != "none") else "not in", found)]

    def action_accept_proposals(self):
        """Book the selected payments as proposed."""
        proposals = self.proposal_id.filtered(lambda proposal: proposal.state == "proposed")
        if not proposals:
            raise SalesOrderError(_("Nothing is proposed for these payments: press “Other” to say what they pay."))
        return proposals.action_accept()

    def action_refuse_proposal(self):
        """Not this one: what was proposed is not proposed again."""
        return self.proposal_id.action_refuse()

    def button_undo_reconciliation(self):
        """What is taken back was no good: why it was booked is no more of interest."""
        exchanged = self.proposal_ids.filtered(lambda proposal: proposal.state == "posted" and proposal.paid_currency_id).line_id
        result = super().button_undo_reconciliation()
        exchanged.write({"foreign_currency_id": False, "amount_currency": 0.0})
        self.proposal_ids.filtered(lambda proposal: proposal.state == "posted").sudo().unlink()
        return result

    def action_choose(self):
        """A dialog on what the payment pays: the proposal, or an empty one."""
        self.ensure_one()
        Proposal = self.env["crm.bank.proposal"]
        Proposal._check_may_book(self)
        if self.is_reconciled or self.state != "posted" or self.amount <= 0:
            raise SalesOrderError(_("This payment is booked already, or no money that came in."))
        proposal = self.proposal_id or Proposal.sudo().create({"line_id": self.id, "partner_id": self.partner_id.commercial_partner_id.id})
        return {
            "type": "ir.actions.act_window",
            "name": _("What This Payment Pays"),
            "res_model": "crm.bank.proposal",
            "res_id": proposal.id,
            "view_mode": "form",
            "target": "new",
        }
