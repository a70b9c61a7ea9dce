# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools

from ..engine.selling import same_step
from ..exceptions import CrmValidationError

KINDS = [("quick", "Quick Deals"), ("staged", "Staged Opportunities"), ("multiparty", "Multi-Party Projects")]


class CrmSellingModel(models.Model):
    """A way of selling: the stages a deal goes through, and what its form asks for (by kind)."""

    _name = "crm.selling.model"
    _inherit = "cached.settings"
    _description = "Selling Model"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        KINDS,
        required=True,
        default="staged",
        help="Quick deals are qualified, ranked and quantified; projects have parties; staged opportunities have neither.",
    )
    sequence = fields.Integer(default=10, help="The first is for teams that name none.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", string="Company", help="Empty: for all companies.")
    stage_ids = fields.Many2many(
        "crm.stage",
        "crm_selling_model_stage_rel",
        "model_id",
        "stage_id",
        string="Stages",
        help="A stage may belong to several selling models; what is won is won in all of them.",
    )
    team_ids = fields.One2many("crm.team", "selling_model_id", string="Teams", help="New deals of these teams are sold this way.")

    @api.constrains("stage_ids", "active")
    def _check_stages(self):
        for model in self.filtered("active"):
            stages = model._get_stages()
            if not stages.filtered("is_won") or stages <= stages.filtered("is_won"):
                raise CrmValidationError(
                    _("“%(model)s” needs a stage to begin with and a won stage. Add both to its stages.", model=model.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        models = super().create(vals_list)
        models._check_stages()
        return models

    def unlink(self):
        if self.env["crm.lead"].sudo().with_context(active_test=False).search([("selling_model_id", "in", self.ids)], limit=1):
            raise CrmValidationError(_("Deals are sold this way. Archive the selling model instead: it is not offered any more."))
        return super().unlink()

    # -- which stages --------------------------------------------------------------------------------------------------

    @api.model
    def _get_stage_domain(self, models):
        """Domain of the stages of any of the selling ``models``."""
        return [("selling_model_ids", "in", models.ids)]

    def _get_stages(self):
        """The stages of this model, in order."""
        return self.env["crm.stage"].search(self._get_stage_domain(self))

    @api.model
    @tools.ormcache()
    def _get_models_by_stage(self):
        """{stage id: ids of its selling models, first one first}; stages of none are left out."""
        self.flush(["sequence"])
        self.env.cr.execute(
            "SELECT rel.stage_id, array_agg(model.id ORDER BY NOT model.active, model.sequence, model.id)"
            "  FROM crm_selling_model_stage_rel AS rel JOIN crm_selling_model AS model ON model.id = rel.model_id"
            " GROUP BY rel.stage_id"
        )
        return dict(self.env.cr.fetchall())

    def _has_stage(self, stage):
        """Whether a deal sold this way (or, for no model, any deal) may be in the stage."""
        return not self or self.id in self._get_models_by_stage().get(stage.id, ())

    def _map_stage(self, stage, team):
        """The stage of this model that a deal in ``stage`` goes on with: of the same name, or else as far along.

        :param team: whose stages count, beside those for all teams
        :return: a stage, none only where the model has none for this team
        """
        stages = self._get_stages().filtered(lambda one: one.team_id <= team)
        same = stages.filtered(lambda one: one.is_won == stage.is_won)
        if not same or not stage:
            return stages.filtered(lambda one: not one.is_won)[:1]
        named = same.filtered(lambda one: one == stage or one.name == stage.name)
        return named[:1] or same[self._get_step(stage, len(same))]

    @api.model
    def _get_step(self, stage, others):
        """Number of the step, out of ``others``, that is as far along as ``stage`` is among the stages beside it."""
        models = self.browse(self._get_models_by_stage().get(stage.id, ())[:1])
        beside = (models._get_stages() or stage).filtered(lambda one: one.is_won == stage.is_won and one.team_id <= stage.team_id)
        return same_step(beside.ids.index(stage.id), len(beside), others)

    # -- which model ---------------------------------------------------------------------------------------------------

    @api.model
    def _get_default(self, team):
        """The selling model of new deals of the team: the one it names, or else the first.

        In a pipeline of one kind (``crm_selling_kind`` in the context), one of that kind.
        """
        kind, named = self.env.context.get("crm_selling_kind"), team.sudo().selling_model_id.filtered("active")
        if named and kind in (None, named.kind):
            return named.with_env(self.env)
        company = team.sudo().company_id or self.env.company
        return self.browse(self._get_first_id(company.id, kind) or self._get_first_id(company.id, None))

    @api.model
    @tools.ormcache("company_id", "kind")
    def _get_first_id(self, company_id, kind):
        domain = [("company_id", "in", [company_id, False])]
        return self.sudo().search(domain + [("kind", "=", kind)] if kind else domain, limit=1).id or None
