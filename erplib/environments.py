# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The two Python environments (Odoo's on 3.9, the tools' on Debian's own), Odoo in the first, npm's packages.

Each step leaves a stamp that names its inputs: an interrupted set-up continues, a changed lock is installed again.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from erplib import debian
from erplib.system import check_machine, run
from erplib.ui import ErpError, step

#: Odoo modules that exist to call Odoo's paid services or other outside hosts; left out of the runtime.
LEFT_OUT = (
    "crm_iap_lead",
    "crm_iap_lead_enrich",
    "crm_iap_lead_website",
    "iap_crm",
    "odoo_referral",
    "odoo_referral_portal",
    "partner_autocomplete",
    "partner_autocomplete_address_extended",
    "snailmail",
    "snailmail_account",
    "snailmail_account_followup",
    "web_unsplash",
)
#: Files of npm's packages that the addons ship: package → folder below ``addons``, files.
SHIPPED = {
    "echarts": ("crm_bi/static/lib/echarts", ("dist/echarts.min.js", "LICENSE", "NOTICE")),
    "ip2region-ts": ("crm_core/lib/ip2region", ("data/ip2region.xdb", "LICENSE")),
}
#: Folders beside the environment where Odoo's links to Debian's JavaScript and fonts lead.
SHARED = ("javascript", "fonts", "fonts-font-awesome", "fonts-glyphicons")


