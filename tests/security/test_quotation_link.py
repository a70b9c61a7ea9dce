# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Links of quotations: who holds one sees that quotation; another customer, an old link, a guessed one see nothing."""
from __future__ import annotations

import contextlib
import http.cookiejar
import secrets
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from attacker import Client, Refused, Server
from conftest import Attack
from matrix import Role
from world import World, group_ids


class Visitor(Client):
    """Nobody who is logged in."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.token = ""
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self._opener.addheaders = [("User-Agent", "Mozilla/5.0")]


@dataclass
class Offer:
    """A quotation of the other rep's customer: sent twice, so that its first link is an old one."""

    order_id: int
    old: str
    link: str
    secret: str

    @property
    def page(self) -> str:
        return "/my/orders/%d" % self.order_id


@pytest.fixture(scope="module")
def offer(world: World) -> Iterator[Offer]:
    if "crm.quotation.version" not in world.models:
        pytest.skip("crm_sales_order is not installed")
    model, order_id = world.records["other order"]
    admin = world.admin
    secret = world.secret("other order", "line")
    product = world.create("product.product", {"name": "Machine", "type": "service"})
    line = {"name": secret, "product_id": product, "price_unit": 10.0}
    option = {"name": secret, "product_id": product, "price_unit": 5.0, "uom_id": 1}
    admin.call(model, "write", [order_id], {"order_line": [(0, 0, line)], "sale_order_option_ids": [(0, 0, option)]})
    links = []
    for note in ("First", "Second"):
        admin.call(model, "write", [order_id], {"note": note})
        with contextlib.suppress(Refused):  # the answer of a method that returns nothing cannot be read
            admin.call(model, "action_send_link", [order_id])
        links.append(admin.call(model, "read", [order_id], ["access_token"])[0]["access_token"])
    comment = {"model": model, "res_id": order_id, "body": world.secret("other order", "comment"), "message_type": "comment"}
    world.create("mail.message", comment)
    yield Offer(order_id, *links, secret)
    admin.call(model, "action_cancel", [order_id])


@pytest.fixture(scope="module")
def stranger(world: World, offer: Offer) -> Client:
    """A customer of the same company, logged in to the portal."""
    groups = group_ids(world, Role("portal", ("base.group_portal",), True, "own", None))
    login, password = "stranger-%s" % world.run, secrets.token_urlsafe(12)
    vals = {"name": login, "login": login, "password": password, "groups_id": [(6, 0, groups)]}
    world.create("res.users", vals, "stranger")
    return world.server.login(login, password)


def _try_doors(attack: Attack, client: Client, offer: Offer, token: str) -> None:
    path = offer.page
    attack.probe("page", client.get, path, access_token=token)
    attack.probe("PDF", client.get, path, access_token=token, report_type="pdf", download="true")
    attack.probe("text", client.get, path, access_token=token, report_type="text")
    attack.probe("button of a mail", client.get, "/mail/view", model="sale.order", res_id=offer.order_id, access_token=token)
    attack.probe("comments", client.route, "/mail/chatter_fetch", res_model="sale.order", res_id=offer.order_id, token=token)
    attack.probe("comments", client.route, "/mail/chatter_init", res_model="sale.order", res_id=offer.order_id, token=token)
    attack.probe("sign", client.route, path + "/accept", access_token=token, name="Mallory", signature="AAAA")
    attack.probe("options", client.route, path + "/add_option/1", access_token=token)
    attack.probe("quantity", client.route, path + "/update_line_dict", access_token=token, line_id=1, input_quantity="2")
    attack.probe("pay", client.route, path + "/transaction/", access_token=token, acquirer_id=1)
    attack.probe("reject", client.post, path + "/decline", access_token=token, decline_message="No")


def _check_untouched(attack: Attack, world: World, offer: Offer) -> None:
    names = ["state", "signed_by", "reject_reason"]
    [found] = world.admin.call("sale.order", "read", [offer.order_id], names)
    state = (found["state"], found["signed_by"], found["reject_reason"])
    attack.check("the quotation", state == ("sent", False, False), "is now %s" % (state,))


def test_the_holder_of_the_link_sees_the_quotation(world: World, offer: Offer) -> None:
    assert offer.old != offer.link
    assert offer.secret in Visitor(world.server).get(offer.page, access_token=offer.link)


def test_a_forwarded_link_shows_another_customer_nothing(world: World, attack: Attack, offer: Offer, stranger: Client) -> None:
    _try_doors(attack, stranger, offer, offer.link)
    _check_untouched(attack, world, offer)


def test_an_old_or_a_guessed_link_shows_nothing(world: World, attack: Attack, offer: Offer) -> None:
    for token in (offer.old, "", "x", "00000000-0000-4000-8000-000000000000"):
        _try_doors(attack, Visitor(world.server), offer, token)
    page = Visitor(world.server).get(offer.page, access_token=offer.old)
    attack.check("an old link", 'data-state="replaced"' in page, "does not say that there is a newer version")
    _check_untouched(attack, world, offer)


def test_looking_alone_counts_visits_of_people_once(world: World, attack: Attack, offer: Offer) -> None:
    def views() -> int:
        return int(world.admin.call("sale.order", "read", [offer.order_id], ["views_count"])[0]["views_count"])

    robot, person = Visitor(world.server), Visitor(world.server)
    robot._opener.addheaders = [("User-Agent", "Mozilla/5.0 (compatible; SomeBot/1.0)")]
    before = views()
    robot.get(offer.page, access_token=offer.link)
    world.admin.get(offer.page)
    attack.check("robots and colleagues", views() == before, "are counted")
    for _click in range(3):
        person.get(offer.page, access_token=offer.link)
    attack.check("one visit", views() <= before + 1, "is counted %d times" % (views() - before))


def test_an_expired_link_shows_what_to_do_only(world: World, attack: Attack, offer: Offer) -> None:
    model, order_id = "sale.order", offer.order_id
    world.admin.call(model, "write", [order_id], {"validity_date": "2020-01-01"})
    visitor = Visitor(world.server)
    _try_doors(attack, visitor, offer, offer.link)
    page = visitor.get(offer.page, access_token=offer.link)
    attack.check("an expired link", 'data-state="expired"' in page, "does not say so")
    asked = visitor.post(offer.page + "/ask", access_token=offer.link)
    attack.check("asking for a new one", "alert-success" in asked, "is not answered")
