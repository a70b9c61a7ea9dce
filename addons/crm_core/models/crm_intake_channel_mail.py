# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import hashlib

from odoo import _, api, fields, models
from odoo.tools import html2plaintext

from ..engine.vendor.letter import read_letter
from ..exceptions import CrmValidationError

MAX_ORIGINAL = 20 * 1024 * 1024


class CrmIntakeChannel(models.Model):
    """Leads by e-mail: what arrives at the channel's alias becomes a submission like any other."""

    _inherit = "crm.intake.channel"

    alias_id = fields.Many2one("mail.alias", string="Alias", readonly=True, copy=False, ondelete="set null")
    alias_name = fields.Char(
        string="E-mail Alias",
        compute="_compute_alias_name",
        inverse="_inverse_alias_name",
        help="The part before the @. Mails to it become leads; replies to mails of the suite do not.",
    )
    alias_address = fields.Char(string="E-mail Address", related="alias_id.display_name")

    @api.depends("alias_id.alias_name")
    def _compute_alias_name(self):
        for channel in self:
            channel.alias_name = channel.sudo().alias_id.alias_name

    def _inverse_alias_name(self):
        for channel in self:
            name, alias = channel.alias_name, channel.sudo().alias_id
            if name and alias:
                alias.alias_name = name
            elif name:
                channel.sudo().alias_id = alias.create(channel._prepare_alias(name))
            else:
                alias.unlink()

    def _prepare_alias(self, name):
        return {
            "alias_name": name,
            "alias_model_id": self.env["ir.model"].sudo()._get(self._name).id,
            "alias_force_thread_id": self.id,
            "alias_contact": "everyone",
            "alias_user_id": self.env.ref("base.user_root").id,
        }

    @api.constrains("kind", "alias_id")
    def _check_alias_kind(self):
        for channel in self:
            if channel.alias_id and channel.kind != "email":
                raise CrmValidationError(_("Only a channel of the kind E-mail has an e-mail alias."))

    def unlink(self):
        aliases = self.sudo().alias_id
        result = super().unlink()
        aliases.unlink()
        return result

    # -- the mail gateway (mail_thread.py) -----------------------------------------------------------------------------

    def message_update(self, msg_dict, update_vals=None):
        """Says to Odoo's mail gateway that mails may come to a channel; they are taken by :meth:`_accept_mail`."""
        return True

    def _accept_mail(self, message, msg_dict):
        """Keep a mail as submission, with the whole mail beside it. The same Message-Id comes once.

        :param message: email.message.EmailMessage
        :param msg_dict: as parsed by Odoo's mail gateway
        :return: id of the new touchpoint; None for a repetition, or an out-of-office answer
        """
        self.ensure_one()
        if (message.get("Auto-Submitted") or "").strip().lower().startswith("auto-replied"):
            return None  # somebody is out of office: nobody wrote
        original = message.as_bytes()
        message_id = msg_dict.get("message_id") or ""
        body = html2plaintext(msg_dict.get("body") or "")
        letter = read_letter(msg_dict.get("email_from") or "", msg_dict.get("subject") or "", body)
        key = "mail:" + hashlib.sha256(message_id.encode("utf-8", "replace") or original).hexdigest()
        date = fields.Datetime.to_datetime(msg_dict.get("date") or None)
        row = {"idempotency_key": key, "payload": {**letter, "message_id": message_id}, "occurred_at": date}
        for touchpoint_id in self.env["crm.touchpoint"]._accept_rows(self, [row]):
            self._keep_original(touchpoint_id, original)
            return touchpoint_id
        return None

    def _keep_original(self, touchpoint_id, original):
        self.env["ir.attachment"].sudo().create(
            {
                "name": "mail.eml",
                "datas": base64.b64encode(original[:MAX_ORIGINAL]),
                "mimetype": "application/octet-stream",  # never shown as a page
                "res_model": "crm.touchpoint",
                "res_id": touchpoint_id,
            }
        )

    @api.model
    def _get_default_mapping(self, kind):
        if kind != "email":
            return super()._get_default_mapping(kind)
        return [
            ("phone", "phone"),
            ("email", "email_from"),
            ("name", "contact_name"),
            ("company", "partner_name"),
            ("wechat", "wechat"),
            ("subject", "name"),
            ("text", "description"),
        ]
