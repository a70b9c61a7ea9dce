# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The Odoo server of one database: start it and wait until it answers, find it again, stop it."""

import fcntl
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from erplib import odoo
from erplib.system import alive, port_is_free
from erplib.ui import ErpError, say

START_TIMEOUT = 120
#: Every connect() of a process and its children, to the file named next; the filter keeps other calls at full speed.
TRACER = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect", "-o"]


class Server:
    """One Odoo process on one port of 127.0.0.1.

    :param extra: further arguments of Odoo's command line
    """

    def __init__(self, layout, config, database, port, extra=()):
        self.layout, self.config, self.database, self.port = layout, config, database, port
        self.extra = list(extra)
        self.log = layout.logs / f"odoo-{database}.log"
        self.note = layout.run_dir / f"server-{port}.json"
        #: Words before the command, such as a tracer's.
        self.prefix = []
        #: Added to the environment.
        self.environment = {}
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def check_port(self):
        """Refuse a port somebody else listens on."""
        if port_is_free(self.port):
            return
        mine = recorded(self.layout, self.port)
        if mine:
            raise ErpError(
                f"Port {self.port} serves database {mine['database']} already.", "Stop it (./erp stop) or choose another --port.", 3
            )
        raise ErpError(f"Port {self.port} is taken by another program.", "Choose another one, for instance: ./erp run --port 8070", 3)

    def runs_already(self):
        """Whether our server for this database answers on the port; one that no longer does is ended."""
        mine = recorded(self.layout, self.port)
        if not mine or mine["database"] != self.database:
            return False
        # Connections cut by a crash of PostgreSQL are noticed, and replaced, one request each.
        if any(answers(f"{self.url}/web/login") for _ in range(5)):
            return True
        end_process(mine["pid"])
        self.note.unlink(missing_ok=True)
        return False

    def start(self):
        """Start, and return once a log-in page is served.

        :raise ErpError: the port is taken, or the server ended or stayed silent
        """
        self.check_port()
        line = self.prefix + odoo.command(
            self.layout, self.config, "-d", self.database, f"--db-filter=^{self.database}$", f"--http-port={self.port}", *self.extra
        )
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                line,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.layout.root,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        self.note.write_text(json.dumps({"pid": self.process.pid, "database": self.database, "port": self.port}))
        self._wait()
        return self

    def _wait(self):
        end = time.monotonic() + START_TIMEOUT
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            if answers(f"{self.url}/web/login"):
                return
            time.sleep(0.2)
        self.stop()
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        raise ErpError(f"The server did not answer on {self.url}:\n{tail}", f"The whole log is {self.log}.")

    def wait_for_end(self):
        """Wait until the server ends or Ctrl-C / SIGTERM comes, which stops it."""
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
        try:
            code = self.process.wait()
        except KeyboardInterrupt:
            say("\nStopping …")
            self.stop()
            return 0
        self.note.unlink(missing_ok=True)
        raise ErpError(f"The server ended by itself (code {code}).", f"See {self.log}, then ./erp run again: nothing committed is lost.")

    def stop(self):
        if self.process and self.process.poll() is None:
            end_process(self.process.pid, reap=self.process)
        self.note.unlink(missing_ok=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


@contextmanager
def alone(layout, port):
    """One start at a time for a port: the second one finds the first one's server."""
    with open(layout.run_dir / f"start-{port}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def answers(url):
    """Whether a GET of *url* gives a page."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=30) as reply:
            return reply.status == 200
    except (OSError, urllib.error.URLError):
        return False


def end_process(pid, reap=None):
    """SIGINT to the server's group, which lets Odoo end requests in progress; SIGKILL after 15 s."""
    for number, patience in ((signal.SIGINT, 10), (signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if (reap.poll() is not None) if reap else not alive(pid):
                return
            time.sleep(0.05)


def recorded(layout, port=None):
    """Notes of servers that really run (those of one *port*, or all of them); leftovers of crashes are removed."""
    found = []
    for path in sorted(layout.run_dir.glob("server-*.json")):
        note = json.loads(path.read_text())
        if not _is_odoo(note["pid"]):
            path.unlink()
        elif port in (None, note["port"]):
            found.append(note)
    return found if port is None else (found[0] if found else None)


def _is_odoo(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as handle:
            return alive(pid) and b"odoo" in handle.read()
    except OSError:
        return False
