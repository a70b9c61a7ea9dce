# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, models

from ..engine.score import ScoreModel, auc, brier, calibration
from ..exceptions import CrmUserError

MINIMUM = 50  # won leads, and lost leads, before a model of one's own is tried; system parameter crm_core.score_minimum
NEWEST = 50000  # leads learnt from, the newest ones
PAGE = 5000
FRESH = 30  # won and lost leads decided since the version in use was trained, to compare on them


class CrmScoreVersion(models.Model):
    """Training: only on won and lost leads, on what was known of them when they came in, and put to use only if it is
    better than what is in use."""

    _inherit = "crm.score.version"

    @api.model
    def _schedule_training(self):
        """Weekly, and on demand: one job, however often it is asked for."""
        job = self.sudo().with_delay(description=_("Training of the scoring model"), identity_key="crm_core.score_training", priority=30)
        job._run_training()

    @api.model
    def action_train(self):
        """Train now, in the background; says at once if there are too few leads."""
        self.check_access_rights("create")
        self._check_enough(*self.sudo()._count_decided())
        self._schedule_training()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": _("Training has begun. The new version appears in this list when it is done."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _get_minimum(self):
        return int(self.env["ir.config_parameter"].sudo().get_param("crm_core.score_minimum") or MINIMUM)

    @api.model
    def _check_enough(self, won, lost):
        minimum = self._get_minimum()
        if min(won, lost) < minimum:
            raise CrmUserError(
                _("There are %(won)s won and %(lost)s lost leads; %(minimum)s of each are needed to learn from. Until"
                  " then Odoo's own probability is used.", won=won, lost=lost, minimum=minimum)
            )  # fmt: skip

    # -- the job -------------------------------------------------------------------------------------------------------

    @api.model
    def _run_training(self):
        """Train, judge, keep the version; returns what was decided, in words.

        Cost: seconds for thousands of leads, some minutes for NEWEST.
        """
        decided = self._read_decided()
        try:
            self._check_enough(sum(row["won"] for row in decided), sum(not row["won"] for row in decided))
        except CrmUserError as few:
            return str(few)
        # here, and not above: a server that does not train need not load numpy and scikit-learn
        from ..engine.score import training

        table = self._get_training_table([row["id"] for row in decided])
        truth = [int(row["won"]) for row in decided]
        evaluation = training.evaluate(table, truth)
        model = training.train(table, truth)
        vals = self._prepare_version(model, truth, evaluation)
        vals["auc_newest"] = self._get_auc_newest(training, table, truth)
        better, vals["remark"] = self._compare(decided, table, truth, evaluation)
        version = self.create(vals)
        if better:
            version._activate()
        return version.remark

    @api.model
    def _count_decided(self):
        """(won, lost) leads there are."""
        rows = self._read_decided()
        won = sum(row["won"] for row in rows)
        return won, len(rows) - won

    @api.model
    def _read_decided(self):
        """The newest won and lost leads (dicts id, won, closed), oldest first. Archived without being lost is neither."""
        self.env["crm.lead"].flush()
        self.env.cr.execute(
            """
            SELECT lead.id, stage.is_won AND lead.active AS won, COALESCE(lead.date_closed, lead.write_date) AS closed
              FROM crm_lead AS lead
              JOIN crm_stage AS stage ON stage.id = lead.stage_id
             WHERE (lead.active AND stage.is_won) OR (NOT lead.active AND lead.probability = 0)
             ORDER BY lead.create_date DESC, lead.id DESC
             LIMIT %s
            """,
            [NEWEST],
        )
        return self.env.cr.dictfetchall()[::-1]

    @api.model
    def _get_training_table(self, ids):
        features = self.env["crm.score.feature"]
        cells = {}
        for start in range(0, len(ids), PAGE):
            cells.update(features._read_first(ids[start : start + PAGE]))
        return features._as_table([cells[lead_id] for lead_id in ids])

    @api.model
    def _get_auc_newest(self, training, table, truth):
        """AUC on the newest fifth, trained on the rest; 0 where one of them has too few won or lost leads."""
        cut = len(truth) * 4 // 5
        try:
            model = training.train({name: cells[:cut] for name, cells in table.items()}, truth[:cut])
            return auc(truth[cut:], model.predict({name: cells[cut:] for name, cells in table.items()}))
        except ValueError:
            return 0.0

    @api.model
    def _prepare_version(self, model, truth, evaluation):
        buckets = calibration(truth, evaluation.predicted)
        return {
            "won_count": sum(truth),
            "lost_count": len(truth) - sum(truth),
            "auc": evaluation.auc,
            "brier": evaluation.brier,
            "spec": json.dumps(model.to_data(), ensure_ascii=False),
            "weight_ids": [(0, 0, line) for line in self.env["crm.score.weight"]._prepare_from_engine(model)],
            "bucket_ids": [
                (0, 0, {"sequence": number, "lead_count": b.size, "predicted": 100 * b.predicted, "actual": 100 * b.actual})
                for number, b in enumerate(buckets, 1)
            ],
        }

    # -- is it better? -------------------------------------------------------------------------------------------------

    @api.model
    def _compare(self, decided, table, truth, evaluation):
        """(whether to put the new version to use, why in words).

        Against chance: its Brier score must beat always saying the average. Against the version in use: on leads
        decided since that one was trained, which neither has seen, if there are enough; else by their figures.
        """
        average = sum(truth) / len(truth)
        if evaluation.auc <= 0.5 or evaluation.brier >= brier(truth, [average] * len(truth)):
            return False, _("It predicts no better than the average: what leads tell does not decide here.")
        active = self.sudo().search([("state", "=", "active")], limit=1)
        if not active:
            return True, _("First version: put to use in place of Odoo's own probability.")
        fresh = [index for index, row in enumerate(decided) if row["closed"] > active.trained_at]
        won = sum(truth[index] for index in fresh)
        if min(won, len(fresh) - won) < FRESH:
            return self._judge((evaluation.auc, evaluation.brier), (active.auc, active.brier), active)
        outcome = [truth[index] for index in fresh]
        model = ScoreModel.from_data(json.loads(active.spec))
        old = model.predict({name: [cells[index] for index in fresh] for name, cells in table.items()})
        new = [evaluation.predicted[index] for index in fresh]
        return self._judge((auc(outcome, new), brier(outcome, new)), (auc(outcome, old), brier(outcome, old)), active)

    @api.model
    def _judge(self, new, old, active):
        better = new[0] >= old[0] and new[1] <= old[1]
        figures = {"new": "%.4f / %.4f" % new, "old": "%.4f / %.4f" % old, "version": active.name}
        if better:
            return True, _("Put to use: AUC / Brier score %(new)s, %(version)s had %(old)s.", **figures)
        return False, _("Kept aside: AUC / Brier score %(new)s, %(version)s has %(old)s.", **figures)
