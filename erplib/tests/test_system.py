# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the script says when the machine, the network or the disk won't do."""

import os
import subprocess

import pytest

from erplib.system import alive, check_machine, explain, free_port, port_is_free, run
from erplib.ui import ErpError

DEBIAN_12 = {"ID": "debian", "VERSION_ID": "12", "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)"}


def test_debian_12_with_room_is_accepted(tmp_path):
    check_machine(tmp_path, need_gb=0.001, release=DEBIAN_12)


@pytest.mark.parametrize("release", [{}, {**DEBIAN_12, "VERSION_ID": "11"}, {"ID": "ubuntu", "VERSION_ID": "24.04"}])
def test_another_distribution_is_refused_with_what_to_use(tmp_path, release):
    with pytest.raises(ErpError) as error:
        check_machine(tmp_path, release=release)
    assert error.value.code == 3
    assert "Debian 12" in error.value.hint


def test_too_small_a_disk_is_refused_before_anything_is_downloaded(tmp_path):
    with pytest.raises(ErpError, match="GB are free") as error:
        check_machine(tmp_path, need_gb=1e9, release=DEBIAN_12)
    assert "ERP_RUNTIME" in error.value.hint


def test_a_full_disk_during_a_step_is_named():
    error = explain(["pip"], 1, "OSError: [Errno 28] No space left on device")
    assert "disk is full" in error.hint
    assert error.code == 3


def test_a_silent_mirror_is_named():
    error = explain(["apt-get"], 100, "Err:1 Temporary failure resolving 'mirror'")
    assert error.code == 4


def test_a_failing_command_keeps_its_last_lines_and_all_in_the_log(tmp_path):
    log = tmp_path / "logs" / "x.log"
    with pytest.raises(ErpError, match="the reason"):
        run(["sh", "-c", "echo the reason; exit 7"], log)
    assert "the reason" in log.read_text()


def test_a_port_is_taken_while_somebody_listens():
    port = free_port()
    assert port_is_free(port)
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert not port_is_free(port)


def test_a_process_is_alive_until_it_ends():
    child = subprocess.Popen(["sleep", "30"])
    assert alive(child.pid)
    child.kill()
    while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT) is None:
        pass
    assert not alive(child.pid), "a zombie counts as dead"
    child.wait()
