# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What strangers send is shown as text: no script of theirs runs on any screen that shows it."""

import json
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "faults"))

from intake_client import Admin, exchange, receipt, signed

SCRIPT = '"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script><svg/onload=window.pwned=1>'
EVIL = {
    "name": "Mallory " + SCRIPT,
    "company": "Mallory Ltd " + SCRIPT,
    "phone": "13899990000" + SCRIPT,
    "email": 'm@example.com" onmouseover="window.pwned=1',
    "subject": "Offer " + SCRIPT,
    "message": SCRIPT,
    "city": SCRIPT,
    "wechat": SCRIPT,
    "keyword": SCRIPT,
    "page": "javascript:window.pwned=1",
    "referrer": "https://example.com/" + SCRIPT,
    "utm_source": SCRIPT,
}


@pytest.fixture(scope="module")
def sent(url):
    """(id of the touchpoint, id of its lead, id of a dead letter) after processing."""
    admin = Admin(url, os.environ["ERP_DB"], os.environ["ERP_ADMIN_PASSWORD"])
    channel = admin.make_channel(name="Mallory's form")
    port = urlsplit(url).port
    good = receipt(exchange(port, signed(channel, json.dumps(EVIL).encode(), "evil")))
    bad = receipt(exchange(port, signed(channel, ("{" + SCRIPT).encode(), "dead")))
    end = time.monotonic() + 180
    while True:
        found = admin.call("crm.touchpoint", "search_read", [["receipt", "in", [good, bad]]], ["receipt", "state", "lead_id"])
        if all(row["state"] != "received" for row in found):
            break
        assert time.monotonic() < end, "not processed"
        time.sleep(0.5)
    rows = {row["receipt"]: row for row in found}
    assert (rows[good]["state"], rows[bad]["state"]) == ("done", "dead")
    return rows[good]["id"], rows[good]["lead_id"][0], rows[bad]["id"]


@pytest.mark.parametrize("role", ["director", "marketing"])
def test_no_script_of_a_stranger_runs(open_screen, sent, role):
    touchpoint, lead, dead = sent
    screen = open_screen(role)
    for name, place in (
        ("lead", f"model=crm.lead&view_type=form&id={lead}"),
        ("leads", "model=crm.lead&view_type=list"),
        ("touchpoint", f"model=crm.touchpoint&view_type=form&id={touchpoint}"),
        ("dead-letter", f"model=crm.touchpoint&view_type=form&id={dead}"),
        ("touchpoints", "model=crm.touchpoint&view_type=list"),
    ):
        screen.page.goto("about:blank")
        screen.page.goto(f"{screen.url}/web#{place}")
        screen.page.wait_for_selector(".o_form_view, .o_list_view")
        screen.settle()
        for tab in screen.page.query_selector_all(".o_notebook .nav-link"):
            if tab.is_visible():
                tab.click()
                screen.settle()
        screen.shoot(f"intake-{name}-{role}")
        assert screen.page.evaluate("() => window.pwned") is None, name
    assert not screen.strangers


def test_channels_and_dead_letters_open_from_the_menu(open_screen):
    screen = open_screen("marketing")
    for menu in ("menu_intake_channels", "menu_intake_touchpoints", "menu_intake_dead_letters"):
        screen.open_menu(f"crm_core.{menu}")
        screen.shoot(menu.replace("_", "-"))
        assert screen.page.query_selector(".o_list_view")
    assert not screen.problems
