# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Load the demo company into a database whose modules were installed without demo data.

From an Odoo shell::

    from odoo.addons.crm_core.demo.loader import load_suite_demo
    load_suite_demo(env)
    env.cr.commit()
"""

import logging
from time import monotonic
from types import SimpleNamespace

from odoo.modules.loading import load_data
from odoo.modules.module import load_information_from_description_file

_logger = logging.getLogger(__name__)

SUITE = ("crm_core", "crm_sales_order", "crm_procurement", "crm_service", "crm_bi")  # in the order of their chapters


def load_suite_demo(env):
    """Load the demo files of the suite's installed addons, and only theirs; an addon already told is left as it is.

    An error is raised, not logged away as by Odoo. Nothing is committed.

    :returns: the names of the addons loaded now
    """
    installed = env["ir.module.module"].search([("name", "in", SUITE), ("state", "=", "installed")]).mapped("name")
    loaded = []
    for name in SUITE:
        manifest = load_information_from_description_file(name)
        if name not in installed or not manifest["demo"] or is_demo_loaded(env, name):
            continue
        start = monotonic()
        load_data(env.cr, {}, "init", "demo", SimpleNamespace(name=name, data=manifest))
        _logger.info("%s: demo loaded in %.1f s", name, monotonic() - start)
        loaded.append(name)
    env["base"].flush()
    env.clear()
    return loaded


def is_demo_loaded(env, name):
    """Whether the addon's demo records are there, whichever way they came."""
    return bool(env["ir.model.data"].search([("module", "=", name), ("name", "=like", r"demo\_user\_%")], limit=1))
