# Copyright 2026 The CRM Suite founders
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "CRM Sales Order",
    "summary": "Quotation, order, delivery, receivable and matched money",
    "version": "14.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Suite founders",
    "website": "https://crm-suite.example",
    "license": "AGPL-3",
    "application": True,
    "post_init_hook": "post_init_hook",
    "depends": [
        "crm_core",
        "sale_management",
        "sale_crm",
        "sale_stock",
        "sale_margin",
        "sale_coupon",
        "delivery",
        "account",
        "payment",
        "l10n_cn",
        "account_reconciliation_widget",
    ],
    "data": [
        "security/groups.xml",
        "security/ir.model.access.csv",
        "security/rules.xml",
    ],
    "demo": [
        "demo/users.xml",
        "demo/warehouses.xml",
        "demo/product.product.csv",
        "demo/story.xml",
    ],
    "qweb": [],
}
