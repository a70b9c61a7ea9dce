from . import (
    crm_assignment_wizard,
    crm_pool_assign,
    crm_pool_release,
)
