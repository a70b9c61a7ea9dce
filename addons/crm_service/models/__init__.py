# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import crm_service_asset
from . import crm_service_checklist_line
from . import crm_service_order
from . import crm_service_order_state
from . import helpdesk_ticket
from . import product_template
from . import res_partner
from . import res_users
from . import sale_order
from . import stock_move
from . import stock_picking
