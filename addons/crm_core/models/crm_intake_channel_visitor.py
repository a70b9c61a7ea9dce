# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import secrets

from odoo import api, fields, models


class CrmIntakeChannel(models.Model):
    """The script for own landing pages. Its key is seen by every visitor, so it is not the one leads come in by."""

    _inherit = "crm.intake.channel"

    visitor_key = fields.Char(string="Visitor Script Key", readonly=True, copy=False)
    visitor_script = fields.Text(string="Script for Own Pages", compute="_compute_visitor_script")

    _sql_constraints = [
        ("visitor_key_uniq", "unique(visitor_key)", "This key is taken. Make a new one."),
    ]

    @api.depends("visitor_key")
    def _compute_visitor_script(self):
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        for channel in self:
            key = channel.visitor_key
            channel.visitor_script = key and '<script src="%s/crm/visitor/%s.js" async></script>' % (base, key)

    def action_start_visitors(self):
        """Button: count the visitors of own pages who agree to it."""
        for channel in self:
            channel.visitor_key = channel.visitor_key or secrets.token_urlsafe(16)
        return True

    def action_stop_visitors(self):
        """Button: the script falls silent; a new start makes a new one."""
        return self.write({"visitor_key": False})
