# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.queue_job.delay import group

from ..engine.bank_match.proposal import Proposal

#: Payments booked by one job, which is one transaction; more when one customer has more
CHUNK = 200
#: A job that met another transaction comes again this often
MAX_RETRIES = 20


class AccountBankStatementLine(models.Model):
    """Booking by the job queue: as many workers as there are share the work, and one that dies takes nothing along."""

    _inherit = "account.bank.statement.line"

    @api.model
    def _delay_posting(self, proposals):
        """Have ``proposals`` booked by jobs; when all are done, the reps are told once.

        :returns: number of jobs that book
        """
        chunks = self._get_posting_chunks(proposals)
        if not chunks:
            return 0
        jobs = [
            self.delayable(description=_("Booking of %d payments", len(chunk)), max_retries=MAX_RETRIES)._post_chunk(
                [[one.line, one.partner, one.parts, one.fee] for one in chunk]
            )
            for chunk in chunks
        ]
        lines = self.browse([one.line for one in proposals])
        group(*jobs).on_done(lines.delayable(description=_("Tell reps of payments"))._tell_reps()).delay()
        return len(jobs)

    @api.model
    def _get_posting_chunks(self, proposals):
        """All of a customer in one chunk: transactions that run at once never meet on an order or a partner."""
        by_customer = {}
        for proposal in proposals:
            by_customer.setdefault(proposal.partner, []).append(proposal)
        chunks = []
        for found in by_customer.values():
            if not chunks or len(chunks[-1]) + len(found) > CHUNK:
                chunks.append([])
            chunks[-1] += found
        return chunks

    @api.model
    def _post_chunk(self, rows):
        """The job. ``rows``: [[line id, partner id, [[item id, minor units], …], fee], …]"""
        proposals = [Proposal(line, partner, tuple(map(tuple, parts)), fee) for line, partner, parts, fee in rows]
        done = self._post_proposals(proposals, tell=False)
        return _("%(done)d of %(all)d payments booked", done=len(done), all=len(proposals))
