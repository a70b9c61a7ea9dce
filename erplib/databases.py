# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Databases: templates kept per lock and code state, demo company, creation, upgrade."""

import fcntl
import functools
import re
from contextlib import contextmanager
from pathlib import Path

from erplib import odoo
from erplib.environments import digest
from erplib.layout import SUITE
from erplib.ui import ErpError, step

NAME = re.compile(r"[a-z][a-z0-9_]{0,40}\Z")
#: Before any chart of accounts is loaded: a company in China, with the yuan as its currency.
BASE_SCRIPT = """
china = env.ref('base.cn')
env.ref('base.CNY').active = True
env.ref('base.main_company').write({{'country_id': china.id, 'currency_id': env.ref('base.CNY').id}})
env.ref('base.lang_zh_CN').write({{'date_format': '%Y-%m-%d', 'time_format': '%H:%M:%S', 'grouping': '[3,0]'}})
env['ir.config_parameter'].set_param('auth_signup.invitation_scope', 'b2b')
env.ref('base.user_admin').password = {admin!r}
env.cr.commit()
"""
#: A database for work, not for tests: its people read Chinese unless they choose otherwise.
CHINESE_SCRIPT = """
env.ref('base.user_admin').write({'lang': 'zh_CN', 'tz': 'Asia/Shanghai'})
env['ir.default'].set('res.partner', 'lang', 'zh_CN')
env['ir.default'].set('res.partner', 'tz', 'Asia/Shanghai')
env.cr.commit()
"""
DEMO_SCRIPT = """
from odoo.addons.crm_core.demo.loader import load_suite_demo
load_suite_demo(env)
users = env['ir.model.data'].search([('model', '=', 'res.users'), ('name', '=like', 'demo\\\\_user\\\\_%')]).mapped('res_id')
env['res.users'].browse(users).write({{'password': {demo!r}}})
env.cr.commit()
"""


def check_name(name):
    if not NAME.match(name) or name.startswith(("tmpl_", "test_", "template", "postgres")):
        raise ErpError(
            f"{name!r} can't be a database's name.",
            "Use small letters, digits and underscores, not beginning with tmpl_ or test_.",
            2,
        )
    return name


def _locks(layout):
    """What every template depends on: the locked packages, and how this file makes databases of them."""
    return [layout.config / "apt/debian11.lock", layout.config / "python/odoo.lock", Path(__file__)]


@functools.cache
def code_key(layout, addons):
    """Hash of the locks and of everything in the addons that reaches a database; taken once per run.

    :param addons: tuple of names
    """
    folders = [layout.addons / name for name in addons]
    return digest(*_locks(layout), *folders, skip=("__pycache__", "tests", "readme", "static"))[:10]


class Databases:
    """Makes and keeps databases in one cluster."""

    def __init__(self, layout, cluster, config):
        self.layout, self.cluster, self.config = layout, cluster, config
        self.log = layout.logs / "databases.log"

    def _odoo(self, *arguments, **options):
        return odoo.call(self.layout, self.config, *arguments, log=self.log, **options)

    def _shell(self, name, script):
        return self._odoo("shell", "-d", name, "--no-http", "--log-level=warn", script=script, strict=False)

    def _build(self, name, source, modules, title, script=None):
        """A template: made under another name and renamed when complete, so that a break leaves nothing half done."""
        if self.cluster.exists(name):
            return name
        with self._alone():
            if not self.cluster.exists(name):
                self._make(name, source, modules, title, script)
        return name

    @contextmanager
    def _alone(self):
        """One template is built at a time, over threads and processes."""
        with open(self.layout.run_dir / "build.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make(self, name, source, modules, title, script):
        part = f"{name}_part"
        self.cluster.drop(part)
        with step(title):
            if source:
                self.cluster.clone(source, part)
            if modules:
                languages = () if source else ("--load-language=en_US,zh_CN",)
                self._odoo(
                    "-d",
                    part,
                    "-i",
                    ",".join(modules),
                    *languages,
                    "--without-demo=all",
                    "--stop-after-init",
                    "--no-http",
                    "--log-level=warn",
                )
            if script:
                self._shell(part, script)
            self.cluster.rename(part, name)
        self._forget_older(name)

    def _forget_older(self, name):
        kind = name.rsplit("_", 1)[0]
        for other in self.cluster.databases():
            if other.rsplit("_", 1)[0] == kind and other != name:
                self.cluster.drop(other)

    def dependencies(self, addons):
        """Odoo and OCA modules the addons depend on directly."""
        needed = [name for addon in addons for name in odoo.manifest(self.layout, addon)["depends"]]
        return sorted(set(needed) - set(SUITE))

    def template_below(self, addon):
        """Template with all that *addon* depends on, but not *addon* itself."""
        below = odoo.closure(self.layout, addon)[:-1]
        modules = self.dependencies([addon])
        if not below:
            return self._start_template()
        key = digest(extra=code_key(self.layout, tuple(below)) + " ".join(modules))[:10]
        return self._build(f"tmpl_below_{addon}_{key}", self.template_of(below[-1]), modules, f"template database of what {addon} needs")

    def template_of(self, addon):
        """Template with *addon* and its own dependencies only, no demo data."""
        name = f"tmpl_{addon}_{code_key(self.layout, tuple(odoo.closure(self.layout, addon)))}"
        return self._build(name, self.template_below(addon), [addon], f"template database of {addon}")

    def _start_template(self):
        modules = self.dependencies(["crm_core"])
        key = digest(*_locks(self.layout), extra=" ".join(modules))[:10]
        script = BASE_SCRIPT.format(admin=self.layout.secrets()["admin"])
        return self._build(f"tmpl_start_{key}", None, modules, "template database of Odoo's modules", script)

    def template_all(self, demo=False):
        """Template with all five addons; with the demo company on request."""
        key = code_key(self.layout, SUITE)
        source = self.template_of("crm_procurement")
        name = self._build(f"tmpl_all_{key}", source, ["crm_service", "crm_bi"], "template database of the suite")
        if demo:
            script = DEMO_SCRIPT.format(demo=self.layout.secrets()["demo"])
            name = self._build(f"tmpl_demo_{key}", name, [], "demo company", script)
        return name

    def template_plain(self):
        """Template of the same Odoo modules without the suite, the peer of benchmarks."""
        modules = self.dependencies(SUITE)
        key = digest(*_locks(self.layout), extra=" ".join(modules))[:10]
        return self._build(f"tmpl_plain_{key}", self._start_template(), modules, "template database of plain Odoo")

    def create(self, name, demo=True):
        if self.cluster.exists(check_name(name)):
            raise ErpError(f"Database {name} exists already.", f"Drop it first: ./erp db drop {name}", 2)
        self.cluster.clone(self.template_all(demo), name)
        self._shell(name, CHINESE_SCRIPT)

    def scratch(self, name, source):
        """A fresh clone of *source* for tests or benchmarks, replacing an older one."""
        self.cluster.drop(name)
        self.cluster.clone(source, name)
        return name

    def update(self, name, modules):
        self._odoo("-d", name, "-u", ",".join(modules), "--stop-after-init", "--no-http", "--log-level=warn")
