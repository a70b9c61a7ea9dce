# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages of the portal with ids that no record has, wrong tokens and senseless questions: refused in words, never a crash."""

from __future__ import annotations

import ast
import http.cookiejar
import json
import re
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import Attack
from matrix import Role
from world import World, group_ids

CONTROLLERS = Path(__file__).resolve().parents[2] / "addons"
#: Routes of Odoo's that the suite overrides, so that their addresses are not in its sources
ODOO = (
    ("/my/orders/<int:order_id>", "GET", ("access_token", "report_type", "message", "download")),
    ("/my/orders/<int:order_id>/decline", "POST", ("access_token", "decline_message")),
    ("/my/orders/<int:order_id>/accept", "json", ("access_token", "name", "signature")),
    ("/my/orders/<int:order_id>/add_option/<int:option_id>", "json", ("access_token",)),
    ("/my/orders/<int:order_id>/update_line_dict", "json", ("access_token", "line_id", "input_quantity")),
    ("/my/orders/page/<int:page>", "GET", ()),
    ("/my/invoices/<int:invoice_id>", "GET", ("access_token", "report_type")),
)
HUGE = "9" * 30
IDS = (str(2**31), HUGE, "-1", "-" + HUGE, "0", "x", "%00", "1.5", "%D9%A3")
VALUES = ("\0", "é", HUGE, "9999-12-31", "{}")
#: Errors a page may answer a JSON question with; others are crashes
WORDS = ("odoo.exceptions.", "werkzeug.exceptions.NotFound")


@dataclass(frozen=True)
class Door:
    path: str
    kind: str
    names: tuple[str, ...]

    def at(self, record_id: object) -> str:
        return re.sub(r"<[^>]+>", str(record_id), self.path.replace("<string:kind>", "xlsx"))

    @property
    def visitors(self) -> tuple[str, ...]:
        """Nobody comes to the dealers' desk without logging in."""
        return ("dealer",) if self.path.startswith(("/my/dealer", "/my/statement")) else ("dealer", "nobody")


def doors() -> list[Door]:
    """Every address below /my/ that the suite adds, with the names of its questions."""
    found = [Door(*row) for row in ODOO]
    for path in sorted(CONTROLLERS.glob("crm_*/controllers/*.py")):
        tree = ast.parse(path.read_text())
        texts = {}
        for line in tree.body:
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
                texts[ast.unparse(line.targets[0])] = line.value.value
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found += _doors_of(node, texts)
    return found


def _doors_of(node: ast.FunctionDef, texts: dict[str, str]) -> Iterator[Door]:
    for mark in node.decorator_list:
        if not (isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("route") and mark.args):
            continue
        options = {one.arg: ast.literal_eval(one.value) for one in mark.keywords if one.arg in ("type", "methods")}
        kinds = ["json"] if options.get("type") == "json" else options.get("methods", ["GET"])
        paths = eval(compile(ast.Expression(mark.args[0]), "route", "eval"), {"__builtins__": {}}, texts)
        for path in [paths] if isinstance(paths, str) else paths:
            names = tuple(one.arg for one in node.args.args[1:] if f":{one.arg}>" not in path)
            if path.startswith("/my/"):
                yield from (Door(path, kind, names) for kind in kinds)


@dataclass
class Browser:
    """Somebody at the portal, who sees the status of each answer."""

    url: str
    csrf: str = ""
    opener: urllib.request.OpenerDirector = field(
        default_factory=lambda: urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    )

    def open(self, path: str, data: bytes | None = None, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(self.url + path, data, headers)
        try:
            with self.opener.open(request, timeout=120) as response:
                return response.status, response.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, ""

    def log_in(self, db: str, login: str, password: str) -> None:
        body = {"jsonrpc": "2.0", "params": {"db": db, "login": login, "password": password}}
        self.open("/web/session/authenticate", json.dumps(body).encode(), **{"Content-Type": "application/json"})

    def find_csrf(self, page: str) -> None:
        self.csrf = self.open(page)[1].split('name="csrf_token" value="', 1)[1].split('"', 1)[0]

    def crash(self, door: Door, path: str, questions: dict[str, str]) -> str:
        """What is wrong with the answer, "" if nothing is."""
        if door.kind == "json":
            body = json.dumps({"jsonrpc": "2.0", "params": questions}).encode()
            status, text = self.open(path, body, **{"Content-Type": "application/json"})
            error = json.loads(text).get("error", {}).get("data", {}).get("name", "") if status == 200 else ""
            return error if error and not error.startswith(WORDS) else ("HTTP %d" % status if status >= 500 else "")
        asked = urllib.parse.urlencode(questions)
        if door.kind == "POST":
            asked = urllib.parse.urlencode({**questions, "csrf_token": self.csrf})
            status, _text = self.open(path, asked.encode())
        else:
            status, _text = self.open(path + ("?" + asked if asked else ""))
        return "HTTP %d" % status if status >= 500 else ""


@pytest.fixture(scope="module")
def visitors(world: World) -> dict[str, Browser]:
    """Nobody who is logged in, and a dealer, who is a customer as well."""
    if "crm.dealer.report" not in world.models:
        pytest.skip("crm_sales_order is not installed")
    nobody, dealer = Browser(world.server.url), Browser(world.server.url)
    nobody.find_csrf("/web/login")
    partner = world.create("res.partner", {"name": "Clumsy " + world.run, "is_company": True, "is_dealer": True})
    login, password = "clumsy-" + world.run, secrets.token_urlsafe(12)
    groups = group_ids(world, Role("portal", ("base.group_portal",), True, "own", None))
    values = {"name": login, "login": login, "password": password, "parent_id": partner, "email": login + "@own.example.com"}
    world.create("res.users", {**values, "groups_id": [(6, 0, groups)]})
    dealer.log_in(world.server.db, login, password)
    dealer.find_csrf("/my/dealer/report")
    return {"nobody": nobody, "dealer": dealer}


@pytest.fixture(scope="module")
def order_id(world: World) -> int:
    """An order that has a link."""
    model, order_id = world.records["other order"]
    world.admin.call(model, "get_portal_url", [order_id])
    return order_id


def test_ids_that_no_record_has(attack: Attack, visitors: dict[str, Browser]) -> None:
    for door in doors():
        for value in IDS if "<int" in door.path else ():
            for who in door.visitors:
                problem = visitors[who].crash(door, door.at(value), {"line_id": "0"})
                attack.check("%s %s %s with %s" % (who, door.kind, door.path, value), not problem, problem)


def test_senseless_questions(attack: Attack, visitors: dict[str, Browser], order_id: int) -> None:
    for door in doors():
        for name in door.names:
            for value in VALUES:
                who = door.visitors[-1]
                problem = visitors[who].crash(door, door.at(order_id), {"line_id": "0", name: value})
                attack.check("%s %s %s?%s=%.20r" % (who, door.kind, door.path, name, value), not problem, problem)
