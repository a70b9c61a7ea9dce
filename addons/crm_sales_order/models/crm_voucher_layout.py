# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.voucher import DATE, MONTH, NEEDED, YEAR
from ..exceptions import VoucherError

SOURCES = [
    ("fixed", "Fixed Text"),
    ("date", "Date"),
    ("year", "Year"),
    ("month", "Period"),
    ("word", "Word of the Voucher"),
    ("number", "Number of the Voucher"),
    ("entry", "Entry Number"),
    ("summary", "Summary"),
    ("account_code", "Account Code"),
    ("account_name", "Account Name"),
    ("debit", "Debit Amount"),
    ("credit", "Credit Amount"),
    ("currency", "Currency"),
    ("rate", "Exchange Rate"),
    ("amount_currency", "Amount in Currency"),
    ("debit_currency", "Debit in Currency"),
    ("credit_currency", "Credit in Currency"),
    ("quantity", "Quantity"),
    ("partner_code", "Partner Code"),
    ("partner_name", "Partner Name"),
    ("preparer", "Prepared By"),
    ("origin", "Entry in the Books"),
]


class CrmVoucherLayout(models.Model):
    """The columns another accounting program reads vouchers from. Shipped: Kingdee and Yonyou (用友).

    Versions differ: columns are changed here, with the program's own template beside.
    """

    _name = "crm.voucher.layout"
    _description = "Layout of Voucher Files"
    _order = "sequence, id"

    name = fields.Char("Program", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    sheet_name = fields.Char("Name of the Sheet", required=True, default="Sheet1")
    word = fields.Char("Word of the Voucher", required=True, default="记")
    own_currency = fields.Char("Own Currency", help="What the program calls the company's currency, such as RMB.")
    column_ids = fields.One2many("crm.voucher.layout.column", "layout_id", string="Columns", copy=True)

    @api.constrains("column_ids")
    def _check_columns(self):
        """A file is read back to check it: without these columns that cannot be."""
        for layout in self:
            sources = set(layout.column_ids.mapped("source"))
            if not set(NEEDED) <= sources or not (DATE in sources or {YEAR, MONTH} <= sources):
                raise VoucherError(
                    _("Layout “%s” needs columns for the date (or year and period), the number, the account code, debit and credit.",
                      layout.name)
                )  # fmt: skip

    def _get_names(self):
        """{source: [header]} of what is read back."""
        return {column.source: [column.name] for column in self.column_ids if column.source in (*NEEDED, DATE, YEAR, MONTH)}


class CrmVoucherLayoutColumn(models.Model):
    _name = "crm.voucher.layout.column"
    _description = "Column of a Voucher File"
    _order = "layout_id, sequence, id"

    layout_id = fields.Many2one("crm.voucher.layout", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="layout_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Column", required=True)
    source = fields.Selection(SOURCES, required=True, default="fixed")
    value = fields.Char("Fixed Text", help="What stands in the column where it is a fixed text.")

    @api.constrains("source", "name")
    def _check_layout(self):
        self.layout_id._check_columns()

    def unlink(self):
        layouts = self.layout_id
        result = super().unlink()
        layouts.exists()._check_columns()
        return result
