# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The demo company's chapter on orders, stock and money."""

from . import (
    crm_demo_accounts,
    crm_demo_books,
    crm_demo_contract,
    crm_demo_credit,
    crm_demo_dealer,
    crm_demo_fapiao,
    crm_demo_goods,
    crm_demo_instalment,
    crm_demo_order,
    crm_demo_payment,
    crm_demo_price,
    crm_demo_quotation,
    crm_demo_statement,
    crm_demo_waiting,
)
