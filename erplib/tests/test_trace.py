# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The tracer that proves silence sees what it must see."""

import subprocess
import sys

import pytest

from erplib.server import TRACER
from erplib.testing import strangers

#: Connecting a datagram socket sends nothing, yet is the call a look-up or a request begins with.
CONNECT = "import socket; socket.socket(socket.{family}, socket.SOCK_DGRAM).connect(('{host}', 9))"


@pytest.mark.parametrize(
    ("family", "host", "seen"),
    [("AF_INET", "192.0.2.1", True), ("AF_INET", "127.0.0.1", False), ("AF_INET6", "::1", False), ("AF_INET6", "2001:db8::1", True)],
)
def test_only_addresses_beyond_this_machine_are_strangers(tmp_path, family, host, seen):
    trace = tmp_path / "trace"
    subprocess.run([*TRACER, str(trace), sys.executable, "-c", CONNECT.format(family=family, host=host)], capture_output=True)
    assert "connect(" in trace.read_text()
    assert bool(strangers(trace)) is seen
