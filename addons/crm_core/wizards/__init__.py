from . import (
    base_partner_merge,
    crm_assignment_wizard,
    crm_pool_assign,
    crm_pool_release,
    crm_merge_opportunity,
)
