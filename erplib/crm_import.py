# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``./erp import-crm DIR``: the migration import of crm_core, from the command line."""

import json
from pathlib import Path

from erplib.ui import ErpError, say, step

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".zip")
MARK = "erp-import-report:"
SCRIPT = """
import base64, json, pathlib
files = [(pathlib.Path(p).name, pathlib.Path(p).read_bytes()) for p in {paths!r}]
env = env(user=env.ref('base.user_admin'))
runs = env['crm.import.run'].with_context(lang='en_US')
report = runs.import_files(files, all_or_nothing={all_or_nothing!r})
if {xlsx!r}:
    pathlib.Path({xlsx!r}).write_bytes(base64.b64decode(runs.browse(report['run_id']).report_file or b''))
env.cr.rollback() if {check!r} else env.cr.commit()
print({mark!r} + json.dumps(report, default=str))
"""


def run_import(context, database, folder, check=False, all_or_nothing=False, xlsx=""):
    """Import the files of *folder*; returns crm_core's report (see ``crm.import.run.import_files``).

    :param check: undo everything after reporting what would have been done
    :param xlsx: where to write the rows rejected and repaired
    """
    paths = sorted(str(p.resolve()) for p in Path(folder).glob("*") if p.suffix.lower() in ENDINGS)
    if not paths:
        raise ErpError(f"No CSV or XLSX files are in {folder}.", "Name the folder that holds the other CRM's export.", 2)
    script = SCRIPT.format(paths=paths, all_or_nothing=all_or_nothing, check=check, xlsx=xlsx and str(Path(xlsx).resolve()), mark=MARK)
    output = context.databases._shell(database, script)
    (line,) = [line for line in output.splitlines() if line.startswith(MARK)]
    return json.loads(line.removeprefix(MARK))


def main(context, options):
    """Print what was done, and every row rejected or repaired; exit code 1 if nothing could be imported."""
    if not context.cluster.exists(options.db):
        raise ErpError(f"There is no database {options.db}.", "Make it with ./erp run or ./erp db create.", 2)
    with step("check" if options.check else "import"):
        report = run_import(context, options.db, options.folder, options.check, options.all_or_nothing, options.report)
    say(report["message"])
    for issue in report["issues"]:
        lines = issue["lines"]
        more = f" and {issue['rows'] - 1} more" if issue["rows"] > 1 else ""
        place = f", line {lines[0]}{more}" if lines else ""
        column = f", {issue['column']}" if issue["column"] else ""
        say(f"  {issue['severity']}: {issue['file']}{place}{column}: {issue['reason']} {issue['action']}")
    return 0 if report["state"] == "done" else 1
