# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.exceptions import AccessError

#: What a technician may write on the steps of own work orders.
REPORT_FIELDS = {"done", "note"}


class CrmServiceChecklistLine(models.Model):
    """One step of a work order to tick off."""

    _name = "crm.service.checklist.line"
    _description = "Work Order Step"
    _order = "order_id, sequence, id"

    order_id = fields.Many2one("crm.service.order", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Step", required=True)
    done = fields.Boolean()
    note = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._check_reportable()
        return lines

    def write(self, vals):
        self._check_role_fields(vals)
        self.order_id._check_reportable()
        return super().write(vals)

    def unlink(self):
        self.order_id._check_reportable()
        return super().unlink()

    def _check_role_fields(self, names):
        if self.env.su or self.env.user.has_group("crm_service.group_service_agent"):
            return
        if set(names) - REPORT_FIELDS:
            raise AccessError(_("Technicians tick steps and add notes; ask the office to change the steps themselves."))
