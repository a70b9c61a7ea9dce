# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from ..engine.no_code import technical_name
from ..exceptions import CrmUserError, CrmValidationError

TEXT_KINDS = ("text", "long_text")
#: {kind: (type of the column, model it links to)}
COLUMNS = {
    "text": ("char", False),
    "long_text": ("text", False),
    "number": ("float", False),
    "money": ("float", False),
    "date": ("date", False),
    "yes_no": ("boolean", False),
    "choice": ("selection", False),
    "customer": ("many2one", "res.partner"),
    "user": ("many2one", "res.users"),
    "product": ("many2one", "product.product"),
}
FIXED = {"model", "kind", "field_id"}


class CrmCustomField(models.Model):
    """A field a manager added to a form without code.

    It owns an ``ir.model.fields`` (``x_…``, a plain stored column: never computed, never related) and its place in
    the inheriting views of its model (:mod:`.crm_custom_field_view`). Who may write these records needs no rights on
    fields or views: those are made here, with ``sudo``, out of checked values only.

    Archived, it disappears from the screens and keeps its values. Removed, the values are gone: see
    ``crm.custom.field.removal``.
    """

    _name = "crm.custom.field"
    _description = "Custom Field"
    _order = "model, sequence, id"

    name = fields.Char(string="Label", required=True, help="As people read it on the form.")
    model = fields.Selection(selection="_get_model_choices", string="Form", required=True, default="res.partner")
    kind = fields.Selection(
        [
            ("text", "Line of text"),
            ("long_text", "Long text"),
            ("number", "Number"),
            ("money", "Money"),
            ("date", "Date"),
            ("yes_no", "Yes or no"),
            ("choice", "Choice list"),
            ("customer", "Link to a customer"),
            ("user", "Link to a colleague"),
            ("product", "Link to a product"),
        ],
        string="Type",
        required=True,
        default="text",
    )
    option_ids = fields.One2many("crm.custom.field.option", "custom_field_id", string="Choices", copy=True)
    sequence = fields.Integer(default=10)
    place = fields.Char(string="Where", required=True, default="tab", help="Where on the form it stands.")
    required = fields.Boolean(help="The form cannot be saved without it. Imports and web forms may leave it empty.")
    hint = fields.Char(string="Help", help="Shown when the mouse rests on the label.")
    in_list = fields.Boolean(string="Column in Lists")
    in_search = fields.Boolean(string="Search Filter", default=True)
    private = fields.Boolean(
        string="Contact Detail",
        help="Masked for finance, buyers and everybody else who may not see customers' contact details.",
    )
    active = fields.Boolean(default=True)
    field_id = fields.Many2one("ir.model.fields", readonly=True, copy=False, ondelete="cascade")
    technical_name = fields.Char(compute="_compute_technical_name")
    place_lost = fields.Boolean(compute="_compute_place_lost", help="The place chosen is no longer on the form.")

    @api.model
    def _get_model_choices(self):
        return self.env["crm.no.code"]._get_model_choices()

    @api.depends("field_id")
    def _compute_technical_name(self):
        """Not "related": Odoo would look for fields of each column it removes, when this table has gone already."""
        for field in self:
            field.technical_name = field.field_id.name

    @api.model
    def default_get(self, fields_list):
        """From a form's menu: a field for that form."""
        values = super().default_get(fields_list)
        active_model = self.env.context.get("active_model")
        if "model" in fields_list and active_model in dict(self._get_model_choices()):
            values["model"] = active_model
        return values

    @api.onchange("kind")
    def _onchange_kind(self):
        """Text may hold anything: hidden from those who see no contact details, unless told otherwise."""
        self.private = self.kind in TEXT_KINDS

    @api.onchange("model")
    def _onchange_model(self):
        self.place = "tab"

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------
    @api.constrains("name", "model", "active")
    def _check_label(self):
        for field in self:
            if not field.name.strip():
                raise CrmValidationError(_("Give the field a label."))
            same = [("model", "=", field.model), ("name", "=ilike", field.name.strip()), ("id", "!=", field.id)]
            if field.active and self.search_count(same):
                raise CrmValidationError(_("There is a field “%s” on this form already. Choose another label.", field.name))

    @api.constrains("kind", "option_ids")
    def _check_options(self):
        for field in self.filtered(lambda field: field.kind == "choice"):
            if not field.option_ids:
                raise CrmValidationError(_("Give “%s” at least one choice.", field.name))

    @api.constrains("kind", "private")
    def _check_private(self):
        if any(field.private and field.kind not in TEXT_KINDS for field in self):
            raise CrmValidationError(_("Only text can be masked as a contact detail."))

    # ------------------------------------------------------------------
    # Life
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("field_id") for vals in vals_list):
            raise CrmUserError(_("Existing fields cannot be taken over. Add a new one."))
        custom_fields = super().create([{**vals, "name": (vals.get("name") or "").strip()} for vals in vals_list])
        with self.env["crm.custom.field.view"]._changing(custom_fields.mapped("model")):
            for custom_field in custom_fields:
                values = custom_field._prepare_field()
                column = self.env["ir.model.fields"].sudo().create(values)
                super(CrmCustomField, custom_field).write({"field_id": column.id})
        return custom_fields

    def write(self, vals):
        if any(name in vals and any(self._changes(field, name, vals[name]) for field in self) for name in FIXED):
            raise CrmUserError(_("Form and type of a field cannot be changed. Add a new field and archive this one."))
        result = super().write(vals)
        if {"name", "hint", "private"} & vals.keys():
            with self.env["crm.custom.field.view"]._changing(self.mapped("model")):
                for field in self:
                    values = field._prepare_field()
                    described = {name: values[name] for name in ("field_description", "help", "crm_private")}
                    field.sudo().field_id.write(described)
        elif vals:
            with self.env["crm.custom.field.view"]._changing(self.mapped("model")):
                pass
        return result

    @api.model
    def _changes(self, field, name, value):
        present = field[name]
        return (present.id if name == "field_id" else present) != value

    def unlink(self):
        """Remove columns and all they hold."""
        self._check_unused()
        model_names = self.mapped("model")
        columns = self.sudo().field_id
        result = super().unlink()
        with self.env["crm.custom.field.view"]._changing(model_names):
            # Views first: a field they still show cannot be removed
            self.env["crm.custom.field.view"]._rebuild(model_names)
            self._get_copies(columns).with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink()
            columns.unlink()
        return result

    @api.model
    def _get_copies(self, columns):
        """What Odoo notes of the fields for models that inherit them (users, of partners), and forgets to remove."""
        return columns.search([("name", "in", columns.mapped("name")), ("id", "not in", columns.ids), ("related", "!=", False)])

    def copy(self, default=None):
        return super().copy({"name": _("%s (copy)", self.name), **(default or {})})

    def _prepare_field(self):
        """Values of the ``ir.model.fields``: nothing in it comes from the manager but texts."""
        self.ensure_one()
        column_type, relation = COLUMNS[self.kind]
        description = self.env["crm.no.code"]._get_model(self.model)
        return {
            "model_id": self.env["ir.model"].sudo()._get_id(description.model),
            "name": self.technical_name or technical_name(self.name, self.id),
            "field_description": self.name,
            "help": self.hint,
            "ttype": column_type,
            "relation": relation,
            "on_delete": "set null" if relation else False,
            "copied": True,
            "store": True,
            "crm_private": self.private,
            "selection_ids": [(0, 0, option._prepare_selection()) for option in self.option_ids],
        }

    def _check_unused(self):
        """:raise CrmUserError: naming the automations that build on the fields"""
        for field in self:
            users = self.env["crm.automation"].sudo()._get_users_of(field.model, field.technical_name)
            if users:
                raise CrmUserError(
                    _(
                        "“%(field)s” is used by: %(automations)s. Change these automations first.",
                        field=field.name,
                        automations=", ".join(users.mapped("name")),
                    )
                )

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------
    @api.depends("model", "place", "active")
    @api.depends_context("lang")
    def _compute_place_lost(self):
        views = self.env["crm.custom.field.view"]
        for field in self:
            field.place_lost = bool(field.active and field.model and not views._has_place(field.model, field.place))

    @api.model
    def get_places(self, model_name):
        """What the choice "Where" offers: [[code, words]] in the order of the form."""
        self.check_access_rights("read")
        return self.env["crm.custom.field.view"]._get_places(self.env["crm.no.code"]._get_model(model_name))

    def action_remove(self):
        self.ensure_one()
        self.check_access_rights("unlink")
        return {
            "type": "ir.actions.act_window",
            "name": _("Remove a Field"),
            "res_model": "crm.custom.field.removal",
            "view_mode": "form",
            "target": "new",
            "context": {"default_custom_field_id": self.id},
        }

    def action_done(self):
        """The dialog on a form: saved, and the form drawn anew."""
        return {"type": "ir.actions.client", "tag": "reload"}
