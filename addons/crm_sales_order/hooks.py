# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import SUPERUSER_ID, api


def post_init_hook(cr, registry):
    """Customers known to Odoo before the suite came are customers of the suite: one UPDATE for all.

    Contacts follow their company; users and the own companies stay out.
    """
    cr.execute(
        """
        UPDATE res_partner
           SET is_customer = TRUE
         WHERE is_customer IS NOT TRUE
           AND partner_share
           AND commercial_partner_id IN (
                   SELECT commercial_partner_id FROM res_partner WHERE customer_rank > 0
                   UNION
                   SELECT partner.commercial_partner_id
                     FROM sale_order
                     JOIN res_partner partner ON partner.id = sale_order.partner_id
               )
           AND commercial_partner_id NOT IN (SELECT partner_id FROM res_company)
        """
    )
    # deliveries open before the suite came are promised what there is, the oldest order first
    promises = api.Environment(cr, SUPERUSER_ID, {})["crm.stock.promise"]
    promises._replan(promises._get_waited_for())


def uninstall_hook(cr, registry):
    """What Odoo keeps: indexes on other addons' columns, and what managers built on quotations and orders."""
    cr.execute(
        "DROP INDEX IF EXISTS sale_order_line_draft_product_idx, sale_order_opportunity_idx,"
        " stock_picking_partner_idx, stock_picking_sale_idx, account_move_partner_idx,"
        " stock_picking_tracked_idx, account_move_line_open_idx,"
        " sale_order_debtor_idx, account_move_draft_debtor_idx"
    )
    api.Environment(cr, SUPERUSER_ID, {})["crm.no.code"]._forget(["sale.order"])
