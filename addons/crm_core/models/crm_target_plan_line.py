# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

MONTH_FIELDS = ["month_%d" % month for month in range(1, 13)]


class CrmTargetPlanLine(models.TransientModel):
    """A rep's twelve months in a plan."""

    _name = "crm.target.plan.line"
    _description = "Rep in a Plan of Targets"

    plan_id = fields.Many2one("crm.target.plan", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Rep", required=True, domain=[("share", "=", False)])
    month_1 = fields.Float(string="Jan", digits=(16, 0))
    month_2 = fields.Float(string="Feb", digits=(16, 0))
    month_3 = fields.Float(string="Mar", digits=(16, 0))
    month_4 = fields.Float(string="Apr", digits=(16, 0))
    month_5 = fields.Float(string="May", digits=(16, 0))
    month_6 = fields.Float(string="Jun", digits=(16, 0))
    month_7 = fields.Float(string="Jul", digits=(16, 0))
    month_8 = fields.Float(string="Aug", digits=(16, 0))
    month_9 = fields.Float(string="Sep", digits=(16, 0))
    month_10 = fields.Float(string="Oct", digits=(16, 0))
    month_11 = fields.Float(string="Nov", digits=(16, 0))
    month_12 = fields.Float(string="Dec", digits=(16, 0))
    total = fields.Float(compute="_compute_total", digits=(16, 0))

    @api.depends(*MONTH_FIELDS)
    def _compute_total(self):
        for line in self:
            line.total = sum(line[name] for name in MONTH_FIELDS)
