# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.statement import ROLES, Mapping
from ..exceptions import SalesOrderValidationError


class CrmStatementLayout(models.Model):
    """A bank's table as a person mapped it once: files with the same columns are read by it."""

    _name = "crm.statement.layout"
    _description = "Statement Layout"
    _order = "name, id"

    name = fields.Char(required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    signature = fields.Char(
        string="Known by Its Columns",
        required=True,
        readonly=True,
        help="The columns' names: files with the same ones are read by this layout.",
    )
    column_ids = fields.One2many("crm.statement.layout.column", "layout_id", string="Columns", copy=False)
    date_order = fields.Selection(
        [("year", "Year first, or found out"), ("day", "Day first: 31/01/2026"), ("month", "Month first: 01/31/2026")],
        string="Order of Dates",
        required=True,
        default="year",
    )
    out_positive = fields.Boolean(
        string="Money Out Above Zero",
        help="With one column of amounts and no column that says in or out: amounts above zero left the account.",
    )

    _sql_constraints = [
        ("signature_unique", "UNIQUE(company_id, signature)", "There is a layout for these columns already. Change that one."),
    ]

    @api.constrains("column_ids")
    def _check_columns(self):
        """A day and an amount are needed; each role but texts belongs to one column."""
        for layout in self:
            roles = [column.role for column in layout.column_ids if column.role]
            labels = dict(self.env["crm.statement.layout.column"]._selection_role())
            if "date" not in roles or not {"amount", "amount_in", "amount_out"} & set(roles):
                raise SalesOrderValidationError(_("Say which column holds the date, and which the amount (or money in and money out)."))
            twice = [role for role in set(roles) if roles.count(role) > 1 and role != "memo"]
            if twice:
                raise SalesOrderValidationError(_("Two columns are “%s”. Choose one of them.", labels[twice[0]]))
            if "amount" in roles and {"amount_in", "amount_out"} & set(roles):
                raise SalesOrderValidationError(_("Choose either one column of amounts, or money in and money out."))

    def _to_mappings(self):
        """{signature: mapping} for the engine."""
        orders = {"day": True, "month": False}
        return {
            layout.signature: Mapping(
                tuple(column.role or "" for column in layout.column_ids.sorted("position")),
                layout.name,
                orders.get(layout.date_order),
                layout.out_positive,
            )
            for layout in self
        }


class CrmStatementLayoutColumn(models.Model):
    """A column of a layout, and what it is."""

    _name = "crm.statement.layout.column"
    _description = "Statement Layout Column"
    _order = "layout_id, position"
    _rec_name = "header"

    layout_id = fields.Many2one("crm.statement.layout", required=True, ondelete="cascade", index=True)
    position = fields.Integer(readonly=True)
    header = fields.Char(string="Column", readonly=True)
    role = fields.Selection("_selection_role", string="Is", help="Empty: not read.")

    @api.model
    def _selection_role(self):
        """What a column can be, in the order of the engine's roles."""
        labels = {
            "date": _("Date"),
            "time": _("Time"),
            "amount_in": _("Money in"),
            "amount_out": _("Money out"),
            "amount": _("Amount"),
            "direction": _("In or out"),
            "balance": _("Balance"),
            "currency": _("Currency"),
            "counterparty": _("Counterparty"),
            "counterparty_account": _("Counterparty’s account"),
            "payer": _("Payer"),
            "payer_account": _("Payer’s account"),
            "payee": _("Payee"),
            "payee_account": _("Payee’s account"),
            "memo": _("Statement text"),
            "kind": _("Kind of payment"),
            "reference": _("Bank’s number of the payment"),
            "account": _("Own account"),
            "status": _("State"),
            "method": _("Paid with"),
        }
        return [(role, labels[role]) for role in ROLES]
