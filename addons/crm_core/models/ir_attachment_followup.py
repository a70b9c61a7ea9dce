# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.exceptions import AccessError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def check(self, mode, values=None):
        """A photo or recording that waits for its follow-up to be saved is its uploader's only; Odoo shows it to all."""
        result = super().check(mode, values=values)
        if not self.env.su:
            waiting = self.sudo().filtered(lambda file: file.res_model == "crm.followup" and not file.res_id)
            if any(file.create_uid != self.env.user for file in waiting):
                raise AccessError(_("This file waits for its follow-up to be saved. Ask who uploaded it."))
        return result
