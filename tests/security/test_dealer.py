# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A dealer at the portal, through every door, with another dealer's ids; and reps with other reps' dealers."""

from __future__ import annotations

import base64
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from attacker import Client, Refused
from conftest import Attack
from matrix import Role
from world import QUIET, World, group_ids

MODELS = (
    "crm.dealer.cart.line",
    "crm.dealer.flag",
    "crm.dealer.flow",
    "crm.dealer.key",
    "crm.dealer.level",
    "crm.dealer.region",
    "crm.dealer.report",
    "crm.dealer.report.line",
    "crm.dealer.submission",
    "crm.dealer.task",
    "crm.dealer.task.line",
)
OWNED = ("crm.dealer.flow", "crm.dealer.report", "crm.dealer.report.line", "crm.dealer.task.line")


@dataclass
class Dealers:
    mine: Client
    partner: int
    other_partner: int
    records: dict[str, int]
    secrets: dict[str, str]

    def leaks(self, answer: Any) -> list[str]:
        text = str(answer)
        return sorted(source for needle, source in self.secrets.items() if needle in text)


def proof() -> str:
    return base64.b64encode(b"\xff\xd8\xff\xe0" + secrets.token_bytes(40)).decode()


@pytest.fixture(scope="module")
def dealers(world: World) -> Dealers:
    """My dealer belongs to the rep, the other one to the other rep; what is the other's has unmistakable values."""
    if "crm.dealer.report" not in world.models:
        pytest.skip("crm_sales_order is not installed")
    needle = {"name": "Zq" + secrets.token_hex(6), "note": "note" + secrets.token_hex(6), "product": "pr" + secrets.token_hex(6)}
    partners = []
    for name, rep in (("Mine " + world.run, "sales rep"), (needle["name"], "other rep")):
        vals = {"name": name, "is_company": True, "is_dealer": True, "user_id": world.records[rep][1]}
        partners.append(world.create("res.partner", vals))
    portal = group_ids(world, Role("portal", ("base.group_portal",), True, "own", None))
    users, password = [], secrets.token_urlsafe(12)
    for number, partner in enumerate(partners):
        login = "dealer%d-%s" % (number, world.run)
        contact = {"name": login, "login": login, "password": password, "parent_id": partner, "email": login + "@own.example.com"}
        users.append(world.create("res.users", {**contact, "groups_id": [(6, 0, portal)]}))
    other = partners[1]
    product = world.create("product.product", {"name": needle["product"], "type": "product", "sale_ok": False})
    line = {"product_id": product, "sold": 987651, "stock": 987652}
    month = date.today().replace(day=1).isoformat()
    report = world.create("crm.dealer.report", {"dealer_id": other, "month": month, "line_ids": [(0, 0, line)]})
    task = world.create("crm.dealer.task", {"name": needle["note"], "date_due": month, "dealer_ids": [(6, 0, [other])]})
    world.admin.call("crm.dealer.task", "action_issue", [task], context=QUIET)
    work = world.admin.call("crm.dealer.task.line", "search", [("task_id", "=", task)])[0]
    file = {"name": needle["note"] + ".jpg", "datas": proof(), "res_model": "crm.dealer.task.line", "res_id": work}
    order = {"partner_id": other, "user_id": world.records["other rep"][1], "note": needle["note"]}
    order["order_line"] = [(0, 0, {"product_id": product})]
    records = {
        "crm.dealer.report": report,
        "crm.dealer.report.line": world.admin.call("crm.dealer.report.line", "search", [("report_id", "=", report)])[0],
        "crm.dealer.flow": world.admin.call("crm.dealer.flow", "search", [("dealer_id", "=", other)])[0],
        "crm.dealer.task": task,
        "crm.dealer.task.line": work,
        "ir.attachment": world.create("ir.attachment", file),
        "sale.order": world.create("sale.order", order),
        "res.partner": other,
        "res.users": users[1],
    }
    found = {value: key for key, value in needle.items()} | {"987651": "sold", "987652": "stock"}
    return Dealers(world.server.login("dealer0-" + world.run, password), partners[0], other, records, found)


