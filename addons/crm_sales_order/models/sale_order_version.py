# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
import json
import uuid

from odoo import api, fields, models

#: Who sees versions: what was offered at which margin. Others who read orders (finance, service) do not need them.
VERSION_GROUPS = "sales_team.group_sale_salesman,crm_core.group_executive"


class SaleOrder(models.Model):
    """Versions: every offer that went to the customer is kept, and has a link of its own."""

    _inherit = "sale.order"

    version_ids = fields.One2many("crm.quotation.version", "order_id", string="Versions", readonly=True, groups=VERSION_GROUPS)
    version_id = fields.Many2one(
        "crm.quotation.version", "Version Sent", readonly=True, copy=False, ondelete="set null", groups=VERSION_GROUPS
    )
    version = fields.Integer(
        related="version_id.number", store=True, copy=False, group_operator="max", help="What the customer has; 0 before it is sent."
    )
    date_sent = fields.Datetime("Sent on", related="version_id.date_sent", store=True, copy=False)
    reject_reason = fields.Text("Reason of Rejection", related="version_id.reject_reason", store=True, copy=False)
    is_revised = fields.Boolean(
        "Changed since it was sent",
        compute="_compute_is_revised",
        help="The customer still has the version before. It can neither be opened nor signed until the new one is sent.",
    )

    @api.depends(
        "state", "version_id.digest", "order_line", "sale_order_option_ids", "validity_date", "payment_term_id", "note", "amount_total"
    )
    def _compute_is_revised(self):
        revised = self._origin._get_revised()
        for order in self:
            order.is_revised = order._origin in revised

    def _get_revised(self):
        """Those of ``self`` that are no longer what the customer got."""
        sent = self.sudo().filtered(lambda order: order.state == "sent" and order.version_id)
        return sent.filtered(lambda order: order._get_digest() != order.version_id.digest)

    def message_post(self, **kwargs):
        """Odoo marks a draft as sent here. One that was sent before and goes out again may have changed: check it as well."""
        again = self.filtered(lambda order: order.state == "sent") if self.env.context.get("mark_so_as_sent") else self.browse()
        if again:
            again._send_again()
        return super().message_post(**kwargs)

    def _send_again(self):
        """Quotations that are out already go out once more: what was changed becomes a new version."""
        revised = self & self._get_revised().with_env(self.env)
        if revised:
            revised._check_can_send()
            revised._quotations_sent()

    def _quotations_sent(self):
        super()._quotations_sent()
        self._make_versions()

    def _make_versions(self):
        """Keep what goes to the customer now, and give it a new link; links sent before lead to a friendly page. What was
        signed before is kept with its version: the new one is to be signed again.

        Sent once more without a change stays the same version, unless the customer rejected it.
        """
        values_list = []
        for order in self.sudo():
            current, digest = order.version_id, order._get_digest()
            if not current or current.digest != digest or current.outcome == "rejected":
                values_list.append(order._prepare_version(digest))
        outdated = self.sudo().browse(values["order_id"] for values in values_list).version_id
        outdated.filtered(lambda version: version.outcome in ("sent", "viewed")).write({"outcome": "replaced"})
        unsigned = {"signature": False, "signed_by": False, "signed_on": False}
        for version in self.env["crm.quotation.version"].sudo().create(values_list):
            values = unsigned if version.order_id.signature else {}
            version.order_id.write({"version_id": version.id, "access_token": version.access_token, **values})

    def _prepare_version(self, digest):
        """Values of the next version; hook for more. Called in sudo mode."""
        self.ensure_one()
        return {
            "order_id": self.id,
            "number": self.version + 1,
            "user_id": self.env.uid,
            "date_sent": fields.Datetime.now(),
            "date_requested": self.date_requested,
            "currency_id": self.currency_id.id,
            "validity_date": self.validity_date,
            "amount_untaxed": self.amount_untaxed,
            "amount_total": self.amount_total,
            "margin": self.margin,
            "content": json.dumps(self.with_context(lang=self.partner_id.lang)._get_offer(), ensure_ascii=False),
            "digest": digest,
            "access_token": str(uuid.uuid4()),
        }

    def _get_digest(self):
        """A number that changes with whatever the customer is offered."""
        offer = self.with_context(lang=None)._get_offer()
        return hashlib.sha256(json.dumps(offer, sort_keys=True).encode()).hexdigest()

    def _get_offer(self):
        """What the customer is offered, ready for JSON, in the context's language.

        :rtype: dict of ``lines`` (see :class:`engine.quotation_diff.Line`, and ``display``, whether it is a section or
            a note), ``options``, ``validity``, ``payment_term``, ``note``, ``currency``, ``untaxed``, ``total``
        """
        self.ensure_one()
        return {
            "lines": [line._get_offer() for line in self.order_line],
            "options": [
                [option.product_id.id, option.name, round(option.price_unit, 6), round(option.discount, 6)]
                for option in self.sale_order_option_ids
            ],
            "validity": str(self.validity_date or ""),
            "payment_term": self.payment_term_id.name or "",
            "note": self.note or "",
            "currency": self.currency_id.name,
            "untaxed": self.currency_id.round(self.amount_untaxed),
            "total": self.currency_id.round(self.amount_total),
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_offer(self):
        """The line for :meth:`sale.order._get_offer`."""
        self.ensure_one()
        return {
            "key": self.id,
            "product": self.product_id.id or 0,
            "name": self.name or "",
            "quantity": round(self.product_uom_qty, 6),
            "unit": self.product_uom.name or "",
            "price": round(self.price_unit, 6),
            "discount": round(self.discount, 6),
            "subtotal": round(self.price_subtotal, 6),
            "display": self.display_type or "",
        }
