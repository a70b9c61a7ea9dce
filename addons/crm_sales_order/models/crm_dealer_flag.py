# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

KINDS = [("slow_order", "No order for long"), ("slow_sell_out", "Sells too little"), ("empty", "Running out")]


class CrmDealerFlag(models.Model):
    """What a rep should look at: a dealer who is slow, or about to have none of a product. Found and closed by itself."""

    _name = "crm.dealer.flag"
    _inherit = "crm.dealer.base"
    _description = "Dealer Flag"
    _order = "state, date desc, id desc"
    _rec_name = "dealer_id"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    product_id = fields.Many2one("product.product", string="Product", readonly=True, ondelete="cascade")
    value = fields.Float(
        readonly=True, group_operator=None, help="Days since the last order, pieces sold in the last reported month, or days of cover."
    )
    limit = fields.Float(readonly=True, group_operator=None, help="What the dealer's level asks for.")
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], required=True, readonly=True, default="open")
    date = fields.Date(string="Since", required=True, readonly=True, default=fields.Date.context_today)
    date_closed = fields.Date(string="Until", readonly=True)
    text = fields.Char(string="What", compute="_compute_text")

    def init(self):
        super().init()
        # one open flag of a kind for each dealer and product: what makes a second run, or two at once, harmless
        self.env.cr.execute(
            """CREATE UNIQUE INDEX IF NOT EXISTS crm_dealer_flag_open_idx
                   ON crm_dealer_flag (dealer_id, kind, coalesce(product_id, 0), company_id) WHERE state = 'open'"""
        )

    @api.depends("kind", "value", "limit", "product_id")
    @api.depends_context("lang")
    def _compute_text(self):
        for flag in self:
            flag.text = flag._get_text()

    def _get_text(self):
        self.ensure_one()
        if self.kind == "slow_order":
            return _("No order for %(days)d days (at most %(limit)d)", days=self.value, limit=self.limit)
        if self.kind == "slow_sell_out":
            return _("Sold %(sold)g in the last reported month (at least %(limit)g)", sold=self.value, limit=self.limit)
        return _(
            "%(product)s lasts for %(days)d days (at least %(limit)d)",
            product=self.product_id.sudo().display_name,
            days=self.value,
            limit=self.limit,
        )
