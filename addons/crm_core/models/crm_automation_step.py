# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmValidationError

#: What each kind cannot do without: (field, what to say)
NEEDED = {
    "activity": ("activity_type_id",),
    "tag": ("value_ref",),
    "set": ("field_id",),
    "notify": ("subject",),
    "robot": ("channel_id", "subject"),
    "mail": ("template_id",),
}
#: Where the value of a field is typed, by its type
VALUES = {
    "char": "value_text",
    "text": "value_text",
    "integer": "value_number",
    "float": "value_number",
    "monetary": "value_number",
    "boolean": "value_yes_no",
    "date": "value_days",
    "datetime": "value_days",
    "selection": "value_choice_id",
    "many2one": "value_ref",
}


class CrmAutomationStep(models.Model):
    """One thing an automation does. What it may be is fixed here; see :mod:`.crm_automation_step_run`."""

    _name = "crm.automation.step"
    _description = "Step of an Automation"
    _order = "sequence, id"

    automation_id = fields.Many2one("crm.automation", required=True, index=True, ondelete="cascade")
    model = fields.Selection(related="automation_id.model")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("activity", "Plan an activity"),
            ("notify", "Tell somebody"),
            ("robot", "Post to a group robot"),
            ("assign", "Give it to somebody"),
            ("tag", "Add a tag"),
            ("set", "Set a field"),
            ("mail", "Send an e-mail template"),
        ],
        string="Do",
        required=True,
        default="activity",
    )
    who = fields.Selection(
        [("owner", "Its owner"), ("leader", "The team's leader"), ("user", "A certain colleague")],
        required=True,
        default="owner",
        help="What has no owner goes to the team's leader, and without one to whoever made the automation.",
    )
    user_id = fields.Many2one("res.users", string="Colleague", domain=[("share", "=", False)], ondelete="restrict")
    activity_type_id = fields.Many2one("mail.activity.type", ondelete="restrict")
    days = fields.Integer(string="Due in Days", default=1)
    subject = fields.Char(string="Text", help="{name} stands for the name of the record, {owner} for its owner.")
    body = fields.Text(string="More", help="{name} stands for the name of the record, {owner} for its owner.")
    channel_id = fields.Many2one(
        "crm.notification.channel",
        string="Robot",
        domain=[("kind", "in", ("wecom", "dingtalk", "feishu"))],
        context={"active_test": False},
        ondelete="restrict",
    )
    template_id = fields.Many2one(
        "mail.template", string="E-mail Template", domain="[('model', '=', model)]", ondelete="restrict"
    )
    field_id = fields.Many2one(
        "ir.model.fields",
        string="Field",
        ondelete="cascade",
        domain="[('id', 'in', open_field_ids)]",
        context={"crm_plain_labels": True},
    )
    field_type = fields.Char(compute="_compute_field_type")
    value_text = fields.Char(string="Value")
    value_number = fields.Float(string="Number", digits=(16, 2))
    value_yes_no = fields.Selection([("yes", "Yes"), ("no", "No")], string="Yes or No", default="yes")
    value_days = fields.Integer(string="Days From Then")
    value_choice_id = fields.Many2one(
        "ir.model.fields.selection", string="Choice", domain="[('field_id', '=', field_id)]", ondelete="cascade"
    )
    value_ref = fields.Reference(selection="_get_link_choices", string="Record")
    open_field_ids = fields.Many2many("ir.model.fields", compute="_compute_open_field_ids")

    @api.model
    def _get_link_choices(self):
        """Models a field of an open model links to."""
        no_code = self.env["crm.no.code"]
        names = set()
        for one in no_code._get_models():
            names.update(no_code._get_settable_fields(one.model).filtered(lambda field: field.ttype == "many2one").mapped("relation"))
            if one.tags:
                names.add(self.env[one.model]._fields[one.tags].comodel_name)
        found = self.env["ir.model"].sudo().search([("model", "in", list(names))])
        return [(one.model, one.name) for one in found]

    @api.depends("field_id")
    def _compute_field_type(self):
        """Not "related": Odoo would look for steps of each field it removes, when this table has gone already."""
        for step in self:
            step.field_type = step.field_id.ttype

    @api.depends("automation_id.model")
    def _compute_open_field_ids(self):
        no_code = self.env["crm.no.code"]
        for step in self:
            step.open_field_ids = no_code._get_settable_fields(step.model) if step.model else False

    def _get_link_model(self):
        """The model ``value_ref`` must be of, or ""."""
        if self.kind == "tag" and self.model:
            tags = self.env["crm.no.code"]._get_model(self.model).tags
            return self.env[self.model]._fields[tags].comodel_name if tags else ""
        if self.kind == "set" and self.field_type == "many2one":
            return self.field_id.relation
        return ""

    @api.onchange("kind", "field_id")
    def _onchange_link_model(self):
        """The client offers records of one model: that of the first one, until another is chosen."""
        self.value_choice_id = False
        model_name = self._get_link_model()
        first = self.env[model_name].search([], limit=1) if model_name else None
        self.value_ref = "%s,%d" % (model_name, first.id) if first else False

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------
    @api.constrains("kind", "who", "user_id", "activity_type_id", "subject", "channel_id", "template_id", "field_id", "value_ref")
    def _check_complete(self):
        for step in self:
            missing = [name for name in NEEDED.get(step.kind, ()) if not step[name]]
            if step.kind in ("activity", "notify", "assign") and step.who == "user" and not step.user_id:
                missing.append("user_id")
            if missing:
                labels = ", ".join(step._fields[name]._description_string(self.env) for name in missing)
                raise CrmValidationError(
                    _("The step “%(kind)s” is not complete, choose: %(missing)s.", kind=step._get_kind_label(), missing=labels)
                )

    @api.constrains("kind", "field_id", "value_ref", "value_choice_id", "template_id", "automation_id")
    def _check_fits(self):
        for step in self:
            if step.kind == "set" and step.field_id not in step.open_field_ids:
                raise CrmValidationError(_("“%s” is not a field an automation may set.", step.field_id.field_description))
            if step.kind == "set" and step.field_type == "selection" and step.value_choice_id.field_id != step.field_id:
                raise CrmValidationError(_("Choose the value “%s” is set to.", step.field_id.field_description))
            wanted = step._get_link_model()
            if wanted and (not step.value_ref or step.value_ref._name != wanted):
                raise CrmValidationError(_("The step “%s” needs a record of the right kind. Choose it anew.", step._get_kind_label()))
            if step.kind == "tag" and not wanted:
                raise CrmValidationError(_("There are no tags on this kind of record."))
            if step.kind == "mail" and step.template_id.model != step.model:
                raise CrmValidationError(_("The e-mail template is for another kind of record."))
            if step.kind == "robot" and step.channel_id.kind not in ("wecom", "dingtalk", "feishu"):
                raise CrmValidationError(_("“%s” is no group robot.", step.channel_id.name))

    def _get_kind_label(self):
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]
