# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models

MAX_ATTEMPTS = 5


class CrmEnrichmentAnswer(models.Model):
    """What a provider said about one query, so that it is asked (and paid) once.

    Written in transactions of its own: a batch that is tried again finds what it was told already.
    """

    _name = "crm.enrichment.answer"
    _description = "Enrichment: Answer Kept"
    _order = "id desc"
    _rec_name = "query"

    # No foreign key: an answer is kept while the transaction around it may hold a lock on the provider.
    provider_id = fields.Integer(required=True)
    query = fields.Char(required=True)
    state = fields.Selection(
        [("trying", "Trying"), ("found", "Found"), ("not_found", "Not found"), ("failed", "Failed")], required=True
    )
    content = fields.Text(help="What was found, as JSON.")
    message = fields.Char()
    attempts = fields.Integer()
    date = fields.Datetime()

    _sql_constraints = [("query_unique", "unique (provider_id, query)", "There is an answer already.")]

    @api.model
    @contextmanager
    def _own_transaction(self, autocommit=False):
        with self.pool.cursor() as cr:
            cr.autocommit(autocommit)
            yield self.with_env(self.env(cr=cr))

    @api.model
    def _get_valid(self, provider, queries):
        """{query: (state, values, message)} of the answers that need not be asked for again."""
        oldest = fields.Datetime.now() - timedelta(days=provider.cache_days)
        with self._own_transaction() as answers:
            found = answers.search([
                ("provider_id", "=", provider.id),
                ("query", "in", list(queries)),
                ("state", "in", ("found", "not_found")),
                ("date", ">=", oldest),
            ])  # fmt: skip
            return {one.query: (one.state, json.loads(one.content or "{}"), one.message or "") for one in found}

    @api.model
    def _keep(self, provider, query, state, values=None, message=""):
        """Remember an answer; for ``trying`` returns how often it was tried in vain by now."""
        content = json.dumps(values, ensure_ascii=False) if values else None
        with self._own_transaction(autocommit=True) as answers:
            answers.env.cr.execute(
                """INSERT INTO crm_enrichment_answer (provider_id, query, state, content, message, attempts, date)
                   VALUES (%(provider)s, %(query)s, %(state)s, %(content)s, %(message)s, 1, now() at time zone 'UTC')
                   ON CONFLICT (provider_id, query) DO UPDATE
                      SET state = excluded.state, content = excluded.content, message = excluded.message, date = excluded.date,
                          attempts = CASE WHEN crm_enrichment_answer.state = 'trying' THEN crm_enrichment_answer.attempts + 1 ELSE 1 END
                   RETURNING attempts""",
                {"provider": provider.id, "query": query, "state": state, "content": content, "message": message},
            )
            return answers.env.cr.fetchone()[0]

    @api.autovacuum
    def _gc_answers(self):
        """Forget answers whose provider is gone or that are older than it keeps them."""
        self.env.cr.execute(
            """DELETE FROM crm_enrichment_answer AS answer WHERE NOT EXISTS (
                   SELECT FROM crm_enrichment_provider AS provider WHERE provider.id = answer.provider_id
                      AND answer.date >= (now() at time zone 'UTC') - interval '1 day' * provider.cache_days)"""
        )
