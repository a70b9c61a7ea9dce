# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A small export of another CRM, made with a seed, and what must come of it, counted while making it."""
import csv
import io
import os
import random
from datetime import date, timedelta
from pathlib import Path

from odoo.tests.common import SavepointCase

ACCOUNTS = ["Isdom", "Cancity", "Codehow", "华强电子", "Acme Corporation"]
PRODUCTS = {"GTX Pro": 4821, "GTX Basic": 550, "MG Special": 55}
REPS = {"Anna Snelling": ("Dustin Brinkmann", "Central"), "Boris Faz": ("Rocco Neubert", "East"),
        "Reed Clapper": ("Rocco Neubert", "East")}  # fmt: skip
STAGES = ["Won", "Lost", "Engaging", "Prospecting"]


def shared_data(folder):
    """Folder of the workshop's real data, or None outside of it."""
    root = os.environ.get("CRM_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data"
    path = Path(root) / folder
    return path if path.is_dir() else None


def to_csv(header, rows):
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return stream.getvalue().encode()


def make_deals(number, seed=7):
    """Rows of an export: one in seven without account, one in five with the product spelled otherwise."""
    dice = random.Random(seed)
    rows = []
    for position in range(number):
        stage = STAGES[position % 4]
        product = dice.choice(list(PRODUCTS))
        opened = date(2024, 1, 1) + timedelta(days=dice.randrange(300))
        closed = opened + timedelta(days=dice.randrange(1, 120))
        rows.append([
            "T%05d" % position,
            dice.choice(list(REPS)),
            product.replace(" ", "") if position % 5 == 0 else product,
            "" if position % 7 == 0 else dice.choice(ACCOUNTS),
            stage,
            opened.isoformat() if stage != "Prospecting" else "",
            closed.isoformat() if stage in ("Won", "Lost") else "",
            {"Won": round(PRODUCTS[product] * dice.uniform(0.8, 1.2), 2), "Lost": 0}.get(stage, ""),
        ])  # fmt: skip
    return rows


DEAL_HEADER = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"


def make_files(deals):
    """The four files of an export with these deal rows."""
    accounts = [[name, "technolgy", 1996, 1100.04, 2822, "China", "Isdom" if name == "Codehow" else ""] for name in ACCOUNTS]
    return [
        ("accounts.csv", to_csv("account,sector,year_established,revenue,employees,office_location,subsidiary_of", accounts)),
        ("products.csv", to_csv("product,series,sales_price", [[n, n[:3].strip(), p] for n, p in PRODUCTS.items()])),
        ("sales_teams.csv", to_csv("sales_agent,manager,regional_office", [[n, *at] for n, at in REPS.items()])),
        ("sales_pipeline.csv", to_csv(DEAL_HEADER, deals)),
    ]  # fmt: skip


class ImportCase(SavepointCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.director = cls.new_user("import-director", "crm_core.group_sales_director")

    @classmethod
    def new_user(cls, login, *groups):
        groups_id = [cls.env.ref(group).id for group in groups]
        return cls.env["res.users"].create({"name": login, "login": login, "groups_id": [(6, 0, groups_id)]})

    @classmethod
    def importer(cls, user=None):
        return cls.env["crm.import.run"].with_user(user or cls.director)

    @classmethod
    def import_deals(cls, deals, **options):
        return cls.importer().import_files(make_files(deals), **options)

    @classmethod
    def imported(cls, *refs):
        domain = [("external_ref", "in", refs)] if refs else [("external_ref", "=like", "T%")]
        return cls.env["crm.lead"].with_context(active_test=False).search(domain, order="external_ref")

    @classmethod
    def new_run(cls, files):
        run = cls.importer().create({})
        attachments = cls.env["ir.attachment"].with_user(cls.director).create(
            [{"name": name, "raw": content, "res_model": run._name, "res_id": run.id} for name, content in files]
        )
        run.attachment_ids = attachments
        return run
