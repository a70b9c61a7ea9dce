# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``./erp test --upstream``: Odoo's own test suites with and without ours installed, case by case.

Both databases carry Odoo's demo data, which its tests need. Every test runs on the complete registry (pytest-odoo), so
that what our addons override is in force; only what differs counts, for some fail or are skipped on plain Odoo, too.
"""

import subprocess
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

from erplib.databases import _locks, code_key
from erplib.environments import digest
from erplib.layout import SUITE
from erplib.ui import say, step

MODULES = ("crm", "sale", "sale_crm", "purchase", "stock")


def main(context):
    """Print the differences; returns 1 if there are any."""
    databases, cluster = context.databases, context.cluster
    needed = databases.dependencies(SUITE)
    key = digest(*_locks(context.layout), extra=" ".join(needed))[:10]
    plain = f"tmpl_upstream_odoo_{key}"
    if not cluster.exists(plain):
        with step("Odoo's modules with Odoo's demo data"):
            cluster.drop(f"{plain}_part")
            context.databases._odoo(
                "-d",
                f"{plain}_part",
                "-i",
                ",".join(needed),
                "--without-demo=",
                "--stop-after-init",
                "--no-http",
                "--log-level=error",
                strict=False,
            )
            # Or the suite would bring its own demo company, whose second warehouse switches features of stock on.
            cluster.query("UPDATE ir_module_module SET demo = false", f"{plain}_part")
            cluster.rename(f"{plain}_part", plain)
    suite = databases._build(f"tmpl_upstream_both_{code_key(context.layout, SUITE)}", plain, SUITE, "the suite on top")
    with step("both test runs"), ThreadPoolExecutor(2) as pool:
        without, with_suite = pool.map(lambda source: _run(context, source), (plain, suite))
    differences = [
        f"{name}: {without.get(name, 'absent')} without the suite, {with_suite.get(name, 'absent')} with it"
        for name in sorted(set(without) | set(with_suite))
        if without.get(name) != with_suite.get(name)
    ]
    for line in differences:
        say(f"  {line}")
    outcomes = {outcome: sum(1 for value in with_suite.values() if value == outcome) for outcome in ("passed", "failed", "skipped")}
    say(f"{len(with_suite)} tests with the suite: {outcomes}; {len(differences)} differ from plain Odoo")
    return 1 if differences else 0


def _run(context, source):
    """Outcome of every test case on a clone of *source*: {name: passed, failed or skipped}."""
    layout = context.layout
    database = context.databases.scratch("test_" + source.removeprefix("tmpl_").rsplit("_", 1)[0], source)
    report = layout.state / "reports" / f"{database}.xml"
    folders = [layout.site_packages / "odoo/addons" / name / "tests" for name in MODULES]
    command = [layout.venv / "bin/pytest", "-q", "-p", "no:cacheprovider", f"--odoo-config={context.config}"]
    command += [f"--odoo-database={database}", f"--junitxml={report}", "--rootdir", layout.site_packages, *folders]
    with open(layout.logs / f"{database}.log", "w") as log:
        subprocess.run([str(c) for c in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=layout.state)
    outcomes = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        kind = {child.tag for child in case}
        outcome = "failed" if kind & {"failure", "error"} else "skipped" if "skipped" in kind else "passed"
        outcomes[f"{case.get('classname')}::{case.get('name')}"] = outcome
    return outcomes
