# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Public pools: reps choose without seeing contact details, and claiming is the only way in, for every role."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from attacker import Client, Refused
from conftest import Attack
from matrix import DETAILS, LIMITED, ROLES, Role
from world import World

REPS = tuple(role for role in LIMITED if role.name == "sales rep")
TAKERS = tuple(role for role in ROLES if role.leads)
POOLED = ("pooled lead", "pooled customer")
VIEWS = {"crm.lead": "crm.pool.lead", "res.partner": "crm.pool.customer"}


@pytest.fixture
def pooled_secrets(world: World) -> Any:
    """Only what belongs to pooled records counts as a secret here."""
    everything = world.secrets
    world.secrets = {needle: source for needle, source in everything.items() if "pooled" in source}
    yield world.secrets
    world.secrets = everything


@pytest.mark.parametrize("role", REPS, ids=str)
@pytest.mark.parametrize("name", POOLED)
def test_reps_choose_without_contact_details(
    world: World, attack: Attack, role: Role, client: Client, name: str, pooled_secrets: Any
) -> None:
    model, record_id = world.records[name]
    view = VIEWS[model]
    rows = client.call(view, "search_read", [("id", "=", record_id)])
    attack.check("choose", bool(rows) and world.run in rows[0]["name"], "not shown: %s" % rows)
    attack.probe("choose: all fields", client.call, view, "read", [record_id])
    for path in ("id", "pool_id", "name"):
        attack.probe("choose: group by %s" % path, client.call, view, "read_group", [], ["id"], [path])
    attack.probe("choose: export", client.call, view, "export_data", [record_id], ["name", "pool_id/name", "city"])
    own = [("id", "=", record_id)]
    for field in DETAILS[model]:
        attack.probe("read %s" % field, client.call, model, "read", [record_id], [field])
        attack.probe("export %s" % field, client.call, model, "export_data", [record_id], [field])

        def search(guess: str, field: str = field) -> Any:
            return client.call(model, "search", [*own, (field, "=", guess)])

        attack.compare("search %s" % field, search, world.values[name, field], "nothing")

        def search_view(guess: str, field: str = field) -> Any:
            return client.call(view, "search", [*own, (field, "=", guess)])

        attack.compare("search %s in the view" % field, search_view, world.values[name, field], "nothing")
    attack.probe("name_get", client.call, model, "name_get", [record_id], context={"show_email": 1, "show_address": 1})
    attack.probe("copy_data", client.call, model, "copy_data", [record_id])
    attack.probe("onchange", client.call, model, "onchange", [record_id], {}, [], dict.fromkeys(DETAILS[model], "1"))
    attack.probe("messages", client.call, "mail.message", "message_fetch", [("res_id", "=", record_id)])
    attack.probe("followers", client.route, "/mail/read_followers", res_model=model, res_id=record_id)
    attack.probe("touchpoints", client.call, "crm.touchpoint", "search_read", [])
    attack.probe("history", client.call, "crm.holding", "search_read", [])
    if model == "res.partner":
        vals = {"partner_id": record_id}
        spec = dict.fromkeys(client.call("crm.lead", "fields_get", [], ["type"]), "1")
        attack.probe("onchange of a lead on it", client.call, "crm.lead", "onchange", [], vals, "partner_id", spec)


def doors(client: Client, lead: int, customer: int, pool: int) -> list[tuple[str, str, str, list[Any]]]:
    """(what, model, method, arguments): ways somebody might try to get at what lies in a pool."""
    me = client.uid
    result: list[tuple[str, str, str, list[Any]]] = []
    for model, record in (("crm.lead", lead), ("res.partner", customer)):
        for vals in (
            {"user_id": me},
            {"user_id": me, "pool_id": False},
            {"pool_id": False},
            {"pool_id": False, "claimed_pool_id": pool},
            {"user_id": me, "active": True, "name": "Mine"},
        ):
            result.append(("write %s" % vals, model, "write", [[record], vals]))
            result.append(("update %s" % vals, model, "update", [[record], vals]))
        result.append(("import", model, "load", [[".id", "user_id/.id"], [[str(record), str(me)]]]))
        result.append(("import pool", model, "load", [[".id", "pool_id/.id"], [[str(record), ""]]]))
        result.append(("private", model, "_write", [[record], {"user_id": me, "pool_id": None}]))
        result.append(("subscribe", model, "message_subscribe", [[record], [2]]))
        result.append(("release", model, "_release", [[record], 1]))
    result += [
        ("salesmen", "crm.lead", "handle_salesmen_assignment", [[lead], [me]]),
        ("convert", "crm.lead", "convert_opportunity", [[lead], False, [me]]),
        ("merge", "crm.lead", "merge_opportunity", [[lead], me]),
        ("transfer", "crm.holding", "_transfer", ["crm.lead", {str(lead): me}, "claimed"]),
        ("log", "crm.holding", "create", [{"lead_id": lead, "to_user_id": me, "reason": "claimed"}]),
        ("claim back door", "crm.pool", "_claim", ["crm.lead", [lead]]),
    ]
    return result


