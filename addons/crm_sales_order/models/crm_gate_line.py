# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.addons.crm_core.exceptions import CrmValidationError


class CrmGateLine(models.Model):
    _inherit = "crm.gate.line"

    kind = fields.Selection(
        selection_add=[("quotation", "Quotation made"), ("margin", "Minimum margin")],
        ondelete={"quotation": "cascade", "margin": "cascade"},
    )
    minimum_margin = fields.Float(string="Margin (%)", digits=(5, 1), help="The latest quotation's margin must be at least this.")

    @api.depends("minimum_margin")
    def _compute_label(self):
        super()._compute_label()

    def _get_label(self):
        if self.kind == "quotation":
            return _("Quotation")
        if self.kind == "margin":
            return _("Margin of at least %s %%", ("%.1f" % self.minimum_margin).rstrip("0").rstrip("."))
        return super()._get_label()

    @api.constrains("kind", "minimum_margin")
    def _check_minimum_margin(self):
        for line in self:
            if line.kind == "margin" and not -100 <= line.minimum_margin < 100:
                raise CrmValidationError(_("A margin is a share of the price: give a percentage below 100."))
