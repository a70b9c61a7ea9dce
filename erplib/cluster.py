# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A private PostgreSQL 15 cluster on a Unix socket, owned by an unprivileged user; crash-safe settings."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from erplib.system import alive, as_user, explain, run
from erplib.ui import ErpError

BIN = Path("/usr/lib/postgresql/15/bin")
SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "200",
    "shared_buffers": "'512MB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'256MB'",
    "max_wal_size": "'2GB'",
    "random_page_cost": "1.1",
    "log_min_messages": "warning",
}


class Cluster:
    """PostgreSQL of one state folder. Idempotent: :meth:`ensure` makes, starts, or recovers it after a crash."""

    def __init__(self, layout):
        self.layout = layout
        self.home = layout.cluster_home()
        self.data = self.home / "data"
        self.user = layout.cluster_owner()

    def _as_owner(self, *command):
        return as_user(self.user, [str(part) for part in command])

    def ensure(self):
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if not self.running():
            self._start()
        self._ensure_role()

    def _create(self):
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True, mode=0o711)
        if os.geteuid() == 0:
            shutil.chown(self.home, self.user, self.user)
        part = self.home / "data.part"
        passwords = self.home / "superuser"
        passwords.write_text(self.layout.secrets()["superuser"])
        passwords.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(passwords, self.user)
        initdb = [BIN / "initdb", "-D", part, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
        initdb += ["-A", "scram-sha-256", f"--pwfile={passwords}"]
        run(self._as_owner(*initdb), self.layout.logs / "postgres-setup.log", cwd="/")
        passwords.unlink()
        with (part / "postgresql.auto.conf").open("a") as handle:
            handle.writelines(f"{key} = {value}\n" for key, value in SETTINGS.items())
            handle.write(f"unix_socket_directories = '{self.home}'\n")
        part.rename(self.data)

    def running(self):
        """Whether the postmaster of our data folder lives (its pid file may be a leftover of a crash)."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, IndexError, ValueError):
            return False
        return alive(pid) and (self.home / ".s.PGSQL.5432").exists()

    def _start(self):
        log = self.home / "postgres.log"
        command = self._as_owner(BIN / "pg_ctl", "-D", self.data, "-l", log, "-w", "-t", "120", "start")
        # Children of a killed postmaster may need a moment to notice and let go of the shared memory.
        for attempt in range(6):
            # Not a pipe: the server would inherit it and keep this script waiting.
            with open(self.layout.logs / "postgres-setup.log", "a") as out:
                done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/")
            if done.returncode == 0:
                return
            time.sleep(1 + attempt)
        tail = run(self._as_owner("tail", "-n", "12", log)) if log.exists() else ""
        raise explain(command, done.returncode, tail, log)

    def stop(self):
        if self.running():
            run(self._as_owner(BIN / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop"), cwd="/")

    def _ensure_role(self):
        if self.query("SELECT 1 FROM pg_roles WHERE rolname = 'odoo'", superuser=True):
            return
        password = self.layout.secrets()["database"]
        self.query(f"CREATE ROLE odoo LOGIN CREATEDB PASSWORD '{password}'", superuser=True)

    def environment(self, superuser=False):
        """Variables that make libpq's programs reach this cluster."""
        secrets = self.layout.secrets()
        user, password = ("postgres", secrets["superuser"]) if superuser else ("odoo", secrets["database"])
        return {**os.environ, "PGHOST": str(self.home), "PGPORT": "5432", "PGUSER": user, "PGPASSWORD": password}

    def query(self, sql, database="postgres", superuser=False):
        """Rows of a statement as lists of strings (psql, no extra library)."""
        command = ["psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment(superuser), cwd="/")
        if done.returncode:
            raise ErpError(f"PostgreSQL refused: {done.stderr.strip()}")
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def databases(self):
        sql = (
            "SELECT datname, pg_size_pretty(pg_database_size(datname)) FROM pg_database "
            "WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1"
        )
        return {name: size for name, size in self.query(sql)}

    def exists(self, name):
        return name in self.databases()

    def clone(self, source, target):
        """Copy a database and its filestore; waits for nobody, so *source* must be unused."""
        self.query(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
        store = self.layout.filestore / "filestore"
        shutil.rmtree(store / target, ignore_errors=True)
        if (store / source).exists():
            shutil.copytree(store / source, store / target)

    def drop(self, name):
        """Remove a database and its filestore, closing its connections."""
        self.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(self.layout.filestore / "filestore" / name, ignore_errors=True)

    def rename(self, source, target):
        self.query(f'ALTER DATABASE "{source}" RENAME TO "{target}"')
        store = self.layout.filestore / "filestore"
        if (store / source).exists():
            (store / source).rename(store / target)
