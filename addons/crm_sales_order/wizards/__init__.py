from . import (
    crm_approval_reason,
    crm_contract_terminate,
    crm_credit_decision,
    crm_fapiao_import,
    crm_fapiao_request,
    crm_fapiao_reverse,
    crm_goods_check,
    crm_goods_step,
    crm_price_trial,
    crm_price_update,
    crm_rental_settlement,
    crm_stock_check,
)
