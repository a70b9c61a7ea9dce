# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.fapiao_answer import FIELDS
from ..exceptions import FapiaoValidationError
from .crm_fapiao_layout import SHEETS

#: Chinese words of the tax platform, whatever language the user reads
KIND_WORDS = {"special": "增值税专用发票", "normal": "普通发票"}
REASON_WORDS = {"wrong": "开票有误", "returned": "销货退回", "stopped": "服务中止", "allowance": "销售折让"}
OF_FAPIAO = {
    "reference": lambda fapiao: fapiao.name,
    "kind": lambda fapiao: KIND_WORDS[fapiao.kind],
    "natural_person": lambda fapiao: "" if fapiao.buyer_tax_id else "是",
    "buyer_name": lambda fapiao: fapiao.buyer_name,
    "buyer_tax_id": lambda fapiao: fapiao.buyer_tax_id,
    "buyer_address": lambda fapiao: fapiao.buyer_address,
    "buyer_phone": lambda fapiao: fapiao.buyer_phone,
    "buyer_bank": lambda fapiao: fapiao.buyer_bank,
    "buyer_account": lambda fapiao: fapiao.buyer_account,
    "note": lambda fapiao: fapiao.note,
    "untaxed": lambda fapiao: fapiao.amount_untaxed,
    "tax": lambda fapiao: fapiao.amount_tax,
    "total": lambda fapiao: fapiao.amount_total,
    "original_number": lambda fapiao: fapiao.original_id.number,
    "red_reason": lambda fapiao: REASON_WORDS.get(fapiao.red_reason),
    "red_confirmation": lambda fapiao: fapiao.red_confirmation,
}
OF_LINE = {
    "line_name": lambda line: line.name,
    "line_tax_code": lambda line: line.tax_code,
    "line_specification": lambda line: line.specification,
    "line_unit": lambda line: line.unit,
    "line_quantity": lambda line: line.quantity or None,
    "line_price": lambda line: line.price_unit or None,
    "line_gross": lambda line: line.currency_id.round(line.amount_untaxed + line.discount),
    "line_discount": lambda line: line.discount or None,
    "line_untaxed": lambda line: line.amount_untaxed,
    "line_rate": lambda line: round(line.tax_rate / 100, 4),
    "line_rate_percent": lambda line: "%g%%" % line.tax_rate,
    "line_tax": lambda line: line.amount_tax,
}


class CrmFapiaoLayoutColumn(models.Model):
    _name = "crm.fapiao.layout.column"
    _description = "Column of a Fapiao File"
    _order = "layout_id, sheet, sequence, id"

    layout_id = fields.Many2one("crm.fapiao.layout", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="layout_id.company_id", store=True)
    sheet = fields.Selection(SHEETS, required=True, default="line")
    sequence = fields.Integer(default=10)
    name = fields.Char("Column", required=True, help="Its header. In an answer, several possible ones with | between.")
    source = fields.Selection(
        [
            ("fixed", "Fixed Text"),
            ("reference", "Reference"),
            ("kind", "Kind"),
            ("natural_person", "Is a Person"),
            ("buyer_name", "Buyer Title"),
            ("buyer_tax_id", "Tax Number"),
            ("buyer_address", "Registered Address"),
            ("buyer_phone", "Registered Phone"),
            ("buyer_bank", "Bank"),
            ("buyer_account", "Bank Account"),
            ("note", "Remarks"),
            ("untaxed", "Untaxed"),
            ("tax", "Tax"),
            ("total", "Total"),
            ("original_number", "Number Taken Back"),
            ("red_reason", "Reason"),
            ("red_confirmation", "Confirmation Number"),
            ("line_name", "Line: Item"),
            ("line_tax_code", "Line: Tax Code"),
            ("line_specification", "Line: Specification"),
            ("line_unit", "Line: Unit"),
            ("line_quantity", "Line: Quantity"),
            ("line_price", "Line: Price"),
            ("line_gross", "Line: Amount before Discount"),
            ("line_discount", "Line: Discount"),
            ("line_untaxed", "Line: Untaxed"),
            ("line_rate", "Line: Rate (0.13)"),
            ("line_rate_percent", "Line: Rate (13%)"),
            ("line_tax", "Line: Tax"),
            ("number", "Answer: Fapiao Number"),
            ("date", "Answer: Date"),
            ("amount", "Answer: Total"),
        ],
        required=True,
        default="fixed",
    )
    value = fields.Char("Fixed Text", help="What stands in the column where it is a fixed text.")

    @api.constrains("sheet", "source", "layout_id")
    def _check_source(self):
        for column in self:
            answer = column.source in FIELDS
            right = answer if column.sheet == "back" else not answer or column.source == "reference"
            if not right or column.sheet == "head" and column.source in OF_LINE:
                raise FapiaoValidationError(_("Column “%s” holds something its sheet does not have.", column.name))
        self.layout_id._check_columns()

    def unlink(self):
        layouts = self.layout_id
        result = super().unlink()
        layouts.exists()._check_columns()
        return result

    def _render(self, fapiao, line=None):
        """The cell of this column: str, number or None."""
        self.ensure_one()
        if self.source == "fixed":
            return self.value or None
        cell = OF_LINE[self.source](line) if self.source in OF_LINE else OF_FAPIAO[self.source](fapiao)
        return round(cell, 8) if isinstance(cell, float) else cell or None