@pytest.mark.parametrize("role", TAKERS, ids=str)
def test_no_role_takes_by_writing(world: World, attack: Attack, role: Role, client: Client) -> None:
    _attack_doors(world, attack, client)


def test_not_even_the_administrator_takes_by_writing(world: World, attack: Attack) -> None:
    _attack_doors(world, attack, world.admin)


def _attack_doors(world: World, attack: Attack, client: Client) -> None:
    (_model, lead), (_model, customer) = (world.records[name] for name in POOLED)
    pool = world.records["pooled lead's pool"][1]
    for what, model, method, args in doors(client, lead, customer, pool):
        try:
            client.call(model, method, *args)
        except Refused:
            pass
        attack.check(what, _is_pooled(world, lead, customer), "changed hands")
    for wizard in ("crm.lead2opportunity.partner", "crm.lead2opportunity.partner.mass"):
        context = {"active_model": "crm.lead", "active_id": lead, "active_ids": [lead]}
        vals = {"name": "convert", "action": "nothing", "user_id": client.uid, "force_assignment": True}
        try:
            wizard_id = client.call(wizard, "create", vals, context=context)
            client.call(wizard, "action_apply", [wizard_id], context=context)
        except Refused:
            pass
        attack.check(wizard, _is_pooled(world, lead, customer), "changed hands")


def _is_pooled(world: World, lead: int, customer: int) -> bool:
    rows = world.admin.call("crm.lead", "read", [lead], ["user_id", "pool_id"])
    rows += world.admin.call("res.partner", "read", [customer], ["user_id", "pool_id"])
    return all(row["pool_id"] and not row["user_id"] for row in rows)


@pytest.mark.parametrize("role", LIMITED, ids=str)
def test_pooled_records_are_not_worked_on(world: World, attack: Attack, role: Role, client: Client) -> None:
    for name in POOLED:
        model, record_id = world.records[name]
        kind = world.admin.call("ir.model", "search", [("model", "=", model)])[0]
        activity = {"res_model_id": kind, "res_id": record_id, "user_id": client.uid, "summary": "Mine"}
        for what, called, method, args in (
            ("name", model, "write", [[record_id], {"name": "Changed"}]),
            ("archive", model, "toggle_active", [[record_id]]),
            ("unlink", model, "unlink", [[record_id]]),
            ("message", model, "message_post", [[record_id]]),
            ("activity", "mail.activity", "create", [activity]),
        ):
            try:
                client.call(called, method, *args)
                done = True
            except Refused:
                done = False
            attack.check("%s of %s" % (what, name), not done, "done")


@pytest.mark.parametrize("role", REPS, ids=str)
def test_own_leads_change_hands_by_release_only(world: World, attack: Attack, role: Role, client: Client) -> None:
    other = world.records["other rep"][1]
    for model, record_id in (world.records["my lead"], world.records["my customer"]):
        for vals in ({"user_id": other}, {"user_id": False}, {"pool_id": 1}, {"recycle_protected": True}):
            try:
                client.call(model, "write", [record_id], vals)
                done = True
            except Refused:
                done = False
            attack.check("write %s on own %s" % (vals, model), not done, "done")


def test_claiming_is_the_way_in(world: World) -> None:
    """Two reps at once over HTTP, 20 leads: one gets each, the other is told who was faster."""
    rep, leader = world.clients["sales rep"], world.clients["team leader"]
    pool = world.records["pooled lead's pool"][1]
    for _round in range(20):
        vals = {"name": "Race " + world.run, "pool_id": pool, "user_id": False}
        lead = world.create("crm.lead", vals)
        answers: dict[int, str] = {}

        def claim(client: Client, lead: int = lead, answers: dict[int, str] = answers) -> None:
            try:
                client.call("crm.pool.lead", "action_claim", [lead])
                answers[client.uid] = ""
            except Refused as error:
                answers[client.uid] = str(error)

        threads = [threading.Thread(target=claim, args=(client,)) for client in (rep, leader)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        winners = [uid for uid, text in answers.items() if not text]
        assert len(winners) == 1, answers
        assert "just claimed by a colleague" in max(answers.values())
        assert world.admin.call("crm.lead", "read", [lead], ["user_id"])[0]["user_id"][0] == winners[0]
