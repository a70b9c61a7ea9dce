# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whose customers and leads a role reaches, and what it may change: the rows and columns of 00-suite's table."""
from __future__ import annotations

from typing import Any

import pytest
from attacker import Client, Refused
from conftest import Attack
from matrix import LIMITED, READERS, ROLES, Role
from world import World

CUSTOMERS = ("other customer", "other contact")
EVERY_LIMITED = pytest.mark.parametrize("role", LIMITED, ids=str)


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_own_side_is_reached(world: World, attack: Attack, role: Role, client: Client) -> None:
    """The positive half: a role works on what is its own, or its team's."""
    for name in ("my customer", "my contact", "my lead"):
        model, record_id = world.records[name]
        reaches = model == "res.partner" or role.leads is not None
        found = _search(client, model, record_id)
        attack.check("search %s" % name, bool(found) == reaches, "found %s" % found)


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_other_side(world: World, attack: Attack, role: Role, client: Client) -> None:
    for name in ("other customer", "other contact", "other lead"):
        model, record_id = world.records[name]
        reach = role.customers if model == "res.partner" else role.leads
        found = _search(client, model, record_id)
        attack.check("search %s" % name, bool(found) == (reach == "all"), "found %s" % found)


def _search(client: Client, model: str, record_id: int) -> list[int]:
    try:
        return client.call(model, "search", [("id", "=", record_id)])
    except Refused:
        return []


@EVERY_LIMITED
def test_reps_and_leaders_get_nothing_of_others(world: World, attack: Attack, role: Role, client: Client) -> None:
    other = {needle: source for needle, source in world.secrets.items() if "other" in source or "portal" in source}
    everything, world.secrets = world.secrets, other
    try:
        _attack_others(world, attack, client)
    finally:
        world.secrets = everything


def _attack_others(world: World, attack: Attack, client: Client) -> None:
    for name in ("other customer", "other contact", "other lead"):
        model, record_id = world.records[name]
        own = [("id", "=", record_id)]
        attack.probe("read %s" % name, client.call, model, "read", [record_id])
        attack.probe("search_read %s" % name, client.call, model, "search_read", own)
        attack.probe("export %s" % name, client.call, model, "export_data", [record_id], ["name", "phone", "street"])
        attack.probe("read_group %s" % name, client.call, model, "read_group", own, ["name:array_agg"], ["user_id"])
        attack.probe("copy %s" % name, client.call, model, "copy_data", [record_id])
        attack.probe("open %s" % name, client.call, model, "onchange", [record_id], {}, [], {"phone": "1"})
        attack.probe("messages", client.call, "mail.message", "message_fetch", [("res_id", "=", record_id)])
        for kind, kind_model in (("activity", "mail.activity"), ("file", "ir.attachment"), ("message", "mail.message")):
            if "%s's %s" % (name, kind) in world.records:
                attack.probe(kind, client.call, kind_model, "read", [world.records["%s's %s" % (name, kind)][1]])
        attack.probe("followers", client.route, "/mail/read_followers", res_model=model, res_id=record_id)
        _attack_by_documents(world, attack, client, record_id)
        for vals in ({"name": "Mine now"}, {"user_id": client.uid}):
            try:
                client.call(model, "write", [record_id], vals)
                written = True
            except Refused:
                written = False
            attack.check("write %s on %s" % (vals, name), not written, "written")


def _attack_by_documents(world: World, attack: Attack, client: Client, record_id: int) -> None:
    """Reaching a customer by putting an own document on it."""
    for model in ("crm.lead", "res.users", "calendar.attendee", "sale.order", "helpdesk.ticket"):
        if model not in world.models:
            continue
        try:
            fields = client.call(model, "fields_get", [], ["type"])
        except Refused:
            continue
        spec = dict.fromkeys(fields, "1")
        values: dict[str, Any] = {"partner_id": record_id}
        attack.probe("onchange %s" % model, client.call, model, "onchange", [], values, "partner_id", spec)
    try:
        lead = client.call("crm.lead", "create", {"name": "Sly", "partner_id": record_id})
    except Refused:
        lead = 0
    attack.check("lead on another's customer", not lead or record_id in world.records["other lead"], "created")
    if lead:
        world.admin.call("crm.lead", "unlink", [lead])


@EVERY_LIMITED
def test_other_names_are_not_listed(world: World, attack: Attack, role: Role, client: Client) -> None:
    for model, name in (("res.partner", "Other Customer"), ("crm.lead", "Other Lead")):
        found = client.call(model, "name_search", "%s %s" % (name, world.run))
        attack.check("name_search %s" % name, not found, "found %s" % found)


@pytest.mark.parametrize("role", READERS, ids=str)
def test_readers_change_nothing(world: World, attack: Attack, role: Role, client: Client) -> None:
    if role.name == "contact creator":
        pytest.skip("may write partners, as Odoo says")
    for name in ("my customer", "my lead", "my team"):
        model, record_id = world.records[name]
        for method, args in (
            ("write", ([record_id], {"name": "Changed"})),
            ("unlink", ([record_id],)),
            ("copy", ([record_id],)),
            ("create", ({"name": "New %s" % world.run},)),
        ):
            try:
                client.call(model, method, *args)
                done = True
            except Refused:
                done = False
            attack.check("%s %s" % (method, name), not done, "done")


@pytest.mark.parametrize("role", [role for role in ROLES if role.leads], ids=str)
def test_sales_and_executives_post_no_entries(world: World, attack: Attack, role: Role, client: Client) -> None:
    if "account.move" not in world.models:
        pytest.skip("no accounting installed")
    if role.name == "contact creator":
        pytest.skip("not of the sales roles")
    try:
        client.call("account.move", "create", {"move_type": "entry"})
        done = True
    except Refused:
        done = False
    attack.check("create a journal entry", not done, "done")
