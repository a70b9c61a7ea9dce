# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models

from ..exceptions import CrmValidationError
from .crm_lead_gate import GateFact


class CrmLead(models.Model):
    """How a deal is sold: its stages and pages follow from its selling model."""

    _inherit = "crm.lead"

    # Serves the pipelines of each selling model.
    selling_model_id = fields.Many2one(
        "crm.selling.model",
        string="Selling Model",
        index=True,
        tracking=True,
        ondelete="restrict",
        compute="_compute_selling_model_id",
        store=True,
        readonly=False,
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        help="How the deal is sold: which stages it goes through and what its form asks for. Follows from the team.",
    )
    selling_kind = fields.Selection(related="selling_model_id.kind", string="Kind of Selling Model")

    def _auto_init(self):
        """The column by itself, so that Odoo does not fill it lead by lead (:meth:`_fill_selling_models` does)."""
        self.env.cr.execute("ALTER TABLE crm_lead ADD COLUMN IF NOT EXISTS selling_model_id integer")
        return super()._auto_init()

    # -- which model, which stage --------------------------------------------------------------------------------------

    @api.depends("team_id")
    def _compute_selling_model_id(self):
        """As the team sells; a model somebody chose stays, unless a form gives the deal to another team."""
        models = self.env["crm.selling.model"]
        for lead in self:
            known, team = lead.selling_model_id, lead.team_id
            moved = not lead._origin or lead._origin.team_id != team
            if not known or (moved and team.sudo().selling_model_id.active):
                lead.selling_model_id = models._get_default(team)
            else:
                lead.selling_model_id = known

    @api.depends("selling_model_id")
    def _compute_stage_id(self):
        return super()._compute_stage_id()

    def _stage_find(self, team_id=False, domain=None, order="sequence"):
        """Among the stages of the deals' selling models."""
        models = self.selling_model_id
        if not self and team_id:
            models = models._get_default(self.env["crm.team"].browse(team_id))
        if models:
            domain = [*(domain or []), *models._get_stage_domain(models)]
        return super()._stage_find(team_id=team_id, domain=domain, order=order)

    @api.model
    def _read_group_stage_ids(self, stages, domain, order):
        """The columns of a pipeline: those of the model looked at, and any other that holds a deal."""
        columns = super()._read_group_stage_ids(stages, domain, order)
        models = self._get_shown_models()
        return columns.filtered(lambda stage: stage in stages or any(model._has_stage(stage) for model in models))

    @api.model
    def _get_shown_models(self):
        """The selling models whose stages a pipeline shows even when they are empty, by its action's context."""
        models, context = self.env["crm.selling.model"], self.env.context
        if context.get("crm_selling_kind"):
            return models.search([("kind", "=", context["crm_selling_kind"])])
        if context.get("default_selling_model_id"):
            return models.browse(context["default_selling_model_id"])
        return models._get_default(self.env["crm.team"].browse(context.get("default_team_id") or self.env.user.sale_team_id.id))

    @api.constrains("stage_id", "selling_model_id")
    def _check_stage_of_model(self):
        for lead in self:
            if lead.stage_id and not lead.selling_model_id._has_stage(lead.stage_id):
                raise CrmValidationError(lead._get_foreign_stage_message())

    def _get_foreign_stage_message(self):
        model = self.selling_model_id
        return _(
            "“%(stage)s” is no stage of “%(model)s”. Choose one of %(stages)s, or change the selling model of “%(lead)s” first.",
            stage=self.stage_id.name,
            model=model.name,
            stages=", ".join(model._get_stages().mapped("name")),
            lead=self.name,
        )

    # -- changes -------------------------------------------------------------------------------------------------------

    @api.onchange("selling_model_id", "team_id")
    def _onchange_selling_model_id(self):
        stage = self.stage_id
        if not stage or self._fits(stage, self.selling_model_id, self.team_id):
            return None
        self.stage_id = self.selling_model_id._map_stage(stage, self.team_id)
        message = _("“%(model)s” goes on with the stage “%(stage)s”.", model=self.selling_model_id.name, stage=self.stage_id.name)
        return {"warning": {"title": _("Stage changed"), "message": message, "type": "notification"}}

    @api.model
    def _fits(self, stage, model, team):
        return model._has_stage(stage) and stage.team_id <= team

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._with_selling_models(vals_list))

    @api.model
    def _with_selling_models(self, vals_list):
        """A deal created in a stage is sold in a way that has it. No query per record."""
        models, default = self.env["crm.selling.model"], self.env.context.get("default_stage_id")
        if self.env.context.get("default_selling_model_id"):
            return vals_list
        of_stage, result = models._get_models_by_stage(), []
        for vals in vals_list:
            known = of_stage.get(vals.get("stage_id", default))
            if known and "selling_model_id" not in vals:
                usual = models._get_default(self.env["crm.team"].browse(vals.get("team_id") or []))
                if usual.id not in known:
                    vals = dict(vals, selling_model_id=known[0])
            result.append(vals)
        return result

    def write(self, vals):
        """A stage the new model does not have becomes the one as far along; the chatter says both."""
        if "selling_model_id" in vals and "stage_id" not in vals:
            model = self.env["crm.selling.model"].browse(vals["selling_model_id"] or [])
            mapped = self._group_by_new_stage(model)
            if mapped:
                for stage, leads in mapped.items():
                    leads.write(dict(vals, stage_id=stage.id) if stage else vals)
                return True
        follow = {"team_id", "user_id"} & vals.keys() and not {"selling_model_id", "stage_id"} & vals.keys()
        teams = {lead.id: lead.team_id for lead in self.sudo()} if follow else {}
        result = super().write(vals)
        if teams:
            self.sudo().filtered(lambda lead: lead.team_id != teams[lead.id])._follow_team()
        return result

    def _group_by_new_stage(self, model):
        """{the stage to go on with under ``model``, empty if the present one is of it: leads}; {} if all stay."""
        found = defaultdict(self.browse)
        for lead in self:
            fits = not lead.stage_id or self._fits(lead.stage_id, model, lead.team_id)
            found[self.env["crm.stage"] if fits else model._map_stage(lead.stage_id, lead.team_id)] |= lead
        return found if any(found) else {}

    def _follow_team(self):
        """Deals that came into another team are sold as that team sells, in a stage it has.

        One query, unless some of them have to change."""
        self.flush(["team_id", "stage_id", "selling_model_id"])
        self.env.cr.execute(
            "SELECT lead.id FROM crm_lead AS lead JOIN crm_team AS team ON team.id = lead.team_id"
            "  LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id WHERE lead.id = ANY(%s)"
            "   AND (team.selling_model_id != lead.selling_model_id OR stage.team_id != lead.team_id)",
            [self.ids],
        )
        found = defaultdict(self.browse)
        for lead in self.browse([lead_id for (lead_id,) in self.env.cr.fetchall()]):
            own = lead.team_id.sudo().selling_model_id.filtered("active")
            model = own or lead.selling_model_id
            fits = not lead.stage_id or self._fits(lead.stage_id, model, lead.team_id)
            stage = lead.stage_id if fits else model._map_stage(lead.stage_id, lead.team_id)
            if (model, stage) != (lead.selling_model_id, lead.stage_id):
                found[model, stage] |= lead
        fact = GateFact(_("The team sells in another way."))
        for (model, stage), leads in found.items():
            leads.with_context(crm_gate_fact=fact).write({"selling_model_id": model.id, "stage_id": stage.id})

    def _team_transferred(self):
        """By assignment, claim and handover, too, which write in SQL."""
        super()._team_transferred()
        self._follow_team()

    @api.model
    def _fill_selling_models(self):
        """Give leads from before there were selling models one: a single UPDATE, at install and update."""
        self.flush()
        self.env.cr.execute(
            """
            UPDATE crm_lead AS lead SET selling_model_id = found.model_id
              FROM (SELECT lead.id, COALESCE(
                        (SELECT team.selling_model_id FROM crm_team AS team WHERE team.id = lead.team_id
                            AND (lead.stage_id IS NULL OR EXISTS (SELECT FROM crm_selling_model_stage_rel AS rel
                                 WHERE rel.stage_id = lead.stage_id AND rel.model_id = team.selling_model_id))),
                        (SELECT rel.model_id FROM crm_selling_model_stage_rel AS rel
                           JOIN crm_selling_model AS model ON model.id = rel.model_id
                          WHERE rel.stage_id = lead.stage_id ORDER BY model.sequence, model.id LIMIT 1),
                        (SELECT id FROM crm_selling_model WHERE active ORDER BY sequence, id LIMIT 1)) AS model_id
                      FROM crm_lead AS lead WHERE lead.selling_model_id IS NULL) AS found
             WHERE found.id = lead.id AND found.model_id IS NOT NULL
            """
        )
        self.invalidate_cache(["selling_model_id"])
