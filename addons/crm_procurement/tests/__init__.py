# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    test_buy_shortages,
    test_drop_ship,
    test_guard,
    test_order_types_bought,
    test_order_types_made,
    test_progress,
    test_roles,
    test_shortage_engine,
    test_stock_promise,
)
