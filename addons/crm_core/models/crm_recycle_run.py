# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine import recycle
from ..exceptions import CrmUserError

BATCH = 20000


class CrmRecycleRun(models.Model):
    """One run of all recycle rules, in batches: each a transaction and a job of its own, so that a run that was
    stopped goes on where it was.

    A batch of a rule warns or recycles up to :data:`BATCH` records in a constant number of statements.
    """

    _name = "crm.recycle.run"
    _description = "Recycle Run"
    _order = "id desc"
    _rec_name = "date_start"

    date_start = fields.Datetime(string="Started", required=True, readonly=True, default=fields.Datetime.now)
    date_end = fields.Datetime(string="Finished", readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("done", "Finished")], string="State", required=True, readonly=True, default="running"
    )
    rule_ids = fields.Many2many("crm.pool.rule", string="Rules Left", readonly=True)
    rule_count = fields.Integer(string="Rules", readonly=True)
    last_id = fields.Integer(string="Done up to Record", readonly=True)
    warned = fields.Integer(string="Warned", readonly=True)
    recycled = fields.Integer(string="Recycled", readonly=True)
    homeless = fields.Integer(
        string="No Pool", readonly=True, help="Due, but no public pool takes them: they stay with their owners."
    )
    progress = fields.Float(string="Progress", compute="_compute_progress")

    @api.depends("rule_ids", "rule_count", "state")
    def _compute_progress(self):
        for run in self:
            left = len(run.rule_ids) if run.state == "running" else 0
            run.progress = 100.0 * (1 - left / run.rule_count) if run.rule_count else 100.0

    # ------------------------------------------------------------------
    # Starting
    # ------------------------------------------------------------------
    @api.model
    def _cron_run(self):
        """Every night. A run that did not finish goes on instead of a second one beside it."""
        self._start()

    def action_start(self):
        """From the web client: run now, in the background."""
        self.check_access_rights("write")
        run = self.sudo()._start()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": run.id,
            "views": [(False, "form")],
        }

    @api.model
    def _start(self):
        run = self.search([("state", "=", "running")], limit=1)
        if not run:
            rules = self.env["crm.pool.rule"].search([])
            if not rules:
                raise CrmUserError(_("There are no recycle rules. Create one first."))
            run = self.create({"rule_ids": [(6, 0, rules.ids)], "rule_count": len(rules)})
        run._delay_step()
        return run

    def _delay_step(self):
        key = "crm_core.recycle.%d.%d.%d" % (self.id, len(self.rule_ids), self.last_id)
        self.with_delay(description=_("Recycle into the public pools"), identity_key=key)._run_step()

    def _run_step(self):
        """Job: one batch, and the next job."""
        if self._step():
            self._delay_step()

    # ------------------------------------------------------------------
    # One batch
    # ------------------------------------------------------------------
    def _step(self, limit=BATCH):
        """Recycle and warn one batch of the current rule.

        :return: whether there is more to do
        """
        self.ensure_one()
        if self.state != "running":
            return False
        rule = self.rule_ids.sorted()[:1]
        if not rule:
            self._finish()
            return False
        self.env[rule.res_model].flush()
        due = rule._find(recycle.recycle_condition, self.date_start, self.last_id, limit)
        window = due[-1] if len(due) == limit else None
        late = rule._find(recycle.warn_condition, self.date_start, self.last_id, limit)
        if len(late) == limit:
            window = min(window or late[-1], late[-1])
        if window:
            due, late = ([rid for rid in ids if rid <= window] for ids in (due, late))
        recycled = self._recycle(rule, due)
        self._warn(rule.res_model, late)
        vals = {
            "recycled": self.recycled + recycled,
            "homeless": self.homeless + len(due) - recycled,
            "warned": self.warned + len(late),
            "last_id": window or 0,
        }
        if not window:
            vals["rule_ids"] = [(3, rule.id)]
        self.write(vals)
        return True

    def _recycle(self, rule, ids):
        """:return: how many went into a pool"""
        if not ids:
            return 0
        if rule.pool_id:
            pools = dict.fromkeys(ids, rule.pool_id.id)
        else:
            pools = self.env["crm.pool"]._get_pools_for(rule.res_model, ids)
        owners = dict.fromkeys(pools, False)
        details = {"note": rule.name}
        return len(self.env["crm.holding"]._transfer(rule.res_model, owners, "recycled", pool_id=pools, details=details))

    def _warn(self, model_name, ids):
        if ids:
            self.env.cr.execute(
                "UPDATE %s SET recycle_warned_at = %%s WHERE id = ANY(%%s)" % self.env[model_name]._table,
                (self.date_start, ids),
            )
            self.env[model_name].invalidate_cache(["recycle_warned_at"], ids)

    def _finish(self):
        if self.warned:
            self.env["crm.recycle.notice"]._tell(self.date_start)
        self.write({"state": "done", "date_end": fields.Datetime.now()})
