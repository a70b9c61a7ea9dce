# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import test_buy_shortages
from . import test_drop_ship
from . import test_guard
from . import test_progress
from . import test_roles
from . import test_shortage_engine
