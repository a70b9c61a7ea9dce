# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's command line: its configuration file, modules, scripts in its shell."""

import ast
import os
import re
import subprocess

from erplib.layout import SUITE
from erplib.system import explain


def manifest(layout, name):
    """The manifest of a suite addon as a dict."""
    return ast.literal_eval((layout.addons / name / "__manifest__.py").read_text())


def closure(layout, name):
    """The suite addons *name* needs, itself included, in installation order."""
    needed = {dependency for dependency in manifest(layout, name)["depends"] if dependency in SUITE}
    below = {addon for dependency in needed for addon in closure(layout, dependency)} | {name}
    return [addon for addon in SUITE if addon in below]


def write_config(layout, cluster, proxy=False):
    """``odoo.conf`` from its template; readable by its owner only, for it holds passwords."""
    secrets = layout.secrets()
    text = (
        (layout.config / "odoo.conf")
        .read_text()
        .format(
            core_addons=layout.site_packages / "odoo/addons",
            suite_addons=layout.addons,
            master=secrets["master"],
            database=secrets["database"],
            filestore=layout.filestore,
            socket=cluster.home,
            proxy=proxy,
        )
    )
    path = layout.state / ("odoo-proxy.conf" if proxy else "odoo.conf")
    part = path.with_suffix(f".{os.getpid()}")
    part.touch(mode=0o600)
    part.write_text(text)
    part.replace(path)
    return path


def command(layout, config, *arguments):
    """Odoo's command line; a sub-command (``shell``) comes before the options."""
    words = [str(part) for part in arguments]
    sub = [words.pop(0)] if not words[0].startswith("-") else []
    return [str(layout.odoo_bin), *sub, "-c", str(config), *words]


def call(layout, config, *arguments, script=None, log=None, strict=True):
    """Run Odoo to its end, with a Python *script* on its shell's standard input when given; returns its output.

    :raise ErpError: it failed, or (*strict*) logged an error
    """
    line = command(layout, config, *arguments)
    done = subprocess.run(line, input=script or "", capture_output=True, text=True, cwd=layout.root)
    output = done.stdout + done.stderr
    if log:
        with open(log, "a", encoding="utf-8") as handle:
            handle.write(f"$ {' '.join(line)}\n{output}\n")
    failed = done.returncode or (strict and re.search(r" (ERROR|CRITICAL) ", done.stderr))
    if failed or (script and "Traceback (most recent call last)" in done.stderr):
        raise explain(line, done.returncode, output, log)
    return done.stdout
