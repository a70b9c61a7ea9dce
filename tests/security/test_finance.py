# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Finance invoices, sends the invoice and takes the payment of a customer whose contact details it never sees.

Everything goes the way of the web client (defaults and onchanges of the form, then create, then the button), and the
mail is read where it arrives.
"""
from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from attacker import Client
from conftest import Attack
from mail_sink import MailSink
from matrix import ROLES, Role
from world import World

FINANCE = pytest.mark.parametrize("role", [role for role in ROLES if role.name == "finance"], ids=str)


@pytest.fixture(scope="module")
def sink(world: World) -> Iterator[MailSink]:
    with MailSink() as sink:
        vals = {"name": "Sink", "smtp_host": "127.0.0.1", "smtp_port": sink.port, "sequence": 0}
        server = world.admin.call("ir.mail_server", "create", vals)
        yield sink
        world.admin.call("ir.mail_server", "unlink", [server])


def fill_form(attack: Attack, client: Client, model: str, context: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Values of a new record as the web client would have them: defaults, onchanges, then what is ``given``."""
    view = client.call(model, "fields_view_get", view_type="form", context=context)
    spec = {name: "1" for name in view["fields"]}
    values: dict[str, Any] = {}
    for changed in ([], *given):
        if changed:
            values[changed] = given[changed]
        answer = attack.probe("form of %s" % model, client.call, model, "onchange", [], values, changed, spec, context=context)
        assert answer, "%s: the form does not open" % model
        for name, value in answer.get("value", {}).items():
            values[name] = value[0] if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str) else value
    return {name: value for name, value in values.items() if not view["fields"][name].get("readonly")}


def post_invoice(world: World, attack: Attack, client: Client, partner: int) -> int:
    line = {"name": "Machine", "quantity": 1, "price_unit": 1000, "tax_ids": [(6, 0, [])]}
    vals = {"move_type": "out_invoice", "partner_id": partner, "invoice_line_ids": [(0, 0, line)]}
    invoice = client.call("account.move", "create", vals)
    attack.probe("post", client.call, "account.move", "action_post", [invoice])
    attack.probe("read invoice", client.call, "account.move", "read", [invoice])
    return int(invoice)


def send(attack: Attack, client: Client, invoice: int) -> None:
    action = client.call("account.move", "action_invoice_sent", [invoice])
    context = {**action["context"], "active_model": "account.move", "active_ids": [invoice], "active_id": invoice}
    template = context["default_template_id"]
    vals = fill_form(attack, client, "account.invoice.send", context, is_email=True, template_id=template)
    wizard = client.call("account.invoice.send", "create", {**vals, "is_print": False}, context=context)
    attack.probe("read wizard", client.call, "account.invoice.send", "read", [wizard])
    attack.probe("send", client.call, "account.invoice.send", "send_and_print_action", [wizard], context=context)


def arrived(sink: MailSink, text: str) -> list[str]:
    """Everybody a mail with this text went to."""
    for _attempt in range(300):
        found = [one for mail in sink.mails if text in mail.text for one in mail.recipients]
        if found:
            return found
        time.sleep(0.2)
    return []


@FINANCE
def test_invoice_send_and_payment(world: World, attack: Attack, role: Role, client: Client, sink: MailSink) -> None:
    partner = world.records["other customer"][1]
    invoice = post_invoice(world, attack, client, partner)
    name = client.call("account.move", "read", [invoice], ["name"])[0]["name"]
    send(attack, client, invoice)
    to = arrived(sink, name)
    attack.check("mail", to == [world.values["other customer", "email"]], "went to %s" % to)
    sent = client.call("account.move", "read", [invoice], ["is_move_sent"])[0]["is_move_sent"]
    attack.check("marked as sent", sent, "not marked")
    context = {"active_model": "account.move", "active_ids": [invoice]}
    payment = client.call("account.payment.register", "create", {}, context=context)
    attack.probe("read payment wizard", client.call, "account.payment.register", "read", [payment])
    attack.probe("pay", client.call, "account.payment.register", "action_create_payments", [payment], context=context)
    vals = attack.probe("read again", client.call, "account.move", "read", [invoice], ["payment_state", "partner_id", "amount_residual"])
    attack.check("paid", vals[0]["payment_state"] in ("paid", "in_payment"), "is %s" % vals[0]["payment_state"])
    attack.probe("chatter", client.call, "mail.message", "message_fetch", [("res_id", "=", invoice), ("model", "=", "account.move")])
    attack.probe("preview", client.call, "account.move", "preview_invoice", [invoice])
    attack.probe("printed", client.get, "/report/html/account.report_invoice/%d" % invoice)


@FINANCE
def test_an_answer_of_the_customer_reaches_finance_without_address(
    world: World, attack: Attack, role: Role, client: Client, sink: MailSink
) -> None:
    """A follower who sees masks gets no mail that carries what is masked."""
    invoice = post_invoice(world, attack, client, world.records["other customer"][1])
    customer, contact = world.records["other customer"][1], world.records["other contact"][1]
    for model, record in (("account.move", invoice), ("res.partner", customer)):
        subscribed = world.admin.call("res.users", "read", [client.uid], ["partner_id"])[0]["partner_id"][0]
        world.admin.call(model, "message_subscribe", [record], [subscribed])
        secret = world.secret("other customer", "answer") if model == "res.partner" else "Paid yesterday %s" % world.run
        vals = {"body": secret, "author_id": contact, "email_from": world.values["other contact", "email"]}
        world.admin.call(model, "message_post", [record], **vals, message_type="comment", subtype_xmlid="mail.mt_comment")
        world.admin.call(model, "message_post", [record], body=secret, message_type="comment", subtype_xmlid="mail.mt_comment",
                         partner_ids=[subscribed])  # fmt: skip
    own = "finance-%s@own.example.com" % world.run
    time.sleep(2)  # for mails that should not come
    mails = [mail.text for mail in sink.mails if own in mail.recipients]
    for text in mails:
        attack.probe("mail to a follower", lambda text=text: text)
    attack.probe("inbox", client.call, "mail.message", "message_fetch", [("needaction", "=", True)])
    attack.probe("bus", client.route, "/longpolling/poll", channels=[], last=0, options={})
    told = world.admin.call("crm.notification", "search_read", [("user_id", "=", client.uid)], ["subject"])
    attack.check("told of the answer", any("wrote on" in row["subject"] for row in told), "not told")
    attack.probe("what is told", lambda: told)
