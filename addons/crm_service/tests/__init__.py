# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from . import (
    test_deliveries,
    test_handover,
    test_order_types_service,
    test_recycle,
    test_roles,
    test_states,
    test_tickets,
    test_timeline,
    test_workbench_service,
)
