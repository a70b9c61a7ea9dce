# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from hashlib import sha256

from odoo import _, fields, models

from ..exceptions import ContractError, SalesOrderError
from .crm_contract import SIGNED_STATES


class CrmContract(models.Model):
    """Signing: by the customer on the portal, with evidence, once; and by us."""

    _inherit = "crm.contract"

    signer_name = fields.Char(string="Signed by", readonly=True, copy=False)
    signature = fields.Image(readonly=True, copy=False, max_width=1024, max_height=1024)
    signed_on = fields.Datetime(readonly=True, copy=False, tracking=True)
    signer_ip = fields.Char(string="IP Address", readonly=True, copy=False, groups="base.group_user")
    signer_agent = fields.Char(string="Browser", readonly=True, copy=False, groups="base.group_user")
    signed_sha256 = fields.Char(
        string="Fingerprint at Signing", readonly=True, copy=False, help="SHA-256 of the PDF at the moment it was signed."
    )
    company_signer_id = fields.Many2one("res.users", string="Signed for Us by", readonly=True, copy=False, ondelete="restrict")
    company_signed_on = fields.Date(string="Signed by Us on", readonly=True, copy=False, tracking=True)

    # ------------------------------------------------------------------ the customer

    def _sign(self, name, image, ip="", agent=""):
        """The customer signs: evidence is kept, the orders are confirmed, an amendment takes effect; all of it or nothing.

        Called in sudo mode, by the portal. A second click, or a second signer, finds it signed and changes nothing: the
        row is locked, and the loser of two at once is retried by the web layer.

        :param image: PNG or JPEG in base64, checked before
        :return: whether this call signed it
        :raise ContractError: where it cannot be signed (any more), in words for the customer
        :raise UserError: where an order cannot be confirmed, in words for the salesperson
        """
        self.ensure_one()
        self.env.cr.execute("SELECT state FROM crm_contract WHERE id = %s FOR UPDATE", [self.id])
        self.invalidate_cache(["state"], self.ids)
        if self.state in SIGNED_STATES:
            return False
        self._check_signable(name)
        self._take_signature(
            name,
            {"signature": image, "signed_on": fields.Datetime.now(), "signer_ip": ip, "signer_agent": (agent or "")[:250]},
        )
        return True

    def _take_signature(self, name, evidence):
        """What follows from a signature, on the screen or on paper, once it may be taken."""
        content = self._get_document_bytes()
        self._write_guarded(
            {
                **evidence,
                "state": self._get_state_with_both_signatures() if self.company_signed_on else "signed",
                "signer_name": name.strip(),
                "signed_sha256": sha256(content).hexdigest(),
            }
        )
        self._confirm_orders()
        self._apply_amendment()
        self._tell_signed()

    def _check_signable(self, name):
        """:raise ContractError: in words for the customer"""
        contact = self.user_id.name or self.company_id.name
        if self.state != "sent":
            raise ContractError(_("This contract cannot be signed any more. Please ask %(contact)s.", contact=contact))
        if not (name or "").strip():
            raise ContractError(_("Please enter the name of the person who signs."))
        if self._is_outdated() or not self._is_document_intact():
            raise ContractError(
                _("The contract has changed since it was sent to you. %(contact)s will send you the new one.", contact=contact)
            )

    def _get_orders_to_confirm(self):
        """The orders that the signature confirms; a framework contract's are called off later."""
        return self.order_ids.filtered(lambda order: order.state in ("draft", "sent"))

    def _confirm_orders(self):
        orders = self._get_orders_to_confirm()
        if orders:
            orders.action_confirm()

    def _tell_signed(self):
        owner = self.user_id
        if owner and owner != self.signature_entered_by_id:
            told = self.with_context(lang=owner.lang)
            subject = _("%(customer)s has signed %(contract)s", customer=told.partner_id.name, contract=told.display_name)
            body = _("Signed by %(name)s.", name=told.signer_name)
            told.env["crm.notification"]._notify(owner, subject, body, record=told, key="crm.contract,%d,signed" % told.id)

    def _tell_not_signed(self, reason):
        """The customer wanted to sign and could not; the salesperson can do something about it."""
        owner = self.user_id
        if owner:
            told = self.with_context(lang=owner.lang)
            subject = _("%(customer)s could not sign %(contract)s", customer=told.partner_id.name, contract=told.display_name)
            told.env["crm.notification"]._notify(owner, subject, reason, record=told)

    def _get_state_with_both_signatures(self):
        """An amendment has done its work: what it changed is carried out under the contract it amends."""
        return "done" if self.amends_id else "executing"

    # ------------------------------------------------------------------ we

    def action_countersign(self):
        """We have signed and chopped it. With both signatures it is carried out."""
        self._check_may_write()
        for contract in self:
            if contract.state not in ("sent", "signed") or contract.company_signed_on:
                raise SalesOrderError(_("%(contract)s does not wait for our signature.", contract=contract.name))
            contract._write_guarded(
                {
                    "company_signer_id": self.env.uid,
                    "company_signed_on": fields.Date.context_today(self),
                    "state": contract._get_state_with_both_signatures() if contract.state == "signed" else contract.state,
                }
            )
        return True
