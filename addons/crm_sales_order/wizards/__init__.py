from . import (
    crm_approval_reason,
    crm_contract_terminate,
)
