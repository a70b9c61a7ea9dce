# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

FIRST_JOURNALS = {
    "sale": "销售发票",
    "purchase": "供应商账单",
    "bank": "招商银行",
    "cash": "现金",
    "general": "记账凭证",
}
TERMS = {
    "account.account_payment_term_30days": 50,
    "account.account_payment_term_15days": 18,
    "account.account_payment_term_2months": 17,
    "account.account_payment_term_immediate": 15,
}
OPENING_BALANCE = 2600000.0


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _set_up_books(self):
        """Chart of accounts, journals, the bank account, and each customer's payment terms."""
        company = self.env.ref("base.main_company")
        if not company.chart_template_id:
            self.env.ref("l10n_cn.l10n_chart_china_small_business").try_loading(company=company)
        self._name_accounts(company)
        for kind, name in FIRST_JOURNALS.items():
            self._get_journal(kind).name = name
        bank = self.env["res.bank"].create({"name": "招商银行深圳福海支行", "city": "深圳市", "country": self.env.ref("base.cn").id})
        self._get_journal("bank").set_bank_account("7559 0000 8866 001", bank.id)
        self._set_up_taxes(company)
        self._show_amounts_with_taxes()
        self._book_opening_balance()
        self._agree_payment_terms()

    def _show_amounts_with_taxes(self):
        """Prices include their taxes: so does what a line comes to, on screens and in the portal."""
        with_taxes = self.env.ref("account.group_show_line_subtotals_tax_included")
        without = self.env.ref("account.group_show_line_subtotals_tax_excluded")
        everyone = self.env["res.groups"].concat(*(self.env.ref("base.group_%s" % name) for name in ("user", "portal", "public")))
        everyone.write({"implied_ids": [(3, without.id)]})
        without.with_context(active_test=False).write({"users": [(5,)]})
        everyone.write({"implied_ids": [(4, with_taxes.id)]})
        self.env["ir.config_parameter"].set_param("account.show_line_subtotals_tax_selection", "tax_included")

    def _get_accounts(self, kind):
        """The main company's accounts of a type, by code."""
        company = self.env.ref("base.main_company")
        return self.env["account.account"].search([("user_type_id", "=", self.env.ref(kind).id), ("company_id", "=", company.id)])

    def _get_journal(self, kind):
        """The first journal of a type: the one Odoo proposes."""
        company = self.env.ref("base.main_company")
        return self.env["account.journal"].search([("type", "=", kind), ("company_id", "=", company.id)], limit=1)

    def _set_up_taxes(self, company):
        """Goods at the company's default VAT, services at 6 %. Prices include it, purchases do not."""
        products = self._get_products()
        goods = products.filtered(lambda product: product.type != "service")
        goods.write(
            {
                "taxes_id": [(6, 0, company.account_sale_tax_id.ids)],
                "supplier_taxes_id": [(6, 0, company.account_purchase_tax_id.ids)],
            }
        )
        for use, field in [("sale", "taxes_id"), ("purchase", "supplier_taxes_id")]:
            tax = self.env["account.tax"].search([("type_tax_use", "=", use), ("amount", "=", 6), ("company_id", "=", company.id)], limit=1)
            (products - goods).write({field: [(6, 0, tax.ids)]})

    def _get_products(self):
        """The demo's products, whichever addon they came with."""
        names = self.env["ir.model.data"].search(
            [("module", "=", "crm_core"), ("model", "=", "product.product"), ("name", "=like", r"demo\_product\_%")]
        )
        return self.env["product.product"].browse(names.mapped("res_id"))

    def _book_opening_balance(self):
        """What was in the bank before the story begins."""
        journal = self._get_journal("general")
        capital = self._get_accounts("account.data_account_type_equity")[:1]
        bank = self._get_journal("bank").default_account_id
        move = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": self._opening_day(),
                "ref": "期初余额",
                "line_ids": [
                    (0, 0, {"account_id": bank.id, "name": "期初银行存款", "debit": OPENING_BALANCE}),
                    (0, 0, {"account_id": capital.id, "name": "实收资本", "credit": OPENING_BALANCE}),
                ],
            }
        )
        move.action_post()

    def _agree_payment_terms(self):
        dice = self._random("payment terms")
        customers = self._get_customers()
        terms = dice.choices(list(TERMS), list(TERMS.values()), k=len(customers))
        for term in TERMS:
            agreed = customers.browse(partner.id for partner, name in zip(customers, terms) if name == term)
            agreed.write({"property_payment_term_id": self.env.ref(term).id})

    def _get_customers(self):
        """The demo's 60 companies, in the order of their file."""
        names = self.env["ir.model.data"].search(
            [("module", "=", "crm_core"), ("model", "=", "res.partner"), ("name", "=like", r"demo\_partner\_%")],
            order="id",
        )
        return self.env["res.partner"].browse(names.mapped("res_id"))
