# Copyright 2026 The CRM Suite founders
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "CRM Service",
    "summary": "Work orders, tickets and after-sales that feed the next sale",
    "version": "14.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Suite founders",
    "website": "https://crm-suite.example",
    "license": "AGPL-3",
    "application": True,
    "depends": [
        "crm_sales_order",
        "repair",
        "helpdesk_mgmt",
        "helpdesk_mgmt_sla",
        "helpdesk_mgmt_rating",
    ],
    "data": [
        "security/groups.xml",
    ],
    "demo": [],
    "qweb": [],
}
