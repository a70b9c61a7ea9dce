# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``./erp parse-statement FILE``: what the suite reads in a bank's file, without a server or a database."""

import os
import subprocess
from pathlib import Path

from erplib.ui import ErpError


def main(layout, file):
    """Print the statement as JSON; returns 0, or 2 if it cannot be read in full (the JSON says why)."""
    path = Path(file).resolve()
    if not path.is_file():
        raise ErpError(f"There is no file {file}.", "Name a statement as downloaded from the bank.", 2)
    home = layout.addons / "crm_sales_order"
    environment = {**os.environ, "PYTHONPATH": str(home), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.call([layout.python, "-m", "engine.statement", path], env=environment, cwd=home)
