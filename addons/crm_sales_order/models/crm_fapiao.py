# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.addons.crm_core.engine.normalise import credit_codes

from ..engine.fapiao import clean, is_number
from ..exceptions import FapiaoError, FapiaoValidationError

KINDS = [("special", "Special (专票)"), ("normal", "Normal (普票)")]
RED_REASONS = [
    ("wrong", "Billed Wrongly"),
    ("returned", "Goods Returned"),
    ("stopped", "Service Stopped"),
    ("allowance", "Allowance"),
]
#: The buyer's title, by the field of res.partner it comes from
TITLE = {
    "buyer_name": "fapiao_name",
    "buyer_tax_id": "vat",
    "buyer_address": "fapiao_address",
    "buyer_phone": "fapiao_phone",
    "buyer_bank": "fapiao_bank",
    "buyer_account": "fapiao_account",
    "buyer_email": "fapiao_email",
}
#: What finance may still write on a fapiao that has no number yet; all else is written by its methods
EDITABLE = frozenset({*TITLE, "kind", "note", "number", "date_issued", "red_confirmation", "line_ids"})
OPEN_STATES = ("requested", "exported")


class CrmFapiao(models.Model):
    """A tax invoice (数电票) from its request to its number, and the red one that takes it back.

    It stands beside the accounting invoices it covers and changes none of them. Amounts are in the company's
    currency, as the tax office wants them, and add up to the entries of the invoices.
    """

    _name = "crm.fapiao"
    _description = "Fapiao"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _contact_details_path = "partner_id"

    name = fields.Char("Reference", required=True, readonly=True, copy=False, default="/", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, readonly=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", "Salesperson", compute="_compute_user", store=True, index=True)
    team_id = fields.Many2one("crm.team", "Sales Team", compute="_compute_user", store=True)
    requested_by_id = fields.Many2one("res.users", "Requested By", readonly=True, default=lambda self: self.env.user)
    state = fields.Selection(
        [("requested", "Requested"), ("exported", "Sent to Tax Platform"), ("issued", "Fapiao Issued"), ("cancel", "Cancelled")],
        required=True,
        readonly=True,
        default="requested",
        copy=False,
        tracking=True,
    )
    kind = fields.Selection(KINDS, required=True, default="normal", tracking=True)
    is_red = fields.Boolean("Red", readonly=True, help="Takes back another fapiao, wholly or in part.")
    number = fields.Char("Fapiao Number", copy=False, tracking=True, help="20 digits, given by the tax platform.")
    date_issued = fields.Date("Issued On", copy=False)
    note = fields.Text("Remarks", help="Printed on the fapiao.")

    buyer_name = fields.Char("Buyer Title", required=True)
    buyer_tax_id = fields.Char("Tax Number", help="Unified social credit code of the buyer.")
    buyer_address = fields.Char("Registered Address")
    buyer_phone = fields.Char("Registered Phone")
    buyer_bank = fields.Char("Bank")
    buyer_account = fields.Char("Bank Account")
    buyer_email = fields.Char("Send To", help="E-mail address the fapiao is announced to.")

    move_ids = fields.Many2many(
        "account.move", "crm_fapiao_move_rel", "fapiao_id", "move_id", string="Invoices", readonly=True, copy=False
    )
    line_ids = fields.One2many("crm.fapiao.line", "fapiao_id", string="Lines", copy=False)
    amount_untaxed = fields.Monetary("Untaxed", compute="_compute_amounts", store=True)
    amount_tax = fields.Monetary("Tax", compute="_compute_amounts", store=True)
    amount_total = fields.Monetary("Total", compute="_compute_amounts", store=True)

    original_id = fields.Many2one("crm.fapiao", "Original Fapiao", readonly=True, index=True, ondelete="restrict")
    red_ids = fields.One2many("crm.fapiao", "original_id", string="Red Fapiao", readonly=True)
    red_reason = fields.Selection(RED_REASONS, "Reason", readonly=True)
    red_confirmation = fields.Char("Confirmation Number", help="Of the tax platform's confirmation that it may be taken back.")
    red_state = fields.Selection(
        [("none", "Valid"), ("part", "Partly Reversed"), ("whole", "Reversed")],
        "Reversal",
        compute="_compute_red_state",
        store=True,
    )
    batch_id = fields.Many2one("crm.fapiao.batch", "Batch File", readonly=True, copy=False, index=True, ondelete="restrict")

    _sql_constraints = [
        ("name_uniq", "UNIQUE (company_id, name)", "Each fapiao has a reference of its own."),
        ("number_uniq", "UNIQUE (number)", "This fapiao number is on another fapiao already."),
        ("red_original", "CHECK (is_red = (original_id IS NOT NULL))", "A red fapiao takes back another one."),
    ]

    def init(self):
        super().init()
        # Serves the timeline of a customer
        self.env.cr.execute("CREATE INDEX IF NOT EXISTS crm_fapiao_partner_idx ON crm_fapiao (partner_id, date_issued)")

    # ------------------------------------------------------------------ contract of masking (crm_core)

    @api.model
    def _get_contact_detail_fields(self):
        """The registered address and phone are printed on the fapiao and stay; whom to write to does not."""
        return super()._get_contact_detail_fields() | {"buyer_email"}

    # ------------------------------------------------------------------ computes

    @api.depends("move_ids.invoice_user_id", "move_ids.team_id", "original_id.user_id", "original_id.team_id")
    def _compute_user(self):
        """Who has the invoices has their fapiao, also after a handover."""
        for fapiao in self:
            first = fapiao.move_ids.sorted(lambda move: (move.move_type != "out_invoice", move.id))[:1]
            fapiao.user_id = first.invoice_user_id or fapiao.original_id.user_id
            fapiao.team_id = first.team_id or fapiao.original_id.team_id

    @api.depends("line_ids.amount_untaxed", "line_ids.amount_tax")
    def _compute_amounts(self):
        for fapiao in self:
            lines = fapiao.line_ids
            fapiao.amount_untaxed = sum(lines.mapped("amount_untaxed"))
            fapiao.amount_tax = sum(lines.mapped("amount_tax"))
            fapiao.amount_total = sum(lines.mapped("amount_untaxed")) + sum(lines.mapped("amount_tax"))

    @api.depends("red_ids.state", "red_ids.amount_total", "amount_total")
    def _compute_red_state(self):
        """Lines of red fapiao are negative: what is issued of both sums to what is still valid."""
        for fapiao in self:
            reds = fapiao.red_ids.filtered(lambda red: red.state == "issued")
            left = fapiao.amount_total + sum(reds.mapped("amount_total"))
            compare = (fapiao.currency_id or self.env.company.currency_id).compare_amounts
            fapiao.red_state = "none" if not reds else "part" if compare(left, 0.0) > 0 else "whole"

    def name_get(self):
        return [(fapiao.id, fapiao.number or fapiao.name) for fapiao in self]

    @api.model
    def _name_search(self, name="", args=None, operator="ilike", limit=100, name_get_uid=None):
        domain = ["|", ("name", operator, name), ("number", operator, name)] if name else []
        return self._search(domain + list(args or []), limit=limit, access_rights_uid=name_get_uid)

    # ------------------------------------------------------------------ what may be written

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company = self.env["res.company"].browse(vals["company_id"])
                vals["name"] = self.env["ir.sequence"].with_company(company).next_by_code("crm.fapiao")
        return super().create([self._clean_vals(vals) for vals in vals_list])

    def write(self, vals):
        """People write title, remarks and number of what is not issued; states and amounts are written by methods."""
        if not self.env.su and vals.keys() & set(self._fields):
            self._check_editable(vals)
        return super().write(self._clean_vals(vals))

    def unlink(self):
        """The references are given to the tax platform: what is not wanted is cancelled and stays."""
        raise FapiaoError(_("A fapiao is not deleted. Cancel it instead: its reference stays used."))

    @api.model
    def _clean_vals(self, vals):
        cleaned = {name: clean(vals[name]) for name in ("number", "buyer_tax_id") if vals.get(name)}
        if "buyer_tax_id" in cleaned:
            cleaned["buyer_tax_id"] = cleaned["buyer_tax_id"].upper()
        return {**vals, **cleaned}

    def _check_editable(self, vals):
        """:raise FapiaoError: for a field or a fapiao that is not written by hand"""
        own = {name for name in vals if name in self._fields and not self._is_of_thread(name)}
        closed = self.filtered(lambda fapiao: fapiao.state not in OPEN_STATES)
        if own and closed:
            raise FapiaoError(
                _("%(fapiao)s is issued or cancelled and stays as it is. Take it back in red instead.", fapiao=closed[0].display_name)
            )
        if own - EDITABLE:
            field = self._fields[sorted(own - EDITABLE)[0]]
            raise FapiaoError(_("“%(field)s” of a fapiao is not written by hand.", field=field._description_string(self.env)))
        if own & {"kind", *TITLE} and self.filtered("batch_id"):
            raise FapiaoError(
                _("The batch file with this title is made already. Cancel the fapiao and request it again with another title.")
            )

    @api.model
    def _is_of_thread(self, name):
        return name.startswith(("message_", "activity_"))

    @api.constrains("number", "state")
    def _check_number(self):
        for fapiao in self:
            if fapiao.number and not is_number(fapiao.number):
                raise FapiaoValidationError(
                    _("%(fapiao)s: the number of a fapiao has 20 digits, “%(number)s” has %(count)d characters.",
                      fapiao=fapiao.name, number=fapiao.number, count=len(fapiao.number))
                )  # fmt: skip
            if fapiao.state == "issued" and not (fapiao.number and fapiao.date_issued):
                raise FapiaoValidationError(_("%s: an issued fapiao has a number and a date.", fapiao.name))

    @api.constrains("kind", "buyer_name", "buyer_tax_id")
    def _check_title(self):
        """A special fapiao is deducted by its buyer: without a right tax number it is worth nothing."""
        for fapiao in self.filtered(lambda fapiao: fapiao.state != "cancel"):
            code = fapiao.buyer_tax_id
            if fapiao.kind == "special" and not code:
                raise FapiaoValidationError(
                    _("A special fapiao needs the tax number of %s. Enter it, or choose a normal fapiao.", fapiao.buyer_name)
                )
            if code and not credit_codes(code):
                raise FapiaoValidationError(
                    _("“%(code)s” is no unified social credit code: it has 18 characters, the last of which checks the others. "
                      "Compare it with the business licence of %(buyer)s.", code=code, buyer=fapiao.buyer_name)
                )  # fmt: skip
