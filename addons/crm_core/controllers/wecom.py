# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""WeCom's encrypted callback: the address is proven once (GET), then every change of a contact is told (POST)."""
import binascii
import logging
import struct
import time
from xml.parsers.expat import ExpatError

import xmltodict
from odoo import http
from odoo.http import Response, request
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatException

_logger = logging.getLogger(__name__)

MAX_BODY = 64 * 1024
EVENTS = ("change_external_contact",)


class WecomCallback(http.Controller):
    @http.route("/crm/wecom/<string:key>", type="http", auth="public", methods=["GET"], csrf=False, save_session=False)
    def prove(self, key, msg_signature="", timestamp="", nonce="", echostr="", **_ignored):
        """Answer the text WeCom has encrypted, and nothing else."""
        channel = self._channel(key)
        if not channel:
            return _answer(404)
        text = _decrypted(
            channel, timestamp, lambda crypto: crypto.check_signature(msg_signature, timestamp, nonce, echostr)
        )
        return _answer(401) if text is None else _answer(200, text)

    @http.route("/crm/wecom/<string:key>", type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
    def receive(self, key, msg_signature="", timestamp="", nonce="", **_ignored):
        """Keep the event as a job that fetches the contact. What the event says is not believed: the contact is asked for."""
        channel = self._channel(key)
        if not channel:
            return _answer(404)
        if (request.httprequest.content_length or MAX_BODY + 1) > MAX_BODY:
            return _answer(413)
        body = request.httprequest.get_data()
        text = _decrypted(
            channel, timestamp, lambda crypto: crypto.decrypt_message(body, msg_signature, timestamp, nonce)
        )
        if text is None:
            return _answer(401)
        external_userid = _changed_contact(text)
        if external_userid:
            channel._schedule_wecom_contacts([external_userid])
        return _answer(200, "success")

    def _channel(self, key):
        return request.env["crm.intake.channel"].sudo().search([("key", "=", key), ("kind", "=", "wecom")], limit=1)


def _answer(status, text=""):
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
    return Response(text, status=status, headers=headers)


def _decrypted(channel, timestamp, decrypt):
    """What ``decrypt`` gives, or None when signature, time, key or envelope are not right."""
    try:
        if not channel.wecom_callback_token or abs(time.time() - int(timestamp)) > channel.replay_window:
            return None
        crypto = WeChatCrypto(channel.wecom_callback_token, channel.wecom_aes_key or "", channel.wecom_corp_id or "")
        return decrypt(crypto)
    except (WeChatException, ValueError, KeyError, TypeError, IndexError, AssertionError, struct.error, binascii.Error, ExpatError):
        _logger.info("WeCom callback of channel %s refused", channel.id)
        return None


def _changed_contact(text):
    """The external contact an event is about, or None for events of other kinds."""
    try:
        event = xmltodict.parse(text).get("xml")
    except ExpatError:
        return None
    if not isinstance(event, dict) or event.get("Event") not in EVENTS:
        return None
    external_userid = event.get("ExternalUserID")
    return external_userid if isinstance(external_userid, str) and len(external_userid) <= 64 else None
