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

        Those in foreign currencies book exchange differences, which are numbered one after the other: their jobs, too, run
        one after the other, and first.

        :returns: number of jobs that book
        """
        lines = self.browse([proposal.line for proposal in proposals])
        exchanged = lines.filtered(lambda line: line.foreign_currency_id or line.currency_id != line.company_id.currency_id)
        foreign = {*exchanged.ids, *lines._get_paid_in_other_currency().ids}
        chain = self._get_posting_jobs([proposal for proposal in proposals if proposal.line in foreign], priority=9)
        for job, following in zip(chain, chain[1:]):
            job.on_done(following)
        jobs = chain + self._get_posting_jobs([proposal for proposal in proposals if proposal.line not in foreign])
        if jobs:
            group(*jobs).on_done(lines.delayable(description=_("Tell reps of payments"))._tell_reps()).delay()
        return len(jobs)

    @api.model
    def _get_posting_jobs(self, proposals, **options):
        return [
            self.delayable(description=_("Booking of %d payments", len(chunk)), max_retries=MAX_RETRIES, **options)._post_chunk(
                [[proposal.line, proposal.partner, proposal.parts, proposal.fee, proposal.advance] for proposal in chunk]
            )
            for chunk in self._get_posting_chunks(proposals)
        ]

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
        """The job. ``rows``: [[line id, partner id, [[item id, minor units], …], fee, advance], …]"""
        proposals = [
            Proposal(line, partner, tuple(map(tuple, parts)), fee, advance=advance) for line, partner, parts, fee, advance in rows
        ]
        done = self._post_proposals(proposals, tell=False)
        return _("%(done)d of %(all)d payments booked", done=len(done), all=len(proposals))
