# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Each addon builds a wheel that other Odoo 14 users can install."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from erplib.layout import ROOT, SUITE, Layout
from erplib.wheels import build

DISTRIBUTIONS = {name: f"odoo14_addon_{name}" for name in SUITE}


@pytest.fixture(scope="module", params=SUITE)
def wheel(request, tmp_path_factory):
    """(addon, wheel file) of each addon, built without asking a package index."""
    return request.param, build(Layout(), request.param, tmp_path_factory.mktemp(request.param))


def test_is_named_as_the_oca_names_its_wheels(wheel):
    addon, path = wheel
    assert path.name.startswith(f"{DISTRIBUTIONS[addon]}-14.0.1.0.0")


def test_holds_every_file_of_the_addon_its_users_need(wheel):
    addon, path = wheel
    packed = set(zipfile.ZipFile(path).namelist())
    folder = ROOT / "addons" / addon
    files = [p.relative_to(folder) for p in folder.rglob("*") if p.is_file()]
    wanted = [p for p in files if p.name != "pyproject.toml" and not any(part[0] == "." or part == "__pycache__" for part in p.parts)]
    missing = [str(p) for p in wanted if f"odoo/addons/{addon}/{p}" not in packed]
    assert not missing


def test_asks_for_the_suite_addons_it_depends_on(wheel):
    addon, path = wheel
    archive = zipfile.ZipFile(path)
    (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    required = archive.read(metadata).decode()
    if addon != "crm_core":
        assert "Requires-Dist: odoo14-addon-crm" in required
    assert "Requires-Dist: odoo" in required
    assert "License" in required


def test_installs_beside_the_others(wheel, tmp_path):
    addon, path = wheel
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", tmp_path, path]
    subprocess.run(command, check=True)
    assert (tmp_path / "odoo/addons" / addon / "__manifest__.py").exists()
    assert not (tmp_path / "odoo/__init__.py").exists()


def test_cockpit_ships_its_chart_library(wheel):
    addon, path = wheel
    if addon == "crm_bi":
        assert "odoo/addons/crm_bi/static/lib/echarts/echarts.min.js" in zipfile.ZipFile(path).namelist()
        assert Path(ROOT / "addons/crm_bi/static/lib/echarts/LICENSE").exists()


def test_core_ships_the_places_of_ip_addresses(wheel):
    addon, path = wheel
    if addon == "crm_core":
        names = zipfile.ZipFile(path).namelist()
        assert {"odoo/addons/crm_core/lib/ip2region/ip2region.xdb", "odoo/addons/crm_core/lib/ip2region/LICENSE"} <= set(names)
