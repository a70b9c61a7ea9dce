# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
import secrets
from datetime import timedelta
from hashlib import sha256

from odoo import _, api, fields, models
from odoo.addons.crm_core.exceptions import ContactDetailsError

from ..exceptions import SalesOrderError
from .crm_contract import SIGNED_STATES


class CrmContract(models.Model):
    """Sending: what the customer gets to see is frozen, its PDF kept with its hash, and the link runs out."""

    _inherit = "crm.contract"
    _mail_post_token_field = "live_token"

    document_id = fields.Many2one("ir.attachment", string="PDF", readonly=True, copy=False, ondelete="restrict")
    document_sha256 = fields.Char(
        string="Fingerprint of the PDF", readonly=True, copy=False, help="SHA-256 of the very bytes the customer was shown."
    )
    document_facts = fields.Text(
        readonly=True, copy=False, groups="base.group_user", help="What its orders were when it was sent, as JSON."
    )
    document_outdated = fields.Boolean(compute="_compute_document_outdated", compute_sudo=True, groups="base.group_user")
    sent_on = fields.Datetime(string="Sent on", readonly=True, copy=False)
    link_expires_on = fields.Datetime(string="Link Valid until", readonly=True, copy=False)
    sign_url = fields.Char(string="Link for the Customer", compute="_compute_sign_url", groups="crm_core.group_sales_rep")
    live_token = fields.Char(compute="_compute_live_token", groups="base.group_system", help="What messages through the link need.")
    viewed_on = fields.Datetime(string="First Read on", readonly=True, copy=False)
    views_count = fields.Integer(string="Read", readonly=True, copy=False)

    @api.depends("state", "document_facts", "order_ids.amount_total", "order_ids.order_line.product_uom_qty")
    def _compute_document_outdated(self):
        for contract in self:
            contract.document_outdated = contract.state == "sent" and contract._is_outdated()

    @api.depends("access_token", "link_expires_on")
    def _compute_sign_url(self):
        for contract in self:
            contract.sign_url = contract.get_base_url() + contract.get_portal_url() if contract._has_live_link() else False

    def _compute_access_url(self):
        super()._compute_access_url()
        for contract in self:
            contract.access_url = "/my/contracts/%d" % contract.id

    def _portal_ensure_token(self):
        """No link before it is sent: only sending makes one, and a new one every time."""
        return self.access_token or ""

    def _has_live_link(self):
        self.ensure_one()
        contract = self.sudo()
        return bool(contract.access_token and contract.link_expires_on and contract.link_expires_on > fields.Datetime.now())

    def _compute_live_token(self):
        for contract in self:
            contract.live_token = contract.access_token if contract._has_live_link() else ""

    def _get_reader_tz(self):
        """Time zone of what the customer reads, who may have told none: that of whom they deal with."""
        self.ensure_one()
        return self.partner_id.tz or self.user_id.tz or self.company_id.partner_id.tz or "Asia/Shanghai"

    def _note_viewed(self):
        """The customer read it: the first time counts, and how often."""
        for contract in self.filtered(lambda contract: contract.state == "sent"):
            viewed = contract.viewed_on or fields.Datetime.now()
            contract._write_guarded({"viewed_on": viewed, "views_count": contract.views_count + 1})

    # ------------------------------------------------------------------ sending

    def action_send(self):
        """Freeze text and PDF, make a link that runs out, and mail it to whoever signs if the address is known."""
        self._check_may_write()
        for contract in self:
            contract._check_can_send()
            contract._freeze()
            contract._mail_link()
        return True

    def _check_can_send(self):
        """:raise SalesOrderError: when something is missing, saying what"""
        self.ensure_one()
        if self.state not in ("draft", "approval"):
            raise SalesOrderError(_("%(contract)s was sent already. Reload the page.", contract=self.name))
        if not self.article_ids:
            raise SalesOrderError(_("%(contract)s has no text. Choose a template, or write its clauses.", contract=self.name))
        if not self.framework and not self.amends_id and not self._get_text_orders():
            raise SalesOrderError(
                _(
                    "%(contract)s has nothing to deliver. Put a quotation under it, or make it a framework contract.",
                    contract=self.name,
                )
            )
        self._check_approved()

    def _freeze(self):
        """Draw up what the customer gets; the quotations count as sent with it."""
        orders = self._get_text_orders()
        orders.filtered(lambda order: order.state == "draft").write({"state": "sent"})
        now = fields.Datetime.now()
        days = self.company_id.contract_link_days or 30
        self._write_guarded(
            {
                "state": "sent",
                "body_html": self._render_body(),
                "document_facts": self._get_document_facts(),
                "changes_sent": json.dumps(self._get_changes()),
                "sent_on": now,
                "access_token": secrets.token_urlsafe(32),
                "link_expires_on": now + timedelta(days=days),
                "viewed_on": False,
                "views_count": 0,
            }
        )
        content = self._get_document_bytes()
        self._write_guarded({"document_id": self._store_document(content).id, "document_sha256": sha256(content).hexdigest()})

    def _store_document(self, content):
        attachment = self.env["ir.attachment"].sudo()
        values = {"name": "%s.pdf" % self.name, "raw": content, "mimetype": "application/pdf", "res_model": self._name}
        return attachment.create({**values, "res_id": self.id})

    def _get_document_bytes(self, report=None):
        """The PDF as the customer got it; of a draft as it would be now.

        :rtype: bytes
        """
        self.ensure_one()
        if self._hidden_contact_details(["body_html"]):
            raise ContactDetailsError(_("Customers' contact details are hidden from you, and contracts name them."))
        document = self.sudo().document_id
        return document.raw if document else super(CrmContract, self.sudo())._get_document_bytes(report)

    def _mail_link(self):
        """To whoever signs; without an address the link is there to copy."""
        recipient = (self.signatory_id or self.partner_id).sudo()
        if recipient.email:
            template = self.env.ref("crm_sales_order.mail_template_contract").sudo()
            template.send_mail(self.id, notif_layout="mail.mail_notification_light")

    def action_new_link(self):
        """A new link for the customer in place of the old one, which stops working."""
        self._check_may_write()
        for contract in self:
            if contract.state not in ("sent", *SIGNED_STATES):
                raise SalesOrderError(_("%(contract)s was not sent yet. Send it first.", contract=contract.name))
            expires = fields.Datetime.now() + timedelta(days=contract.company_id.contract_link_days or 30)
            contract._write_guarded({"access_token": secrets.token_urlsafe(32), "link_expires_on": expires})
            contract._mail_link()
        return True

    # ------------------------------------------------------------------ what it was about

    def _get_document_facts(self):
        """What the customer agrees to beside the text: the lines of the orders, and the annexes; as JSON."""
        orders = {
            order.id: [
                [line.product_id.id, line.product_uom_qty, line.price_unit, line.discount, line.price_total]
                for line in order.order_line
                if not line.display_type
            ]
            for order in self._get_text_orders().sorted("id")
        }
        return json.dumps({"orders": orders, "annexes": self._get_annex_prints()})

    def _is_outdated(self):
        """Whether its orders are no longer what the customer was shown."""
        self.ensure_one()
        shown = (self.document_facts, self.changes_sent)
        return shown != (self._get_document_facts(), json.dumps(self._get_changes()))

    def action_check_document(self):
        """Compute the hashes of PDF, annexes and scan again, and compare them with those kept when it was sent and signed."""
        self.ensure_one()
        self.check_access_rights("read")
        self.check_access_rule("read")
        intact = self._is_document_intact()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if intact else "danger",
                "sticky": not intact,
                "title": _("The document is intact") if intact else _("The document is not what was signed"),
                "message": _("It is byte for byte what the customer was shown.")
                if intact
                else _("Its fingerprint differs. Ask your administrator to restore the file from a backup."),
            },
        }

    def _is_document_intact(self):
        """
        :raise SalesOrderError: where there is nothing to compare
        """
        contract = self.sudo()
        if not contract.document_id:
            raise SalesOrderError(_("%(contract)s was not sent yet: there is no PDF to check.", contract=self.name))
        scan = contract.scan_id
        (contract.document_id | contract.annex_ids | scan).invalidate_cache(["raw", "datas"])
        if scan and sha256(scan.raw or b"").hexdigest() != contract.scan_sha256:
            return False
        if contract._get_annex_prints() != json.loads(contract.document_facts)["annexes"]:
            return False
        found = sha256(contract.document_id.raw or b"").hexdigest()
        return {found} == {contract.document_sha256, contract.signed_sha256 or contract.document_sha256}
