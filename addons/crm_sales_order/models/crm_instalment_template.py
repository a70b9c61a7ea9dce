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
            self._check_shares(template.name, template.line_ids.sorted(lambda line: (line.sequence, line.id)))

    @api.model
    def _check_shares(self, name, lines):
        """Raise unless the shares of the instalments ``lines`` of ``name`` are positive and make up the whole.

        The message names the line and what would do: the first without a share, or the last, which takes what is missing.
        """
        for number, line in enumerate(lines, 1):
            if line.percent <= 0:
                raise InstalmentError(
                    _("%(name)s, instalment %(number)d “%(line)s”: Share (%%) has to be above 0.", name=name, number=number, line=line.name)
                )
        whole = sum(lines.mapped("percent"))
        if float_compare(whole, 100.0, precision_digits=4):
            last = lines[-1:]
            raise InstalmentError(
                _(
                    "%(name)s: the shares of its instalments make up %(sum).7g %% instead of 100 %%. "
                    "Instalment %(number)d “%(line)s”: change Share (%%) from %(share).7g to %(wanted).7g, or change the others.",
                    name=name,
                    sum=whole,
                    number=len(lines),
                    line=last.name or "–",
                    share=last.percent,
                    wanted=round(100.0 - whole + last.percent, 4),
                )
            )


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
