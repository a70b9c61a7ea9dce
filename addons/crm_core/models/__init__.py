from . import crm_bi_measure
from . import crm_lead
from . import crm_team
from . import res_partner
from . import res_users
from . import crm_role_app
from . import ir_ui_menu
