# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Goods made to order: needs Odoo's mrp, which the suite does not depend on. Installed on a clone, the addon's tests run there."""

import subprocess

from erplib.cli import Context

DATABASE = "test_make_to_order"
TESTS = "addons/crm_procurement/tests/test_order_types_made.py"


def test_from_quotation_to_closed_receivable():
    context = Context(tests=True)
    databases, layout = context.databases, context.layout
    databases.scratch(DATABASE, databases.template_of("crm_procurement"))
    try:
        databases._odoo("-d", DATABASE, "-i", "mrp,sale_mrp,mrp_account", "--stop-after-init", "--no-http", "--log-level=warn")
        pytest = (layout.venv / "bin/pytest", "-p", "no:cacheprovider", "-W", "ignore")
        done = subprocess.run(
            [*pytest, f"--odoo-config={context.config}", f"--odoo-database={DATABASE}", TESTS],
            cwd=layout.root,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        assert "skipped" not in done.stdout
    finally:
        context.cluster.drop(DATABASE)
