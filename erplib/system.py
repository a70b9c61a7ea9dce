# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The machine: commands, privileges, distribution, disk, ports."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from erplib.ui import ErpError

NETWORK_WORDS = (
    "Could not resolve",
    "Temporary failure",
    "Failed to establish a new connection",
    "Network is unreachable",
    "Connection refused",
    "Could not connect",
    "ConnectTimeout",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "Unable to connect",
    "CERTIFICATE_VERIFY_FAILED",
)


def run(command, log=None, **options):
    """Run a command to its end; its output goes to *log* (a path) or is returned.

    :raise ErpError: with the last lines of the output, and a hint for the failures we know (network, disk).
    """
    command = [str(part) for part in command]
    options.setdefault("stdin", subprocess.DEVNULL)
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **options)
    if log:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        with open(log, "a", encoding="utf-8") as handle:
            handle.write(f"$ {' '.join(command)}\n{result.stdout}\n")
    if result.returncode:
        raise explain(command, result.returncode, result.stdout, log)
    return result.stdout


def explain(command, returncode, output, log=None):
    """The ErpError for a command that failed."""
    tail = "\n".join(output.strip().splitlines()[-12:])
    where = f" (all of it in {log})" if log else ""
    message = f"`{' '.join(command[:6])}` failed with exit code {returncode}{where}:\n{tail}"
    if "No space left" in output or "disk full" in output.lower():
        return ErpError(message, "The disk is full: free some space and run the same command again; it continues.", 3)
    if any(word in output for word in NETWORK_WORDS):
        return ErpError(
            message,
            "The network or the package mirror did not answer: check it (pip's, npm's and apt's own settings are used) "
            "and run the same command again; it continues where it stopped.",
            4,
        )
    return ErpError(message, "Run the same command again once the cause is gone; it continues where it stopped.")


def as_root(command):
    """The command with what makes it run as root."""
    if os.geteuid() == 0:
        return list(command)
    if not shutil.which("sudo"):
        raise ErpError(
            "Some Debian packages are missing, and installing them takes root.",
            f"Run as root once, or install sudo. The command would be: {' '.join(command)}",
            3,
        )
    return ["sudo", *command]


def as_user(user, command):
    """The command with what makes it run as *user*, when we are root and *user* is not."""
    if os.geteuid() != 0 or user == "root":
        return list(command)
    return ["runuser", "-u", user, "--", *command]


def os_release():
    """``/etc/os-release`` as a dict."""
    path = Path("/etc/os-release")
    lines = path.read_text().splitlines() if path.exists() else []
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines) if key}


def check_machine(path, need_gb=6.0, release=None):
    """Refuse a machine this can't work on, with what to do.

    :param path: folder that will hold the runtime
    :raise ErpError: not Debian 12 on amd64, or too little disk
    """
    release = os_release() if release is None else release
    if (release.get("ID"), release.get("VERSION_ID")) != ("debian", "12"):
        raise ErpError(
            f"This is {release.get('PRETTY_NAME', 'an unknown system')}; set-up is made for Debian 12 (bookworm).",
            "Use a Debian 12 machine, container or WSL distribution.",
            3,
        )
    if os.uname().machine != "x86_64":
        raise ErpError(f"This processor is {os.uname().machine}; the locked packages are for x86_64.", "Use an x86_64 machine.", 3)
    free = shutil.disk_usage(path).free / 1e9
    if free < need_gb:
        raise ErpError(
            f"Only {free:.1f} GB are free under {path}; set-up and databases need {need_gb:.0f} GB.",
            "Free some space, or point ERP_RUNTIME at a larger disk, and run again.",
            3,
        )


def port_is_free(port, host="127.0.0.1"):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port():
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def alive(pid):
    """Whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
