# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).


def uninstall_hook(cr, registry):
    """Odoo keeps indexes on other addons' columns."""
    cr.execute("DROP INDEX IF EXISTS helpdesk_ticket_partner_idx")
