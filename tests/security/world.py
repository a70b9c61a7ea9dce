# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the attackers find: a user per role, customers and leads of two teams, and details that exist nowhere else."""
from __future__ import annotations

import base64
import contextlib
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from attacker import Client, Refused, Server
from matrix import DETAILS, ROLES, Role

NEWEST = 40
QUIET = {"no_reset_password": True, "tracking_disable": True, "mail_create_nosubscribe": True, "mail_create_nolog": True}


@dataclass
class World:
    server: Server
    admin: Client
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    clients: dict[str, Client] = field(default_factory=dict)
    #: name of a record → (model, id)
    records: dict[str, tuple[str, int]] = field(default_factory=dict)
    #: (name of a record, field) → value
    values: dict[tuple[str, str], str] = field(default_factory=dict)
    #: needle in an answer → where it comes from
    secrets: dict[str, str] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    #: model → ids of the records in which the suite keeps what is said and done with the other rep's customer
    follow_ups: dict[str, list[int]] = field(default_factory=dict)
    #: why a record of them could not be made
    refused: list[str] = field(default_factory=list)
    _readable: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    _made: list[tuple[str, int]] = field(default_factory=list)

    # -- building -----------------------------------------------------
    def create(self, model: str, vals: dict[str, Any], name: str = "") -> int:
        record_id = self.admin.call(model, "create", vals, context=QUIET)
        self._made.append((model, record_id))
        if name:
            self.records[name] = (model, record_id)
        return record_id

    def secret(self, owner: str, field_name: str) -> str:
        """A value of the field's kind that is unmistakable in an answer."""
        number = str(secrets.randbelow(10**8)).zfill(8)
        if field_name in ("phone", "mobile"):
            value, needle = "+86139" + number, number
        elif "email" in field_name or field_name == "login":
            value = "%s@secret.example.com" % secrets.token_hex(6)
            needle = value.split("@")[0]
        else:
            value = needle = "sec" + secrets.token_hex(6)
        self.values[owner, field_name] = value
        self.secrets[needle] = "%s of %s" % (field_name, owner)
        return value

    def details(self, owner: str, model: str) -> dict[str, str]:
        return {name: self.secret(owner, name) for name in DETAILS[model]}

    def hidden_from(self, role: Role) -> dict[str, str]:
        """The secrets that a role must not see: all without the permission, those of others with it.

        Leaders see what lies in their teams' pools: they assign it.
        """
        if not role.details:
            return self.secrets
        own = ("my ", "pooled ") if role.customers == "team" else ("my ",)
        return {needle: source for needle, source in self.secrets.items() if not source.split(" of ")[1].startswith(own)}

    def leaks(self, answer: Any) -> list[str]:
        """The secrets found in an answer."""
        text = str(answer)
        return sorted({source for needle, source in self.secrets.items() if needle in text})

    def readable(self, client: Client) -> dict[str, list[int]]:
        """{model: ids of the :data:`NEWEST` records the user may read}, without empty ones; asked once per user."""
        if client.uid not in self._readable:
            found = self._readable[client.uid] = {}
            for model in sorted(self.models):
                with contextlib.suppress(Refused):
                    found[model] = client.call(model, "search", [], limit=NEWEST, order="id desc")
        return {model: ids for model, ids in self._readable[client.uid].items() if ids}

    def fields(self, model: str) -> list[str]:
        """All fields, hidden ones included."""
        return [row["name"] for row in self.admin.call("ir.model.fields", "search_read", [("model", "=", model)], ["name"])]

    def close(self) -> None:
        """Take away what was made; what documents already hang on is archived instead."""
        for model, record_id in reversed(self._made):
            try:
                self.admin.call(model, "unlink", [record_id])
            except Refused:
                with contextlib.suppress(Refused):
                    self.admin.call(model, "write", [record_id], {"active": False})


