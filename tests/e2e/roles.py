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
HELPDESK = "helpdesk_mgmt.helpdesk_ticket_main_menu"

PIPELINE = "crm.menu_crm_opportunities"
LEADS = "crm_core.menu_leads"
CUSTOMERS = "crm_core.menu_customers"
FOLLOW_UPS = "crm_core.menu_my_follow_ups"
TEAMS = "crm_core.menu_teams"
QUOTATIONS = "sale.menu_sale_quotations"
ORDERS = "sale.menu_sale_order"
INVOICES = "account.menu_action_move_out_invoice_type"

# role: (apps, home first; main screens)
ROLES = {
    "rep": ([CRM, SALES], [PIPELINE, LEADS, CUSTOMERS, FOLLOW_UPS, QUOTATIONS, ORDERS]),
    "rep2": ([CRM, SALES], [PIPELINE, CUSTOMERS]),
    "leader": ([CRM, SALES, COCKPIT], [PIPELINE, CUSTOMERS, TEAMS, ORDERS, "crm_bi.menu_team"]),
    "director": ([COCKPIT, CRM, SALES], ["crm_bi.menu_company", PIPELINE, CUSTOMERS, TEAMS, ORDERS]),
    "marketing": ([MAILING, CRM, COCKPIT], [MAILING, LEADS, CUSTOMERS, "crm_bi.menu_marketing"]),
    "finance": ([INVOICING, SALES], [INVOICES, ORDERS]),
    "buyer": ([PROCUREMENT], ["crm_procurement.menu_shortage", "crm_procurement.menu_purchase_order"]),
    "purchasing": ([PROCUREMENT, PURCHASE], ["crm_procurement.menu_shortage", "crm_procurement.menu_tender"]),
    "warehouse": ([STOCK], [STOCK]),
    "agent": ([SERVICE, HELPDESK], [SERVICE, HELPDESK]),
    "dispatcher": ([SERVICE], [SERVICE]),
    "technician": ([SERVICE], [SERVICE]),
    "boss": (
        [COCKPIT, CRM, SALES, PROCUREMENT, STOCK, INVOICING, SERVICE, MAILING],
        ["crm_bi.menu_company", PIPELINE, CUSTOMERS, ORDERS, PROCUREMENT],
    ),
}
# Administrators keep everything Odoo shows them.
ADMIN_APPS = {CRM, SALES, COCKPIT, "base.menu_administration", "base.menu_management"}

PHONE_SCREENS = {
    "rep": [PIPELINE, LEADS, CUSTOMERS, FOLLOW_UPS, QUOTATIONS, ORDERS],
    "technician": [SERVICE],
}
