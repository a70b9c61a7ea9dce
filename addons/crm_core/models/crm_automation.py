# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.osv.expression import AND

from ..engine.condition import leaves, parse
from ..exceptions import CrmValidationError

DATES = ("date", "datetime")
UNITS = {"hours": 1, "days": 24, "weeks": 24 * 7}
SHOWN = 1000


class CrmAutomation(models.Model):
    """When – if – then, put together by a manager.

    * *When* a record is made, changed or moved, an own ``base.automation`` calls (:mod:`.base_automation`). When time
      has passed since a date, an hourly run does: once per record and date, however often it looks.
    * *If* is a condition of constants, as the domain widget writes it. It is parsed, never evaluated.
    * *Then* are steps of fixed kinds (``crm.automation.step``).

    See :mod:`.crm_automation_run` for how it runs, and :mod:`.crm_automation_words` for how it is told and drawn.
    """

    _name = "crm.automation"
    _description = "Automation"
    _order = "sequence, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True, help="Switched off, it waits and does nothing.")
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for the records of all companies.")
    model = fields.Selection(selection="_get_model_choices", string="What For", required=True, default="res.partner")
    trigger = fields.Selection(
        [
            ("created", "It is created"),
            ("changed", "A field is changed"),
            ("moved", "It moves to another stage"),
            ("time", "Time has passed since a date"),
        ],
        string="When",
        required=True,
        default="time",
    )
    trigger_field_id = fields.Many2one(
        "ir.model.fields",
        string="Field",
        ondelete="cascade",
        domain="[('id', 'in', open_field_ids)]",
        context={"crm_plain_labels": True},
    )
    date_field_id = fields.Many2one(
        "ir.model.fields",
        string="Date",
        ondelete="cascade",
        domain="[('id', 'in', open_date_ids)]",
        context={"crm_plain_labels": True},
    )
    delay = fields.Integer(string="How Long", default=14)
    delay_unit = fields.Selection([("hours", "hours"), ("days", "days"), ("weeks", "weeks")], required=True, default="days")
    delay_side = fields.Selection([("after", "after"), ("before", "before")], required=True, default="after")
    or_created = fields.Boolean(
        string="Where It Is Empty, Count From Creation",
        help="A customer nobody ever contacted was not contacted since it was created.",
    )
    condition = fields.Char(string="If", default="[]", help="Empty: for every record.")
    step_ids = fields.One2many("crm.automation.step", "automation_id", string="Then", copy=True)
    open_field_ids = fields.Many2many("ir.model.fields", compute="_compute_open_fields")
    open_date_ids = fields.Many2many("ir.model.fields", compute="_compute_open_fields")
    base_automation_id = fields.Many2one("base.automation", readonly=True, copy=False, ondelete="set null")
    log_ids = fields.One2many("crm.automation.log", "automation_id", readonly=True)
    run_count = fields.Integer(string="Done", compute="_compute_counts")
    failed_count = fields.Integer(string="Failed", compute="_compute_counts")

    @api.model
    def _get_model_choices(self):
        return self.env["crm.no.code"]._get_model_choices()

    @api.depends("model")
    def _compute_open_fields(self):
        no_code = self.env["crm.no.code"]
        for automation in self:
            known = automation.model and automation.model in self.env
            automation.open_field_ids = no_code._get_watchable_fields(automation.model) if known else False
            automation.open_date_ids = no_code._get_open_fields(automation.model, DATES) if known else False

    def _compute_counts(self):
        groups = self.env["crm.automation.log"].read_group(
            [("automation_id", "in", self.ids)], ["automation_id", "state"], ["automation_id", "state"], lazy=False
        )
        counts = {(group["automation_id"][0], group["state"]): group["__count"] for group in groups}
        for automation in self:
            automation.run_count = counts.get((automation.id, "done"), 0)
            automation.failed_count = counts.get((automation.id, "failed"), 0)

    @api.onchange("model")
    def _onchange_model(self):
        self.trigger_field_id = self.date_field_id = False
        self.condition = "[]"
        self.step_ids = False

    @api.onchange("date_field_id")
    def _onchange_date_field_id(self):
        """Silence is counted from the beginning, a deadline is not."""
        self.or_created = self.date_field_id.name == "date_last_follow_up"

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------
    @api.constrains("model", "trigger", "trigger_field_id", "date_field_id", "delay")
    def _check_when(self):
        no_code = self.env["crm.no.code"]
        for automation in self:
            description = no_code._get_model(automation.model)
            if automation.trigger == "changed" and automation.trigger_field_id not in automation.open_field_ids:
                raise CrmValidationError(_("Choose the field whose change starts “%s”.", automation.name))
            if automation.trigger == "moved" and not description.stage:
                raise CrmValidationError(_("%s has no stages. Choose another “When”.", description.label))
            if automation.trigger == "time" and automation.date_field_id not in automation.open_date_ids:
                raise CrmValidationError(_("Choose the date from which “%s” counts.", automation.name))
            if automation.delay < 0:
                raise CrmValidationError(_("Give how long as a positive number, and choose before or after."))

    @api.constrains("condition", "model")
    def _check_condition(self):
        """It is a domain of constants, over fields the current user sees, and the database understands it."""
        for automation in self:
            try:
                domain = parse(automation.condition)
                for leaf in leaves(domain):
                    automation._check_path(leaf.field)
                with self.env.cr.savepoint():
                    self.env[automation.model].sudo().search(domain, limit=1)
            except CrmValidationError:
                raise
            except Exception as error:  # whatever a search makes of a wrong operator or value
                message = _("The condition of “%(name)s” cannot be read: %(error)s", name=automation.name, error=error)
                raise CrmValidationError(message) from error

    @api.constrains("step_ids", "active")
    def _check_steps(self):
        for automation in self:
            if automation.active and not automation.step_ids:
                raise CrmValidationError(_("Say what “%s” does: add a step under “Then”.", automation.name))

    def _check_path(self, path):
        """:raise CrmValidationError: when a field of the path is gone, or is not the current user's to see"""
        model_name = self.model
        for name in path.split("."):
            field = self.env[model_name]._fields.get(name) if model_name else None
            if field is None or not (name == "id" or self.env["crm.no.code"]._is_open_field(model_name, name)):
                raise CrmValidationError(
                    _(
                        "The condition of “%(name)s” looks at “%(field)s”, which is not there or not for you. Remove it.",
                        name=self.name,
                        field=path,
                    )
                )
            model_name = field.comodel_name

    # ------------------------------------------------------------------
    # Life
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        automations = super().create([dict(vals, base_automation_id=False) for vals in vals_list])
        automations._sync_base_automation()
        return automations

    def write(self, vals):
        vals = {name: value for name, value in vals.items() if name != "base_automation_id"}
        result = super().write(vals)
        if {"name", "active", "company_id", "model", "trigger", "trigger_field_id", "condition"} & vals.keys():
            self._sync_base_automation()
        return result

    def unlink(self):
        underlying = self.sudo().with_context(active_test=False).base_automation_id
        actions = underlying.action_server_id
        underlying.unlink()
        actions.unlink()
        return super().unlink()

    def copy(self, default=None):
        return super().copy({"name": _("%s (copy)", self.name), "active": False, **(default or {})})

    def _sync_base_automation(self):
        """Give each automation that waits for an event its ``base.automation``, and take it from the others."""
        for automation in self:
            underlying = automation.sudo().base_automation_id
            if automation.trigger == "time":
                actions = underlying.action_server_id
                underlying.unlink()
                actions.unlink()
                continue
            values = automation._prepare_base_automation()
            if underlying:
                underlying.write(values)
            else:
                underlying = underlying.create(values)
                super(CrmAutomation, automation).write({"base_automation_id": underlying.id})

    def _prepare_base_automation(self):
        description = self.env["crm.no.code"]._get_model(self.model)
        watched = self.trigger_field_id
        if self.trigger == "moved":
            watched = self.env["ir.model.fields"]._get(self.model, description.stage)
        return {
            "name": self.name,
            "active": self.active,
            "model_id": self.env["ir.model"].sudo()._get_id(self.model),
            "trigger": "on_create" if self.trigger == "created" else "on_write",
            "trigger_field_ids": [(6, 0, watched.ids if self.trigger != "created" else [])],
            "filter_domain": repr(self._get_domain()),
            "state": "crm_automation",
            "crm_automation_id": self.id,
        }

    @api.model
    def _get_users_of(self, model_name, field_name):
        """Automations that build on a field, archived ones included."""
        automations = self.with_context(active_test=False).search([("model", "=", model_name)])
        return automations.filtered(lambda automation: automation._uses(field_name))

    def _uses(self, field_name):
        try:
            looked_at = {leaf.field.split(".")[0] for leaf in leaves(parse(self.condition))}
        except ValueError:
            looked_at = set()
        chosen = self.trigger_field_id | self.date_field_id | self.step_ids.field_id
        return field_name in looked_at | set(chosen.mapped("name"))

    # ------------------------------------------------------------------
    # What matches
    # ------------------------------------------------------------------
    def _get_domain(self):
        """Records meant at all: of the kind, the company and the condition."""
        description = self.env["crm.no.code"]._get_model(self.model)
        company = [("company_id", "in", (False, self.company_id.id))] if self.company_id else []
        return AND([list(description.domain), company, parse(self.condition)])

    def _get_limit(self):
        """Latest date of what is due now."""
        delay = timedelta(hours=self.delay * UNITS[self.delay_unit])
        return fields.Datetime.now() + (delay if self.delay_side == "before" else -delay)

    def action_dry_run(self):
        """The records it would run for now, as far as the manager may see them."""
        self.ensure_one()
        self.check_access_rights("write")
        records = self.env[self.model].search([("id", "in", self._get_matching_ids(SHOWN))])
        description = self.env["crm.no.code"]._get_model(self.model)
        lists = [self.env.ref(xmlid, raise_if_not_found=False) for xmlid in description.lists]
        return {
            "type": "ir.actions.act_window",
            "name": _("%(name)s: matches now", name=self.name),
            "res_model": self.model,
            "view_mode": "tree,form",
            "views": [(next((view.id for view in lists if view), False), "list"), (self.env.ref(description.form).id, "form")],
            "domain": [("id", "in", records.ids)],
            "context": {"create": False},
            "help": _("<p>No record matches now.</p><p>It will run for those that come to match.</p>"),
        }

    def _get_matching_ids(self, limit):
        self.ensure_one()
        if self.trigger == "time":
            return [record_id for record_id, _cause in self._find_due(limit)]
        return self.env[self.model].sudo().search(self._get_domain(), limit=limit).ids

    def action_view_log(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.crm_automation_log_action")
        return dict(action, domain=[("automation_id", "=", self.id)], context={})
