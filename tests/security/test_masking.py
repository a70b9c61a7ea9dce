# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Contact details: every role without the permission, every door, every field. No answer holds one of them."""
from __future__ import annotations

import json
from typing import Any

import pytest
from attacker import Client, Refused
from conftest import Attack
from matrix import DERIVED, DETAILS, MASKED, ROLES, Role
from world import World

TARGETS = {
    "res.partner": ("my customer", "other customer", "my contact", "other contact"),
    "crm.lead": ("my lead", "other lead"),
}
EVERY_ROLE = pytest.mark.parametrize("role", MASKED, ids=str)
EVERY_MODEL = pytest.mark.parametrize("model", sorted(DETAILS))


def fields_of(model: str) -> list[str]:
    return [*DETAILS[model], *DERIVED[model]]


def ids_of(world: World, model: str) -> list[int]:
    return [world.records[name][1] for name in TARGETS[model]]


@pytest.mark.parametrize("role", [role for role in ROLES if role.details and role.leads], ids=str)
def test_roles_with_the_permission_do_see_them(world: World, role: Role, client: Client) -> None:
    """Without this, a server that shows nothing to anybody would pass."""
    model, record_id = world.records["my customer"]
    vals = client.call(model, "read", [record_id], list(DETAILS[model]))[0]
    for field in ("phone", "email", "wechat", "street"):
        assert vals[field] == world.values["my customer", field]


@EVERY_ROLE
@EVERY_MODEL
def test_reading(world: World, attack: Attack, role: Role, client: Client, model: str) -> None:
    ids = ids_of(world, model)
    attack.probe("read all", client.call, model, "read", ids)
    for field in fields_of(model):
        attack.probe("read %s" % field, client.call, model, "read", ids, [field])
        attack.probe("classic write %s" % field, client.call, model, "read", ids, [field], load="_classic_write")
        attack.probe("search_read %s" % field, client.call, model, "search_read", [("id", "in", ids)], [field])
        attack.probe("export %s" % field, client.call, model, "export_data", ids, [field])
    attack.probe("web search_read", client.call, model, "web_search_read", [("id", "in", ids)], fields_of(model))
    query: dict[str, Any] = {"model": model, "fields": fields_of(model), "domain": [("id", "in", ids)], "limit": 80}
    attack.probe("search_read route", client.route, "/web/dataset/search_read", **query)
    attack.probe("copy_data", client.call, model, "copy_data", ids[:1])
    attack.probe("get_metadata", client.call, model, "get_metadata", ids)


@EVERY_ROLE
@EVERY_MODEL
def test_names(world: World, attack: Attack, role: Role, client: Client, model: str) -> None:
    ids = ids_of(world, model)
    for key in ("show_address", "show_address_only", "show_email", "show_vat", "address_inline"):
        context = {key: 1, "show_address": 1}
        attack.probe("name_get %s" % key, client.call, model, "name_get", ids, context=context)
        attack.probe("name_search %s" % key, client.call, model, "name_search", world.run, context=context)
        attack.probe("display_name %s" % key, client.call, model, "read", ids, ["display_name"], context=context)


@EVERY_ROLE
@EVERY_MODEL
def test_guessing(world: World, attack: Attack, role: Role, client: Client, model: str) -> None:
    """A search that finds the right guess and not the wrong one has told the value."""
    name = TARGETS[model][1]
    record_id = world.records[name][1]
    for field in DETAILS[model]:
        right = world.values[name, field]
        for operator, value in (("=", right), ("=like", right[:-1] + "%"), ("ilike", right[2:-1])):

            def search(guess: str, field: str = field, operator: str = operator) -> Any:
                return client.call(model, "search", [("id", "=", record_id), (field, operator, guess)])

            attack.compare("search %s %s" % (field, operator), search, value, "no" + value)

        def not_search(guess: str, field: str = field) -> Any:
            return client.call(model, "search_count", ["!", (field, "=", guess), ("id", "=", record_id)])

        def group(guess: str, field: str = field) -> Any:
            return client.call(model, "read_group", [(field, "=", guess)], ["id:count"], ["country_id"])

        def names(guess: str, field: str = field) -> Any:
            return client.call(model, "name_search", guess, [("id", "=", record_id)])

        def names_in(guess: str, field: str = field) -> Any:
            return client.call(model, "name_search", "", [("id", "=", record_id), (field, "=", guess)])

        attack.compare("search_count not %s" % field, not_search, right, "no" + right)
        attack.compare("read_group with %s" % field, group, right, "no" + right)
        attack.compare("name_search for %s" % field, names, right, "no" + right)
        attack.compare("name_search in %s" % field, names_in, right, "no" + right)


