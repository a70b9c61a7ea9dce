from . import (
    test_bank_matching,
    test_bulk,
    test_confirm,
    test_customer_facts,
    test_handover,
    test_import_products,
    test_lead_to_payment,
    test_merge,
    test_recycle,
    test_roles,
    test_stock_check,
    test_workbench_orders,
)
