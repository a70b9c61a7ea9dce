# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Further processes that run the jobs of one database, beside its server; ``./erp run --job-workers N`` starts them.

They are the workers of a second Odoo on a port of its own. The server's job runner hands the jobs to that port, the
kernel gives each to a worker that is free; a worker that dies is forked anew by Odoo. Odoo itself is kept alive by the
small process this module is when run (``python -m erplib.workers COMMAND …``): it starts the command again when it
ends, and ends it when it is told to or dies.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time

from erplib import server
from erplib.system import free_port
from erplib.ui import ErpError

#: A process that lives longer than this died of something else than its start
HEALTHY_SECONDS = 5
LONGEST_PAUSE = 30
#: Above it a worker is replaced after the job it runs: what design/90 grants a process
MEMORY = 600 * 1024**2
PR_SET_PDEATHSIG = 1


class JobWorkers:
    """*number* processes for the jobs of *database*, whose server listens on *server_port*."""

    def __init__(self, layout, config, database, number, server_port):
        self.layout, self.config, self.database = layout, config, database
        self.number, self.server_port = number, server_port
        self.port = free_port()
        self.log = layout.logs / f"jobs-{database}.log"
        self.note = layout.run_dir / f"server-{self.port}.json"
        self.keeper = None

    @property
    def runner(self):
        """Environment of the server, so that its job runner hands jobs to these workers, as many as there are."""
        return {
            "ODOO_QUEUE_JOB_HOST": "127.0.0.1",
            "ODOO_QUEUE_JOB_PORT": str(self.port),
            "ODOO_QUEUE_JOB_CHANNELS": f"root:{self.number},root.intake:{self.number}",
        }

    def command(self):
        options = {
            "-d": self.database,
            "--db-filter": f"^{self.database}$",
            "--http-port": self.port,
            "--workers": self.number,
            "--max-cron-threads": 0,
            "--limit-memory-soft": MEMORY,
        }
        words = [word for key, value in options.items() for word in ((key, value) if key == "-d" else (f"{key}={value}",))]
        return [str(word) for word in (self.layout.python, "-m", "erplib.job_server", "-c", self.config, *words)]

    def start(self):
        """Start, and return once they answer.

        :raise ErpError: they stayed silent
        """
        with open(self.log, "ab") as log:
            self.keeper = subprocess.Popen(
                [sys.executable, "-m", "erplib.workers", *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.layout.root,
                env={**os.environ, "PYTHONPATH": str(self.layout.root), "ODOO_QUEUE_JOB_CHANNELS": "root:0"},
                start_new_session=True,
            )
        note = {"pid": self.keeper.pid, "database": self.database, "port": self.port, "jobs_of": self.server_port}
        self.note.write_text(json.dumps(note))
        end = time.monotonic() + server.START_TIMEOUT
        while time.monotonic() < end and self.keeper.poll() is None:
            if server.answers(f"http://127.0.0.1:{self.port}/web/login"):
                return self
            time.sleep(0.2)
        self.stop()
        raise ErpError("The workers for jobs did not start.", f"See {self.log}.")

    def stop(self):
        if self.keeper and self.keeper.poll() is None:
            server.end_process(self.keeper.pid, reap=self.keeper)
        self.note.unlink(missing_ok=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def stop_left_over(layout, server_port):
    """End workers whose server on *server_port* is gone."""
    for note in server.recorded(layout):
        if note.get("jobs_of") == server_port:
            server.end_process(note["pid"])


class Keeper:
    """Runs a command again and again until it is told to stop."""

    def __init__(self, command):
        self.command, self.child, self.stopping = command, None, False

    def run(self):
        """Returns when told to stop, after the command's processes have ended."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        pause = 1
        while not self.stopping:
            start = time.monotonic()
            self.child = subprocess.Popen(self.command, start_new_session=True, preexec_fn=_end_with_parent)
            self.child.wait()
            _kill_group(self.child.pid)  # its forks hold the port
            pause = 1 if time.monotonic() - start > HEALTHY_SECONDS else min(2 * pause, LONGEST_PAUSE)
            if not self.stopping:
                print(f"ended with code {self.child.returncode}; starting again in {pause} s", flush=True)
                self._sleep(pause)

    def _sleep(self, seconds):
        end = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < end:
            time.sleep(0.1)

    def _stop(self, *_):
        """Let jobs in progress end, as long as ``end_process`` waits for this process."""
        self.stopping = True
        if self.child and self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGINT)


def _end_with_parent():
    """In the child: the kernel interrupts it when the keeper dies, however that happens."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _kill_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


if __name__ == "__main__":
    Keeper(sys.argv[1:]).run()
