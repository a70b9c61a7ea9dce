# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.fapiao import Item, clean, is_number, spread_tax
from ..exceptions import FapiaoError, FapiaoValidationError

SALES = ("out_invoice", "out_refund")
#: States of an invoice that some fapiao covers
COVERED = ("requested", "part", "issued")


class AccountMove(models.Model):
    """Invoices and the fapiao that cover them.

    l10n_cn keeps 8 digits, the number of a paper fapiao. Its field is kept, wider: on suppliers' bills the number is
    typed, on customers' invoices it is that of their fapiao.
    """

    _inherit = "account.move"

    fapiao = fields.Char(size=None, help="20 digits, or 8 of a paper one; several with commas.")
    fapiao_ids = fields.Many2many(
        "crm.fapiao", "crm_fapiao_move_rel", "move_id", "fapiao_id", string="Fapiao Requests", readonly=True, copy=False
    )
    fapiao_state = fields.Selection(
        [
            ("none", "Not Requested"),
            ("requested", "Requested"),
            ("part", "Partly Issued"),
            ("issued", "Fapiao Issued"),
            ("red", "Reversed"),
        ],
        "State of the Fapiao",
        compute="_compute_fapiao_state",
        store=True,
        copy=False,
    )

    @api.depends("fapiao_ids.state", "fapiao_ids.red_state")
    def _compute_fapiao_state(self):
        for move in self:
            live = move.fapiao_ids.filtered(lambda fapiao: fapiao.state != "cancel")
            valid = live.filtered(lambda fapiao: fapiao.red_state != "whole")
            states = set(valid.mapped("state"))
            if not valid:
                move.fapiao_state = "red" if live else "none"
            elif states == {"issued"}:
                move.fapiao_state = "issued"
            else:
                move.fapiao_state = "part" if "issued" in states else "requested"

    # ------------------------------------------------------------------ the number, wider than l10n_cn's

    @api.constrains("fapiao")
    def _check_fapiao(self):
        """In the place of l10n_cn's check for 8 digits."""
        for move in self.filtered("fapiao"):
            for number in move.fapiao.split(","):
                if not is_number(clean(number), paper=True):
                    raise FapiaoValidationError(
                        _("“%s” is no fapiao number: it has 20 digits, or 8 on paper. Write several with commas between.", number)
                    )
            if move.fapiao_ids and move.fapiao != move.sudo()._get_fapiao_numbers():
                raise FapiaoValidationError(_("The fapiao number of %s comes from its fapiao and is not typed.", move.name))

    def _get_fapiao_numbers(self):
        """Numbers of the fapiao that are issued and not wholly reversed, as ``fapiao`` holds them."""
        self.ensure_one()
        valid = self.fapiao_ids.filtered(lambda one: one.state == "issued" and one.red_state != "whole")
        return ",".join(valid.sorted("id").mapped("number")) or False

    def _set_fapiao_numbers(self):
        for move in self:
            numbers = move._get_fapiao_numbers()
            if move.fapiao != numbers:
                move.fapiao = numbers

    def write(self, vals):
        """An invoice that a fapiao covers stays posted: what the customer deducts tax with is in the books."""
        if vals.get("state", "posted") != "posted":
            for move in self:
                if move.state == "posted" and move.fapiao_state in COVERED:
                    raise FapiaoError(
                        _("%s is covered by a fapiao. Cancel its request, or take the issued fapiao back in red, and then change it.",
                          move.name)
                    )  # fmt: skip
        return super().write(vals)

    # ------------------------------------------------------------------ requesting

    def action_request_fapiao(self):
        """Open the request with the posted invoices of ``self`` that no fapiao covers."""
        return self.env["crm.fapiao.request"]._open(self)

    def action_reverse_fapiao(self):
        """Open the taking back in red of what this credit note credits."""
        self.ensure_one()
        return self.env["crm.fapiao.reverse"]._open_for_credit_note(self)

    def _get_credited_invoices(self):
        """What credit notes take back: the invoice they reverse, or of returned goods the invoices of the order."""
        orders = self.filtered(lambda move: not move.reversed_entry_id).invoice_line_ids.sale_line_ids.order_id
        invoices = self.reversed_entry_id | orders.invoice_ids.filtered(lambda move: move.state == "posted")
        return invoices.filtered(lambda move: move.move_type == "out_invoice")

    def action_open_fapiao(self):
        return self.env["crm.fapiao"]._open_list(self.fapiao_ids)

    def _get_fapiao_candidates(self):
        """What a fapiao can be requested for: posted, not covered; credit notes whose invoice is not covered either.

        What was taken back in red for a credit note is not billed again; what was for a mistake, is.
        """
        return self.filtered(
            lambda move: move.state == "posted"
            and move.move_type in SALES
            and move.fapiao_state not in COVERED
            and not (move.move_type == "out_refund" and move.sudo().reversed_entry_id.fapiao_state in COVERED)
            and not move.sudo().fapiao_ids.red_ids.filtered(lambda red: red.state != "cancel").move_ids
        )

    def _check_fapiao_request(self):
        """:raise FapiaoError: naming what stands against one fapiao for the invoices of ``self``"""
        if not self:
            raise FapiaoError(_("Nothing to request: choose posted invoices that have no fapiao yet."))
        refused = self - self._get_fapiao_candidates()
        if refused:
            move = refused[0]
            if move.move_type not in SALES or move.state != "posted":
                raise FapiaoError(_("%s: fapiao are requested for posted customer invoices. Ask finance to post it.", move.display_name))
            if move.fapiao_state in COVERED:
                raise FapiaoError(_("%s has a fapiao already, or one is requested.", move.name))
            if move.move_type == "out_refund":
                raise FapiaoError(_("The invoice credited by %s has a fapiao: take that back in red, from the credit note.", move.name))
            raise FapiaoError(_("The fapiao of %s was taken back because it is credited. Invoice anew what is to be billed.", move.name))
        if len(self.company_id) > 1 or len(self.commercial_partner_id) > 1:
            raise FapiaoError(_("One fapiao is for one customer and by one company. Choose invoices of one customer."))

    def _get_fapiao_items(self):
        """What is to be printed of these invoices: :class:`engine.fapiao.Item` in the company's currency.

        :raise FapiaoError: for a line with more than one tax, and taxes that are no percentage
        """
        items = []
        for move in self:
            lines = move.invoice_line_ids.filtered(lambda line: not line.display_type and line.balance)
            by_rate = {}
            for line in lines:
                by_rate.setdefault(line._get_fapiao_rate(), []).append(line)
            taxes = {}
            for line in move.line_ids.filtered("tax_line_id"):
                rate = line.tax_line_id.amount
                taxes[rate] = taxes.get(rate, 0) - line._to_fapiao_fen(line.balance)
            for rate, group in by_rate.items():
                untaxed = [-line._to_fapiao_fen(line.balance) for line in group]
                amounts = zip(group, untaxed, spread_tax(untaxed, rate, taxes.get(rate, 0)))
                items += [Item(line.id, rate, amount, tax, line.quantity) for line, amount, tax in amounts]
        items.sort(key=lambda item: item.untaxed < 0)
        total = self.company_id.currency_id.round(sum(self.mapped("amount_total_signed")))
        if self.company_id.currency_id.compare_amounts(sum(item.untaxed + item.tax for item in items) / 100, total):
            raise FapiaoError(
                _("The lines of %s do not add up to its total, tax by tax. Check its taxes.", ", ".join(self.mapped("name")))
            )
        return items


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model
    def _to_fapiao_fen(self, amount):
        return int(round(amount * 100))

    def _get_fapiao_rate(self):
        """The percentage of the one tax on this line; 0 without a tax."""
        self.ensure_one()
        taxes = self.tax_ids
        if len(taxes) > 1 or taxes and taxes.amount_type != "percent":
            raise FapiaoError(
                _("“%(line)s” of %(invoice)s has taxes that are no single percentage: a line of a fapiao has one rate.",
                  line=self.name or self.product_id.display_name, invoice=self.move_id.name)
            )  # fmt: skip
        return taxes.amount if taxes else 0.0
