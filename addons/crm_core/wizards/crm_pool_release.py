# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import OwnershipError
from ..models.crm_pool import MODELS


class CrmPoolRelease(models.TransientModel):
    _name = "crm.pool.release"
    _description = "Release into the Public Pool"

    res_model = fields.Selection(MODELS, required=True, readonly=True)
    res_ids = fields.Char(required=True, readonly=True)
    count = fields.Integer(compute="_compute_summary")
    names = fields.Char(string="Release", compute="_compute_summary")
    reason_id = fields.Many2one("crm.release.reason", string="Reason", required=True)
    note = fields.Char(string="Note", help="What the next one should know.")

    @api.model
    def _open(self, model_name, ids):
        wizard = self.new({"res_model": model_name, "res_ids": ",".join(map(str, ids))})
        return {
            "type": "ir.actions.act_window",
            "name": _("Release into the Public Pool"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_res_model": wizard.res_model, "default_res_ids": wizard.res_ids},
        }

    def _get_records(self):
        """The chosen records, as far as the user sees them.

        :raise OwnershipError: when there are none
        """
        ids = [int(part) for part in (self.res_ids or "").split(",") if part.isdigit()]
        records = self.env[self.res_model]._get_manageable(ids)
        if not records:
            raise OwnershipError(_("Select what you want to release."))
        return records

    @api.depends("res_model", "res_ids")
    def _compute_summary(self):
        for wizard in self:
            records = wizard._get_records()
            wizard.count = len(records)
            wizard.names = ", ".join(records[:5].sudo().mapped("display_name")) + (" …" if len(records) > 5 else "")

    def action_release(self):
        """Release, then leave the screens that show what the user no longer sees."""
        self.ensure_one()
        records = self._get_records()
        records._release(self.reason_id, self.note)
        action = "crm_core.action_pool_lead" if self.res_model == "crm.lead" else "crm_core.action_pool_customer"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": _("Released"),
                "message": _("%(count)d now in the public pool.", count=len(records)),
                "type": "success",
                "next": {**self.env["ir.actions.act_window"]._for_xml_id(action), "target": "main"},
            },
        }