def build(server: Server) -> World:
    world = World(server, server.admin())
    world.models = {row["model"] for row in world.admin.call("ir.model", "search_read", [], ["model"])}
    world.secrets.clear()
    _build_users(world)
    _build_customers(world)
    _build_pooled(world)
    _build_follow_ups(world)
    _build_suite_follow_ups(world)
    return world


def group_ids(world: World, role: Role) -> list[int] | None:
    ids = []
    for xmlid in role.groups:
        module, name = xmlid.split(".")
        domain = [("module", "=", module), ("name", "=", name), ("model", "=", "res.groups")]
        found = world.admin.call("ir.model.data", "search_read", domain, ["res_id"])
        if not found:
            return None
        ids.append(found[0]["res_id"])
    return ids


def _build_users(world: World) -> None:
    roles = {role.name: role for role in ROLES}
    people = {name: role for name, role in roles.items()} | {"other rep": roles["sales rep"]}
    for name, role in people.items():
        groups = group_ids(world, role)
        if groups is None:
            continue
        login = "%s-%s" % (name.replace(" ", "-"), world.run)
        password = secrets.token_urlsafe(12)
        vals = {"name": "%s %s" % (name, world.run), "login": login, "password": password}
        vals.update(email=login + "@own.example.com", groups_id=[(6, 0, groups)])
        uid = world.create("res.users", vals, name)
        world.clients[name] = world.server.login(login, password)
        assert world.clients[name].uid == uid
    leader, rep, other = (world.records[name][1] for name in ("team leader", "sales rep", "other rep"))
    mine = world.create("crm.team", {"name": "Mine " + world.run, "user_id": leader, "member_ids": [(6, 0, [rep])]})
    other_team = world.create("crm.team", {"name": "Other " + world.run, "member_ids": [(6, 0, [other])]})
    world.records.update({"my team": ("crm.team", mine), "other team": ("crm.team", other_team)})


def _build_customers(world: World) -> None:
    """A customer with a contact and a lead of each rep; the other rep's contact has a portal login."""
    for whose, user, team in (("my", "sales rep", "my team"), ("other", "other rep", "other team")):
        owner = {"user_id": world.records[user][1], "team_id": world.records[team][1]}
        customer, contact, lead = ("%s %s" % (whose, what) for what in ("customer", "contact", "lead"))
        name = "%s %s" % (customer.title(), world.run)
        vals = {"name": name, "is_company": True, "is_customer": True, **owner, **world.details(customer, "res.partner")}
        company = world.create("res.partner", vals, customer)
        vals = {"name": "%s %s" % (contact.title(), world.run), "parent_id": company, "type": "other"}
        world.create("res.partner", {**vals, **world.details(contact, "res.partner")}, contact)
        vals = {"name": "%s %s" % (lead.title(), world.run), **owner, **world.details(lead, "crm.lead")}
        world.create("crm.lead", vals, lead)
    portal = group_ids(world, Role("portal", ("base.group_portal",), True, "own", None))
    vals = {"login": world.secret("portal user", "login"), "groups_id": [(6, 0, portal)]}
    world.create("res.users", {**vals, "partner_id": world.records["other contact"][1]}, "portal user")
    world.create("res.partner", {"name": "Supplier " + world.run, "phone": "0755-2600", "is_company": True}, "supplier")
    if "sale.order" in world.models:
        vals = {"partner_id": world.records["other customer"][1], "user_id": world.records["other rep"][1]}
        world.create("sale.order", vals, "other order")


def _build_pooled(world: World) -> None:
    """A lead and a customer that lie in public pools of the rep's team."""
    for what, model in (("lead", "crm.lead"), ("customer", "res.partner")):
        name = "pooled " + what
        vals = {"name": "Pool %s %s" % (what, world.run), "res_model": model, "team_id": world.records["my team"][1]}
        vals.update(sequence=0, domain="[('name', 'like', '%s')]" % world.run, claim_limit_day=0, claim_limit_held=0)
        pool = world.create("crm.pool", vals, name + "'s pool")
        vals = {"name": "%s %s" % (name.title(), world.run), "pool_id": pool, "user_id": False, "team_id": False}
        vals.update(world.details(name, model))
        if model == "res.partner":
            vals.update(is_company=True, is_customer=True)
        world.create(model, vals, name)


