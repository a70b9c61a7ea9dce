# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``./erp bench``: runs ``tests/bench/<name>.py`` on fresh databases and hands its figures on.

A benchmark is a script for Odoo's Python. It says in ``NEEDS`` which databases it wants: ``suite`` (the five addons,
no demo data), ``plain`` (the same Odoo modules without them), ``maven`` (the suite with that CRM imported). It gets
``--config``, ``--db``, ``--plain-db``, ``--data`` and ``--json`` and prints ``metric value unit`` lines, or one JSON object.
"""

import ast
import os
import subprocess
from pathlib import Path

from erplib import crm_import
from erplib.ui import ErpError, say


def _benches(layout):
    return {path.stem: path for path in sorted((layout.root / "tests/bench").glob("*.py")) if _needs(path) is not None}


def _needs(path):
    """The literal ``NEEDS`` of a script; None for its helpers, which have none."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "NEEDS":
            return ast.literal_eval(node.value)
    return None


def shared_data(layout):
    """The folder of real data beside the checkout, or the one CRM_SHARED_DATA names; None if there is none."""
    path = Path(os.environ.get("CRM_SHARED_DATA") or layout.root.parent / "shared/data")
    return path if path.is_dir() else None


def main(context, name, as_json, arguments):
    """Run one benchmark; returns its exit code."""
    benches = _benches(context.layout)
    if name not in benches:
        say("Benchmarks: " + ", ".join(benches))
        if name:
            raise ErpError(f"There is no benchmark {name}.", "Name one of those above.", 2)
        return 0
    needs, databases = _needs(benches[name]), context.databases
    data = shared_data(context.layout)
    command = [context.layout.python, benches[name], f"--config={context.config}"]
    if "suite" in needs or "maven" in needs:
        command.append(f"--db={databases.scratch('test_bench_suite', databases.template_all())}")
    if "plain" in needs:
        command.append(f"--plain-db={databases.scratch('test_bench_plain', databases.template_plain())}")
    if "maven" in needs and data:
        crm_import.run_import(context, "test_bench_suite", data / "maven-crm")
    command += [f"--data={data}"] if data else []
    command += ["--json"] if as_json else []
    arguments = [_absolute(argument) for argument in arguments]
    return subprocess.call([str(part) for part in [*command, *arguments]], cwd=context.layout.root)


def _absolute(argument):
    """An argument that names a file where the caller stands still does so when the script runs from the root."""
    option, equals, value = argument.rpartition("=")
    return option + equals + os.path.abspath(value) if os.path.exists(value) else argument