def client_fields(client: Client, model: str) -> list[str]:
    try:
        return list(client.call(model, "fields_get", [], ["type"]))
    except Refused:
        return []


@EVERY_ROLE
@EVERY_MODEL
def test_ordering_and_grouping(world: World, attack: Attack, role: Role, client: Client, model: str) -> None:
    domain = [("id", "in", ids_of(world, model))]
    doors: list[tuple[str, Any]] = []
    for field in DETAILS[model]:
        doors += [
            ("order by %s" % field, lambda f=field: client.call(model, "search", domain, order="%s desc" % f)),
            ("order by id, %s" % field, lambda f=field: client.call(model, "search_read", domain, ["id"], order="id, " + f)),
            ("group by %s" % field, lambda f=field: client.call(model, "read_group", domain, ["id:count"], [f])),
            ("web_read_group by %s" % field, lambda f=field: client.call(model, "web_read_group", domain, ["id"], [f])),
        ]
        for aggregate in ("%s:array_agg", "x:max(%s)", "%s:count_distinct", "x:string_agg(%s)"):
            spec = aggregate % field
            doors.append((spec, lambda s=spec: client.call(model, "read_group", domain, [s], ["country_id"])))
        spec = "%s desc" % field
        doors.append(
            ("group order %s" % field, lambda s=spec: client.call(model, "read_group", domain, ["id"], ["country_id"], orderby=s))
        )
    for what, call in doors:
        try:
            answer = call()
        except Refused:
            answer = "refused"
        attack.check(what, answer == "refused", "answered")


@EVERY_ROLE
@EVERY_MODEL
def test_fields_are_not_offered(world: World, attack: Attack, role: Role, client: Client, model: str) -> None:
    try:
        fields = client.call(model, "fields_get", [], ["searchable", "sortable"])
    except Refused:
        return
    for name in fields_of(model):
        if name in fields:
            offered = fields[name].get("searchable") or fields[name].get("sortable")
            attack.check("fields_get %s" % name, not offered, "offered for search or order")


@EVERY_ROLE
def test_onchange(world: World, attack: Attack, role: Role, client: Client) -> None:
    """A form that is never saved, put on somebody's customer."""
    for name in ("other customer", "other contact"):
        record_id = world.records[name][1]
        for model, field in (
            ("res.users", "partner_id"),
            ("res.partner", "parent_id"),
            ("crm.lead", "partner_id"),
            ("calendar.attendee", "partner_id"),
            ("sale.order", "partner_id"),
            ("account.move", "partner_id"),
            ("helpdesk.ticket", "partner_id"),
            ("stock.picking", "partner_id"),
            ("sms.composer", "res_id"),
        ):
            if model not in world.models:
                continue
            spec = dict.fromkeys(client_fields(client, model), "1")
            values = {field: record_id, "type": "contact", "res_model": "res.partner", "composition_mode": "comment"}
            values = {key: value for key, value in values.items() if key in spec}
            for changed in (field, []):
                attack.probe("onchange %s %s" % (model, changed), client.call, model, "onchange", [], values, changed, spec)
        attack.probe("onchange_parent_id", client.call, "res.partner", "onchange_parent_id", [record_id])
        every = dict.fromkeys(world.fields("res.partner"), "1")  # those of no group of the user, too
        attack.probe("open form", client.call, "res.partner", "onchange", [record_id], {}, [], every)
    context = {"active_model": "crm.lead", "active_id": world.records["other lead"][1]}
    fields = fields_of("res.partner")
    attack.probe("default_get", client.call, "res.partner", "default_get", fields, context=context)
    context = {"default_res_model": "res.partner", "default_res_id": world.records["other customer"][1]}
    for model in ("sms.composer", "mail.compose.message"):
        fields = client_fields(client, model)
        attack.probe("default_get %s" % model, client.call, model, "default_get", fields, context=context)
        try:
            wizard = client.call(model, "create", {}, context=context)
        except Refused:
            continue
        attack.probe("wizard %s" % model, client.call, model, "read", [wizard])


