from . import (
    test_bi_measure,
    test_contact_details,
    test_holding,
    test_hooks,
    test_iap,
    test_import,
    test_import_maven,
    test_import_run,
    test_import_writer,
    test_role_app,
    test_roles,
)
