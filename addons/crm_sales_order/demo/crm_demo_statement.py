# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import csv
import io

from odoo import api, fields, models

_HEAD = ("交易日期", "交易时间", "收入金额", "支出金额", "币种", "摘要", "对方账号", "对方户名", "流水号")


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _has_example_statement(self):
        """Whether this is the demo company: nobody shall book made-up payments in the books of a real one."""
        is_told = self.env.ref("crm_sales_order.demo_user_finance", raise_if_not_found=False)
        return bool(is_told) and self.env.company == self.env.ref("base.main_company")

    @api.model
    def _write_example_statement(self):
        """A file such as a bank's, with what customers owe today: the same file until some of it is paid."""
        journal = self._get_journal("bank")
        first, second, third, part = self._get_example_invoices()
        lines = [
            *[(invoice.amount_residual, "货款 %s" % invoice.name, invoice) for invoice in first],
            *[(sum((second + third).mapped("amount_residual")), "货款", invoice) for invoice in second if third],
            *[(round(invoice.amount_residual * 0.4, 2), "部分货款", invoice) for invoice in part],
            (3000.0, "定金 王女士", None),
            (-25.0, "账户管理费", None),
        ]
        content = io.StringIO()
        content.write("账号：,%s\n" % (journal.bank_acc_number or ""))
        writer = csv.writer(content, lineterminator="\n")
        writer.writerow(_HEAD)
        writer.writerows(self._prepare_example_row(number, *line) for number, line in enumerate(lines))
        return content.getvalue().encode("gb18030")

    def _get_example_invoices(self):
        """Open invoices of different customers: one, two of the same customer, one; fewer where fewer are open."""
        domain = [("move_type", "=", "out_invoice"), ("state", "=", "posted"), ("payment_state", "=", "not_paid")]
        domain += [("company_id", "=", self.env.company.id), ("currency_id", "=", self.env.company.currency_id.id)]
        of_customer = {}
        for invoice in self.env["account.move"].search(domain, order="invoice_date_due, id"):
            of_customer.setdefault(invoice.commercial_partner_id, []).append(invoice)
        none = self.env["account.move"]
        several = next((customer for customer, invoices in of_customer.items() if len(invoices) > 1), None)
        second, third = of_customer.pop(several)[:2] if several else (none, none)
        others = [invoices[0] for invoices in of_customer.values()]
        first, part = (others + [none, none])[:2]
        return first, second, third, part

    def _prepare_example_row(self, number, amount, memo, invoice):
        day = fields.Date.context_today(self)
        account = "6222%08d" % invoice.commercial_partner_id.id if invoice else ""
        return (
            day.strftime("%Y%m%d"),
            "%02d:15:00" % (9 + number),
            "%.2f" % amount if amount > 0 else "",
            "%.2f" % -amount if amount < 0 else "",
            self.env.company.currency_id.name,
            memo,
            account,
            invoice.commercial_partner_id.name if invoice else "",
            "SL%s%s" % (day.strftime("%Y%m%d"), invoice.id if invoice else "X%d" % number),
        )
