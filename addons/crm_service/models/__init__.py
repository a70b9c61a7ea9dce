# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    crm_customer_facts,
    crm_handover,
    crm_lead_recycle,
    crm_service_asset,
    crm_service_checklist_line,
    crm_service_order,
    crm_service_order_state,
    helpdesk_ticket,
    product_template,
    res_partner,
    res_partner_recycle,
    res_users,
    sale_order,
    stock_move,
    stock_picking,
)
