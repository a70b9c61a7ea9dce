# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import ipaddress
import secrets

from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from ..engine.intake import ANSWERS, SCHEMES
from ..exceptions import CrmValidationError

#: Whoever knows the address of a channel without signature may submit
ADDRESS_GROUPS = "crm_core.group_marketing,crm_core.group_sales_director,base.group_system"


class CrmIntakeChannel(models.Model):
    """A way by which leads come in, with what is trusted, read and set by default there."""

    _name = "crm.intake.channel"
    _description = "Intake Channel"
    _order = "name, id"

    name = fields.Char(required=True, translate=False)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("website", "Website Form"),
            ("baidu", "Baidu Jimuyu"),
            ("ocean", "Ocean Engine / Douyin"),
            ("tencent", "Tencent Ads / WeChat"),
            ("wecom", "WeCom"),
            ("exhibition", "Exhibition"),
            ("referral", "Referral"),
            ("call", "Inbound Call"),
            ("platform", "Third-party Platform"),
            ("json", "Generic JSON"),
            ("file", "File Import"),
            ("email", "E-mail"),
        ],
        required=True,
        default="website",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    key = fields.Char(
        string="Key",
        required=True,
        copy=False,
        readonly=True,
        default=lambda self: secrets.token_urlsafe(24),
        groups=ADDRESS_GROUPS,
        help="The unguessable part of the address.",
    )
    secret = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        copy=False,
        groups="crm_core.group_sales_director,base.group_system",
        help="What the sender signs with. Shown to directors only.",
    )
    signature_scheme = fields.Selection(
        [("hmac", "Signed (HMAC-SHA256)"), ("token", "Secret address only")],
        string="Proof of Sender",
        required=True,
        default="hmac",
        help="Secret address only: for platforms that cannot sign. Add their addresses to the allowed senders.",
    )
    replay_window = fields.Integer(
        string="Allowed Age (seconds)", default=300, help="How old or how far ahead a signed submission may be."
    )
    ack = fields.Selection(
        [("receipt", "Receipt number"), ("vendor", "As advertising platforms expect")],
        string="Answer",
        required=True,
        default="receipt",
    )
    rate_limit = fields.Integer(string="Submissions a Minute", default=600, help="More are asked to wait. 0: no limit.")
    ip_allow = fields.Text(
        string="Allowed Senders", help="IP addresses or networks (203.0.113.0/24), one a line. Empty: any address."
    )
    mapping_ids = fields.One2many("crm.intake.mapping", "channel_id", string="Mapping", copy=True)
    source_id = fields.Many2one("utm.source", string="Source")
    medium_id = fields.Many2one("utm.medium", string="Medium")
    campaign_id = fields.Many2one("utm.campaign", string="Campaign")
    tag_ids = fields.Many2many("crm.tag", string="Tags")
    team_id = fields.Many2one("crm.team", string="Sales Team")
    dedupe_policy = fields.Selection(
        [
            ("attach", "Attach to the existing one and tell its owner"),
            ("link", "Create a lead and link it"),
            ("reject", "Reject"),
        ],
        string="If Known Already",
        required=True,
        default="attach",
    )
    dedupe_scope = fields.Selection(
        [("company", "Own company"), ("all", "All companies")], string="Look for Duplicates in", required=True, default="company"
    )

    _sql_constraints = [
        ("key_uniq", "unique(key)", "This key is taken. Make a new one."),
        ("replay_window_range", "check(replay_window BETWEEN 1 AND 86400)", "The allowed age is 1 to 86400 seconds."),
        ("rate_limit_positive", "check(rate_limit >= 0)", "Submissions a minute cannot be negative. 0 means no limit."),
    ]

    # ------------------------------------------------------------------
    # Secrets
    # ------------------------------------------------------------------
    @api.model
    def _get_secret_fields(self):
        """Names of the fields kept in crm.intake.secret (all with :meth:`_compute_secrets` and its inverse)."""
        return ["secret"]

    @api.depends_context("uid", "su")
    def _compute_secrets(self):
        secret_model = self.env["crm.intake.secret"]
        # export_data and expressions reach computed fields without asking for their groups
        readable = self.env.su or secret_model.check_access_rights("read", raise_exception=False)
        found = secret_model.sudo().search([("channel_id", "in", self.ids)]) if readable else secret_model
        values = {(secret.channel_id.id, secret.name): secret.value for secret in found}
        for channel in self:
            for name in self._get_secret_fields():
                channel[name] = values.get((channel.id, name), False)

    def _inverse_secrets(self):
        for channel in self:
            channel._set_secrets({name: channel[name] for name in self._get_secret_fields()})

    def _set_secrets(self, values):
        """Store secrets by name; an empty one is removed."""
        self.ensure_one()
        self._check_secret_access()
        secret_model = self.env["crm.intake.secret"].sudo()
        known = {secret.name: secret for secret in secret_model.search([("channel_id", "=", self.id)])}
        for name, value in values.items():
            if name in known and value:
                known[name].value = value
            elif name in known:
                known[name].unlink()
            elif value:
                secret_model.create({"channel_id": self.id, "name": name, "value": value})
        self.invalidate_cache(self._get_secret_fields(), self.ids)
        self._forget_door()

    @api.model
    def _check_secret_access(self):
        """:raise AccessError: for others than directors and administrators"""
        if not self.env.su and not self.env["crm.intake.secret"].check_access_rights("write", raise_exception=False):
            raise AccessError(_("Only sales directors and administrators see and change the secrets of channels."))

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        result = super().fields_get(allfields=allfields, attributes=attributes)
        for name in self._get_secret_fields():
            result.get(name, {})["exportable"] = False
        return result

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        if {path[0] for path in fields if path} & set(self._get_secret_fields()):
            raise AccessError(_("Secrets of channels cannot be exported. Copy them from the channel's form."))
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    # ------------------------------------------------------------------
    # Records
    # ------------------------------------------------------------------
    @api.model
    def _get_kind_defaults(self, kind):
        """Field values that fit a kind of channel, for :meth:`create` and the form."""
        if kind in ("baidu", "ocean", "tencent"):
            return {"signature_scheme": "token", "ack": "vendor"}
        return {"signature_scheme": "hmac", "ack": "receipt"}

    @api.model
    def _get_default_mapping(self, kind):
        """[(path, target)] with which a channel of this kind begins."""
        return [
            ("name|contact_name|contact|姓名|联系人|称呼", "contact_name"),
            ("phone|mobile|tel|telephone|电话|手机|手机号|联系电话", "phone"),
            ("email|mail|邮箱|电子邮箱", "email_from"),
            ("wechat|weixin|微信|微信号", "wechat"),
            ("company|partner_name|company_name|公司|公司名称|单位", "partner_name"),
            ("title|job|position|职务|职位", "function"),
            ("province|state|省份|省", "name.state"),
            ("city|城市|市", "city"),
            ("address|street|地址", "street"),
            ("subject|topic|主题", "name"),
            ("message|remark|content|comment|留言|备注|需求", "description"),
            ("landing_page|page|page_url|url", "touch.landing_page"),
            ("referrer|referer", "touch.referrer"),
            ("keyword|utm_term", "touch.keyword"),
            ("ip|visitor_ip", "touch.visitor_ip"),
            ("time|created_at|create_time|submitted_at", "touch.occurred_at"),
            ("utm_source", "name.source"),
            ("utm_medium", "name.medium"),
            ("utm_campaign", "name.campaign"),
        ]

    @api.model
    def _prepare_mapping(self, kind):
        """Commands for ``mapping_ids`` of a new channel."""
        pairs = self._get_default_mapping(kind)
        return [(0, 0, {"sequence": 10 * (n + 1), "path": path, "target": target}) for n, (path, target) in enumerate(pairs)]

    @api.onchange("kind")
    def _onchange_kind(self):
        self.update(self._get_kind_defaults(self.kind))
        self.mapping_ids = [(5,), *self._prepare_mapping(self.kind)]

    @api.model_create_multi
    def create(self, vals_list):
        prepared = []
        for vals in vals_list:
            kind = vals.get("kind") or self.default_get(["kind"])["kind"]
            defaults = {"mapping_ids": self._prepare_mapping(kind), **self._get_kind_defaults(kind)}
            prepared.append({**defaults, **vals})
        channels = super().create(prepared)
        for channel in channels.sudo():
            if not channel.secret:
                channel._set_secrets({"secret": secrets.token_urlsafe(32)})
        self._forget_door()
        return channels

    def write(self, vals):
        result = super().write(vals)
        self._forget_door()
        return result

    def unlink(self):
        result = super().unlink()
        self._forget_door()
        return result

    @api.constrains("ip_allow")
    def _check_ip_allow(self):
        for channel in self:
            for line in (channel.ip_allow or "").split():
                try:
                    ipaddress.ip_network(line, strict=False)
                except ValueError as error:
                    raise CrmValidationError(
                        _("“%s” is not an IP address or network. Write 203.0.113.7 or 203.0.113.0/24, one a line.", line)
                    ) from error

    @api.constrains("signature_scheme", "ack")
    def _check_known(self):
        for channel in self:
            assert channel.signature_scheme in SCHEMES, channel.signature_scheme
            assert channel.ack in ANSWERS, channel.ack

    def _in_company_language(self):
        """The channel in the language of its company, for texts that are stored."""
        return self.with_context(lang=self.company_id.partner_id.lang or "en_US")
