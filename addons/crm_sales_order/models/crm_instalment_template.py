# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import float_compare

from ..exceptions import InstalmentError

#: What makes an instalment due
TRIGGERS = [
    ("signing", "Signing"),
    ("shipping", "Shipping"),
    ("invoicing", "Invoicing"),
    ("milestone", "Milestone"),
    ("acceptance", "Acceptance"),
    ("date", "Date"),
]


def check_percents(name, percents):
    """Raise unless the percents of ``name`` are positive and make up the whole."""
    if any(percent <= 0 for percent in percents):
        raise InstalmentError(_("Each instalment of %(name)s needs a share above 0 %%.", name=name))
    if float_compare(sum(percents), 100.0, precision_digits=4):
        raise InstalmentError(
            _("The instalments of %(name)s make up %(sum).4g %%: change them to make 100 %%.", name=name, sum=sum(percents))
        )


class CrmInstalmentTemplate(models.Model):
    _name = "crm.instalment.template"
    _description = "Instalment Plan"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", "Company", help="Empty: for all companies.")
    line_ids = fields.One2many("crm.instalment.template.line", "template_id", "Instalments", copy=True)

    @api.constrains("line_ids")
    def _check_line_ids(self):
        for template in self:
            check_percents(template.name, template.line_ids.mapped("percent"))


class CrmInstalmentTemplateLine(models.Model):
    _name = "crm.instalment.template.line"
    _description = "Instalment of a Plan"
    _order = "sequence, id"

    template_id = fields.Many2one("crm.instalment.template", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    percent = fields.Float("Share (%)", digits=(7, 4), required=True)
    trigger = fields.Selection(TRIGGERS, required=True, default="signing")
    days = fields.Integer("Days to Pay", help="Date: days after the order; otherwise days to pay once it is due.")
