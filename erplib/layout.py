# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where things lie: the checkout, what set-up makes in ``.runtime``, and the state (database, files, logs)."""

import json
import os
import pwd
import secrets
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUITE = ("crm_core", "crm_sales_order", "crm_procurement", "crm_service", "crm_bi")

#: Socket paths are limited to 107 bytes by the kernel; the socket's own name takes 20.
MAX_SOCKET_DIR = 85


class Layout:
    """Paths of one installation.

    ``ERP_RUNTIME`` moves what set-up installs, ``ERP_STATE`` the databases, files and logs (a test of crashes uses a
    state of its own beside the user's).
    """

    def __init__(self, env=os.environ):
        self.root = ROOT
        self.runtime = Path(env.get("ERP_RUNTIME") or ROOT / ".runtime").resolve()
        self.state = Path(env.get("ERP_STATE") or self.runtime / "state").resolve()
        self.addons = ROOT / "addons"
        self.config = ROOT / "config"
        self.debs = self.runtime / "debs"
        self.debian = self.runtime / "debian"
        self.venv = self.runtime / "venv"
        self.tools = self.runtime / "tools"
        self.logs = self.state / "logs"
        self.run_dir = self.state / "run"
        self.filestore = self.state / "data"
        self.screenshots = self.runtime / "screenshots"

    @property
    def python(self):
        return self.venv / "bin" / "python"

    @property
    def odoo_bin(self):
        return self.venv / "bin" / "odoo"

    @property
    def tools_python(self):
        return self.tools / "bin" / "python"

    @property
    def site_packages(self):
        return self.venv / "lib" / "python3.9" / "site-packages"

    def make(self):
        for path in (self.runtime, self.state, self.logs, self.run_dir, self.filestore):
            path.mkdir(parents=True, exist_ok=True)
        self.state.chmod(0o711)
        return self

    def secrets(self):
        """Generated once per state, readable by its owner only: dict of name → password."""
        path = self.state / "secrets.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        missing = {"master", "database", "superuser", "demo", "admin"} - set(known)
        if missing:
            known.update({name: secrets.token_urlsafe(12) for name in sorted(missing)})
            descriptor, part = tempfile.mkstemp(dir=self.state)
            with os.fdopen(descriptor, "w") as handle:
                json.dump(known, handle, indent=1)
            os.replace(part, path)
        return known

    def cluster_owner(self):
        """Name of the user PostgreSQL runs as: ``initdb`` refuses root."""
        return "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name

    def cluster_home(self):
        """Folder for PostgreSQL's cluster and socket: in the state, or in /var/tmp where that can't serve.

        It can't where the cluster's owner may not look (a root-only home, a CI folder) or the socket's path is too long.
        """
        inside = self.state / "postgres"
        if len(str(inside)) <= MAX_SOCKET_DIR and (os.geteuid() != 0 or _others_may_enter(self.state)):
            return inside
        note = self.state / "postgres-home"
        if not note.exists():
            # A name of its own for each state: a later one at the same path never meets an older one's cluster.
            self.state.mkdir(parents=True, exist_ok=True)
            note.write_text(f"/var/tmp/erp-{os.geteuid()}-{secrets.token_hex(6)}")
        return Path(note.read_text())


def _others_may_enter(path):
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))
