# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models, tools

from ..engine.score import ScoreModel
from ..exceptions import CrmUserError


class CrmScoreVersion(models.Model):
    """One training of the scoring model: what it learnt, from how many leads, and how good it is.

    The model is kept as plain JSON; one version is active, the one before can be brought back."""

    _name = "crm.score.version"
    _description = "Scoring Model"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    state = fields.Selection(
        [("active", "In Use"), ("retired", "Earlier"), ("refused", "Not Better")],
        string="Status",
        required=True,
        readonly=True,
        default="refused",
    )
    trained_at = fields.Datetime(string="Trained", required=True, readonly=True, default=fields.Datetime.now)
    won_count = fields.Integer(string="Won Leads", readonly=True)
    lost_count = fields.Integer(string="Lost Leads", readonly=True)
    auc = fields.Float(
        string="AUC",
        readonly=True,
        digits=(6, 4),
        help="Chance that a won lead is rated above a lost one, on leads the model had not seen (5 folds). 0.5 is guessing.",
    )
    brier = fields.Float(
        string="Brier Score",
        readonly=True,
        digits=(6, 4),
        help="Mean squared distance of prediction and outcome on leads the model had not seen: the lower, the better.",
    )
    auc_newest = fields.Float(
        string="AUC, Newest Leads",
        readonly=True,
        digits=(6, 4),
        help="Trained on the older four fifths of the leads, tested on the newest fifth: how well it foretells.",
    )
    remark = fields.Text(string="Decision", readonly=True)
    spec = fields.Text(readonly=True, prefetch=False, groups="crm_core.group_sales_director,base.group_system")
    weight_ids = fields.One2many("crm.score.weight", "version_id", string="Weights", readonly=True)
    bucket_ids = fields.One2many("crm.score.bucket", "version_id", string="Calibration", readonly=True)
    lead_count = fields.Integer(string="Leads Scored", compute="_compute_lead_count")

    @api.depends("trained_at")
    @api.depends_context("lang")
    def _compute_name(self):
        for version in self:
            version.name = _("Version %(number)s of %(day)s", number=version.id or "", day=fields.Date.to_string(version.trained_at))

    def _compute_lead_count(self):
        groups = self.env["crm.lead"].read_group([("score_version_id", "in", self.ids)], ["score_version_id"], ["score_version_id"])
        counts = {group["score_version_id"][0]: group["score_version_id_count"] for group in groups}
        for version in self:
            version.lead_count = counts.get(version.id, 0)

    # -- which one counts ----------------------------------------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_active(self):
        """(id, engine's model) of the version in use, or (None, None) as long as there is none. Cached."""
        version = self.sudo().search([("state", "=", "active")], limit=1)
        return (version.id, ScoreModel.from_data(json.loads(version.spec))) if version else (None, None)

    def _activate(self):
        """Put this version to use in place of the one before; leads follow in the background."""
        self.ensure_one()
        self.sudo().search([("state", "=", "active")]).write({"state": "retired"})
        self.sudo().state = "active"
        self.clear_caches()
        self.env["crm.lead"]._schedule_scores()

    def action_activate(self):
        """A director takes another version than training chose: back to an earlier one, or on to a refused one."""
        self.check_access_rights("write")
        self.ensure_one()
        if self.state == "active":
            raise CrmUserError(_("This version is in use already."))
        self._activate()
        self.remark = _("Put to use by %(user)s on %(day)s.", user=self.env.user.name, day=fields.Date.context_today(self))
        return True

    def action_stop(self):
        """Back to Odoo's own probability."""
        self.check_access_rights("write")
        self.filtered(lambda version: version.state == "active").write({"state": "retired"})
        self.clear_caches()
        self.env["crm.lead"]._schedule_scores()
        return True

    def unlink(self):
        if "active" in self.mapped("state"):
            raise CrmUserError(_("The version in use cannot be deleted. Put another one to use first."))
        return super().unlink()
