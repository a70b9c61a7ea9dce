# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Stamps, hashes, locks and layout of set-up."""

import os
import re
import shutil

import pytest

from erplib import debian
from erplib.databases import check_name
from erplib.environments import digest, stamped
from erplib.layout import MAX_SOCKET_DIR, ROOT, SUITE, Layout
from erplib.odoo import closure, manifest
from erplib.ui import ErpError


@pytest.fixture
def layout(tmp_path):
    return Layout({"ERP_RUNTIME": str(tmp_path / "runtime")}).make()


def test_a_step_that_was_done_with_the_same_inputs_is_not_done_again(layout):
    done = []
    for inputs in ("a", "a", "b"):
        stamped(layout, "step", inputs, lambda inputs=inputs: done.append(inputs), "step")
    assert done == ["a", "b"]


def test_a_step_that_broke_is_done_again(layout):
    done = []

    def breaks():
        done.append(1)
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            stamped(layout, "step", "a", breaks, "step")
    assert len(done) == 2


def test_a_digest_sees_content_and_names_but_not_what_is_skipped(tmp_path):
    folder = tmp_path / "addon"
    (folder / "static").mkdir(parents=True)
    (folder / "a.py").write_text("1")
    first = digest(folder, skip=("static",))
    (folder / "static/x.js").write_text("x")
    assert digest(folder, skip=("static",)) == first
    (folder / "a.py").write_text("2")
    assert digest(folder, skip=("static",)) != first


def test_secrets_are_made_once_and_are_their_owners_only(layout):
    first = layout.secrets()
    assert layout.secrets() == first
    assert len(set(first.values())) == len(first)
    assert (layout.state / "secrets.json").stat().st_mode & 0o077 == 0


def test_the_socket_path_stays_within_what_the_kernel_allows(tmp_path):
    deep = tmp_path / ("x" * MAX_SOCKET_DIR)
    deep.mkdir()
    assert len(str(Layout({"ERP_STATE": str(deep)}).cluster_home())) <= MAX_SOCKET_DIR


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as somebody else")
def test_a_checkout_only_root_may_enter_keeps_its_cluster_elsewhere(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = Layout({"ERP_STATE": str(closed)}).cluster_home()
    assert str(home).startswith("/var/tmp/")
    assert Layout({"ERP_STATE": str(closed)}).cluster_home() == home


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as somebody else")
def test_a_state_made_anew_at_the_same_path_gets_a_cluster_of_its_own(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    first = Layout({"ERP_STATE": str(closed)}).cluster_home()
    shutil.rmtree(closed)
    closed.mkdir(mode=0o700)
    assert Layout({"ERP_STATE": str(closed)}).cluster_home() != first


def test_a_package_with_another_hash_is_not_taken(tmp_path):
    (tmp_path / "odoo-14_fake.deb").write_bytes(b"not the package")
    assert debian._verified(tmp_path, debian.read_lock(Layout())) == {}


def test_every_locked_python_package_has_hashes():
    for path in (ROOT / "config/python").glob("*.lock"):
        text = path.read_text()
        assert len(re.findall(r"^\S+==", text, re.M)) == len(re.findall(r"^\S+==\S+ \\$", text, re.M))


def test_no_registry_host_is_named_in_the_configuration():
    for path in (p for p in (ROOT / "config").rglob("*") if p.is_file()):
        assert not re.search(r"https?://(deb\.|registry\.|pypi|files\.python)", path.read_text()), path


@pytest.mark.parametrize("name", ["Demo", "1a", "a-b", "tmpl_x", "test_x", "postgres", "a" * 60, "a;drop"])
def test_a_database_name_that_would_break_something_is_refused(name):
    with pytest.raises(ErpError):
        check_name(name)


def test_an_addon_never_depends_upward():
    for name in SUITE:
        assert closure(Layout(), name)[-1] == name
        assert set(manifest(Layout(), name)["depends"]) & set(SUITE) <= set(SUITE[: SUITE.index(name)])
