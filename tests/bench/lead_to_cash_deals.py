# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The won deals the benchmark and the integration test run through, and the masters they need."""

import csv
import os
import random
from collections import namedtuple
from pathlib import Path

#: A won opportunity: its id in the CRM it came from, customer, product and value.
Deal = namedtuple("Deal", "ref customer product value")

#: The pipeline's spelling → the product list's.
RENAMED = {"GTXPro": "GTX Pro"}
PRODUCTS = {
    "GTX Basic": 550,
    "GTX Pro": 4821,
    "MG Special": 55,
    "MG Advanced": 3393,
    "GTX Plus Pro": 5482,
    "GTX Plus Basic": 1096,
    "GTK 500": 26768,
}
#: Never in stock: bought from a vendor, received, then delivered.
BOUGHT = "GTX Plus Pro"
#: Never in stock: the vendor ships to the customer.
DROP_SHIPPED = "GTX Plus Basic"
#: Need a work order once delivered.
SERVICED = ("GTK 500", "GTX Plus Pro")
COST_SHARE = 0.6


def get_data_directory(directory=None):
    """The folder of the real deals, or None where this machine has none."""
    shared = directory or os.environ.get("CRM_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data"
    for folder in (Path(shared), Path(shared) / "maven-crm"):
        if (folder / "sales_pipeline.csv").is_file():
            return folder
    return None


def read_won_deals(folder):
    """The won deals of the Maven pipeline, in the order of their dates.

    :raise ValueError: when the file is not the one 70-data describes
    """
    with open(folder / "sales_pipeline.csv", newline="", encoding="utf-8") as source:
        rows = [row for row in csv.DictReader(source) if row["deal_stage"] == "Won"]
    return [
        Deal(
            row["opportunity_id"],
            row["account"],
            RENAMED.get(row["product"], row["product"]),
            float(row["close_value"]),
        )
        for row in rows
    ]


def generate_won_deals(count, seed=14):
    """Deals like the real ones, for machines without them: skewed customers, values around the list price."""
    chance = random.Random(seed)
    customers = ["Customer %02d" % number for number in range(85)]
    return [
        Deal(
            "GEN%05d" % number,
            customers[int(len(customers) * chance.random() ** 2)],
            product,
            float(round(price * chance.uniform(0.7, 1.2))),
        )
        for number in range(count)
        for product, price in [chance.choice(sorted(PRODUCTS.items()))]
    ]


def get_won_deals(directory=None, count=4238):
    folder = get_data_directory(directory)
    return read_won_deals(folder)[:count] if folder else generate_won_deals(count)


class Masters:
    """Products, stock and vendor of one database. Prices carry no tax, so that a deal's value is the invoice's."""

    def __init__(self, env, stock):
        self.env = env
        self.company = env.company
        self.warehouse = env.user._get_default_warehouse_id()
        self.bank = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        env.user.sudo().groups_id = [(4, env.ref("account.group_account_user").id)]
        self.vendor = self._get_or_create("res.partner", {"name": "Bench Vendor", "is_company": True})
        self.products = {name: self._prepare_product(name, price) for name, price in PRODUCTS.items()}
        for name, product in self.products.items():
            if name not in (BOUGHT, DROP_SHIPPED):
                env["stock.quant"]._update_available_quantity(product, self.warehouse.lot_stock_id, stock)

    def _get_or_create(self, model, values):
        return self.env[model].search([("name", "=", values["name"])], limit=1) or self.env[model].create(values)

    def _prepare_product(self, name, price):
        product = self._get_or_create("product.product", {"name": name, "type": "product", "list_price": price})
        product.write(
            {
                "type": "product",
                "taxes_id": [(5, 0, 0)],
                "supplier_taxes_id": [(5, 0, 0)],
                "invoice_policy": "delivery",
                "standard_price": price * COST_SHARE,
            }
        )
        if "service_required" in product._fields:
            product.service_required = name in SERVICED
        if name in (BOUGHT, DROP_SHIPPED) and not product.seller_ids:
            product.seller_ids = [(0, 0, {"name": self.vendor.id, "price": price * COST_SHARE, "delay": 0})]
        if name == DROP_SHIPPED:
            self._drop_ship(product)
        return product

    def _drop_ship(self, product):
        """The suite buys what is short, and its vendor ships it; plain Odoo needs the route on the product."""
        if "drop_ship" in product.seller_ids._fields:
            product.seller_ids.drop_ship = True
        else:
            product.route_ids = [(4, self.env.ref("stock_dropshipping.route_drop_shipping").id)]

    def create_customers(self, names):
        """{name: res.partner}, made where missing."""
        Partner = self.env["res.partner"]
        known = {
            partner.name: partner for partner in Partner.search([("name", "in", names), ("is_company", "=", True)])
        }
        missing = [name for name in names if name not in known]
        created = Partner.create([{"name": name, "is_company": True} for name in missing])
        return {**known, **dict(zip(missing, created))}

    def create_opportunities(self, deals):
        """Won opportunities as the import leaves them: {deal: crm.lead}. Not part of what is measured."""
        customers = self.create_customers(sorted({deal.customer for deal in deals}))
        won = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        extra = "external_ref" in self.env["crm.lead"]._fields
        leads = (
            self.env["crm.lead"]
            .with_context(tracking_disable=True)
            .create(
                [
                    {
                        "name": "%s %s" % (deal.ref, deal.product),
                        "type": "opportunity",
                        "partner_id": customers[deal.customer].id,
                        "stage_id": won.id,
                        "probability": 100,
                        "expected_revenue": deal.value,
                        "user_id": self.env.uid,
                        **({"external_ref": deal.ref, "product_id": self.products[deal.product].id} if extra else {}),
                    }
                    for deal in deals
                ]
            )
        )
        return dict(zip(deals, leads))
