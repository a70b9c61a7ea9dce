# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..tools.bulk import bulk_work

#: More payments than this are matched by a job.
BACKGROUND_LINES = 500


class AccountBankStatement(models.Model):
    """Matching the payments of statements: propose, book what is sure, keep the rest for “To Reconcile”."""

    _inherit = "account.bank.statement"

    match_queued_count = fields.Integer(compute="_compute_match_queued_count", help="Payments that jobs are booking just now.")

    def _compute_match_queued_count(self):
        self.env["crm.bank.proposal"].flush(["line_id", "state"])
        self.env.cr.execute(
            """
            SELECT line.statement_id, count(*)
              FROM crm_bank_proposal AS proposal
              JOIN account_bank_statement_line AS line ON line.id = proposal.line_id
             WHERE proposal.state = 'queued' AND line.statement_id = ANY(%s)
             GROUP BY line.statement_id
            """,
            [self.ids],
        )
        counts = dict(self.env.cr.fetchall())
        for statement in self:
            statement.match_queued_count = counts.get(statement.id, 0)

    def action_match_invoices(self):
        """Match the open payments of posted statements with what customers owe, and book what is sure.

        See :mod:`..engine.bank_match` for what makes a match. Up to 500 payments are matched at once, more by jobs.

        :returns: a notification action saying what was booked and what waits for a person
        """
        self.env["crm.bank.proposal"]._check_may_book(self)
        waiting = self.filtered(lambda statement: statement.state == "posted").line_ids._filter_open_payments()
        if len(waiting) > BACKGROUND_LINES:
            waiting._match_in_background()
            message = _("%(count)s payments are matched in the background. Come back in a minute.", count=len(waiting))
            return self._get_match_notification(message, "info")
        booked = waiting._match()
        proposed = (waiting - booked).filtered("proposal_id")
        message = _(
            "%(matched)s payments booked, %(proposed)s wait with a proposal, %(left)s without.",
            matched=len(booked),
            proposed=len(proposed),
            left=len(waiting - booked - proposed),
        )
        return self._get_match_notification(message, "success" if booked else "warning")

    @api.model
    def _get_match_notification(self, message, kind):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": _("Bank matching"),
                "message": message,
                "type": kind,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_stop_matching(self):
        """What jobs have not booked yet waits for a person."""
        self.env["crm.bank.proposal"]._check_may_book(self)
        self.line_ids.proposal_id.filtered(lambda proposal: proposal.state == "queued").sudo().state = "proposed"
        return True


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _filter_open_payments(self):
        """Money that came in and is not booked yet."""
        return self.filtered(lambda line: line.amount > 0 and not line.is_reconciled)

    def _match_in_background(self):
        """A job proposes for all of ``self``, further jobs book what is sure."""
        self.with_delay(description=_("Match %d payments", len(self)), max_retries=10)._match(queue=True)

    def _match(self, queue=False):
        """Propose for the open payments of ``self`` and book what is sure.

        :param queue: leave the booking to jobs, which share it
        :returns: the lines booked
        """
        lines = self.exists()._filter_open_payments()
        with bulk_work(lines) as lines:
            Proposal = lines.env["crm.bank.proposal"]
            sure = Proposal._store(lines, lines._get_proposals()).filtered(lambda proposal: proposal._is_sure())
            if queue and sure:
                sure._queue()
                return self.browse()
            return sure._book().with_env(self.env)

    def _after_posting(self, left):
        super()._after_posting(left)
        self.env["crm.bank.proposal"]._booked(self, left)

    @api.model
    def _post_chunk(self, rows):
        """What somebody has stopped meanwhile waits for a person."""
        domain = [("line_id", "in", [row[0] for row in rows]), ("state", "=", "proposed")]
        stopped = set(self.env["crm.bank.proposal"].search(domain).line_id.ids)
        return super()._post_chunk([row for row in rows if row[0] not in stopped])

    @api.model
    def _cron_match(self):
        """New invoices and newly known accounts explain old payments: match what is open anew, once a day."""
        done = [("state", "=", "proposed"), ("line_id.is_reconciled", "=", True)]
        self.env["crm.bank.proposal"].search(done).unlink()  # people booked them elsewhere
        domain = [("is_reconciled", "=", False), ("statement_id.state", "=", "posted"), ("amount", ">", 0)]
        for company in self.env["res.company"].search([]):
            lines = self.search(domain + [("company_id", "=", company.id)])
            if lines:
                lines._match_in_background()
