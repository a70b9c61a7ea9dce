# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

from odoo import _, models
from odoo.exceptions import UserError

from ..exceptions import BankPostingError
from ..tools.bulk import bulk_work

_logger = logging.getLogger(__name__)

#: First key of the advisory locks on customers whose payments are being booked
LOCK = 0x0BA9C


class AccountBankStatementLine(models.Model):
    """Booking what payments pay, many at a time: the same records as Odoo's :meth:`reconcile` makes one by one.

    All of a call is one transaction, so a process that dies leaves each line booked in full or untouched. Customers whose
    payments another transaction is booking are left out, as are lines and items somebody else holds: nobody waits for
    anybody. Who comes too late, because his transaction began before the other's ended, gets a serialization error
    and is tried again, by Odoo or by its job queue.
    """

    _inherit = "account.bank.statement.line"

    def _post_proposals(self, proposals, strict=False, tell=True):
        """Book proposals: payment and invoices are reconciled, the bank's fee is written off, the line gets its customer.

        Left for a person is what does not hold any more: the line is booked, an item is paid, belongs to somebody
        else or has less open than is to be paid, the period is locked.

        :param proposals: :class:`..engine.bank_match.proposal.Proposal`, in the order they are to be tried; amounts in the
            currency the payer paid in: the line's foreign currency, else its journal's
        :param strict: raise when one is left, for a person who asks for just this
        :param tell: tell the reps; who books in several steps does so at the end
        :returns: the lines that were booked
        :raise BankPostingError: ``strict``, saying why
        """
        if not proposals:
            return self.browse()
        asked = self.browse([proposal.line for proposal in proposals])
        asked.check_access_rights("write")
        asked.check_access_rule("write")
        with bulk_work(self.browse(), always=True) as lines:
            good, problems = lines._check_proposals(proposals)
            if strict and problems:
                raise BankPostingError("\n".join(problems.values()))
            suspense = lines._find_suspense_items(good) if good else {}
            done = lines._post_in_bulk([proposal for proposal in good if proposal.line in suspense], suspense)
            for proposal in good:
                if proposal.line not in suspense:
                    done |= lines.browse(proposal.line)._post_by_odoo(proposal, strict)
            done._after_posting(asked.with_env(lines.env) - done)
        done = done.with_env(self.env)
        if tell:
            done._tell_reps()
        return done

    def _after_posting(self, left):
        """Hook: the lines of ``self`` have just been booked, in this transaction; those of ``left`` could not be."""

    def _check_proposals(self, proposals):
        """Take customers, lines and items of ``proposals`` for this transaction, and see what still holds.

        :returns: (proposals that hold, {line id: why it does not})
        """
        self.flush()
        taken = self._lock_for_posting(proposals)
        good, problems = [], {}
        for proposal in proposals:
            problem = self._get_posting_problem(proposal, taken)
            if problem:
                problems[proposal.line] = problem
                continue
            good.append(proposal)
            del taken.lines[proposal.line]  # a line is booked once
            for item, units in proposal.parts:
                taken.items[item]["open"] -= units
        return good, problems

    def _get_posting_problem(self, proposal, taken):
        """Why ``proposal`` cannot be booked, in words; None when it can."""
        line = taken.lines.get(proposal.line)
        items = [taken.items.get(item) for item, _units in proposal.parts]
        if proposal.partner not in taken.customers:
            return _("Payments of this customer are being booked just now: try again in a moment.")
        if not line:
            return _("The payment is booked already, not posted yet, or somebody is at it just now.")
        if not (proposal.parts or proposal.advance) or not all(items):
            return _("What %(line)s was to pay is paid already, or somebody is at it just now.", line=line["payment_ref"])
        if {(item["partner"], item["company"]) for item in items} - {(proposal.partner, line["company"])}:
            return _("What %(line)s was to pay belongs to another customer.", line=line["payment_ref"])
        if {item["currency"] for item in items} - {line["currency"]}:
            return _("What %(line)s was to pay is in another currency.", line=line["payment_ref"])
        return self._get_amount_problem(proposal, line, items)

    def _get_amount_problem(self, proposal, line, items):
        paid = [units for _item, units in proposal.parts]
        if any(units <= 0 or units > item["open"] for units, item in zip(paid, items)):
            return _("What %(line)s was to pay has less open by now.", line=line["payment_ref"])
        if min(proposal.fee, proposal.advance) < 0 or sum(paid) + proposal.advance != line["paid"] + proposal.fee:
            return _("The parts of %(line)s do not sum to what was paid and the fee.", line=line["payment_ref"])
        if proposal.fee and not line["fee_account"]:
            return _("%(line)s: name the account bank fees are booked on, in the settings of the bank.", line=line["payment_ref"])
        locked = self.env["res.company"].browse(line["company"])._get_user_fiscal_lock_date()
        if line["date"] <= locked:
            return _("%(line)s lies in a period that is locked since %(date)s.", line=line["payment_ref"], date=locked)
        return None

    # -- one by one --------------------------------------------------------------------------------------------------

    def _post_by_odoo(self, proposal, strict):
        """Book what is not for bulk (foreign currencies with their exchange differences, taxes due on payment, advances, which
        Odoo leaves open on the customer) Odoo's way.

        :returns: the line, nothing when Odoo refused it
        """
        try:
            with self.env.cr.savepoint():
                self._set_customers({self.id: proposal.partner})
                self._set_paid_currency()
                self.reconcile(self._prepare_reconcile_vals(proposal))
                self.flush()
        except UserError as error:
            self.invalidate_cache()
            if strict:
                raise
            _logger.warning("Bank statement line %d is left for a person: %s", self.id, error)
            return self.browse()
        return self

    def _prepare_reconcile_vals(self, proposal):
        """``proposal`` as :meth:`reconcile` takes it."""
        self.ensure_one()
        currency = self.foreign_currency_id or self.currency_id

        def amount(units):
            return currency.round(units * currency.rounding)

        vals = [{"id": item, "balance": -amount(units)} for item, units in proposal.parts]
        if proposal.fee:
            vals.append(dict(self._prepare_fee(), balance=amount(proposal.fee), currency_id=currency.id))
        return vals

    def _prepare_fee(self):
        return {"name": _("Bank Fee"), "account_id": self.journal_id.match_fee_account_id.id}