def refused_or(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return call(*args, **kwargs)
    except Refused:
        return None


def doors(client: Client, model: str, record_id: int | None) -> Iterator[tuple[str, Any]]:
    """(door, answer) of every way to read records of a model over RPC."""
    names = ["display_name"]
    if record_id:
        yield "read", refused_or(client.call, model, "read", [record_id])
        yield "name_get", refused_or(client.call, model, "name_get", [record_id])
        yield "export_data", refused_or(client.call, model, "export_data", [record_id], names)
        yield "web read", refused_or(client.route, "/web/dataset/call_kw", model=model, method="read", args=[[record_id]], kwargs={})
    yield "search_read", refused_or(client.call, model, "search_read", [])
    yield "read_group", refused_or(client.call, model, "read_group", [], names, ["create_uid"])
    yield "name_search", refused_or(client.call, model, "name_search", "", limit=1000)
    yield "web search_read", refused_or(client.route, "/web/dataset/search_read", model=model, fields=names, domain=[])


def test_a_dealer_reads_no_model_of_the_dealers(attack: Attack, dealers: Dealers) -> None:
    """Not even its own: the portal's pages show these, and they choose the dealer themselves."""
    for model in MODELS:
        for door, answer in doors(dealers.mine, model, dealers.records.get(model)):
            attack.check("dealer %s %s" % (door, model), not answer, "answered")
        ids = [dealers.records.get(model, 1)]
        for method, args in (("write", [ids, {}]), ("create", [{}]), ("unlink", [ids])):
            answer = refused_or(dealers.mine.call, model, method, *args)
            attack.check("dealer %s %s" % (method, model), not answer, "was allowed")


def test_a_dealer_finds_nothing_of_another_elsewhere(attack: Attack, dealers: Dealers) -> None:
    documents = ("sale.order", "sale.order.line", "stock.picking", "account.move")
    for model in (*documents, "ir.attachment", "res.partner", "res.users", "mail.message"):
        for door, answer in doors(dealers.mine, model, dealers.records.get(model)):
            attack.check("dealer %s %s" % (door, model), not dealers.leaks(answer), "shows %s" % dealers.leaks(answer))


def test_methods_behind_the_portal_are_no_doors(attack: Attack, dealers: Dealers) -> None:
    calls = (
        ("crm.dealer.task", "action_issue"),
        ("crm.dealer.task", "action_close"),
        ("crm.dealer.task.line", "action_accept"),
        ("crm.dealer.task.line", "action_return"),
    )
    for model, method in calls:
        answer = refused_or(dealers.mine.call, model, method, [dealers.records[model]])
        attack.check("dealer %s.%s" % (model, method), answer is None, "was allowed")
    for method in ("action_open_dealer_flags", "action_open_dealer_flow"):
        answer = refused_or(dealers.mine.call, "res.partner", method, [dealers.other_partner])
        attack.check("dealer %s" % method, not dealers.leaks(answer), "leaks")


def test_every_page_with_anothers_ids(attack: Attack, dealers: Dealers) -> None:
    work, file, order = (dealers.records[model] for model in ("crm.dealer.task.line", "ir.attachment", "sale.order"))
    pages = (
        "/my",
        "/my/dealer",
        "/my/dealer/catalogue",
        "/my/dealer/cart",
        "/my/dealer/orders?placed=%d" % order,
        "/my/dealer/report",
        "/my/dealer/report/template",
        "/my/dealer/tasks",
        "/my/dealer/tasks/%d" % work,
        "/my/dealer/tasks/%d/proof/%d" % (work, file),
        "/my/dealer/api",
        "/my/orders/%d" % order,
        "/report/pdf/sale.report_saleorder/%d" % order,
        "/report/html/sale.report_saleorder/%d" % order,
        "/web/content/%d" % file,
        "/web/content/ir.attachment/%d/datas" % file,
        "/web/content?model=crm.dealer.task.line&id=%d&field=note" % work,
        "/web/image/%d" % file,
        "/mail/view?model=crm.dealer.report&res_id=%d" % dealers.records["crm.dealer.report"],
    )
    for page in pages:
        leaks = dealers.leaks(refused_or(dealers.mine.get, page))
        attack.check("dealer GET %s" % page, not leaks, "shows %s" % leaks)


def test_forms_with_anothers_ids_change_nothing(attack: Attack, world: World, dealers: Dealers) -> None:
    dealers.mine.token = dealers.mine.get("/my/dealer/report").split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    work = dealers.records["crm.dealer.task.line"]
    refused_or(dealers.mine.post, "/my/dealer/tasks/%d" % work, note="mine now")
    state = world.admin.call("crm.dealer.task.line", "read", [work], ["state", "note"])[0]
    attack.check("dealer hands in another's task", (state["state"], state["note"]) == ("open", False), str(state))
    refused_or(dealers.mine.post, "/my/dealer/report", month=date.today().strftime("%Y-%m"), dealer_id=dealers.other_partner)
    line = world.admin.call("crm.dealer.report.line", "read", [dealers.records["crm.dealer.report.line"]], ["sold"])[0]
    attack.check("dealer reports for another", line["sold"] == 987651, str(line))


def test_others_than_dealers_find_no_desk(attack: Attack, world: World, dealers: Dealers) -> None:
    for name in ("sales rep", "sales director", "finance"):
        if name in world.clients:
            answer = refused_or(world.clients[name].get, "/my/dealer")
            attack.check("%s GET /my/dealer" % name, answer is None, "got a page")


def test_the_api_takes_a_valid_key_only(attack: Attack, world: World, dealers: Dealers) -> None:
    def call(**headers: str) -> int:
        body = json.dumps({"lines": []}).encode()
        request = urllib.request.Request(world.server.url + "/crm/dealer/api/report", body, {"Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}, {"Authorization": "Bearer "}):
        attack.check("api with %s" % headers, call(**headers) == 401, "not refused")
    page = dealers.mine.post("/my/dealer/api")
    key = page.split(">dk_", 1)[1].split("<", 1)[0]
    proven = {"Authorization": "Bearer dk_" + key}
    attack.check("api without idempotency key", call(**proven) == 400, "not refused")
    attack.check("api with key", call(**proven, **{"Idempotency-Key": "1"}) == 200, "refused")
    attack.check("the key is shown once", "dk_" + key not in dealers.mine.get("/my/dealer/api"), "shown again")
    stored = world.admin.call("crm.dealer.key", "search_read", [("dealer_id", "=", dealers.partner)])
    attack.check("the key is kept as a hash", key not in str(stored), "stored in clear")


def test_reps_reach_their_own_dealers_only(attack: Attack, world: World, dealers: Dealers) -> None:
    for name in ("sales rep", "team leader"):
        for model in OWNED:
            for door, answer in doors(world.clients[name], model, dealers.records[model]):
                attack.check("%s %s %s" % (name, door, model), not dealers.leaks(answer), "shows %s" % dealers.leaks(answer))
        values = {"dealer_id": dealers.other_partner, "month": "2026-01-01"}
        answer = refused_or(world.clients[name].call, "crm.dealer.report", "create", values)
        attack.check("%s reports for another's dealer" % name, answer is None, "was allowed")
    for model in OWNED:
        found = world.clients["other rep"].call(model, "search_count", [("dealer_id", "=", dealers.other_partner)])
        attack.check("other rep %s" % model, found == 1, "does not see the own dealer's")


def test_warehouse_and_finance_have_nothing_to_do_with_dealers(attack: Attack, world: World, dealers: Dealers) -> None:
    for name in ("warehouse", "finance", "marketing", "buyer"):
        if name in world.clients:
            for model in MODELS:
                for door, answer in doors(world.clients[name], model, dealers.records.get(model)):
                    attack.check("%s %s %s" % (name, door, model), not answer, "answered")
