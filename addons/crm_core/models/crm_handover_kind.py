# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmUserError


class CrmHandoverPart(models.AbstractModel):
    """A line of a handover; none changes after it is done."""

    _name = "crm.handover.part"
    _description = "Part of a Handover"
    _order = "sequence, id"

    handover_id = fields.Many2one("crm.handover", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.handover_id._check_not_done()
        return parts

    def write(self, vals):
        self.handover_id._check_not_done()
        if "handover_id" in vals and not self.env.su:
            raise CrmUserError(_("A rule stays with its handover. Make a new one in the other."))
        return super().write(vals)

    def unlink(self):
        self.handover_id._check_not_done()
        return super().unlink()


class CrmHandoverKind(models.Model):
    """Whether a kind of records goes along."""

    _name = "crm.handover.kind"
    _inherit = "crm.handover.part"
    _description = "Kind of Records Handed Over"
    _rec_name = "kind"

    kind = fields.Selection(selection=lambda self: self.env["crm.handover"]._get_kind_selection(), required=True, readonly=True)
    included = fields.Boolean(string="Goes Along", default=True)
    number = fields.Integer(string="Open", compute="_compute_number")

    _sql_constraints = [("kind_unique", "UNIQUE (handover_id, kind)", "Each kind is there once.")]

    @api.depends("handover_id.from_user_id", "kind")
    def _compute_number(self):
        """How many are open now; one query per kind."""
        numbers = {handover: handover._count_open() for handover in self.handover_id if handover.from_user_id}
        for line in self:
            line.number = numbers.get(line.handover_id, {}).get(line.kind, 0)
