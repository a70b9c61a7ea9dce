# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files of npm's packages come back where somebody cleaned the checkout, and are renewed with their package."""

import os
from types import SimpleNamespace

from erplib import environments


def test_shipped_files_are_placed_when_missing_or_older(tmp_path):
    layout = SimpleNamespace(runtime=tmp_path / "runtime", addons=tmp_path / "addons")
    for package, (_folder, names) in environments.SHIPPED.items():
        for name in names:
            source = layout.runtime / "npm/node_modules" / package / name
            source.parent.mkdir(parents=True, exist_ok=True)
            source.write_text("first")
            os.utime(source, (1000, 1000))
    placed = layout.addons / "crm_core/lib/ip2region/ip2region.xdb"

    environments._place_shipped(layout)
    assert placed.read_text() == "first"

    placed.unlink()
    environments._place_shipped(layout)
    assert placed.read_text() == "first"

    source = layout.runtime / "npm/node_modules/ip2region-ts/data/ip2region.xdb"
    source.write_text("second")
    os.utime(source, (2000, 2000))
    environments._place_shipped(layout)
    assert placed.read_text() == "second"
