# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from hashlib import sha256

from odoo import _, fields, models
from odoo.exceptions import UserError

from ..exceptions import InstalmentError, SalesOrderError
from .sale_order_online import MAX_REASON


class CrmAcceptance(models.Model):
    """The customer accepts what was supplied, or that a milestone is met: asked by us, answered on the portal or on paper.

    A row is one question and its answer, with the evidence: the PDF that was asked about, who answered when and from where,
    the drawn name or the scan. Nobody writes them but these methods: there is no right to.
    """

    _name = "crm.acceptance"
    _description = "Acceptance by the Customer"
    _order = "id desc"

    name = fields.Char(string="Number", required=True, readonly=True)
    order_id = fields.Many2one("sale.order", string="Order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    part_ids = fields.Many2many(
        "sale.order.instalment", "crm_acceptance_instalment_rel", "acceptance_id", "instalment_id", string="Instalments", readonly=True
    )
    what = fields.Char(readonly=True, help="What was to be accepted, as the customer read it.")
    state = fields.Selection(
        [("asked", "Customer Asked"), ("accepted", "Accepted"), ("refused", "Not Accepted")], required=True, readonly=True
    )
    asked_by_id = fields.Many2one("res.users", string="Asked by", readonly=True, ondelete="restrict")
    asked_on = fields.Datetime(readonly=True)
    document_id = fields.Many2one("ir.attachment", string="Certificate", readonly=True, ondelete="restrict")
    document_sha256 = fields.Char(string="Fingerprint of the PDF", readonly=True)
    signer_name = fields.Char(string="Accepted by", readonly=True)
    answered_on = fields.Datetime(readonly=True)
    signature = fields.Image(readonly=True, max_width=1024, max_height=1024)
    signer_ip = fields.Char(string="IP Address", readonly=True)
    signer_agent = fields.Char(string="Browser", readonly=True)
    scan_id = fields.Many2one("ir.attachment", string="Signed Original", readonly=True, ondelete="restrict")
    scan_sha256 = fields.Char(string="Fingerprint of the Scan", readonly=True)
    entered_by_id = fields.Many2one("res.users", string="Entered by", readonly=True, ondelete="restrict")
    reason = fields.Text(string="Why Not", readonly=True)

    _sql_constraints = [("asked_once", "UNIQUE (order_id, name)", "The customer was asked at this moment. Reload the page.")]

    # Called in sudo mode: by the order's actions, which checked the rights, and by the portal, which checked the link

    def _ask(self, order, parts):
        """A new question about ``parts``, with its certificate frozen and a link for who has no e-mail address."""
        order._portal_ensure_token()
        acceptance = self.create(
            {
                "name": "%s-%d" % (order.name, len(order.acceptance_ids) + 1),
                "order_id": order.id,
                "part_ids": [(6, 0, parts.ids)],
                "what": ", ".join(parts.mapped("name")),
                "state": "asked",
                "asked_by_id": self.env.uid,
                "asked_on": fields.Datetime.now(),
            }
        )
        content = acceptance._get_document_bytes()
        values = {"name": "%s.pdf" % acceptance.name, "raw": content, "mimetype": "application/pdf", "res_model": self._name}
        document = self.env["ir.attachment"].create({**values, "res_id": acceptance.id})
        acceptance.write({"document_id": document.id, "document_sha256": sha256(content).hexdigest()})
        return acceptance

    def _mail_link(self):
        """To the customer; without an address there is the link to copy."""
        if self.order_id.partner_id.email:
            self.env.ref("crm_sales_order.mail_template_acceptance").send_mail(self.id, notif_layout="mail.mail_notification_light")

    def _accept(self, signer, evidence):
        """The customer accepts, once; what waited for it is due.

        :return: whether it was accepted now; False when it was answered before
        :raise SalesOrderError: when it cannot be accepted, in words for colleagues
        """
        self.ensure_one()
        self._lock()
        if self.state == "accepted":
            return False
        if self.state != "asked" or not self._is_intact():
            raise InstalmentError(_("%(acceptance)s is not asked any more. Ask the customer again.", acceptance=self.name))
        self.write({"answered_on": fields.Datetime.now(), **evidence, "signer_name": signer, "state": "accepted"})
        parts = self.part_ids.filtered(lambda part: part.state == "waiting")
        if "acceptance" in parts.mapped("trigger"):
            self.order_id.action_accept()
        parts.filtered(lambda part: part.trigger != "acceptance").action_reach()
        self._tell("accepted", _("%(acceptance)s accepted by %(name)s: %(what)s", acceptance=self.name, name=signer, what=self.what))
        return True

    def _accept_online(self, signer, signature, ip, agent):
        """:return: what to tell the customer where it failed, "" otherwise; nothing stays of what fails"""
        order = self.order_id
        try:
            signer = order._check_signer(signer)
            order._check_signature(signature)
        except SalesOrderError as error:
            return error.args[0]
        evidence = {"signature": signature, "signer_ip": ip, "signer_agent": (agent or "")[:250]}
        try:
            with self.env.cr.savepoint():
                self._accept(signer, evidence)
        except UserError as error:
            # why, is for the salesperson's eyes
            order._tell_rep("not_taken", error.args[0])
            return _(
                "It cannot be accepted at the moment; nothing has changed. %(contact)s was told and will contact you.",
                contact=order.user_id.name or order.company_id.name,
            )
        return ""

    def _refuse_online(self, reason):
        """The customer does not accept, and says why.

        :raise SalesOrderError: without a reason
        """
        self.ensure_one()
        reason = (reason or "").strip()[:MAX_REASON]
        if not reason:
            raise SalesOrderError(_("Tell us what is missing, please: a few words are enough."))
        self._lock()
        if self.state == "asked":
            self.write({"state": "refused", "answered_on": fields.Datetime.now(), "reason": reason})
            self._tell("refused", _("%(acceptance)s not accepted: %(reason)s", acceptance=self.name, reason=reason))

    def _tell(self, what, text):
        """To the order's log and its salesperson."""
        author = self.entered_by_id.partner_id or self.order_id.partner_id
        self.order_id.message_post(body=self.env["ir.qweb.field.text"].value_to_html(text, {}), author_id=author.id)
        if not self.entered_by_id:
            self.order_id._tell_rep(what, text)

    def _lock(self):
        """Who comes second waits, fails on serialization, is retried and finds what the first one did."""
        self.env.cr.execute("SELECT id FROM crm_acceptance WHERE id = %s FOR UPDATE", [self.id])
        self.invalidate_cache(["state"], self.ids)

    def _is_intact(self):
        """Whether the certificate is byte for byte what the customer was asked about."""
        self.document_id.invalidate_cache(["raw", "datas"])
        return sha256(self.document_id.raw or b"").hexdigest() == self.document_sha256
