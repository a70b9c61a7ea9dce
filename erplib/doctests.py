# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Doctests of the engines, each as a package of its own, so that Odoo is out of reach: ``python -m erplib.doctests``."""

import doctest
import importlib
import pkgutil
import sys

from erplib.layout import ROOT, SUITE

#: What training of models needs, and nothing else: too heavy for the engines' environment.
OPTIONAL = ("numpy", "scipy", "sklearn")


def modules(addon):
    """Every module of an addon's engine, imported as ``engine.…``; an engine that imports Odoo fails here."""
    for name in [name for name in sys.modules if name == "engine" or name.startswith("engine.")]:
        del sys.modules[name]
    sys.path.insert(0, str(ROOT / "addons" / addon))
    try:
        package = importlib.import_module("engine")
        for found in pkgutil.walk_packages(package.__path__, "engine."):
            try:
                yield importlib.import_module(found.name)
            except ModuleNotFoundError as missing:
                if missing.name not in OPTIONAL:
                    raise
                print(f"{addon} {found.name}: left out, {missing.name} is not installed here")
    finally:
        sys.path.pop(0)


def main():
    failed = 0
    for addon in SUITE:
        if not (ROOT / "addons" / addon / "engine" / "__init__.py").exists():
            continue
        for module in modules(addon):
            result = doctest.testmod(module)
            failed += result.failed
            print(f"{addon} {module.__name__}: {result.attempted} examples, {result.failed} failed")
    print(f"Python {sys.version.split()[0]}")
    return 1 if failed or "odoo" in sys.modules else 0


if __name__ == "__main__":
    sys.exit(main())
