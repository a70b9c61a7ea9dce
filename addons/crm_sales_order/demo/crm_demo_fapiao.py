# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

from odoo import api, models

#: Tax code and short name of each kind of goods, by the name of its category
TAX_CODES = {
    "设备": ("1090131010000000000", "通用设备"),
    "备件": ("1090199000000000000", "设备零件"),
    "耗材": ("1070208010000000000", "工业耗材"),
    "服务": ("3040399000000000000", "技术服务"),
}
#: Days from an invoice to its fapiao
DAYS = (1, 6)
#: Days ago: fapiao are kept in the suite since then
SINCE = 150
#: How many customers ask for one, and how many of those get special ones
ASKING, SPECIAL = 0.85, 0.9


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_fapiao(self):
        """Customers ask for fapiao: most are issued, those of this week wait for finance, and one was taken back."""
        demo = self._quiet()
        demo._set_up_tax_codes()
        dice, today = demo._random("fapiao"), demo._today()
        asking = demo._get_customers().filtered(lambda partner: dice.random() < ASKING)
        special = asking.filtered(lambda partner: partner.vat and dice.random() < SPECIAL)
        special.write({"fapiao_kind": "special"})
        (asking - special).write({"fapiao_kind": "normal"})
        domain = [("move_type", "=", "out_invoice"), ("state", "=", "posted"), ("team_id", "in", demo._branches().ids)]
        domain.append(("invoice_date", ">", today - timedelta(days=SINCE)))
        invoices = demo.env["account.move"].search(domain, order="invoice_date, id")
        numbers = {}
        for invoice in invoices._get_fapiao_candidates():
            partner = invoice.commercial_partner_id
            if partner not in asking or invoice.payment_state == "reversed":
                continue
            values = {**partner._get_fapiao_title(), "kind": partner.fapiao_kind}
            fapiao = demo.env["crm.fapiao"]._make(invoice, values)
            day = demo._workday(invoice.invoice_date + timedelta(days=dice.randint(*DAYS)))
            if day < today - timedelta(days=3):
                numbers[fapiao] = day
        demo._issue_fapiao(numbers)
        demo._reverse_fapiao(next(iter(reversed(numbers)), None))

    def _set_up_tax_codes(self):
        categories = self._get_products().categ_id
        for name, (code, short_name) in TAX_CODES.items():
            known = self.env["crm.fapiao.tax.code"].create({"code": code, "short_name": short_name})
            categories.filtered(lambda category, name=name: category.name == name).fapiao_tax_code_id = known

    def _issue_fapiao(self, numbers):
        """Numbers as the tax platform gives them: year, region, and a running one."""
        serials = defaultdict(int)
        for fapiao, day in sorted(numbers.items(), key=lambda one: (one[1], one[0].ids)):
            for one in fapiao:
                serials[day.year] += 1
                number = "%02d44%016d" % (day.year % 100, 2000_0000_0000 + 137 * serials[day.year])
                one.write({"number": number, "date_issued": day, "state": "issued"})
        self.env["crm.fapiao"].concat(*numbers).move_ids._set_fapiao_numbers()

    def _reverse_fapiao(self, fapiao):
        """The last one named the wrong title; its red fapiao waits for the tax platform."""
        if fapiao:
            fapiao[0]._make_red(fapiao[0]._get_left(), "wrong", "购买方抬头有误，红冲后重开")
