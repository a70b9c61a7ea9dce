# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``--lan``: TLS in front of the server, for phones; service worker, camera and location work over HTTPS only."""

import os
import shutil
import signal
import socket
import subprocess

from erplib import debian
from erplib.system import alive, port_is_free, run
from erplib.ui import ErpError

PORT = 8443
YEARS = "3650"


def address():
    """This machine's address in its network, without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]


def certificate(layout, names):
    """Key and certificate for *names*, signed by an authority of this installation; returns their folder.

    The authority is made once, so that a phone that trusts it goes on trusting after the address changed.
    """
    folder = layout.state / "tls"
    folder.mkdir(mode=0o700, exist_ok=True)
    wanted = ",".join(f"IP:{name}" if name.replace(".", "").isdigit() else f"DNS:{name}" for name in names)
    if not (folder / "ca.crt").exists():
        new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", YEARS, "-subj", "/CN=CRM Suite on this network"]
        run([*new, "-keyout", folder / "ca.key", "-out", folder / "ca.crt"])
    marker = folder / "names"
    if not marker.exists() or marker.read_text() != wanted:
        request = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={names[0]}", "-keyout", folder / "server.key"]
        run([*request, "-out", folder / "server.csr"])
        (folder / "extensions").write_text(f"subjectAltName={wanted}\nextendedKeyUsage=serverAuth\n")
        sign = ["openssl", "x509", "-req", "-in", folder / "server.csr", "-CA", folder / "ca.crt", "-CAkey", folder / "ca.key"]
        run([*sign, "-CAcreateserial", "-days", "825", "-extfile", folder / "extensions", "-out", folder / "server.crt"])
        marker.write_text(wanted)
    return folder


class Proxy:
    """nginx with TLS before the server's port; ended with it."""

    def __init__(self, layout, upstream_port, port=PORT):
        self.layout, self.upstream_port, self.port = layout, upstream_port, port
        self.host = address()
        self.process = None

    @property
    def url(self):
        return f"https://{self.host}:{self.port}"

    def start(self, detach=False):
        """Start; a detached one is ended by :func:`stop_detached`."""
        if not port_is_free(self.port, "0.0.0.0"):
            raise ErpError(f"Port {self.port} is taken by another program.", "Stop it, then run again.", 3)
        tls = certificate(self.layout, [self.host, socket.gethostname(), "127.0.0.1", "localhost"])
        home = self.layout.state / "nginx"
        home.mkdir(exist_ok=True)
        authority = home / "www"
        authority.mkdir(exist_ok=True)
        shutil.copy2(tls / "ca.crt", authority)
        text = (self.layout.config / "lan.nginx.conf").read_text()
        for name, value in {"PORT": self.port, "UPSTREAM": self.upstream_port, "TLS": tls, "HOME": home}.items():
            text = text.replace(f"@{name}@", str(value))
        (home / "nginx.conf").write_text(text)
        binary = debian.extract_host_package(self.layout, "nginx") / "usr/sbin/nginx"
        command = [binary, "-p", home, "-c", home / "nginx.conf", "-e", home / "error.log"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([*command, "-g", "daemon off;"], start_new_session=detach, **quiet)
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


def stop_detached(layout):
    """End the proxy of an earlier ``--lan --detach``, if there is one."""
    path = layout.state / "nginx" / "nginx.pid"
    if path.exists():
        pid = int(path.read_text())
        if alive(pid):
            os.kill(pid, signal.SIGTERM)