@EVERY_ROLE
def test_follow_ups(world: World, attack: Attack, role: Role, client: Client) -> None:
    """Notes, activities, files and meetings on customers and leads, and the chatter's own routes."""
    for name in ("other customer", "other lead"):
        model, record_id = world.records[name]
        message, activity, file = (world.records["%s's %s" % (name, kind)][1] for kind in ("message", "activity", "file"))
        attack.probe("message", client.call, "mail.message", "read", [message])
        attack.probe("message_format", client.call, "mail.message", "message_format", [message])
        attack.probe("message_fetch", client.call, "mail.message", "message_fetch", [("res_id", "=", record_id)])
        attack.probe("activity", client.call, "mail.activity", "read", [activity])
        attack.probe("activity_format", client.call, "mail.activity", "activity_format", [activity])
        attack.probe("file", client.call, "ir.attachment", "read", [file])
        attack.probe("file search", client.call, "ir.attachment", "search_read", [("res_id", "=", record_id)])
        attack.probe("file route", client.get, "/web/content/%d" % file)
        attack.probe("file by model", client.get, "/web/content/ir.attachment/%d/datas" % file)
        attack.probe("followers", client.route, "/mail/read_followers", res_model=model, res_id=record_id)
        recipients = {"model": model, "res_ids": [record_id]}
        attack.probe("suggested recipients", client.route, "/mail/get_suggested_recipients", **recipients)
        followers = [("res_model", "=", model), ("res_id", "=", record_id)]
        attack.probe("mail.followers", client.call, "mail.followers", "search_read", followers)

        def owner(email: str, recipients: dict[str, Any] = recipients) -> Any:
            answer = client.route("/mail/get_partner_info", emails=[email], **recipients)
            return [row["partner_id"] for row in answer]

        attack.compare("partner of an address", owner, world.values["other contact", "email"], "nobody@example.com")
    attack.probe("meeting", client.call, "calendar.event", "read", [world.records["meeting"][1]])
    attendees = [("event_id", "=", world.records["meeting"][1])]
    attack.probe("attendees", client.call, "calendar.attendee", "search_read", attendees)
    attack.probe("portal user", client.call, "res.users", "read", [world.records["portal user"][1]])
    attack.probe("follow-up report", client.call, "crm.activity.report", "search_read", [])
    attack.probe("mentions", client.call, "res.partner", "get_mention_suggestions", world.run)

    def mention(guess: str) -> Any:
        return client.call("res.partner", "get_mention_suggestions", guess)

    attack.compare("mention by address", mention, world.values["other contact", "email"], "nobody@example.com")


