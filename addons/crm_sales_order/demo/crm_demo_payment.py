# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

from odoo import api, models

from ..tools.bulk import bulk_work

# How a customer pays: (share, days after the due date)
HABITS = {"early": (18, (-8, 0)), "on time": (46, (0, 6)), "late": (24, (15, 75)), "very late": (12, (110, 300))}
PART_PAID = 0.06
# What the company pays every month: (day, memo, amount)
EXPENSES = [
    (10, "代发工资 {month}月", -168000.0),
    (15, "社保及公积金 {month}月", -41500.0),
    (5, "办公室及仓库租金 {month}月", -52000.0),
]
# How payers write: the first two name the invoice or the order, the third leaves it to finance
MEMOS = [("{invoice} 货款", 45), ("付{order}设备款", 30), ("货款", 25)]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_invoices(self):
        """What was delivered gets invoiced within days; the last deliveries still wait for it."""
        demo = self._quiet()
        today = demo._today()
        dice = demo._random("invoices")
        orders = demo.env["sale.order"].search(
            [("invoice_status", "=", "to invoice"), ("team_id", "in", demo._branches().ids)], order="date_order, id"
        )
        by_day = defaultdict(orders.browse)
        for order in orders:
            shipped = [moment for moment in order.picking_ids.mapped("date_done") if moment]
            day = demo._workday(max(shipped or [order.commitment_date]).date() + timedelta(days=dice.randint(0, 6)))
            if day < today:
                by_day[day] |= order
        with bulk_work(orders, always=True) as bulk:
            invoices = bulk.env["account.move"]
            for day in sorted(by_day):
                batch = by_day[day].with_env(bulk.env)._create_invoices(grouped=True, date=day).with_env(bulk.env)
                batch.date = day
                invoices |= batch
            invoices.action_post()

    @api.model
    def _tell_payments(self):
        """Customers pay as their habit is; the bank tells it month by month, the matcher books what it is sure of."""
        demo = self._quiet()
        receipts = demo._plan_receipts()
        months = defaultdict(list)
        for receipt in receipts:
            months[demo._get_statement_month(receipt["date"])].append(receipt)
        statements = demo.env["account.bank.statement"]
        for month in sorted(months):
            statements |= demo._book_statement(months[month], statements[-1:])
        statements.line_ids._match()
        demo._match_by_hand(statements[:-1], receipts)
        statements[-1:].line_ids._match()  # what is proposed now is what is open now

    def _get_statement_month(self, day):
        """The first of the month; a month hardly begun is part of the one before."""
        first, today = day.replace(day=1), self._today()
        begun = first == today.replace(day=1) and today.day < 12
        return (first - timedelta(days=1)).replace(day=1) if begun else first

    def _plan_receipts(self):
        """One dict a receipt: date, invoice, amount and memo; also what nobody can place."""
        dice, today = self._random("payments"), self._today()
        invoices = self.env["account.move"].search(
            [("move_type", "=", "out_invoice"), ("state", "=", "posted"), ("team_id", "in", self._branches().ids)],
            order="invoice_date, id",
        )
        habits = {partner: dice.choices(list(HABITS), [share for share, _days in HABITS.values()])[0] for partner in self._get_customers()}
        receipts = []
        for invoice in invoices:
            first, last = HABITS[habits[invoice.commercial_partner_id]][1]
            day = self._workday(invoice.invoice_date_due + timedelta(days=dice.randint(first, last)))
            day = max(day, invoice.invoice_date)
            if day > today:
                continue
            part = dice.random() < PART_PAID
            memo = dice.choices([text for text, _share in MEMOS], [share for _text, share in MEMOS])[0]
            receipts.append(
                {
                    "date": day,
                    "invoice": invoice,
                    "amount": round(invoice.amount_total * 0.5, 2) if part else invoice.amount_total,
                    "memo": memo.format(invoice=invoice.name, order=invoice.invoice_origin),
                }
            )
        receipts += self._plan_expenses(receipts[0]["date"])
        receipts += self._plan_waiting(invoices.filtered(lambda invoice: invoice not in {each["invoice"] for each in receipts}))
        receipts.append({"date": today, "invoice": None, "amount": 5000.0, "memo": "网银转账 定金 王先生"})
        receipts.append({"date": today, "invoice": None, "amount": -36.5, "memo": "账户管理费及短信服务费"})
        return receipts

    def _plan_expenses(self, since):
        """Wages, social insurance and rent of each month until today."""
        accounts = self._get_accounts("account.data_account_type_expenses")
        account = accounts.filtered(lambda account: account.code.startswith("6602"))[:1] or accounts[:1]
        expenses, month = [], since.replace(day=1)
        while month <= self._today():
            for day, memo, amount in EXPENSES:
                date = month.replace(day=day)
                if date <= self._today():
                    text = memo.format(month=month.month)
                    expenses.append({"date": date, "invoice": None, "amount": amount, "memo": text, "account": account})
            month = (month + timedelta(days=32)).replace(day=1)
        return expenses

    def _book_statement(self, receipts, previous):
        """One posted statement a month, its balance carried on from the one before."""
        receipts.sort(key=lambda receipt: receipt["date"])
        start = previous.balance_end_real if previous else self._get_opening_balance()
        statement = self.env["account.bank.statement"].create(
            {
                "journal_id": self._get_journal("bank").id,
                "name": receipts[0]["date"].strftime("招商银行 %Y年%m月"),
                "date": receipts[-1]["date"],
                "balance_start": start,
                "balance_end_real": start + sum(receipt["amount"] for receipt in receipts),
                "line_ids": [(0, 0, self._prepare_statement_line(receipt)) for receipt in receipts],
            }
        )
        for line, receipt in zip(statement.line_ids.sorted("id"), receipts):
            receipt["line"] = line
        statement.button_post()
        return statement

    def _get_opening_balance(self):
        """What the ledger says of the bank account before the first statement."""
        account = self._get_journal("bank").default_account_id
        items = self.env["account.move.line"].search([("account_id", "=", account.id), ("parent_state", "=", "posted")])
        return sum(items.mapped("balance"))

    def _prepare_statement_line(self, receipt):
        partner = receipt["invoice"] and receipt["invoice"].commercial_partner_id
        return {
            "date": receipt["date"],
            "payment_ref": receipt["memo"],
            "amount": receipt["amount"],
            "partner_id": partner and partner.id,
            "partner_name": receipt.get("payer") or partner and partner.name,
        }

    def _match_by_hand(self, statements, receipts):
        """What finance did: expenses booked, and in the months before this one whatever no memo explained."""
        for receipt in receipts:
            line, invoice = receipt["line"], receipt["invoice"]
            if "account" in receipt:
                expense = {"name": receipt["memo"], "account_id": receipt["account"].id, "balance": -line.amount}
                line.reconcile([expense])
            elif invoice and line.statement_id in statements and not line.is_reconciled:
                open_items = invoice.line_ids.filtered(lambda item: item.account_internal_type == "receivable" and not item.reconciled)
                line.reconcile([{"id": item.id, "balance": -line.amount} for item in open_items])
