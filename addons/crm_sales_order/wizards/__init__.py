from . import (
    crm_approval_reason,
    crm_contract_terminate,
    crm_price_trial,
    crm_price_update,
)
