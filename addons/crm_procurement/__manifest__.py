# Copyright 2026 The CRM Suite founders
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
{
    "name": "CRM Procurement",
    "summary": "Sell-to-buy: what was sold and is not in stock gets bought or shipped by the supplier",
    "version": "14.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Suite founders",
    "website": "https://crm-suite.example",
    "license": "AGPL-3",
    "application": True,
    "depends": [
        "crm_sales_order",
        "purchase_stock",
        "purchase_requisition",
        "sale_purchase_stock",
        "stock_dropshipping",
    ],
    "data": [
        "security/groups.xml",
        "security/ir.model.access.csv",
        "security/rules.xml",
        "views/crm_purchase_shortage_views.xml",
        "views/crm_purchase_peg_views.xml",
        "views/purchase_order_views.xml",
        "views/sale_order_views.xml",
        "views/product_supplierinfo_views.xml",
        "views/menus.xml",
        "bi/measures.xml",
        "data/crm.role.app.csv",
    ],
    "demo": [
        "demo/users.xml",
        "demo/res.partner.csv",
        "demo/product.product.csv",
        "demo/story.xml",
    ],
    "qweb": [],
}
