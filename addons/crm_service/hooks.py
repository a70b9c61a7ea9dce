# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import SUPERUSER_ID, api


def uninstall_hook(cr, registry):
    """Odoo keeps indexes on other addons' columns."""
    cr.execute("DROP INDEX IF EXISTS helpdesk_ticket_partner_idx")
    # and what managers built on tickets
    api.Environment(cr, SUPERUSER_ID, {})["crm.no.code"]._forget(["helpdesk.ticket"])
