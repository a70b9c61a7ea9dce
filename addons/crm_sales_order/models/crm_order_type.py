# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools

from ..exceptions import SalesOrderError

CHINESE_CHART = "l10n_cn.l10n_chart_china_small_business"
#: Accounts of the Chinese chart that serve where none is set: field → code
CHINESE_ACCOUNTS = {"expense_account_id": {"gift": "660100", "internal": "660200"}, "advance_account_id": {}}
#: 合同负债: the chart's own 2203 is a payable, which an invoice line cannot carry
ADVANCE_CODE, ADVANCE_NAME = "220500", "Contract Liabilities"
#: Settings of a type that an order takes over, when it is made or given the type: order field → type field
SETTINGS = {
    "payment_term_id": "payment_term_id",
    "warehouse_id": "warehouse_id",
    "fiscal_position_id": "fiscal_position_id",
    "incoterm": "incoterm_id",
}


class CrmOrderType(models.Model):
    """How a kind of order is delivered, invoiced and paid.

    Own model: OCA's sale_order_type applies route and terms by onchange only, so they do not hold over RPC.
    A type without company serves all; accounts, journal and fiscal position are kept per company.
    """

    _name = "crm.order.type"
    _description = "Order Type"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Technical name, unique in the company.")
    note = fields.Char("What It Is For", translate=True)
    sequence = fields.Integer(default=50)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", "Company", help="Empty: for all companies.")
    flow = fields.Selection(
        [("sale", "Sale")],
        default="sale",
        required=True,
        help="What happens once the order is confirmed.",
    )
    invoice_policy = fields.Selection(
        [
            ("ordered", "Before Shipping"),
            ("delivered", "What Was Delivered"),
            ("milestone", "By Instalments"),
            ("periodic", "Every Period"),
            ("none", "Never"),
        ],
        "Invoicing",
        help="Empty: as each product says.",
    )
    prepaid = fields.Boolean("Ship Only When Paid")
    service_only = fields.Boolean("Services Only", help="Such an order carries no goods; finishing the work makes it ready to invoice.")
    export = fields.Boolean(help="Abroad: fiscal position and incoterm are required.")
    instalment_template_id = fields.Many2one("crm.instalment.template", "Instalments", check_company=True)
    payment_term_id = fields.Many2one("account.payment.term", "Payment Terms", check_company=True)
    route_id = fields.Many2one("stock.location.route", "Route", check_company=True, help="Put on every line of such an order.")
    warehouse_id = fields.Many2one("stock.warehouse", "Warehouse", check_company=True)
    incoterm_id = fields.Many2one("account.incoterms", "Incoterm")
    sequence_id = fields.Many2one("ir.sequence", "Numbering", check_company=True, help="Empty: the numbers of all quotations.")
    document_title = fields.Char("Title on Paper", translate=True, help="Empty: quotation or sales order.")
    paper_lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(), "Language on Paper", help="Empty: the customer's language."
    )
    expense_account_id = fields.Many2one(
        "account.account",
        "Expense Account",
        company_dependent=True,
        domain="[('company_id', '=', current_company_id), ('deprecated', '=', False)]",
        help="Goods given away or used by ourselves are booked here at cost.",
    )
    advance_account_id = fields.Many2one(
        "account.account",
        "Account of Advances",
        company_dependent=True,
        domain="[('company_id', '=', current_company_id), ('deprecated', '=', False)]",
        help="Invoiced instalments wait here until the goods are invoiced.",
    )
    fiscal_position_id = fields.Many2one(
        "account.fiscal.position",
        "Fiscal Position",
        company_dependent=True,
        domain="[('company_id', '=', current_company_id)]",
    )
    payment_journal_id = fields.Many2one(
        "account.journal",
        "Payment Journal",
        company_dependent=True,
        domain="[('company_id', '=', current_company_id), ('type', 'in', ('cash', 'bank'))]",
        help="Where money taken on the spot goes.",
    )

    def init(self):
        super().init()
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS crm_order_type_code_unique ON crm_order_type (code, COALESCE(company_id, 0))"
        )

    @api.model_create_multi
    def create(self, vals_list):
        self.clear_caches()
        return super().create(vals_list)

    def write(self, vals):
        if {"code", "company_id", "active"} & vals.keys():
            self.clear_caches()
        return super().write(vals)

    def unlink(self):
        self.clear_caches()
        return super().unlink()

    def copy(self, default=None):
        default = dict(default or {})
        default.setdefault("code", _("%(code)s-copy", code=self.code))
        default.setdefault("name", _("%(name)s (copy)", name=self.name))
        return super().copy(default)

    @api.model
    def _get_type(self, code, company=None):
        """The type of that code in ``company`` (default: the current one): the company's own before the common one."""
        return self.browse(self._get_type_id(code, (company or self.env.company).id))

    @api.model
    @tools.ormcache("code", "company_id")
    def _get_type_id(self, code, company_id):
        domain = [("code", "=", code), ("company_id", "in", [False, company_id])]
        kinds = self.sudo().search(domain)
        return (kinds.filtered("company_id") or kinds)[:1].id

    def _next_number(self, date=None):
        self.ensure_one()
        return self.sudo().sequence_id.next_by_id(sequence_date=date and fields.Datetime.to_datetime(date))

    def _get_order_values(self, company):
        """What an order of this type takes over: {order field: value}; only what is set."""
        self.ensure_one()
        kind = self.sudo().with_company(company)
        values = {name: kind[setting].id for name, setting in SETTINGS.items()}
        return {name: value for name, value in values.items() if value}

    def _get_account(self, field, company):
        """The account of ``field`` in ``company``; where none is set, that of the Chinese chart.

        :param field: ``expense_account_id`` or ``advance_account_id``
        :raises SalesOrderError: there is none; says where to set it
        """
        self.ensure_one()
        kind = self.sudo().with_company(company)
        account = kind[field] or kind._get_chinese_account(field, company)
        if not account:
            raise SalesOrderError(
                _(
                    "The order type %(type)s lacks its “%(field)s” in %(company)s: finance sets it under Configuration, Order Types.",
                    type=self.name,
                    field=self._fields[field]._description_string(self.env),
                    company=company.name,
                )
            )
        return account

    def _get_chinese_account(self, field, company):
        accounts = self.env["account.account"]
        if company.chart_template_id != self.env.ref(CHINESE_CHART, raise_if_not_found=False):
            return accounts
        code = ADVANCE_CODE if field == "advance_account_id" else CHINESE_ACCOUNTS[field].get(self.flow)
        account = accounts.search([("code", "=", code), ("company_id", "=", company.id)], limit=1)
        if account or code != ADVANCE_CODE:
            return account
        return accounts.create(
            {
                "code": ADVANCE_CODE,
                "name": ADVANCE_NAME,
                "company_id": company.id,
                "user_type_id": self.env.ref("account.data_account_type_current_liabilities").id,
            }
        )
