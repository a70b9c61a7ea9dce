# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models

OUTCOMES = [
    ("sent", "Sent"),
    ("viewed", "Opened"),
    ("replaced", "Replaced"),
    ("rejected", "Rejected"),
    ("signed", "Signed"),
]


class CrmQuotationVersion(models.Model):
    """What the customer was offered at one time, and what came of it. Written by the order only, never by hand.

    ``content`` keeps the offer as it was sent (JSON, see :meth:`sale.order._get_offer`). ``digest`` is what the order
    looks like as long as nobody but the customer changed it: choosing options moves the digest on, not the content.
    """

    _name = "crm.quotation.version"
    _description = "Version of a Quotation"
    _order = "order_id desc, number desc"
    _rec_name = "number"

    order_id = fields.Many2one("sale.order", string="Quotation", required=True, readonly=True, index=True, ondelete="cascade")
    number = fields.Integer("Version", required=True, readonly=True, group_operator="max")
    partner_id = fields.Many2one(related="order_id.partner_id", store=True, index=True)
    opportunity_id = fields.Many2one(related="order_id.opportunity_id", store=True, index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Sent by", readonly=True, ondelete="restrict")
    date_sent = fields.Datetime("Sent on", required=True, readonly=True)
    date_requested = fields.Datetime("Requested on", readonly=True)
    validity_date = fields.Date("Valid until", readonly=True)
    amount_untaxed = fields.Monetary("Untaxed Amount", readonly=True)
    amount_total = fields.Monetary("Total", readonly=True)
    margin = fields.Monetary(readonly=True, groups="crm_sales_order.group_margins")
    content = fields.Text(required=True, readonly=True, help="The offer as it was sent, as JSON.")
    digest = fields.Char(required=True, readonly=True)
    access_token = fields.Char("Link", readonly=True, groups="base.group_system")
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True, default="sent")
    views_count = fields.Integer("Views", readonly=True, help="Visits of the customer; colleagues and robots are not counted.")
    date_viewed = fields.Datetime("Last Viewed", readonly=True)
    date_closed = fields.Datetime("Answered on", readonly=True, help="When the customer signed or rejected it.")
    reject_reason = fields.Text("Reason", readonly=True, help="Why the customer rejected it, in their own words.")
    signed_by = fields.Char(readonly=True)
    signed_ip = fields.Char("IP Address", readonly=True, help="Where the signature came from.")
    document_sha256 = fields.Char(
        "Document's Hash", readonly=True, help="SHA-256 of the PDF that was signed: whoever changes the file changes this number."
    )

    _sql_constraints = [("number_unique", "UNIQUE (order_id, number)", "This version of the quotation exists already.")]

    def name_get(self):
        names = []
        for version in self:
            names.append((version.id, _("Version %d", version.number)))
        return names

    def action_compare(self):
        """Open the comparison of this version with the one before; of the first, with the order as it is now."""
        self.ensure_one()
        before = self.order_id.version_ids.filtered(lambda version: version.number < self.number)[:1]
        older, newer = (before, self) if before else (self, self.browse())
        return self.env["crm.quotation.comparison"]._open(self.order_id, older, newer)

    def _get_offer(self):
        """The offer as it was sent: see :meth:`sale.order._get_offer`."""
        self.ensure_one()
        return json.loads(self.content)

    def _note_view(self):
        """Count a visit of the customer. Two within a minute are a double click or a robot in front of the customer.

        :return: whether it was the first of this version
        """
        self.ensure_one()
        now = fields.Datetime.now()
        if self.date_viewed and (now - self.date_viewed).total_seconds() < 60:
            return False
        first = not self.views_count
        values = {"views_count": self.views_count + 1, "date_viewed": now}
        self.write({**values, "outcome": "viewed"} if self.outcome == "sent" else values)
        return first

    @api.model
    def _find_by_token(self, order_id, token):
        """The version of an order a link was made for, in sudo mode; empty when there is none."""
        return self.sudo().search([("order_id", "=", order_id), ("access_token", "=", token)], limit=1) if token else self.sudo()
