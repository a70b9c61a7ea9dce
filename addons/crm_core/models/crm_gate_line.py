# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmValidationError

#: Fields that always hold something, or that nobody fills in
USELESS_FIELDS = frozenset(
    {"id", "name", "stage_id", "type", "active", "company_id", "create_date", "write_date", "create_uid", "write_uid"}
)


class CrmGateLine(models.Model):
    """One requirement of a stage gate. Upper addons add kinds: ``selection_add`` here, the check in
    :meth:`crm.lead._get_gate_checks`."""

    _name = "crm.gate.line"
    _description = "Requirement of a Stage Gate"
    _order = "gate_id, sequence, id"
    _rec_name = "label"

    gate_id = fields.Many2one("crm.gate", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("field", "Field filled in"),
            ("document", "Document"),
            ("check", "Point of the checklist"),
            ("approval", "Approval"),
        ],
        required=True,
        default="field",
    )
    field_id = fields.Many2one(
        "ir.model.fields",
        string="Field",
        ondelete="set null",
        domain=lambda self: [
            ("model", "=", "crm.lead"),
            ("store", "=", True),
            ("readonly", "=", False),
            ("name", "not in", sorted(USELESS_FIELDS)),
        ],
    )
    field_label = fields.Char(readonly=True, copy=True, help="What the field was called, should it be deleted.")
    document_id = fields.Many2one("crm.gate.document", string="Kind of Document", ondelete="restrict")
    name = fields.Char(string="Text", translate=True, help="The point to tick, or a hint beside what is asked for.")
    approver = fields.Selection(
        [("leader", "Team leader"), ("director", "Sales director")],
        default="leader",
        help="Team leader: of the opportunity's team or of one above; a director may, too.\nNobody but a director approves an own request.",
    )
    label = fields.Char(compute="_compute_label")
    problem = fields.Char(compute="_compute_problem", help="Why this requirement cannot be used.")

    @api.depends("kind", "field_id", "field_label", "document_id.name", "name", "approver")
    def _compute_label(self):
        for line in self:
            line.label = line._get_label()

    def _get_label(self):
        """The requirement in a few words, in the reader's language."""
        if self.kind == "field":
            return self._get_lead_field() and self.field_id.sudo().field_description or self.field_label
        if self.kind == "document":
            return self.document_id.name
        if self.kind == "approval":
            who = dict(self._fields["approver"]._description_selection(self.env)).get(self.approver)
            return _("Approval: %s", self.name or who)
        return self.name

    @api.depends("kind", "field_id", "field_label")
    @api.depends_context("lang")
    def _compute_problem(self):
        for line in self:
            line.problem = line._get_problem()

    def _get_problem(self):
        """What is wrong with the requirement, in words; False if it can be used. Called for saved and new lines."""
        if self.kind == "field" and not self._get_lead_field() and (self.field_label or self._origin.id):
            return _(
                "The field “%s” no longer exists. Choose another field, or delete this requirement.",
                self.field_label or self.field_id.sudo().name or "",
            )
        return False

    def _get_lead_field(self):
        """The ORM's field of leads this line asks for; None if there is none (any more)."""
        return self.env["crm.lead"]._fields.get(self.field_id.sudo().name) if self.field_id else None

    @api.constrains("kind", "field_id", "document_id", "name")
    def _check_complete(self):
        lacking = {
            "field": lambda self: not self.field_id and _("Choose the field that must be filled in."),
            "document": lambda self: not self.document_id and _("Choose the kind of document."),
            "check": lambda self: not (self.name or "").strip() and _("Write what is to be ticked."),
        }
        for line in self:
            problem = line.kind in lacking and lacking[line.kind](line)
            if problem:
                raise CrmValidationError(_("Gate of “%(stage)s”: %(problem)s", stage=line.gate_id.stage_id.name, problem=problem))

    @api.constrains("field_id")
    def _check_field(self):
        for line in self.filtered("field_id"):
            field = line.field_id.sudo()
            if field.model != "crm.lead" or field.name in USELESS_FIELDS:
                raise CrmValidationError(
                    _("“%s” cannot be asked for: choose a field of opportunities that people fill in.", field.field_description)
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._keep_field_labels()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "field_id" in vals:
            self._keep_field_labels()
        return result

    def _keep_field_labels(self):
        for line in self:
            line.field_label = line.field_id.sudo().field_description

    def _may_be_approved_by(self, user, lead):
        """Whether ``user`` decides about this approval for ``lead`` (own requests apart)."""
        if user._is_gate_director():
            return True
        return self.approver == "leader" and user._crm_leads_teams() and user._leads_owner(lead.sudo())
