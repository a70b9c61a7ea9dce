# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError

#: The customer signed, and it is not over
IN_FORCE_STATES = ("signed", "executing")
#: The customer has signed
SIGNED_STATES = (*IN_FORCE_STATES, "done", "terminated")

#: What may be written at any time; what else there is may be written in a draft only
OPEN_FIELDS = frozenset(
    (
        "user_id",
        "team_id",
        "alert_days",
        "note",
        "active",
        "activity_ids",
        "message_ids",
        "message_follower_ids",
        "message_partner_ids",
        "message_main_attachment_id",
    )
)
#: What nobody writes: the actions of a contract do
GUARDED_FIELDS = frozenset(
    (
        "name",
        "state",
        "access_token",
        "body_html",
        "document_id",
        "document_sha256",
        "document_facts",
        "sent_on",
        "link_expires_on",
        "viewed_on",
        "views_count",
        "signer_name",
        "signature",
        "signed_on",
        "signer_ip",
        "signer_agent",
        "signed_sha256",
        "scan_id",
        "scan_sha256",
        "signature_entered_by_id",
        "signature_entered_on",
        "company_signer_id",
        "company_signed_on",
        "end_reason",
        "ended_by_id",
        "ended_on",
        "changes_sent",
        "alerted_date",
        "renewal_lead_id",
    )
)


