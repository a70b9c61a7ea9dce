from . import (
    base_partner_merge,
    crm_assignment_wizard,
    crm_gate_reason,
    crm_merge_opportunity,
    crm_pool_assign,
    crm_pool_release,
)
