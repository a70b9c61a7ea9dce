# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What each role of the demo company sees: its apps, the first one first, and its main screens."""

EVERYBODY = {"mail.menu_root_discuss", "calendar.mail_menu_calendar"}

CRM = "crm.crm_menu_root"
SALES = "sale.sale_menu_root"
COCKPIT = "crm_bi.menu_root"
MAILING = "mass_mailing.mass_mailing_menu_root"
INVOICING = "account.menu_finance"
STOCK = "stock.menu_stock_root"
PROCUREMENT = "crm_procurement.menu_root"
PURCHASE = "purchase.menu_purchase_root"
SERVICE = "crm_service.menu_root"

WORKBENCH = "crm_core.menu_workbench"
TARGETS = "crm_core.menu_targets"
PIPELINE = "crm.menu_crm_opportunities"
LEADS = "crm_core.menu_leads"
CUSTOMERS = "crm_core.menu_customers"
FOLLOW_UPS = "crm_core.menu_my_follow_ups"
TEAMS = "crm_core.menu_teams"
QUOTATIONS = "crm_sales_order.menu_quotations"
ORDERS = "crm_sales_order.menu_orders"
INVOICES = "account.menu_action_move_out_invoice_type"
RECEIVABLES = "crm_sales_order.menu_receivables"
BANK = ["crm_sales_order.menu_bank_statements", "crm_sales_order.menu_bank_open_lines"]
BUYING = [
    "crm_procurement.menu_shortage",
    "crm_procurement.menu_peg",
    "crm_procurement.menu_purchase_order",
    "crm_procurement.menu_tender",
    "crm_procurement.menu_vendor",
]
WORK_ORDERS = "crm_service.menu_service_order"
SERVING = [WORK_ORDERS, "crm_service.menu_ticket", "crm_service.menu_asset"]
DISPATCH = "crm_service.menu_dispatch"
MY_DAY = "crm_service.menu_my_day"

# role: (apps, home first; main screens)
ROLES = {
    "rep": ([CRM], [WORKBENCH, PIPELINE, LEADS, CUSTOMERS, FOLLOW_UPS, QUOTATIONS, ORDERS]),
    "rep2": ([CRM], [PIPELINE]),
    "leader": ([CRM, COCKPIT], [WORKBENCH, PIPELINE, CUSTOMERS, TEAMS, ORDERS, "crm_bi.menu_team"]),
    "director": ([CRM, COCKPIT, SALES], [WORKBENCH, "crm_bi.menu_company", PIPELINE, CUSTOMERS, TEAMS, ORDERS, SALES]),
    "marketing": ([CRM, MAILING, COCKPIT], [WORKBENCH, MAILING, LEADS, CUSTOMERS, "crm_bi.menu_marketing"]),
    "finance": (
        [INVOICING],
        ["crm_sales_order.menu_finance_workbench", INVOICING, INVOICES, RECEIVABLES, *BANK, "crm_sales_order.menu_finance_orders"],
    ),
    "buyer": ([PROCUREMENT], BUYING),
    "purchasing": ([PROCUREMENT, PURCHASE], [*BUYING, PURCHASE]),
    "warehouse": ([STOCK], [STOCK, "stock.all_picking"]),
    "agent": ([SERVICE], ["crm_service.menu_workbench", *SERVING]),
    "dispatcher": ([SERVICE], [DISPATCH, *SERVING]),
    "technician": ([SERVICE], [MY_DAY]),
    "boss": (
        [COCKPIT, CRM, PROCUREMENT, STOCK, INVOICING, SERVICE],
        ["crm_bi.menu_company", PIPELINE, CUSTOMERS, ORDERS, PROCUREMENT, STOCK, RECEIVABLES, WORK_ORDERS],
    ),
}
# Administrators keep everything Odoo shows them.
ADMIN_APPS = {CRM, SALES, COCKPIT, "base.menu_administration", "base.menu_management"}

PHONE_SCREENS = {
    "rep": [WORKBENCH, TARGETS, PIPELINE, LEADS, CUSTOMERS, FOLLOW_UPS, QUOTATIONS, ORDERS],
    "technician": [MY_DAY],
}
