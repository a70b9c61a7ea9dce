# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    crm_handover,
    crm_order_type,
    crm_purchase_guard,
    crm_purchase_peg,
    crm_purchase_plan,
    crm_purchase_shortage,
    product_supplierinfo,
    purchase_order,
    purchase_order_line,
    res_users,
    sale_order,
    sale_order_line,
    sale_order_promise,
    sale_order_type_bought,
    sale_order_type_make,
    stock_move,
)
