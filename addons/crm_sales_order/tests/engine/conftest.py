# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Make the addon's engine importable as ``crm_sales_order_engine``, without importing the addon (and so Odoo)."""

import importlib.util
import sys
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[2] / "engine"

if "crm_sales_order_engine" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "crm_sales_order_engine", ENGINE / "__init__.py", submodule_search_locations=[str(ENGINE)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["crm_sales_order_engine"] = module
    spec.loader.exec_module(module)
