# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""OCA's module and translation checks, and that zh_CN is complete: ``python -m erplib.lint`` in the tools' environment."""

import subprocess
import sys
from pathlib import Path

import polib

from erplib.layout import ROOT, SUITE

#: Style of the XML header and attributes, and readme generation, are not what we check.
DISABLED = ",".join(
    (
        "csv-duplicate-record-id",  # lines of a one2many have none
        "missing-readme",
        "xml-header-missing",
        "xml-header-wrong",
        "xml-id-position-first",
        "xml-tag-position",
        "xml-view-dangerous-replace-low-priority",
    )
)


def untranslated(folder=ROOT / "addons"):
    """Messages of a template without a translation, as (addon, text) pairs.

    A message may be the same in Chinese (a name, a unit); a translation file says so by repeating it.
    """
    for name in SUITE:
        template, translation = folder / name / "i18n" / f"{name}.pot", folder / name / "i18n" / "zh_CN.po"
        if not template.exists() or not translation.exists():
            yield name, f"{template.name} or {translation.name} is missing"
            continue
        known = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(translation))}
        for entry in polib.pofile(str(template)):
            found = known.get((entry.msgctxt, entry.msgid))
            if not found or not found.msgstr or found.fuzzy or found.obsolete:
                yield name, entry.msgid[:80]


def main():
    tools = Path(sys.executable).parent
    addons = [str(ROOT / "addons" / name) for name in SUITE]
    failed = subprocess.call([tools / "oca-checks-odoo-module", f"--disable={DISABLED}", *addons])
    translations = [path for addon in addons for path in Path(addon).glob("i18n/*.po*")]
    failed |= bool(translations) and subprocess.call([tools / "oca-checks-po", "--disable=po-pretty-format", *translations])
    for name, text in untranslated():
        print(f"{name}: not translated to zh_CN: {text}")
        failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
