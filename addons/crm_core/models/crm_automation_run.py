# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.osv.expression import AND, OR
from odoo.service.model import PG_CONCURRENCY_ERRORS_TO_RETRY
from odoo.tools import split_every
from psycopg2 import OperationalError, sql
from psycopg2.extras import execute_values

_logger = logging.getLogger(__name__)

BATCH = 500
#: So often an automation runs for one record within the hour; beyond that it feeds itself
LOOP_LIMIT = 10
MESSAGE_LENGTH = 1000


class CrmAutomation(models.Model):
    """How an automation runs: for all records at once, in a savepoint, logged, and never in the way of a save.

    Where a step fails for the batch, each record is tried alone, so that one bad record does not hold up the others;
    what fails is undone, logged and told to whoever made the automation. Only what Odoo repeats by itself (two
    transactions meeting at a row) is let through.

    Loops: within a chain of automations, none runs twice for a record (``__action_done`` of base_automation), and a
    chain that comes back by other ways (jobs, other modules) ends at :data:`LOOP_LIMIT`.
    """

    _inherit = "crm.automation"

    def _run(self, records, causes=None):
        """Do the steps for records that match.

        :param causes: {record id: text}; with the same cause it runs once per record, for good
        """
        self.ensure_one()
        self = self.with_env(self.env(su=True, context=self._get_clean_context()))
        records.flush()  # what is wrong with the save itself is not the automation's
        if self.trigger == "created":
            causes = dict.fromkeys(records.ids, "created")
        records = self._without_loops(records.with_env(self.env))
        logs = self._claim(records, causes or {})
        records = records.browse(logs)
        if records:
            self._close(logs, self._attempt(records))

    def _get_clean_context(self):
        """Without the defaults and selections of the screen somebody saved from."""
        kept = ("lang", "tz", "allowed_company_ids", "__action_done", "tracking_disable")
        return {name: value for name, value in self.env.context.items() if name in kept}

    def _claim(self, records, causes):
        """Log rows for records, without those whose cause was dealt with: {record id: log id}. One statement."""
        if not records:
            return {}
        self.env["crm.automation.log"].flush()
        query = """INSERT INTO crm_automation_log (automation_id, res_model, res_id, cause, state, date, user_id)
                        VALUES %s ON CONFLICT DO NOTHING RETURNING res_id, id"""
        now = fields.Datetime.now()
        rows = [(self.id, self.model, record_id, causes.get(record_id), "done", now, self.env.uid) for record_id in records.ids]
        return dict(execute_values(self.env.cr._obj, query, rows, page_size=len(rows), fetch=True))

    def _without_loops(self, records):
        """The records without those it ran for too often just now; these are logged."""
        query = """SELECT res_id FROM crm_automation_log WHERE automation_id = %s AND res_id = ANY(%s) AND date > %s
                    GROUP BY res_id HAVING count(*) >= %s"""
        since = fields.Datetime.now() - timedelta(hours=1)
        self.env.cr.execute(query, [self.id, records.ids, since, LOOP_LIMIT])
        looping = records.browse(record_id for (record_id,) in self.env.cr.fetchall())
        if looping:
            _logger.warning("Automation %s goes round in circles for %s", self.name, looping)
            message = _("Stopped: it ran %s times within an hour. Does it start itself, by what it changes?", LOOP_LIMIT)
            self._log_stopped(looping, message)
        return records - looping

    def _log_stopped(self, looping, message):
        """One line per record and hour is enough."""
        hour = fields.Datetime.now().strftime("loop %Y-%m-%d %H")
        stopped = self._claim(looping, dict.fromkeys(looping.ids, hour))
        self._close(stopped, dict.fromkeys(stopped, message))

    def _attempt(self, records):
        """Do the steps; {record id: what went wrong}."""
        try:
            with self.env.cr.savepoint():
                self.step_ids._run(records)
                records.flush()  # what is computed now belongs to this chain
            return {}
        except Exception as error:
            if isinstance(error, OperationalError) and error.pgcode in PG_CONCURRENCY_ERRORS_TO_RETRY:
                raise
            if len(records) == 1:
                _logger.warning("Automation %s failed for %s", self.name, records, exc_info=True)
                return {records.id: self._get_message(error)}
        failed = {}
        for record in records:
            failed.update(self._attempt(record))
        return failed

    @api.model
    def _get_message(self, error):
        return (str(error.args[0]) if error.args else repr(error))[:MESSAGE_LENGTH]

    def _close(self, logs, failed):
        """Note what failed, and tell who made the automation, once a day."""
        log_model = self.env["crm.automation.log"]
        log_model.invalidate_cache()
        for record_id, message in failed.items():
            log_model.browse(logs[record_id]).write({"state": "failed", "message": message})
        if failed:
            self._tell_failure(next(iter(failed.values())))

    def _tell_failure(self, message):
        maker = self.create_uid if self.create_uid.active else self.write_uid
        text = _("%(message)s\n\nSee its log: what failed can be done again there.", message=message)
        subject = _("Automation “%s” failed", self.name)
        key = "crm.automation-%d-%s" % (self.id, fields.Date.today())
        self.env["crm.notification"]._notify(maker, subject, text, record=self, channels=["inapp"], key=key)

    def _log_failure(self, error):
        """Log what went wrong before any record was reached; nothing is raised."""
        log = {"automation_id": self.id, "res_model": self.model, "state": "failed", "message": self._get_message(error)}
        self.env["crm.automation.log"].sudo().create(log)
        self.sudo()._tell_failure(log["message"])

    # ------------------------------------------------------------------
    # Time
    # ------------------------------------------------------------------
    @api.model
    def _check_times(self, commit=False):
        """Run what has become due. Called every hour.

        :param commit: after each batch, so that a long run can be interrupted
        """
        for automation in self.search([("trigger", "=", "time")]):
            try:
                due = automation._find_due()
            except Exception as error:  # a field gone with a module
                _logger.warning("Automation %s cannot look for records", automation.name, exc_info=True)
                automation._log_failure(error)
                due = []
            for batch in split_every(BATCH, due, list):
                automation._run(self.env[automation.model].browse(record_id for record_id, _cause in batch), dict(batch))
                if commit:
                    self.env.cr.commit()

    def _find_due(self, limit=None):
        """[(record id, cause)] of what is due and was not dealt with: one query, whatever the number of records.

        The cause is the date it counts from: when that moves on, it becomes due anew.
        """
        self.ensure_one()
        model = self.env[self.model].sudo()
        model.flush()
        date_field = self.date_field_id.sudo().name
        passed = [(date_field, "<=", self._get_limit())]
        if self.or_created:
            passed = OR([passed, [(date_field, "=", False), ("create_date", "<=", self._get_limit())]])
        query = model._where_calc(AND([self._get_domain(), passed]))
        from_clause, where, params = query.get_sql()
        table = sql.Identifier(model._table)
        since = sql.SQL("COALESCE({table}.{date}, {table}.create_date)::text" if self.or_created else "{table}.{date}::text")
        statement = sql.SQL(
            """SELECT {table}.id, {since} FROM {tables} WHERE {where} AND NOT EXISTS (
                      SELECT FROM crm_automation_log AS log
                       WHERE log.automation_id = %s AND log.res_id = {table}.id AND log.cause = {since})
                ORDER BY {table}.id LIMIT %s"""
        ).format(
            table=table,
            since=since.format(table=table, date=sql.Identifier(date_field)),
            tables=sql.SQL(from_clause),
            where=sql.SQL(where or "TRUE"),
        )
        self.env.cr.execute(statement, [*params, self.id, limit])
        return self.env.cr.fetchall()
