# Copyright 2026 The CRM Suite founders
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "CRM Cockpit",
    "summary": "One cockpit over everything the installed addons know",
    "version": "14.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Suite founders",
    "website": "https://crm-suite.example",
    "license": "AGPL-3",
    "application": True,
    "depends": [
        "crm_core",
    ],
    "data": [
        "views/assets.xml",
        "views/crm_bi_cockpit_views.xml",
        "views/crm_bi_measure_views.xml",
        "views/menus.xml",
        "data/crm.role.app.csv",
    ],
    "demo": [],
    "qweb": [
        "static/src/xml/cockpit.xml",
    ],
}
