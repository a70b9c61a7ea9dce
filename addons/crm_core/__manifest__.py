# Copyright 2026 The CRM Suite founders
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "CRM Core",
    "summary": "Leads, customers, follow-up and marketing: one record of every customer",
    "version": "14.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Suite founders",
    "website": "https://crm-suite.example",
    "license": "AGPL-3",
    "application": True,
    "depends": [
        "crm",
        "calendar",
        "contacts",
        "product",
        "mass_mailing",
        "sms",
        "phone_validation",
        "base_automation",
        "queue_job",
        "web_responsive",
        "web_pwa_oca",
        "disable_odoo_online",
    ],
    "data": [
        "security/groups.xml",
    ],
    "demo": [],
    "qweb": [],
}
