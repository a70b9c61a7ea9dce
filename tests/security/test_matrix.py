# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Roles × models × doors, generated from the registry: whatever model an addon brings is attacked without being named.

One call per role, model and door, with all fields at once, so that hundreds of models take minutes.
"""
from __future__ import annotations

from typing import Any

import pytest
from attacker import Client, Refused
from conftest import Attack
from matrix import DETAILS, MASKED, WIDEST, Role
from registry import Registry, load
from world import NEWEST, World

WIDEST_ROLES = pytest.mark.parametrize("role", WIDEST, ids=str)
EVERY_ROLE = pytest.mark.parametrize("role", MASKED, ids=str)
#: Fields whose greatest value would be somebody's
KINDS_OF_DETAILS = ("phone", "mobile", "email", "email_from", "wechat", "street", "zip", "comment", "description")


@pytest.fixture(scope="session")
def registry(world: World) -> Registry:
    return load(world.admin)


@EVERY_ROLE
def test_domains_over_every_relation(world: World, attack: Attack, role: Role, client: Client, registry: Registry) -> None:
    for model, path in registry.paths():
        try:
            answer: Any = client.call(model, "search_count", [(path, "ilike", "1")])
        except Refused:
            answer = None
        attack.check("%s: %s" % (model, path), answer is None, "answered %s" % answer)


@WIDEST_ROLES
def test_guessing_by_name(world: World, attack: Attack, role: Role, client: Client, registry: Registry) -> None:
    """A many2one is searched by the name of its record: that must not look into the e-mail."""
    right = world.values["other contact", "email"]
    for model in world.readable(client):
        for link in registry.links(model):

            def count(guess: str, model: str = model, link: str = link) -> Any:
                return client.call(model, "search_count", [(link, "ilike", guess)])

            attack.compare("%s.%s ilike an e-mail" % (model, link), count, right, "nobody@example.com")


@WIDEST_ROLES
def test_export_names_and_groups(world: World, attack: Attack, role: Role, client: Client, registry: Registry) -> None:
    for model, ids in world.readable(client).items():
        texts = registry.texts(model)
        columns = texts + ["%s/%s" % (link, detail) for link in registry.links(model) for detail in _details(registry, model, link)]
        if attack.probe("export %s" % model, client.call, model, "export_data", ids, columns) is None:
            for column in columns:  # one that fails must not hide the others
                attack.probe("export %s %s" % (model, column), client.call, model, "export_data", ids, [column])
        attack.probe("name_search %s" % model, client.call, model, "name_search", "", limit=NEWEST)
        if registry.links(model) or model in DETAILS:
            for text in texts:
                attack.probe("group %s by %s" % (model, text), client.call, model, "read_group", [], ["id"], [text], limit=200)
                if text in KINDS_OF_DETAILS:
                    attack.probe("max %s.%s" % (model, text), client.call, model, "read_group", [], ["x:max(%s)" % text], [])


def _details(registry: Registry, model: str, link: str) -> tuple[str, ...]:
    return DETAILS[registry.models[model][link].relation]


@WIDEST_ROLES
def test_forms(world: World, attack: Attack, role: Role, client: Client, registry: Registry) -> None:
    """A new form of every model, with a customer or lead put into every field that takes one."""
    records = {"res.partner": world.records["other contact"][1], "crm.lead": world.records["other lead"][1]}
    for model, fields in registry.models.items():
        links = registry.links(model)
        if not links or (model not in world.readable(client) and not _opens(client, model)):
            continue
        values = {link: records[fields[link].relation] for link in links}
        spec = dict.fromkeys(fields, "1")
        attack.probe("form of %s" % model, client.call, model, "onchange", [], values, links, spec)
        context = {"active_model": "res.partner", "active_id": records["res.partner"], "active_ids": [records["res.partner"]]}
        attack.probe("defaults of %s" % model, client.call, model, "default_get", list(fields), context=context)


def _opens(client: Client, model: str) -> bool:
    try:
        return bool(client.call(model, "check_access_rights", "create", False))
    except Refused:
        return False


@EVERY_ROLE
def test_files_of_every_model(world: World, attack: Attack, role: Role, client: Client, registry: Registry) -> None:
    """Binary fields and attachments by their addresses."""
    for model in world.readable(client):
        if not (registry.links(model) or model in world.follow_ups):
            continue
        for one in registry.models[model].values():
            if one.kind == "binary":
                for record_id in world.readable(client)[model][:2]:
                    attack.probe("content", client.get, "/web/content/%s/%d/%s" % (model, record_id, one.name))
    for name, (model, record_id) in world.records.items():
        if model == "ir.attachment":
            for place in ("/web/content/%d", "/web/image/%d", "/web/content/ir.attachment/%d/raw"):
                attack.probe("%s %s" % (name, place), client.get, place % record_id)


@EVERY_ROLE
def test_follow_ups_of_the_suite(world: World, attack: Attack, role: Role, client: Client) -> None:
    """What is said and done with a customer, kept in models of its own: none of it, by no door."""
    for name in ("other customer", "other contact", "other lead"):
        model, record_id = world.records[name]
        attack.probe("timeline of %s" % name, client.call, "crm.timeline", "get_page", model, record_id)
    for model, ids in world.follow_ups.items():
        attack.probe("read %s" % model, client.call, model, "read", ids)
        attack.probe("search_read %s" % model, client.call, model, "search_read", [("id", "in", ids)])
        attack.probe("name_get %s" % model, client.call, model, "name_get", ids)
        attack.probe("messages %s" % model, client.call, "mail.message", "search_read", [("model", "=", model)])


def test_the_world_has_a_record_of_each(world: World) -> None:
    """Otherwise an attack on nothing would pass."""
    missing = {"crm.followup", "crm.party", "crm.handover"} & world.models - set(world.follow_ups)
    assert not missing, "%s: %s" % (missing, world.refused)
