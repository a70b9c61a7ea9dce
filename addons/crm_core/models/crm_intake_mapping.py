# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.intake import Line, PathError, compile_path
from ..exceptions import CrmValidationError

#: Types of a lead's fields that can be filled from a payload → kind of conversion
KINDS = {
    "char": "line",
    "text": "text",
    "integer": "integer",
    "float": "float",
    "monetary": "float",
    "boolean": "boolean",
    "date": "datetime",
    "datetime": "datetime",
    "selection": "line",
}
#: Conversions by name of the field where its type does not tell
SPECIAL_KINDS = {"phone": "phone", "mobile": "phone", "email_from": "email", "website": "url", "description": "note"}
#: Fields that say how a lead is worked, not who it is about: never a stranger's to set
INTERNAL_FIELDS = {
    "active",
    "automated_probability",
    "color",
    "create_date",
    "date_action_last",
    "date_closed",
    "date_conversion",
    "date_last_stage_update",
    "date_open",
    "day_close",
    "day_open",
    "email_cc",
    "email_state",
    "partner_email_update",
    "partner_phone_update",
    "phone_state",
    "probability",
    "type",
    "write_date",
}


class CrmIntakeMapping(models.Model):
    """One value of a channel's payload, and where it goes."""

    _name = "crm.intake.mapping"
    _description = "Intake Mapping"
    _order = "channel_id, sequence, id"

    channel_id = fields.Many2one("crm.intake.channel", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    path = fields.Char(
        string="Where in the Submission",
        required=True,
        help="phone · data.phone · items[0].name · formDetail[name=姓名].value · phone|mobile (the first that has a value)",
    )
    target = fields.Selection(selection="_selection_target", string="Goes to", required=True)
    label = fields.Char(
        string="Heading in the Notes", translate=True, help="For what goes to the notes: written before the value."
    )

    @api.model
    def _selection_target(self):
        """The facts of a touchpoint, names that are looked up, and every field of a lead that a stranger may fill."""
        lead = self.env["crm.lead"]
        names = sorted(name for name in lead._fields if self._get_kind(name) and "." not in name)
        labels = {name: lead._fields[name]._description_string(self.env) for name in names}
        return self._get_facts() + sorted(labels.items(), key=lambda item: (item[1] or "", item[0]))

    @api.model
    def _get_facts(self):
        """[(target, label)] of what is kept on the touchpoint, or looked up by its name."""
        return [
            ("touch.landing_page", _("Landing page")),
            ("touch.referrer", _("Referring page")),
            ("touch.keyword", _("Search keyword")),
            ("touch.visitor_ip", _("Visitor's IP address")),
            ("touch.occurred_at", _("Time of the submission")),
            ("name.source", _("Source (by name)")),
            ("name.medium", _("Medium (by name)")),
            ("name.campaign", _("Campaign (by name)")),
            ("name.state", _("Province (by name)")),
            ("name.country", _("Country (by name or code)")),
            ("name.tags", _("Tags (by name)")),
        ]

    @api.model
    def _get_kind(self, target):
        """Kind of conversion for a target, None if nothing may be put there."""
        if "." in target:
            return {"touch.landing_page": "url", "touch.referrer": "url", "touch.occurred_at": "datetime"}.get(target, "line")
        field = self.env["crm.lead"]._fields.get(target)
        if field is None or not field.store or field.readonly or field.groups or target in INTERNAL_FIELDS:
            return None
        if target.startswith(("message_", "activity_")):
            return None
        return SPECIAL_KINDS.get(target) or KINDS.get(field.type)

    @api.constrains("path")
    def _check_path(self):
        for mapping in self:
            try:
                compile_path(mapping.path)
            except PathError as error:
                raise CrmValidationError(
                    _(
                        "“%(path)s” is not a place in a submission (%(error)s). Write names with points between them, "
                        "as data.phone, or formDetail[name=姓名].value.",
                        path=mapping.path,
                        error=error,
                    )
                ) from error

    def _get_lines(self):
        """The engine's lines, in order. Targets that are gone (a field was removed) are left out."""
        labels = dict(self._selection_target())
        lines = []
        for mapping in self.sorted(lambda mapping: (mapping.sequence, mapping.id)):
            if mapping.target in labels:
                kind = self._get_kind(mapping.target)
                heading = "" if kind == "note" else labels[mapping.target]
                lines.append(Line(mapping.path, mapping.target, kind, mapping.label or heading))
        return lines