def digest(*paths, extra="", skip=("__pycache__",)):
    """One hash over files and folders (names and content), for stamps and template databases.

    :param skip: names of folders that don't count
    """
    total = hashlib.sha256(extra.encode())
    for path in map(Path, paths):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and not set(skip) & set(file.parts):
                total.update(str(file.relative_to(path.parent)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()[:16]


def stamped(layout, name, inputs, action, title):
    """Do *action* unless its stamp says it was done with these *inputs* already."""
    stamp = layout.runtime / "stamps" / name
    if stamp.exists() and stamp.read_text() == inputs:
        return
    stamp.unlink(missing_ok=True)
    with step(title):
        action()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(inputs)


def set_up(layout, tests=False):
    """Everything a server needs (and, with *tests*, the tools), from whatever state a former run left."""
    if not layout.venv.exists():
        layout.runtime.mkdir(parents=True, exist_ok=True)
        check_machine(layout.runtime)
    layout.make()
    debian.install_host_packages(layout, ("run", "test") if tests else ("run",))
    apt_lock = layout.config / "apt" / "debian11.lock"
    stamped(layout, "debian11", digest(apt_lock), lambda: debian.extract_debian11(layout), "Odoo 14.0 and Python 3.9 from Debian 11")
    locks = [layout.config / "python" / name for name in ("bootstrap.lock", "odoo.lock")]
    python = os.environ.get("ERP_PYTHON") or str(layout.debian / "usr/bin/python3.9")
    key = digest(apt_lock, *locks, extra=python + " ".join(LEFT_OUT))
    stamped(layout, "venv", key, lambda: _make_odoo(layout, python), "Python packages of the server")
    _set_up_tools(layout)
    return layout


def _set_up_tools(layout):
    locks = [layout.config / "python" / name for name in ("bootstrap.lock", "tools.lock")]
    stamped(layout, "tools", digest(*locks), lambda: _make_tools(layout), "Python packages of the tools")
    npm = layout.config / "npm"
    stamped(layout, "npm", digest(npm / "package-lock.json"), lambda: _npm(layout), "npm packages")
    _place_shipped(layout)


def _environment(layout, target, python):
    shutil.rmtree(target, ignore_errors=True)
    run(["virtualenv", "-q", "-p", python, target], layout.logs / "setup.log")
    _pip(layout, target, layout.config / "python" / "bootstrap.lock")


def _pip(layout, target, lock):
    # Debian's Python builds source packages with its own distutils, not setuptools' copy.
    environment = {
        **os.environ,
        "SETUPTOOLS_USE_DISTUTILS": "stdlib",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    command = [target / "bin/python", "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "--no-build-isolation", "-r", lock]
    run(command, layout.logs / "setup.log", env=environment)


def _make_odoo(layout, python):
    _environment(layout, layout.venv, python)
    packages = layout.debian / "usr/lib/python3/dist-packages"
    for name in ("odoo", "odoo-14.0.egg-info"):
        shutil.copytree(packages / name, layout.site_packages / name, symlinks=True)
    for name in LEFT_OUT:
        shutil.rmtree(layout.site_packages / "odoo/addons" / name, ignore_errors=True)
    (layout.venv / "share").mkdir(exist_ok=True)
    for name in SHARED:
        (layout.venv / "share" / name).symlink_to(f"/usr/share/{name}")
    _pip(layout, layout.venv, layout.config / "python" / "odoo.lock")
    script = (layout.debian / "usr/bin/odoo").read_text()
    layout.odoo_bin.write_text(f"#!{layout.python}\n" + script.split("\n", 1)[1])
    layout.odoo_bin.chmod(0o755)


def _make_tools(layout):
    _environment(layout, layout.tools, "/usr/bin/python3")
    _pip(layout, layout.tools, layout.config / "python" / "tools.lock")


def _npm(layout):
    """``npm ci`` of ``config/npm`` with the Node.js of the tools."""
    home = layout.runtime / "npm"
    home.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy2(layout.config / "npm" / name, home)
    environment = {**os.environ, "PATH": f"{layout.tools / 'bin'}:{os.environ['PATH']}"}
    command = [layout.tools / "bin/npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run(command, layout.logs / "setup.log", cwd=home, env=environment)


def _place_shipped(layout):
    """The files of npm's packages that the addons ship, where they are not in place yet or no longer."""
    for package, (folder, names) in SHIPPED.items():
        target = layout.addons / folder
        target.mkdir(parents=True, exist_ok=True)
        for source in (layout.runtime / "npm/node_modules" / package / name for name in names):
            placed = target / source.name
            if not placed.exists() or placed.stat().st_mtime < source.stat().st_mtime:
                shutil.copy2(source, placed)


def make_locks(layout):
    """Resolve the ``.in`` files anew and write the locks (for maintainers; ``./erp lock``)."""
    folder = layout.config / "python"
    for name, version in (("bootstrap", "3.9"), ("odoo", "3.9"), ("tools", "3.11"), ("engines", "3.11")):
        command = [layout.tools / "bin/uv", "pip", "compile", "-q", "--generate-hashes", "--no-header", "--no-annotate"]
        command += ["--python-version", version, "--python-platform", "x86_64-manylinux_2_28", "--config-file", "uv.toml"]
        command += ["--override", "override.txt", f"{name}.in", "-o", f"{name}.lock"]
        run(command, cwd=folder)


def newest_python():
    """The newest Python 3 on this machine, for the engines, which are to outlive Odoo 14's own."""
    named = [shutil.which(f"python3.{minor}") for minor in range(30, 10, -1)]
    under_pyenv = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3"), key=lambda path: _version(path.parts[-3]), reverse=True)
    for candidate in [*under_pyenv, *filter(None, named), sys.executable]:
        try:
            run([candidate, "-c", "import sys, ssl, ctypes; assert sys.version_info >= (3, 11)"])
        except ErpError:
            continue
        return str(candidate)
    raise ErpError("No working Python 3.11 or newer was found.", "Install Debian's python3.", 3)


def _version(text):
    return [int(part) for part in text.split(".") if part.isdigit()]


def set_up_engines(layout, python):
    """An environment on *python* with what the engines' tests need; returns its Python."""
    target, lock = layout.runtime / "engines", layout.config / "python" / "engines.lock"

    def make():
        shutil.rmtree(target, ignore_errors=True)
        run([layout.tools / "bin/uv", "venv", "-q", "--no-config", "--offline", "--python", python, target], layout.logs / "setup.log")
        # By the tools' pip, which knows the user's mirror (uv doesn't) and works for any newer Python.
        command = [layout.tools_python, "-m", "pip", "--python", target / "bin/python", "install", "-q", "--no-deps", "--require-hashes"]
        run([*command, "-r", lock], layout.logs / "setup.log")

    stamped(layout, "engines", digest(lock, extra=python), make, "Python packages of the engines' tests")
    return target / "bin/python"
