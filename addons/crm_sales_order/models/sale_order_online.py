# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
import logging

from odoo import _, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, html_escape

from ..exceptions import SalesOrderError
from ..tools import signature as signatures
from .sale_order import CONFIRMED_STATES

_logger = logging.getLogger(__name__)
MAX_NAME = 100
MAX_REASON = 2000
#: More of an option than this is a slip of the finger
MAX_QUANTITY = 1_000_000


class SaleOrder(models.Model):
    """The online quotation: what the customer does with it. Called in sudo mode by the portal, which checked the link.

    Every answer locks the order first: whoever comes second (a double click, the rep who confirms) fails on
    serialization, is retried by the web layer, and finds what the first one did.
    """

    _inherit = "sale.order"

    views_count = fields.Integer(
        "Views", compute="_compute_views", store=True, help="Visits of the customer; colleagues and robots are not counted."
    )
    date_viewed = fields.Datetime("Last Viewed", compute="_compute_views", store=True)
    online_state = fields.Selection(
        [
            ("draft", "Being prepared"),
            ("open", "Waiting for the customer"),
            ("revised", "Being revised"),
            ("expired", "Expired"),
            ("signed", "Signed"),
            ("rejected", "Rejected"),
            ("closed", "Cancelled"),
            ("order", "Ordered"),
        ],
        "Online",
        compute="_compute_online_state",
        help="What the customer finds behind the link.",
    )
    online_link = fields.Char("Link for the Customer", compute="_compute_online_link", help="Each version has a link of its own.")
    signed_ip = fields.Char("Signed from", related="version_id.signed_ip")
    signed_sha256 = fields.Char("Hash of the signed PDF", related="version_id.document_sha256")

    @api.depends("version_ids.views_count", "version_ids.date_viewed")
    def _compute_views(self):
        for order in self:
            order.views_count = sum(order.version_ids.mapped("views_count"))
            order.date_viewed = max(order.version_ids.filtered("date_viewed").mapped("date_viewed"), default=False)

    @api.depends("state", "signature", "validity_date", "reject_reason", "is_revised")
    def _compute_online_state(self):
        revised = self._origin._get_revised().ids
        for order in self:
            order.online_state = order._get_online_state(order._origin.id in revised)

    @api.depends("access_token", "online_state")
    def _compute_online_link(self):
        for order in self:
            shown = order.online_state in ("open", "signed", "order") and order.access_token
            order.online_link = order.get_base_url() + order.get_portal_url() if shown else False

    def action_send_link(self):
        """The rep sends the link their own way: from now on the quotation is out. What was changed becomes a new version."""
        drafts = self.filtered(lambda order: order.state == "draft")
        drafts.action_quotation_sent()
        (self - drafts)._send_again()

    def _get_online_state(self, is_revised=None):
        """A value of ``online_state``, of this moment. ``is_revised`` saves looking, where that was done for many."""
        self.ensure_one()
        if self.state in CONFIRMED_STATES:
            return "order"
        if self.state == "cancel":
            return "rejected" if self.reject_reason else "closed"
        if self.state == "draft":
            return "draft"
        if self.is_expired and not self.signature:
            return "expired"
        if is_revised is None:
            is_revised = bool(self._get_revised())
        if is_revised:
            return "revised"
        return "signed" if self.signature else "open"

    def _check_answerable(self):
        """Only what the customer was sent, as it was sent and in its time, can be answered.

        :raise SalesOrderError: saying, to the customer, what to do
        """
        self.ensure_one()
        texts = {
            "draft": _("This quotation is still being prepared. You will get it as soon as it is ready."),
            "revised": _("This quotation is being revised. You will get the new version as soon as it is ready."),
            "expired": _("This quotation has expired. Ask for a new one: one click on its page does it."),
            "signed": _("This quotation is signed already. Thank you!"),
            "rejected": _("This quotation was rejected. Ask for a new one: one click on its page does it."),
            "closed": _("This quotation was cancelled. Ask for a new one: one click on its page does it."),
            "order": _("This quotation is confirmed already. Thank you!"),
        }
        state = self._get_online_state()
        if state in texts:
            raise SalesOrderError(texts[state])

    # -- what the customer does ------------------------------------------------------------------------------------

    def _note_visit(self):
        """The customer looks at this quotation. The rep hears of it once per version."""
        self.ensure_one()
        self._note_opened()
        version = self.version_id
        if version and version._note_view():
            self._tell_rep("opened", key="quotation_opened_%d" % version.id)

    def _sign_online(self, name, signature, ip):
        """The customer accepts. What was signed, by whom, when and from where is kept, whatever comes after.

        :param signature: the image, as base64
        :return: whether it was signed now; False when it was signed or confirmed before
        :raise SalesOrderError: telling the customer what is wrong with name or signature, or why it cannot be signed
        """
        self.ensure_one()
        self._lock_unconfirmed()
        if self.signature or self.state in CONFIRMED_STATES:
            return False
        self._check_answerable()
        name = self._check_signer(name)
        self._check_signature(signature)
        document = self._render_offer()
        now = fields.Datetime.now()
        self.write({"signed_by": name, "signed_on": now, "signature": signature})
        digest = hashlib.sha256(document).hexdigest() if document else False
        evidence = {"signed_by": name, "signed_ip": ip, "document_sha256": digest, "date_closed": now, "outcome": "signed"}
        self.version_id.write(evidence)
        self.message_post(
            body=_("Signed by %(name)s from %(ip)s.", name=html_escape(name), ip=html_escape(ip or "?")),
            author_id=self.partner_id.id,
            attachments=[("%s.pdf" % self.name, document)] if document else [],
        )
        self._follow_signature()
        return True

    def _follow_signature(self):
        """Go on with what was signed. If something is still in the way, the signature stays and the rep sees to it."""
        try:
            with self.env.cr.savepoint():
                self._signed_by_customer()
        except UserError as error:
            self._tell_rep("held", error.args[0])
            self.message_post(body=_("Signed, but not confirmed yet: %(reason)s", reason=html_escape(error.args[0])))
        else:
            self._tell_rep("contract" if self.state == "sent" and self.contract_id else "signed")

    def _signed_by_customer(self):
        """Hook: the customer signed the quotations of ``self``. They become orders, unless they must be paid first.

        Where a contract has to be signed, it is made now, and its signature makes the order. A part of the suite that puts
        something else between takes its orders out and calls super for the rest. A :class:`SalesOrderError` keeps the
        signature, and the rep is told.
        """
        waiting = self.filtered(lambda order: order._get_contract_problem())
        waiting._make_contracts()
        orders = (self - waiting).filtered(lambda order: not order.has_to_be_paid())
        orders.action_confirm()
        orders.filtered(lambda order: order.state in CONFIRMED_STATES)._send_order_confirmation_mail()

    def _reject_online(self, reason):
        """The customer says no, and why. A second click changes nothing.

        :raise SalesOrderError: without a reason, or when it cannot be answered any more
        """
        self.ensure_one()
        self._lock_unconfirmed()
        if self.state == "cancel":
            return
        self._check_answerable()
        reason = (reason or "").strip()[:MAX_REASON]
        if not reason:
            raise SalesOrderError(_("Tell us why, please: a few words are enough."))
        self.version_id.write({"reject_reason": reason, "outcome": "rejected", "date_closed": fields.Datetime.now()})
        self.with_context(disable_cancel_warning=True).action_cancel()
        self.message_post(body=_("Rejected: %(reason)s", reason=html_escape(reason)), author_id=self.partner_id.id)
        self._tell_rep("rejected", reason)

    def _ask_online(self):
        """The customer asks for a new quotation, or for the link of the present one; the rep hears of it once a day."""
        self.ensure_one()
        today = fields.Date.to_string(fields.Date.context_today(self))
        if self._tell_rep("asked", key="quotation_asked_%d_%s" % (self.id, today)):
            if self._get_online_state() in ("expired", "rejected", "closed"):
                self.date_requested = fields.Datetime.now()
            self.message_post(body=_("The customer asks for a new quotation."), author_id=self.partner_id.id)

    def _choose_option(self, option):
        """The customer takes one of the options offered."""
        self._lock_unconfirmed()
        self._check_answerable()
        if not option.is_present:
            option.add_option_to_order()
            self._accept_choice()

    def _choose_quantity(self, line, quantity):
        """The customer changes how much of an option they take; none takes it away.

        :param quantity: as typed
        :raise SalesOrderError: for lines that are not options, and quantities that are none
        """
        self._lock_unconfirmed()
        self._check_answerable()
        if line not in self.order_line or not line.sale_order_option_ids:
            raise SalesOrderError(_("Only options can be changed here. For everything else write to us below."))
        try:
            quantity = float(str(quantity).strip())
        except ValueError:
            quantity = -1
        if not 0 <= quantity <= MAX_QUANTITY:
            raise SalesOrderError(_("Enter a quantity such as 1 or 2.5; 0 takes the option out again."))
        if quantity:
            line.write({"product_uom_qty": quantity})
        else:
            line.unlink()
        self._accept_choice()

    def _accept_choice(self):
        """What the customer chose from our options is no revision of ours: the version stays the one that was sent."""
        self.version_id.digest = self._get_digest()

    # -- checks and helpers -----------------------------------------------------------------------------------------

    def _check_signer(self, name):
        name = " ".join((name or "").split())
        if not name:
            raise SalesOrderError(_("Enter your name, please."))
        return name[:MAX_NAME]

    def _check_signature(self, signature):
        texts = {
            signatures.MISSING: _("Your signature is missing. Draw it, or choose a picture of it."),
            signatures.TOO_LARGE: _("This picture is too large for a signature: at most 2 MB and 4,096 pixels a side. Draw it instead."),
            signatures.NO_IMAGE: _("This file is no picture. Draw your signature, or choose a PNG or JPEG picture of it."),
            signatures.EMPTY: _("Your signature is empty. Draw it, or choose a picture of it."),
        }
        problem = signatures.check(signature)
        if problem:
            raise SalesOrderError(texts[problem])

    def _render_offer(self):
        """The PDF the customer signs, as bytes. What cannot be printed can still be signed: then None, and a log line."""
        try:
            with self.env.cr.savepoint():
                return self.with_context(lang=self.partner_id.lang)._get_document_bytes()
        except UserError:
            _logger.exception("The document of %s could not be made", self.name)
            return None

    def _tell_rep(self, what, detail="", key=None):
        """Notify the salesperson of one quotation, in their language. Returns the new notifications."""
        self.ensure_one()
        rep = self.user_id
        if not rep:
            return self.env["crm.notification"]
        subject = self.with_context(lang=rep.lang)._get_notice(what)
        return self.env["crm.notification"].sudo()._notify(rep, subject, detail or subject, record=self, key=key)

    def _get_notice(self, what):
        values = {"customer": self.partner_id.commercial_partner_id.name, "order": self.name}
        texts = {
            "opened": _("%(customer)s opened quotation %(order)s", **values),
            "signed": _("%(customer)s signed quotation %(order)s", **values),
            "contract": _("%(customer)s signed quotation %(order)s: send the contract", **values),
            "held": _("%(customer)s signed quotation %(order)s: it needs you to be confirmed", **values),
            "rejected": _("%(customer)s rejected quotation %(order)s", **values),
            "commented": _("%(customer)s commented on quotation %(order)s", **values),
            "asked": _("%(customer)s asks for a new quotation %(order)s", **values),
            "accepted": _("%(customer)s accepted %(order)s", **values),
            "refused": _("%(customer)s has not accepted %(order)s", **values),
            "not_taken": _("%(customer)s could not accept %(order)s", **values),
        }
        return texts[what]

    def _message_post_after_hook(self, message, msg_vals):
        """A customer's comment in the portal reaches the rep like their other answers."""
        result = super()._message_post_after_hook(message, msg_vals)
        author = message.author_id
        customer = self.partner_id.commercial_partner_id
        if message.message_type == "comment" and len(self) == 1 and author and author.commercial_partner_id == customer:
            self.sudo()._tell_rep("commented", html2plaintext(message.sudo().body or ""))
        return result