def _build_follow_ups(world: World) -> None:
    """A note, an activity, a file, a meeting and a follower on the customer and on the lead."""
    kinds = world.admin.call("ir.model", "search_read", [("model", "in", ["res.partner", "crm.lead"])], ["model"])
    for kind in kinds:
        name = {"res.partner": "other customer", "crm.lead": "other lead"}[kind["model"]]
        model, record_id = world.records[name]
        author = world.records["other contact"][1]
        vals = {"model": model, "res_id": record_id, "message_type": "comment", "author_id": author}
        vals.update(body="<p>%s</p>" % world.secret(name, "body"), email_from=world.values["other contact", "email"])
        world.create("mail.message", vals, name + "'s message")
        activity = {"res_model_id": kind["id"], "res_id": record_id, "user_id": world.records["other rep"][1]}
        activity.update(summary=world.secret(name, "summary"), note="<p>%s</p>" % world.secret(name, "note"))
        world.create("mail.activity", activity, name + "'s activity")
        content = world.secret(name, "file").encode() + b" some more text"
        datas = base64.b64encode(content).decode()
        world.secrets[datas[:20]] = "file of %s (base64)" % name
        file = {"name": "card.txt", "datas": datas, "res_model": model, "res_id": record_id, "mimetype": "text/plain"}
        world.create("ir.attachment", file, name + "'s file")
        world.admin.call(model, "message_subscribe", [record_id], [world.records["other contact"][1]])
    meeting = {"name": "Visit", "start": "2030-01-07 02:00:00", "stop": "2030-01-07 03:00:00"}
    meeting.update(opportunity_id=world.records["other lead"][1], description=world.secret("meeting", "description"))
    meeting["partner_ids"] = [(6, 0, [world.records["other contact"][1]])]
    world.create("calendar.event", meeting, "meeting")


def _build_suite_follow_ups(world: World) -> None:
    """A record of each model in which the suite keeps what is said and done with a customer, as far as installed."""
    customer, contact, lead = (world.records["other " + what][1] for what in ("customer", "contact", "lead"))
    rep = world.records["other rep"][1]

    def text(name: str) -> str:
        return world.secret("other " + name, name)

    def make(model: str, **vals: Any) -> int:
        if model not in world.models:
            return 0
        try:
            record_id = world.create(model, vals)
        except Refused as error:
            world.refused.append("%s: %s" % (model, error))
            return 0
        world.follow_ups.setdefault(model, []).append(record_id)
        return record_id

    outcome = _first(world, "crm.followup.outcome")
    about = {"partner_id": customer, "contact_id": contact, "lead_id": lead, "user_id": rep, "outcome_id": outcome}
    about.update(next_action_date=str(date.today() + timedelta(days=7)), next_action_type_id=_first(world, "mail.activity.type"))
    followup = make("crm.followup", **about, kind="note", summary=text("summary"), next_action_note=text("next action"))
    if followup:
        text_of_file = world.secret("other follow-up", "recording") + " some more text"
        content = base64.b64encode(text_of_file.encode()).decode()
        world.secrets[content[:20]] = "recording of other follow-up (base64)"
        file = {"name": "call.txt", "datas": content, "res_model": "crm.followup", "res_id": followup, "mimetype": "text/plain"}
        world.create("ir.attachment", file, "other follow-up's file")
    make("crm.party", lead_id=lead, partner_id=customer, contact_id=contact, role_id=_first(world, "crm.party.role"), note=text("party"))
    rules = [(0, 0, {"receiver_ids": [(6, 0, [world.admin.uid])]})]
    make("crm.handover", from_user_id=rep, note=text("handover"), rule_ids=rules)


def _first(world: World, model: str, domain: list[Any] | None = None) -> int:
    found = world.admin.call(model, "search", domain or [], limit=1) if model in world.models else []
    return found[0] if found else 0
