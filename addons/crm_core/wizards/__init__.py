from . import (
    base_partner_merge,
    crm_assignment_wizard,
    crm_custom_field_removal,
    crm_gate_reason,
    crm_merge_opportunity,
    crm_pool_assign,
    crm_pool_release,
    crm_role_menu_arrange,
)
