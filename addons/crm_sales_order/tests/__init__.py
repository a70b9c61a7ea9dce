from . import test_bank_matching
from . import test_bulk
from . import test_confirm
from . import test_lead_to_payment
from . import test_roles
from . import test_stock_check
