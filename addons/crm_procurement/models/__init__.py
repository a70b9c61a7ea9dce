# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import crm_purchase_guard
from . import crm_purchase_peg
from . import crm_purchase_plan
from . import crm_purchase_shortage
from . import product_supplierinfo
from . import purchase_order
from . import purchase_order_line
from . import res_users
from . import sale_order
from . import sale_order_line
from . import stock_move