class CrmContract(models.Model):
    """An agreement with a customer: drafted from a template, approved, signed on the portal, carried out, ended.

    What the customer was shown is frozen when it is sent (``body_html``, the PDF and its hash), and a contract that is no
    draft any more is changed by its own actions only, whatever the door: see :meth:`write`. A signed contract is changed
    by another contract, its amendment: ``amends_id`` is always the first contract, never an amendment.
    """

    _name = "crm.contract"
    _description = "Contract"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(string="Number", readonly=True, copy=False, required=True, default="/")
    title = fields.Char(required=True, tracking=True, help="What it is about, as the customer reads it.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("approval", "In Approval"),
            ("sent", "Sent"),
            ("signed", "Signed by Customer"),
            ("executing", "In Execution"),
            ("done", "Done"),
            ("terminated", "Terminated"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
        index=True,
    )
    active = fields.Boolean(default=True, groups="base.group_user")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="restrict", tracking=True
    )
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer Company", related="partner_id.commercial_partner_id", store=True, index=True
    )
    signatory_id = fields.Many2one(
        "res.partner",
        string="Signed for Customer by",
        ondelete="restrict",
        help="The person the contract is sent to. Empty: the customer.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="restrict", default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", string="Salesperson", index=True, tracking=True, default=lambda self: self.env.user
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", index=True)
    template_id = fields.Many2one("crm.contract.template", string="Template", ondelete="restrict", groups="base.group_user")
    article_ids = fields.One2many("crm.contract.article", "contract_id", string="Clauses", copy=True)
    order_ids = fields.One2many("sale.order", "contract_id", string="Orders")
    framework = fields.Boolean(
        string="Framework Contract",
        help="Agrees on terms and, if any, on a volume. Orders are called off from it while it runs.",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, ondelete="restrict", default=lambda self: self.env.company.currency_id
    )
    amount_total = fields.Monetary(
        string="Amount",
        compute="_compute_amount_total",
        store=True,
        readonly=False,
        tracking=True,
        help="Sum of its orders, tax included. Of a framework contract, the volume agreed on; 0 for none.",
    )
    date_start = fields.Date(string="Starts on", default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(string="Ends on", tracking=True, help="Empty: it ends when everything is delivered and paid.")
    note = fields.Text(string="Internal Note", groups="base.group_user")
    amends_id = fields.Many2one(
        "crm.contract",
        string="Amends",
        index=True,
        ondelete="restrict",
        copy=False,
        help="The contract that this one changes when it is signed.",
    )

    _sql_constraints = [
        ("dates_ordered", "CHECK (date_end >= date_start)", "A contract ends after it starts. Correct its dates."),
        ("amount_not_negative", "CHECK (amount_total >= 0)", "The amount of a contract cannot be negative. Correct it."),
    ]

    @api.depends("order_ids.amount_total", "order_ids.state", "order_ids.contract_id", "framework", "state", "withdrawn_order_ids")
    def _compute_amount_total(self):
        """Follows the orders of a draft; what was sent stays what it was."""
        for contract in self:
            amount = contract.amount_total
            if contract.state == "draft" and not contract.framework:
                amount = contract.amends_id.amount_total + sum(contract._get_text_orders().mapped("amount_total"))
                amount -= sum(contract.withdrawn_order_ids.mapped("amount_total"))
            contract.amount_total = amount

    def name_get(self):
        return [(contract.id, "%s %s" % (contract.name, contract.title or "")) for contract in self]

    # ------------------------------------------------------------------ doors

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_guarded(vals)
        contracts = super().create([self._prepare_new(vals) for vals in vals_list])
        for contract in contracts:
            number = self.env["ir.sequence"].with_company(contract.company_id).next_by_code("crm.contract")
            contract._write_guarded({"name": number or "/"})
        contracts.partner_id._mark_as_customer()
        return contracts

    def write(self, vals):
        """Drafts are edited; later only who is in charge, alerts and notes change. In sudo mode, too."""
        self._check_guarded(vals)
        if vals.keys() - OPEN_FIELDS:
            self._check_draft()
        return super().write(vals)

    def unlink(self):
        kept = self.filtered(lambda contract: contract.state not in ("draft", "cancel") or contract.document_id)
        if kept:
            raise SalesOrderError(
                _("%(contract)s went to the customer and is kept. Cancel or terminate it instead.", contract=kept[0].name)
            )
        return super().unlink()

    def copy_data(self, default=None):
        """The text and the terms, not the orders: these belong to one contract."""
        return super().copy_data(dict(default or {}, order_ids=False))

    @api.model
    def _prepare_new(self, vals):
        """``vals`` with what the template says, as the form's onchange would set it."""
        template = self.env["crm.contract.template"].browse(vals.get("template_id"))
        if not template:
            return vals
        articles = [(0, 0, article) for article in template._prepare_articles()]
        return {**self._prepare_from_template(template, vals.get("date_start")), "article_ids": articles, **vals}

    @api.model
    def _prepare_from_template(self, template, date_start=None):
        start = fields.Date.to_date(date_start) or fields.Date.context_today(self)
        months = template.duration_months
        end = start + relativedelta(months=months, days=-1) if months else False
        alert = template.alert_days or self.env.company.contract_alert_days
        return {"title": template.title, "framework": template.framework, "date_end": end, "alert_days": alert}

    @api.onchange("template_id")
    def _onchange_template_id(self):
        if self.template_id:
            self.update(self._prepare_from_template(self.template_id, self.date_start))
            self.article_ids = [(5, 0, 0)] + [(0, 0, article) for article in self.template_id._prepare_articles()]

    @api.model
    def _check_guarded(self, vals):
        guarded = GUARDED_FIELDS & vals.keys()
        if guarded:
            label = self._fields[min(guarded)].get_description(self.env)["string"]
            raise SalesOrderError(_("“%(field)s” is set by the contract's own buttons. Use those.", field=label))

    def _write_guarded(self, vals):
        """What the contract's own actions write; no door leads here."""
        return super().write(vals)

    def _check_may_write(self):
        """For actions, which write past :meth:`write`: :raise AccessError: as any writing would"""
        self.check_access_rights("write")
        self.check_access_rule("write")

    def _check_draft(self):
        """:raise SalesOrderError: when one of ``self`` is no draft any more, and so is not edited"""
        frozen = self.sudo().filtered(lambda contract: contract.state != "draft")
        if frozen:
            raise SalesOrderError(frozen[0]._explain_frozen())

    def _explain_frozen(self):
        self.ensure_one()
        if self.state in ("approval", "sent"):
            return _("%(contract)s is on its way to a signature. Take it back to draft to change it.", contract=self.name)
        if self.state in IN_FORCE_STATES:
            return _("%(contract)s is signed. Make an amendment to change it.", contract=self.name)
        return _("%(contract)s is closed and cannot be changed. Make a new contract.", contract=self.name)

    def _get_order_problem(self, order):
        """Why ``order`` cannot be part of this contract, in words; False when it can."""
        self.ensure_one()
        if order.partner_id.commercial_partner_id != self.commercial_partner_id:
            return _("%(order)s is another customer's. Choose a contract of its own customer.", order=order.name)
        if order.company_id != self.company_id:
            return _("%(order)s is another company's. Choose a contract of its own company.", order=order.name)
        if order.currency_id != self.currency_id:
            return _("%(order)s is in another currency than %(contract)s.", order=order.name, contract=self.name)
        if self.framework and self.state in IN_FORCE_STATES:
            return False
        if self.state != "draft":
            return self._explain_frozen()
        return False
