# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Crashes of the server and of PostgreSQL, and set-up on a machine that can't: ``./erp`` as its user calls it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import xmlrpc.client
from pathlib import Path

import pytest

from erplib.layout import ROOT, Layout
from erplib.system import alive, free_port

DATABASE = "work"


def erp(*arguments, **environment):
    """(exit code, output) of a call of the script."""
    done = subprocess.run(
        [ROOT / "erp", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
        timeout=600,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """Environment of an installation of its own, with a copy of the suite's database restored from a backup."""
    folder = tmp_path_factory.mktemp("state")
    archive = folder / "suite.tar"
    code, output = erp("backup", "--db", os.environ["ERP_DB"], archive)
    assert code == 0, output
    environment = {"ERP_STATE": str(folder / "own")}
    code, output = erp("restore", archive, DATABASE, **environment)
    assert code == 0, output
    yield environment
    erp("stop", **environment)
    home = Layout({**os.environ, **environment}).cluster_home()
    shutil.rmtree(home, ignore_errors=True)


def notes(state):
    return [json.loads(path.read_text()) for path in (Path(state["ERP_STATE"]) / "run").glob("server-*.json")]


def postmaster(state):
    home = Layout({**os.environ, **state}).cluster_home()
    return int((home / "data/postmaster.pid").read_text().split()[0])


def call(port, model, method, *arguments):
    password = os.environ["ERP_ADMIN_PASSWORD"]
    common = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}/xmlrpc/2/common")
    uid = common.authenticate(DATABASE, "admin", password, {})
    assert uid
    return xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}/xmlrpc/2/object").execute_kw(
        DATABASE, uid, password, model, method, list(arguments)
    )


def test_nothing_committed_is_lost_when_server_and_postgresql_are_killed(state):
    port = free_port()
    code, output = erp("run", "--db", DATABASE, "--port", port, "--detach", **state)
    assert code == 0, output
    for round_, victims in enumerate((("server",), ("postgres",), ("server", "postgres"))):
        name = f"written before crash {round_}"
        partner = call(port, "res.partner", "create", {"name": name})
        pids = {"server": notes(state)[0]["pid"], "postgres": postmaster(state)}
        for victim in victims:
            os.kill(pids[victim], signal.SIGKILL)
        if "server" in victims:
            while alive(pids["server"]):
                time.sleep(0.05)
        start = time.monotonic()
        code, output = erp("run", "--db", DATABASE, "--port", port, "--detach", **state)
        assert code == 0, output
        print(f"up again after killing {' and '.join(victims)}: {time.monotonic() - start:.1f} s")
        assert call(port, "res.partner", "read", [partner], ["name"])[0]["name"] == name


def test_backup_holds_what_was_written_since(state, tmp_path):
    port = free_port()
    erp("stop", **state)
    code, output = erp("run", "--db", DATABASE, "--port", port, "--detach", **state)
    assert code == 0, output
    attachment = call(port, "ir.attachment", "create", {"name": "proof.txt", "datas": "cHJvb2Y=", "mimetype": "text/plain"})
    code, output = erp("backup", "--db", DATABASE, tmp_path / "b.tar", **state)
    assert code == 0, output
    call(port, "ir.attachment", "unlink", [attachment])
    code, output = erp("restore", tmp_path / "b.tar", "restored", **state)
    assert code == 0, output
    code, output = erp("db", "list", **state)
    assert "restored" in output
    erp("stop", **state)


def test_an_upgrade_backs_up_first_and_keeps_the_data(state):
    code, output = erp("upgrade", "--db", DATABASE, **state)
    assert code == 0, output
    assert list((Path(state["ERP_STATE"]) / "backups").glob(f"{DATABASE}-*.tar"))
    port = free_port()
    code, output = erp("run", "--db", DATABASE, "--port", port, "--detach", **state)
    assert code == 0, output
    assert call(port, "res.partner", "search_count", [["name", "=", "written before crash 0"]]) == 1
    erp("stop", **state)


def test_a_damaged_backup_is_refused_and_leaves_no_database(state, tmp_path):
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(b"not a backup" * 100)
    code, output = erp("restore", damaged, "fromdamaged", **state)
    assert code == 1
    assert "not a whole backup" in output
    assert "fromdamaged" not in erp("db", "list", **state)[1]


def test_a_taken_port_is_named_with_the_way_out(state):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, output = erp("run", "--db", DATABASE, "--port", other.getsockname()[1], "--detach", **state)
    assert code == 3
    assert "--port" in output


def test_no_network_is_said_and_the_next_run_continues(tmp_path):
    nowhere = f"http://127.0.0.1:{free_port()}/debian"
    environment = {"ERP_RUNTIME": str(tmp_path / "runtime"), "ERP_DEBIAN_MIRROR": nowhere, "ERP_DEBIAN_SECURITY_MIRROR": nowhere}
    code, output = erp("db", "list", **environment)
    assert code == 4
    assert "run the same command again" in output


def test_two_starts_at_once_leave_one_server(state):
    port = free_port()
    starts = [
        subprocess.Popen(
            [ROOT / "erp", "run", "--db", DATABASE, "--port", str(port), "--detach"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **state},
        )
        for _ in range(2)
    ]
    codes = sorted(start.wait(300) for start in starts)
    assert codes[0] == 0
    assert call(port, "res.partner", "search_count", [])
    assert len(notes(state)) == 1
