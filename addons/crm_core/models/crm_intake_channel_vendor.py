# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.intake import PathError, compile_path
from ..engine.vendor.schemes import ENCODINGS, ID_PATH
from ..exceptions import CrmValidationError
from .crm_intake_channel_wecom import SECRET

#: Feiyu's pull signs its path and the time like this; its push is documented by nobody, so all of it can be changed
PATH_AND_TIME = "{path} {timestamp}"
PLACEHOLDERS = ("{path}", "{timestamp}", "{token}", "{body}")


class CrmIntakeChannel(models.Model):
    """Advertising platforms: how they sign, where their ids and values are. All of it can be changed per channel."""

    _inherit = "crm.intake.channel"

    signature_scheme = fields.Selection(
        selection_add=[
            ("headers", "Signature, time and token in headers"),
            ("vendor_token", "Secret address, platform's ids"),
        ],
        ondelete={"headers": "set default", "vendor_token": "set default"},
    )
    sign_header = fields.Char(string="Signature Header", default="Signature")
    time_header = fields.Char(string="Time Header", default="Timestamp")
    token_header = fields.Char(string="Token Header", default="Access-Token")
    sign_token = fields.Char(string="Token", help="Expected in the token header. Empty: not checked.", **SECRET)
    sign_message = fields.Char(
        string="What Is Signed",
        default=PATH_AND_TIME,
        help="With {path} (and query), {timestamp}, {token} and {body}. Ask the platform's support which one yours uses.",
    )
    sign_encoding = fields.Selection(
        [("hex", "Hexadecimal"), ("base64", "Base64"), ("base64_hex", "Base64 of the hexadecimal text")],
        string="Signature Written as",
        default="base64_hex",
    )
    id_path = fields.Char(
        string="Where the Platform's Id Is",
        default=ID_PATH,
        help="The same id again is the same lead. Without one the whole text is compared.",
    )

    @api.constrains("sign_message", "sign_encoding", "signature_scheme")
    def _check_signing(self):
        for channel in self.filtered(lambda channel: channel.signature_scheme == "headers"):
            message = channel.sign_message or ""
            if channel.sign_encoding not in ENCODINGS or "{timestamp}" not in message:
                raise CrmValidationError(
                    _("What is signed must contain {timestamp}, or old submissions could be sent again. Known: %s", " ".join(PLACEHOLDERS))
                )

    @api.constrains("id_path")
    def _check_id_path(self):
        for channel in self.filtered("id_path"):
            try:
                compile_path(channel.id_path)
            except PathError as error:
                raise CrmValidationError(_("This is not a place in a submission: %s", error)) from error

    @api.model
    def _get_secret_fields(self):
        return super()._get_secret_fields() + ["sign_token"]

    def _prepare_door_channel(self):
        """The engine's schemes find the settings beside the secrets."""
        door = super()._prepare_door_channel()
        names = ("sign_header", "time_header", "token_header", "sign_message", "sign_encoding", "id_path")
        return door._replace(credentials={**door.credentials, **{name: self[name] or "" for name in names}})

    # -- presets -------------------------------------------------------------------------------------------------------

    @api.model
    def _get_kind_defaults(self, kind):
        defaults = dict(super()._get_kind_defaults(kind), pull_kind=False, api_url=False)
        if kind == "ocean":
            defaults.update(signature_scheme="headers", pull_kind="ocean", api_url="https://ad.oceanengine.com")
        elif kind == "baidu":
            defaults.update(signature_scheme="vendor_token")
        elif kind == "tencent":
            defaults.update(signature_scheme="vendor_token", pull_kind="tencent", api_url="https://api.e.qq.com")
        elif kind == "wecom":
            defaults.update(signature_scheme="token", api_url="https://qyapi.weixin.qq.com")
        return defaults

    @api.model
    def _get_default_mapping(self, kind):
        """Fields as vendors' documents and open-source receivers name them (60-integrations)."""
        presets = {
            "ocean": [
                ("name", "contact_name"),
                ("telphone|telephone|phone", "phone"),
                ("weixin", "wechat"),
                ("province_name", "name.state"),
                ("city_name", "city"),
                ("location", "place.area"),
                ("remark_dict|remark", "description"),
                ("external_url", "touch.landing_page"),
                ("create_time_detail|create_time", "touch.occurred_at"),
            ],
            "baidu": [
                ("formDetail[name=姓名].value|formDetail[type=name].value|formDetail[name=称呼].value|imName", "contact_name"),
                ("cluePhoneNumber|formDetail[name=电话].value|formDetail[name=手机号].value|formDetail[type=phone].value", "phone"),
                ("formDetail[name=公司].value|formDetail[name=公司名称].value|formDetail[name=单位].value", "partner_name"),
                ("formDetail[name=邮箱].value|formDetail[type=email].value", "email_from"),
                ("wechatAccount|formDetail[name=微信].value", "wechat"),
                ("formDetail[name=留言].value|formDetail[name=需求].value|formDetail[name=备注].value", "description"),
                ("solutionTypeName", "description"),
                ("area", "place.area"),
                ("flowChannelName", "name.medium"),
                ("ip", "touch.visitor_ip"),
                ("url|consultUrl", "touch.landing_page"),
                ("commitTime", "touch.occurred_at"),
            ],
            "tencent": [
                ("leads_name|name", "contact_name"),
                ("leads_tel|telephone|phone", "phone"),
                ("leads_wechat|wechat|bundle.微信|bundle.微信号", "wechat"),
                ("leads_email|email|bundle.邮箱|bundle.email", "email_from"),
                ("bundle.公司|bundle.公司名称|bundle.company", "partner_name"),
                ("tel_location|leads_area|bundle.城市", "place.area"),
                ("bundle", "description"),
                ("page_url", "touch.landing_page"),
                ("leads_create_time|create_time", "touch.occurred_at"),
            ],
            "wecom": [
                ("name|remark", "contact_name"),
                ("external_userid", "wechat"),
                ("phone", "phone"),
                ("company", "partner_name"),
                ("position", "function"),
                ("tags", "name.tags"),
                ("description", "description"),
                ("added_at", "touch.occurred_at"),
            ],
        }
        return presets.get(kind) or super()._get_default_mapping(kind)
