# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.no_code import NoCodeModel


class CrmNoCode(models.AbstractModel):
    _inherit = "crm.no.code"

    @api.model
    def _get_models(self):
        return [
            *super()._get_models(),
            NoCodeModel(
                model="helpdesk.ticket",
                label=_("Ticket"),
                form="helpdesk_mgmt.ticket_view_form",
                lists=("helpdesk_mgmt.ticket_view_tree",),
                searches=("helpdesk_mgmt.helpdesk_ticket_view_search",),
                stage="stage_id",
                tags="tag_ids",
            ),
        ]
