# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import api, models
from psycopg2.extras import execute_values

from ..engine.bank_match import Proposal, Reason, minor_units

_STORE = """
    INSERT INTO crm_bank_proposal (line_id, company_id, partner_id, fee, advance, paid_currency_id, paid_amount, confidence,
                                   reason_codes, state, create_uid, write_uid, create_date, write_date)
    SELECT found.line_id::int, move.company_id, found.partner_id::int, found.fee::bigint * currency.rounding,
           found.advance::bigint * currency.rounding, nullif(found.currency_id::int, 0),
           CASE WHEN found.currency_id::int <> 0 THEN found.paid::bigint * currency.rounding END,
           found.confidence::float, found.reason_codes, 'proposed',
           %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
      FROM unnest(%(lines)s, %(partners)s, %(fees)s::bigint[], %(advances)s::bigint[], %(currencies)s, %(paid)s::bigint[],
                  %(confidences)s, %(reasons)s)
           AS found(line_id, partner_id, fee, advance, currency_id, paid, confidence, reason_codes)
      JOIN account_bank_statement_line AS line ON line.id = found.line_id
      JOIN account_move AS move ON move.id = line.move_id
      JOIN res_currency AS currency ON currency.id = coalesce(nullif(found.currency_id::int, 0), line.foreign_currency_id, line.currency_id)
     ORDER BY line.id
        ON CONFLICT (line_id) WHERE state IN ('proposed', 'queued') DO NOTHING
    RETURNING id, line_id
"""
_STORE_PARTS = """
    INSERT INTO crm_bank_proposal_part (proposal_id, company_id, item_id, amount, create_uid, write_uid, create_date, write_date)
    SELECT part.proposal_id, proposal.company_id, part.item_id, part.amount * currency.rounding, part.uid, part.uid,
           now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
      FROM (VALUES %s) AS part (proposal_id, item_id, amount, uid)
      JOIN crm_bank_proposal AS proposal ON proposal.id = part.proposal_id
      JOIN account_move_line AS item ON item.id = part.item_id
      JOIN res_currency AS currency ON currency.id = item.currency_id
     ORDER BY part.proposal_id, item.date_maturity, item.id
"""


class CrmBankProposal(models.Model):
    """From the engine's proposals to records, and from records to booked payments."""

    _inherit = "crm.bank.proposal"

    @api.model
    def _get_refused(self, lines):
        """{line id: frozenset of the sets of items that were refused for it}"""
        self.flush(["line_id", "state"])
        self.env["crm.bank.proposal.part"].flush(["item_id", "proposal_id"])
        self.env.cr.execute(
            """
            SELECT proposal.line_id, array_remove(array_agg(part.item_id), NULL)
              FROM crm_bank_proposal AS proposal
              LEFT JOIN crm_bank_proposal_part AS part ON part.proposal_id = proposal.id
             WHERE proposal.state = 'refused' AND proposal.line_id = ANY(%s)
             GROUP BY proposal.id
            """,
            [lines.ids],
        )
        refused = {}
        for line_id, items in self.env.cr.fetchall():
            refused[line_id] = refused.get(line_id, frozenset()) | {frozenset(items)}
        return refused

    @api.model
    def _store(self, lines, proposals):
        """Keep ``proposals`` for a person or a job, in place of what was proposed for ``lines`` before.

        :param proposals: list of :class:`..engine.bank_match.Proposal` for some of ``lines``
        :returns: the new records; a line whose proposal is just being booked gets none
        """
        self.sudo().search([("line_id", "in", lines.ids), ("state", "=", "proposed")]).unlink()
        self.flush()
        if not proposals:
            return self.browse()
        self.env.cr.execute(
            _STORE,
            {
                "uid": self.env.uid,
                "lines": [proposal.line for proposal in proposals],
                "partners": [proposal.partner for proposal in proposals],
                "fees": [proposal.fee for proposal in proposals],
                "advances": [proposal.advance for proposal in proposals],
                "currencies": [proposal.currency for proposal in proposals],
                "paid": [proposal.amount for proposal in proposals],
                "confidences": [proposal.confidence for proposal in proposals],
                "reasons": [json.dumps([[reason.code, reason.values] for reason in proposal.reasons]) for proposal in proposals],
            },
        )
        ids = {line_id: proposal_id for proposal_id, line_id in self.env.cr.fetchall()}
        parts = [
            (ids[proposal.line], item, amount, self.env.uid)
            for proposal in proposals
            if proposal.line in ids
            for item, amount in proposal.parts
        ]
        if parts:
            execute_values(self.env.cr._obj, _STORE_PARTS, parts, page_size=len(parts))
        self.invalidate_cache()
        return self.browse(ids.values())

    def _to_proposals(self):
        """The records as the engine's :class:`Proposal`."""
        found = []
        for proposal in self:
            rounding = proposal.currency_id.rounding
            parts = tuple((part.item_id.id, minor_units(part.amount, rounding)) for part in proposal.part_ids)
            reasons = tuple(Reason(code, tuple(map(tuple, values))) for code, values in json.loads(proposal.reason_codes or "[]"))
            found.append(
                Proposal(
                    proposal.line_id.id,
                    proposal.partner_id.id,
                    parts,
                    minor_units(proposal.fee, rounding),
                    proposal.confidence,
                    reasons,
                    minor_units(proposal.advance, rounding),
                    proposal.paid_currency_id.id or 0,
                )
            )
        return found

    def _is_sure(self):
        """Whether the bank account it came to books this without asking. On an advance and on a rate a person decides."""
        self.ensure_one()
        return not self.advance and not self.paid_currency_id and self.confidence >= round(self.line_id.journal_id.match_threshold, 3)

    def _book(self, strict=False):
        """Book the payments as proposed, in this transaction.

        :param strict: raise when one cannot be booked; else it goes on waiting
        :returns: the lines that were booked
        """
        return self.line_id._post_proposals(self._to_proposals(), strict=strict)

    def _queue(self):
        """Have jobs book the payments, as many at once as there are workers."""
        self.sudo().state = "queued"
        self.line_id._delay_posting(self._to_proposals())

    @api.model
    def _booked(self, lines, left):
        """``lines`` have just been booked, as proposed or otherwise: nothing is proposed for them any more. Those of
        ``left`` could not be: their proposals wait for a person."""
        self.sudo().search([("line_id", "in", lines.ids), ("state", "in", ("proposed", "queued"))]).state = "posted"
        self.sudo().search([("line_id", "in", left.ids), ("state", "=", "queued")]).state = "proposed"