@EVERY_ROLE
def test_files_and_exports(world: World, attack: Attack, role: Role, client: Client) -> None:
    """What the web client serves outside the ORM's methods."""
    for model, names in TARGETS.items():
        record_id = world.records[names[1]][1]
        for field in fields_of(model):
            place = "%s/%d" % (model, record_id)
            attack.probe("content %s" % field, client.get, "/web/content/%s/%s" % (place, field))
            query = {"filename_field": field, "download": 1}
            attack.probe("file name %s" % field, client.get, "/web/content/%s/image_128" % place, **query)
            attack.probe("image %s" % field, client.get, "/web/image", model=model, id=record_id, field=field)
        export = {
            "model": model,
            "fields": [{"name": field, "label": field, "type": "char"} for field in fields_of(model)],
            "ids": ids_of(world, model),
            "domain": [],
            "import_compat": False,
        }
        for kind in ("csv", "xlsx"):
            attack.probe("export %s" % kind, client.post, "/web/export/%s" % kind, data=json.dumps(export), token="t")
        grouped = {**export, "ids": False, "domain": [["id", "in", ids_of(world, model)]], "groupby": ["country_id"]}
        attack.probe("export groups", client.post, "/web/export/csv", data=json.dumps(grouped), token="t")


@EVERY_ROLE
def test_reports(world: World, attack: Attack, role: Role, client: Client) -> None:
    """Every printable document of the attacked records, by its address."""
    for name, (model, record_id) in world.records.items():
        domain = [("model", "=", model), ("report_type", "in", ["qweb-html", "qweb-pdf", "qweb-text"])]
        for report in world.admin.call("ir.actions.report", "search_read", domain, ["report_name"]):
            place = "%s/%d" % (report["report_name"], record_id)
            attack.probe("%s of %s" % (place, name), client.get, "/report/html/" + place)


@EVERY_ROLE
def test_templates(world: World, attack: Attack, role: Role, client: Client) -> None:
    """A template's expression reaches every field: by a template of one's own, or typed into a message."""
    record_id = world.records["other customer"][1]
    secret = "${object.phone} ${object.email} ${object.street}"
    try:
        model_id = client.call("ir.model", "search", [("model", "=", "res.partner")])[0]
        template = client.call("mail.template", "create", {"name": "T", "model_id": model_id, "body_html": secret})
    except Refused:
        template = 0
    attack.check("own template", not template, "created")
    existing = world.admin.call("mail.template", "search", [], limit=1)
    try:
        client.call("mail.template", "write", existing, {"body_html": secret})
        attack.check("others' template", False, "changed")
    except Refused:
        attack.check("others' template", True, "")
    context = {"active_ids": [record_id], "default_composition_mode": "mass_mail", "default_model": "res.partner"}
    vals = {"body": secret, "subject": secret, "model": "res.partner", "res_id": record_id, "composition_mode": "mass_mail"}
    try:
        wizard = client.call("mail.compose.message", "create", vals, context=context)
    except Refused:
        return
    attack.probe("typed expression", client.call, "mail.compose.message", "get_mail_values", [wizard], [record_id], context=context)
    attack.probe("rendered", client.call, "mail.compose.message", "render_message", [wizard], [record_id], context=context)


@EVERY_ROLE
def test_saving_masks_destroys_nothing(world: World, attack: Attack, role: Role, client: Client) -> None:
    for model in DETAILS:
        for name in TARGETS[model]:
            record_id = world.records[name][1]
            before = world.admin.call(model, "read", [record_id], list(DETAILS[model]))
            try:
                vals = client.call(model, "read", [record_id], list(DETAILS[model]))[0]
                vals.pop("id")
                client.call(model, "write", [record_id], vals)
            except Refused:
                pass
            after = world.admin.call(model, "read", [record_id], list(DETAILS[model]))
            attack.check("save %s" % name, before == after, "changed")


@EVERY_ROLE
def test_a_customer_cannot_be_unmasked(world: World, attack: Attack, role: Role, client: Client) -> None:
    customer, contact = world.records["other customer"][1], world.records["other contact"][1]
    supplier = world.records["supplier"][1]
    for record_id, vals in (
        (customer, {"is_customer": False}),
        (contact, {"is_customer": False}),
        (contact, {"parent_id": supplier}),
        (contact, {"parent_id": False}),
        (supplier, {"child_ids": [[4, contact]]}),
    ):
        try:
            client.call("res.partner", "write", [record_id], vals)
            done = True
        except Refused:
            done = False
        attack.check("write %s" % vals, not done, "written")
