# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``./erp wheels``: each addon as a wheel (``odoo14-addon-…``) for other Odoo 14.0 databases."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from erplib.layout import SUITE
from erplib.system import explain
from erplib.ui import say

#: Left out of the copy the wheel is made from: leftovers of tools, never part of an addon.
LEFTOVERS = shutil.ignore_patterns("__pycache__", ".*")


def build(layout, addon, target):
    """Build one addon's wheel into *target*; returns its path.

    It is made from a copy outside of git, because whool packs only what git tracks and the libraries set-up puts
    into ``static/lib`` belong into the wheel; the version is the manifest's.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / addon
        shutil.copytree(layout.addons / addon, copy, ignore=LEFTOVERS)
        command = [str(layout.tools_python), "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(copy)]
        environment = {**os.environ, "WHOOL_POST_VERSION_STRATEGY_OVERRIDE": "none"}
        environment.pop("PYTHONPATH", None)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    if done.returncode:
        raise explain(command, done.returncode, done.stdout)
    (wheel,) = Path(target).glob(f"odoo14_addon_{addon}-*.whl")
    return wheel


def main(layout, target):
    """Build all five into a folder."""
    target.mkdir(parents=True, exist_ok=True)
    for addon in SUITE:
        say(f"  {build(layout, addon, target)}")
    return 0
