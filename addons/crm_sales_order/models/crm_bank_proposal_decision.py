# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from ..exceptions import SalesOrderError
from ..tools.bulk import bulk_work
from .account_bank_statement_match import BACKGROUND_LINES

#: So many open items take more than a second to read
MANY_ITEMS = 10000
#: What a person may change in a proposal before it is booked
EDITABLE = {"partner_id", "part_ids", "fee", "advance", "paid_currency_id", "paid_amount"}


class CrmBankProposal(models.Model):
    """What people do with proposals: accept, refuse, choose something else."""

    _inherit = "crm.bank.proposal"

    amount_left = fields.Monetary(compute="_compute_amount_left", help="What is still to be placed, or too much if it is negative.")

    @api.depends("part_ids.amount", "fee", "advance", "amount")
    def _compute_amount_left(self):
        for proposal in self:
            proposal.amount_left = proposal.amount + proposal.fee - proposal.advance - sum(proposal.part_ids.mapped("amount"))

    def write(self, vals):
        """People change what is proposed, and only that; who does has chosen it, so that is the reason then."""
        if self.env.su:
            return super().write(vals)
        if set(vals) - EDITABLE:
            raise AccessError(_("A proposal's state and reasons are kept by the matching: use “Book” or “Not This”."))
        if any(proposal.state != "proposed" for proposal in self):
            raise SalesOrderError(_("This proposal is booked, refused or being booked. Open the payment anew."))
        self.check_access_rights("write")
        self.check_access_rule("write")
        reasons = json.dumps([["person", [["user", self.env.user.name]]]])
        super(CrmBankProposal, self.sudo()).write({"reason_codes": reasons, "confidence": 1.0})
        return super().write(vals)

    @api.onchange("partner_id")
    def _onchange_partner(self):
        """Another customer owes something else: what is oldest is proposed."""
        if self.partner_id and self.partner_id.commercial_partner_id != self.part_ids.item_id.partner_id.commercial_partner_id:
            self.part_ids = [(5, 0)] + [(0, 0, vals) for vals in self._prepare_oldest_parts()]

    def _prepare_oldest_parts(self):
        """Values of parts that pay the customer's oldest items, as far as the money goes."""
        left, parts = self.amount + self.fee, []
        for item in self.env["account.move.line"].search(self._get_item_domain(), order="date_maturity, id", limit=200):
            amount = min(left, item.amount_residual_currency)
            if self.currency_id.compare_amounts(amount, 0) <= 0:
                break
            parts.append({"item_id": item.id, "amount": amount})
            left = self.currency_id.round(left - amount)
        return parts

    def _get_item_domain(self):
        """What the customer has open in the payment's currency."""
        return [
            ("partner_id.commercial_partner_id", "=", self.partner_id.commercial_partner_id.id),
            ("company_id", "=", self.line_id.company_id.id),
            ("currency_id", "=", self.currency_id.id),
            ("account_internal_type", "=", "receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("amount_residual_currency", ">", 0),
        ]

    @api.model
    def _check_may_book(self, documents):
        """Booking goes round the ORM's own checks for speed: whoever asks for it needs the right to change ``documents``.

        :raise AccessError: saying which right is missing
        """
        self.check_access_rights("write")
        documents.check_access_rights("write")
        documents.check_access_rule("write")

    def _check_waiting(self):
        self._check_may_book(self)
        self._check_may_book(self.line_id)
        if any(proposal.state != "proposed" for proposal in self):
            raise SalesOrderError(_("Somebody was faster: this payment is booked or refused already. Reload the page."))

    def action_accept(self):
        """Book the payments as proposed. One that cannot be booked any more says why; of several, it goes on waiting.

        :returns: a notification action when there are several, else an action that closes the dialog
        """
        self._check_waiting()
        if len(self) > BACKGROUND_LINES:
            self._queue()
            message = _("%(count)s payments are booked in the background. Come back in a minute.", count=len(self))
            return self.env["account.bank.statement"]._get_match_notification(message, "info")
        with bulk_work(self) as proposals:
            booked = proposals._book(strict=len(self) == 1)
            proposals._refresh_rivals()
        if len(self) == 1:
            return {"type": "ir.actions.act_window_close"}
        message = _("%(booked)s payments booked, %(left)s wait.", booked=len(booked), left=len(self) - len(booked))
        return self.env["account.bank.statement"]._get_match_notification(message, "success" if booked else "warning")

    def action_refuse(self):
        """Not this: it is never proposed again for this payment; the next best is."""
        self._check_waiting()
        self.sudo().state = "refused"
        self._propose_anew(self.line_id)
        return {"type": "ir.actions.act_window_close"}

    def action_open_reconciliation(self):
        """The reconciliation widget, for what does not fit here: other accounts, advances, taxes."""
        self._check_may_book(self.line_id)
        return self.line_id.action_open_reconciliation()

    def _refresh_rivals(self):
        """What was just booked may have been proposed for other payments, too: those are looked at anew."""
        items = self.filtered(lambda proposal: proposal.state == "posted").part_ids.item_id
        lines = self.search([("part_ids.item_id", "in", items.ids), ("state", "=", "proposed")]).line_id
        if lines:
            self._propose_anew(lines)

    @api.model
    def _propose_anew(self, lines):
        """Propose for ``lines`` again. Reading very many open items takes a while: then a job does it."""
        domain = [
            ("company_id", "in", lines.company_id.ids),
            ("account_internal_type", "=", "receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
        ]
        if len(self.env["account.move.line"].sudo().search(domain, limit=MANY_ITEMS)) < MANY_ITEMS:
            self._store(lines, lines._get_proposals())
        else:
            self._store(lines, [])
            lines._match_in_background()
