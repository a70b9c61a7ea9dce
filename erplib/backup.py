# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Backup and restore of a database with its files, each backup proved by restoring it.

Consistent because of the order: the dump is one snapshot, and Odoo's filestore only ever gains files (the
collector of unused ones spares those of the last hours), so files copied after the dump hold all it names.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path

from erplib.cluster import BIN
from erplib.databases import check_name
from erplib.system import explain
from erplib.ui import ErpError, say, step

FORMAT = 1
FILES_SQL = "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL"
ROWS_SQL = """
SELECT relname, (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I', relname), false, true, '')))[1]
FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND nspname = 'public' ORDER BY 1
"""


def _pipe(command, environment, **files):
    done = subprocess.run([str(c) for c in command], env=environment, stderr=subprocess.PIPE, text=True, cwd="/", **files)
    if done.returncode:
        raise explain(command, done.returncode, done.stderr)


def backup(layout, cluster, database, target=None):
    """Write ``<database>-<time>.tar`` and prove it; returns its path.

    :raise ErpError: no such database, or the copy restored differs from the original's snapshot
    """
    if not cluster.exists(database):
        raise ErpError(f"There is no database {database}.", "See ./erp db list.", 2)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    target = Path(target or layout.state / "backups" / f"{database}-{stamp}.tar").resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with step(f"backup of {database}"), tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = Path(folder) / "database.dump"
        with open(dump, "wb") as out:
            _pipe([BIN / "pg_dump", "-Fc", "-Z", "3", "--no-owner", database], cluster.environment(), stdout=out)
        with open(dump, "rb") as handle:
            content = {"format": FORMAT, "database": database, "sha256": hashlib.file_digest(handle, "sha256").hexdigest()}
        (Path(folder) / "backup.json").write_text(json.dumps(content))
        with tarfile.open(part, "w") as archive:
            archive.add(Path(folder) / "backup.json", "backup.json")
            archive.add(dump, "database.dump")
            store = layout.filestore / "filestore" / database
            if store.exists():
                archive.add(store, "filestore")
    with step("proof: restored beside it"):
        proof = f"test_restore_{database}"[:50]
        try:
            _restore(layout, cluster, part, proof)
        finally:
            cluster.drop(proof)
    part.replace(target)
    say(f"  {target} ({target.stat().st_size / 1e6:.1f} MB)")
    return target


def restore(layout, cluster, archive, database):
    """Restore an archive as *database*, which must not exist."""
    if cluster.exists(check_name(database)):
        raise ErpError(f"Database {database} exists.", f"Restore under another name, or drop it: ./erp db drop {database}", 2)
    with step(f"restore of {database}"):
        rows = _restore(layout, cluster, Path(archive), database)
    say(f"  {rows} tables, every attached file present")


def _harmless(archive):
    """Members of an archive; a path out of the folder, a link or a device is refused (Debian 12's tarfile has no filter yet)."""
    for member in archive.getmembers():
        if not (member.isfile() or member.isdir()) or member.name.startswith("/") or ".." in Path(member.name).parts:
            raise tarfile.TarError(f"unexpected member {member.name}")
        yield member


def _restore(layout, cluster, archive, database):
    if not archive.exists():
        raise ErpError(f"There is no file {archive}.", "Give the path of a backup made by ./erp backup.", 2)
    cluster.drop(database)
    store = layout.filestore / "filestore" / database
    with tempfile.TemporaryDirectory(dir=layout.state) as folder:
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, members=_harmless(tar))
            content = json.loads((Path(folder) / "backup.json").read_text())
            with open(Path(folder) / "database.dump", "rb") as handle:
                intact = hashlib.file_digest(handle, "sha256").hexdigest() == content["sha256"]
        except (tarfile.TarError, OSError, ValueError, KeyError) as error:
            raise ErpError(f"{archive} is not a whole backup: {error}", "Use another backup.") from error
        if not intact or content.get("format") != FORMAT:
            raise ErpError(f"{archive} is damaged or of another version.", "Use another backup.")
        cluster.query(f'CREATE DATABASE "{database}" TEMPLATE template0')
        try:
            load = [BIN / "pg_restore", "--no-owner", "--exit-on-error", "-j", "2", "-d", database, Path(folder) / "database.dump"]
            _pipe(load, cluster.environment())
            if (Path(folder) / "filestore").exists():
                store.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(str(Path(folder) / "filestore"), store)
            return _check(cluster, database, store)
        except ErpError:
            cluster.drop(database)
            raise


def _check(cluster, database, store):
    """Count the tables that can be read and see that every attached file is there; returns the number of tables."""
    missing = [name for (name,) in cluster.query(FILES_SQL, database) if not (store / name).exists()]
    if missing:
        raise ErpError(f"{len(missing)} attached files are missing, such as {missing[0]}.", "Do not rely on this backup.")
    return len(cluster.query(ROWS_SQL, database))
