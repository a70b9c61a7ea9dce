# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

import psycopg2
from odoo import api, models
from psycopg2.extras import execute_values

from ..engine.intake import ParseProblem

#: So many rows at least must all fail before it is held that not the rows are at fault
SYSTEMIC = 20
#: Class of the advisory locks on identities: no two transactions work on the same person at once
IDENTITY_LOCK = 73101


class CrmTouchpoint(models.Model):
    """Submissions become leads, or are added to those known: a batch at a time, one transaction a batch.

    Which batch when, and who does it: crm_touchpoint_queue.py.
    """

    _inherit = "crm.touchpoint"

    def _process(self):
        """Run the pipeline on the received ones of ``self``; the caller commits.

        parse → fill place and carrier → find duplicates → create leads → link → score → assign → look up → notify.
        Every step takes the whole batch, so that the number of queries does not depend on its size. A submission that
        cannot be read is dead, with the reason. One the database or a rule refuses is found by halving and is dead as
        well; the others go on. Submissions of somebody another transaction works on right now stay received.

        :return: number of submissions that are no longer received
        :raise psycopg2.OperationalError: a transient problem (serialization, lock, connection): roll back, try later
        :raise Exception: all of many rows fail, so that the rows are not to blame: roll back, tell somebody
        """
        waiting = self.sudo().filtered(lambda touchpoint: touchpoint.state == "received").sorted("id")
        parsed = waiting._parse_submissions()
        problems = {key: value for key, value in parsed.items() if isinstance(value, ParseProblem)}
        self._bury({key: problem.message or problem.code for key, problem in problems.items()})
        readable = waiting.filtered(lambda touchpoint: touchpoint.id not in problems)._lock_identities(parsed)
        refused = readable._process_readable(parsed)
        if len(refused) == len(readable) >= SYSTEMIC:
            raise next(iter(refused.values()))
        self._bury({key: self._get_refusal(error) for key, error in refused.items()})
        return len(problems) + len(readable)

    def _process_readable(self, parsed):
        """Process ``self``, halving what is refused until the one row is found; returns {id: exception} of such rows."""
        if not self:
            return {}
        try:
            with self.env.cr.savepoint():
                self._process_batch([dict(parsed[touchpoint.id]) for touchpoint in self])
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            raise
        except Exception as error:
            if len(self) == 1:
                return {self.id: error}
            middle = len(self) // 2
            return {**self[:middle]._process_readable(parsed), **self[middle:]._process_readable(parsed)}
        return {}

    def _process_batch(self, vals_list):
        """The pipeline proper, for submissions that could be read; all or nothing."""
        self.env["crm.enrichment"]._fill_offline(vals_list, [touchpoint.visitor_ip for touchpoint in self])
        rows = self._prepare_rows(vals_list)
        found = self.env["crm.dedupe"]._resolve(rows)
        leads = self._create_leads(rows, found)
        self._link(found)
        leads._update_scores()
        self.env["crm.assignment.rule"]._assign(leads)
        self.env["crm.enrichment"]._schedule(leads)
        self._notify_owners(found)

    # -- steps -------------------------------------------------------------------------------------------------------

    def _prepare_rows(self, vals_list):
        """What :meth:`crm.dedupe._resolve` takes."""
        ids = self.env["crm.lead.writer"]._new_ids(len(self))
        return [
            {
                "vals": vals,
                "company_id": touchpoint.company_id.id,
                "policy": touchpoint.channel_id.dedupe_policy,
                "scope": touchpoint.channel_id.dedupe_scope,
                "lead_id": lead_id,
            }
            for touchpoint, vals, lead_id in zip(self, vals_list, ids)
        ]

    def _create_leads(self, rows, found):
        """The leads of those that are new; a known customer's go to the customer, and to its owner first.

        What strangers write never changes the customer itself (``invert=False``).
        """
        batches = defaultdict(list)
        for row, answer in zip(rows, found):
            if answer["action"] != "create":
                continue
            vals = row["vals"]
            if answer.get("partner_id"):
                vals["partner_id"] = answer["partner_id"]
            if answer.get("owner_id"):
                vals["user_id"] = answer["owner_id"]
            batches[row["company_id"]].append((vals, row["lead_id"]))
        leads = self.env["crm.lead"]
        for company_id, batch in batches.items():
            writer = self.env["crm.lead.writer"].with_company(company_id)
            created = writer._create_leads(*map(list, zip(*batch)), origin="intake", invert=False)
            leads |= created.with_env(self.env)
        return leads

    def _link(self, found):
        """Write down what became of each submission: one UPDATE."""
        rows = []
        for touchpoint, answer in zip(self, found):
            outcome = {"attach": "attached", "reject": "rejected"}.get(answer["action"])
            outcome = outcome or ("linked" if answer.get("kind") else "created")
            given = (answer.get(name) or None for name in ("lead_id", "partner_id", "kind"))
            rows.append((touchpoint.id, outcome, *given))
        execute_values(
            self.env.cr._obj,
            """
            UPDATE crm_touchpoint AS touchpoint
               SET state = 'done', outcome = done.outcome, lead_id = done.lead_id::int, partner_id = done.partner_id::int,
                   match_kind = done.kind, reason = NULL, attempts = attempts + 1,
                   write_date = now() AT TIME ZONE 'UTC', write_uid = {uid}
              FROM (VALUES %s) AS done (id, outcome, lead_id, partner_id, kind)
             WHERE touchpoint.id = done.id
            """.format(uid=int(self.env.uid)),
            rows,
            page_size=len(rows),
        )
        self.invalidate_cache()

    @api.model
    def _bury(self, reasons):
        """Make dead letters of submissions: {id: why}."""
        if not reasons:
            return
        execute_values(
            self.env.cr._obj,
            """
            UPDATE crm_touchpoint AS touchpoint
               SET state = 'dead', reason = dead.reason, attempts = attempts + 1,
                   write_date = now() AT TIME ZONE 'UTC', write_uid = {uid}
              FROM (VALUES %s) AS dead (id, reason)
             WHERE touchpoint.id = dead.id AND touchpoint.state = 'received'
            """.format(uid=int(self.env.uid)),
            list(reasons.items()),
            page_size=len(reasons),
        )
        self.invalidate_cache()

    @api.model
    def _get_refusal(self, error):
        """Why a single submission was refused, for people."""
        return str(getattr(error, "name", "") or error).strip() or type(error).__name__

    # -- one person, one transaction ---------------------------------------------------------------------------------

    def _lock_identities(self, parsed):
        """Those of ``self`` whose persons no other transaction works on; they are held until the end of this one.

        Two batches with the same new person would wait for each other, or fail. So the second one leaves that
        submission for later, when the first one's lead can be seen. Cost: one query, one lock an identity.
        """
        if not self:
            return self
        pairs = [(touchpoint.id, key) for touchpoint in self for key in self._get_identities(parsed[touchpoint.id])]
        self.env.cr.execute(
            """
            SELECT array_agg(key) FROM (
                SELECT key, pg_try_advisory_xact_lock(%s, hashtext(key)) AS locked
                  FROM unnest(%s) AS key ORDER BY key
            ) AS tried WHERE NOT locked
            """,
            [IDENTITY_LOCK, sorted({key for _id, key in pairs})],
        )
        taken = set(self.env.cr.fetchone()[0] or ())
        busy = {touchpoint_id for touchpoint_id, key in pairs if key in taken}
        return self.filtered(lambda touchpoint: touchpoint.id not in busy)

    @api.model
    def _get_identities(self, vals):
        """Words that two submissions of one person have in common; broader than what makes a duplicate."""
        for name in ("phone", "mobile"):
            digits = "".join(filter(str.isdecimal, str(vals.get(name) or "")))
            if digits:
                yield "phone " + digits[-8:]
        for name in ("email_from", "wechat"):
            if vals.get(name):
                yield name + " " + str(vals[name]).strip().lower()
