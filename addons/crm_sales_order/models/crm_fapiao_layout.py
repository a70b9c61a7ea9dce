# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.fapiao_answer import AMOUNT, DATE, NUMBER, REFERENCE
from ..exceptions import FapiaoValidationError

SHEETS = [("head", "Fapiao"), ("line", "Lines"), ("back", "Answer")]
#: Columns of the answer that tell nothing alone
NEEDED = (REFERENCE, NUMBER)


class CrmFapiaoLayout(models.Model):
    """How the tax platform, or a program before it, wants its batch file, and how its answer looks.

    A file has a sheet with a row per fapiao, a sheet with a row per line, or both. Shipped layouts follow the batch
    template of the electronic tax bureau; where a platform wants it otherwise, columns are changed here.
    """

    _name = "crm.fapiao.layout"
    _description = "Layout of Fapiao Files"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    is_red = fields.Boolean("For Red Fapiao")
    head_sheet = fields.Char("Name of the Fapiao Sheet", default="Sheet1")
    line_sheet = fields.Char("Name of the Lines Sheet", default="Sheet2")
    column_ids = fields.One2many("crm.fapiao.layout.column", "layout_id", string="Columns", copy=True)

    @api.constrains("column_ids")
    def _check_columns(self):
        """Also called by the columns themselves."""
        for layout in self:
            back = layout._get_columns("back").mapped("source")
            sheets = layout._get_columns("head") | layout._get_columns("line")
            if not sheets or not set(NEEDED) <= set(back):
                raise FapiaoValidationError(
                    _("Layout “%s” needs columns to write, and in the answer at least the reference and the number.", layout.name)
                )
            if "reference" not in (layout._get_columns("line") or layout._get_columns("head")).mapped("source"):
                raise FapiaoValidationError(_("Layout “%s”: without the reference, numbers do not find back.", layout.name))

    def _get_columns(self, sheet):
        return self.column_ids.filtered(lambda column: column.sheet == sheet)

    def _get_back_names(self):
        """{field of the answer: names of its column}; a name with | gives several."""
        self.ensure_one()
        return {
            column.source: [head for head in column.name.split("|") if head.strip()]
            for column in self._get_columns("back")
            if column.source in (REFERENCE, NUMBER, DATE, AMOUNT)
        }
