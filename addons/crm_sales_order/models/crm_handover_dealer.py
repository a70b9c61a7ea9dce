# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.addons.crm_core.engine.handover import HandoverKind

from .crm_handover import SALESMAN


class CrmHandover(models.Model):
    """Tasks for dealers that are not closed go along; what dealers handed in follows the dealer."""

    _inherit = "crm.handover"

    @api.model
    def _get_kinds(self):
        *kinds, last = super()._get_kinds()
        task = HandoverKind("dealer_task", _("Dealer Tasks"), "crm.dealer.task", [("state", "!=", "closed")], group=SALESMAN)
        return [*kinds, task, last]
