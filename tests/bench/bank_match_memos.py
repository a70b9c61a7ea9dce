# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What stands on a bank statement beside the amount: memo, payer, payer's account — as people and banks write them."""

import random
import re
from typing import NamedTuple

PURPOSES = "货款 货款 货款 付货款 支付货款 材料款 设备款 服务费 尾款 进度款 往来款 采购款 工程款".split()
PURPOSES_ABROAD = ["payment", "PAYMENT FOR GOODS", "invoice payment", "goods", "TT PAYMENT", "settlement", ""]
PREFIXES = ["", "", "", "", "附言：", "用途:", "摘要：网银转账 ", "跨行转账 ", "大额支付-", "网银互联 ", "转账备注:", "电子汇入 "]
PREFIXES_ABROAD = ["", "", "/RFB/", "/ROC/", "REF:", "RE: ", "OUR REF ", "//INV//"]
PLATFORMS = [
    ("财付通支付科技有限公司", "243300133"),
    ("支付宝（中国）网络技术有限公司客户备付金", "215500690"),
    ("银联商务股份有限公司", "98012301"),
]
STRANGERS = (
    "国家金库深圳市分库 中国平安财产保险股份有限公司 深圳市社会保险基金管理局 顺丰速运有限公司 京东科技服务有限公司 李明华 陈小玲"
).split()
NOBODY = (
    "结息,利息 20260321,活期结息,出口退税,增值税留抵退税,社保稳岗补贴,保证金退回,投标保证金退还,投资款,股东借款,贷款发放 DK202603118,"
    "内部转账,同名划转,备用金退回,保险理赔款,退款,供应商退货款,货款退回 账号有误,工资退票,房租押金退还"
).split(",")


class Words(NamedTuple):
    """``named``: an invoice, order or contract number can still be made out in the memo."""

    memo: str
    payer: str
    account: str
    named: bool = False


class Memos:
    def __init__(self, rng):
        self.rng: random.Random = rng

    # -- payer ---------------------------------------------------------------------------------------------------------

    def _payer(self, customer, full=60, written=20, person=10, nobody=10):
        """(name, account) as the bank reports them; the weights say in how many of a hundred cases which."""
        kind = self.rng.choices(("full", "written", "person", "nobody"), (full, written, person, nobody))[0]
        account = self._account(customer.account) if self.rng.random() < 0.85 else ""
        if kind == "person":
            return customer.person, self._account(customer.person_account)
        if kind == "nobody":
            return "", ""
        name = customer.name if kind == "full" else self._write_name(customer)
        if self.rng.random() < 0.08:
            name = name.replace("（", "(").replace("）", ")").replace("市", "")
        return name, account

    def _account(self, account):
        """Some banks group the digits, some hide the middle."""
        kind = self.rng.random()
        if kind < 0.1:
            return re.sub(r"(.{4})(?=.)", r"\1 ", account)
        return account[:4] + "****" + account[-4:] if kind < 0.16 else account

    def _write_name(self, customer):
        """The name, shortened or in Latin letters, cut where a field of the bank ends."""
        if self.rng.random() < 0.45:
            return self.rng.choice(customer.latins)[:35].strip()
        return self.rng.choice(customer.shorts)

    # -- memos ---------------------------------------------------------------------------------------------------------

    def _phrase(self, customer, core):
        """``core`` among the words people put around it."""
        abroad = customer.currency != "CNY"
        purpose = self.rng.choice(PURPOSES_ABROAD if abroad else PURPOSES)
        prefix = self.rng.choice(PREFIXES_ABROAD if abroad else PREFIXES)
        forms = ["%s", "{p} %s", "{p} %s", "%s {p}"] if abroad else ["%s", "{p}%s", "{p} %s", "%s{p}", "支付%s{p}", "付%s"]
        return (prefix + self.rng.choice(forms).replace("{p}", purpose) % core).strip()

    def _number(self, invoice):
        """One of the numbers that name ``invoice``: mostly its own."""
        choices = [(invoice.number, 60)]
        choices += [(invoice.order, 25)] if invoice.order else []
        choices += [(invoice.purchase, 8)] if invoice.purchase else []
        choices += [(invoice.contract, 8)] if invoice.contract else []
        return self.rng.choices([number for number, _ in choices], [weight for _, weight in choices])[0]

    def numbered(self, invoice, customer):
        words = ["", "发票", "发票号", "INV NO ", "No."] if customer.currency == "CNY" else ["", "INV ", "invoice "]
        return Words(self._phrase(customer, self.rng.choice(words) + invoice.number), *self._payer(customer), named=True)

    def clean(self, invoice, customer):
        """A number as it stands on the paper."""
        number = self._number(invoice)
        word = "PO " if number == invoice.purchase else "合同" if number == invoice.contract else ""
        return Words(self._phrase(customer, word + number), *self._payer(customer), named=True)

    def mangled(self, invoice, customer):
        """A number as it arrives; where little of it is left, the payer says who it is."""
        number, whole = self._mangle(self._number(invoice), invoice)
        payer, account = self._payer(customer) if whole else self._payer(customer, 75, 25, 0, 0)
        return Words(self._phrase(customer, number), payer, account, named=whole)

    def name_only(self, invoice, customer):
        """Nothing but who paid: by the payer's name, or a person who names the company."""
        purpose = self.rng.choice(PURPOSES if customer.currency == "CNY" else PURPOSES_ABROAD)
        if self.rng.random() < 0.15:
            word = self.rng.choice(["代付", "代", "替", "帮", ""]) if customer.currency == "CNY" else "ON BEHALF OF "
            return Words("%s%s%s" % (word, self._write_name(customer), purpose), customer.person, customer.person_account)
        payer, account = self._payer(customer, 65, 35, 0, 0)
        if self.rng.random() < 0.2:
            purpose = "%d月%s" % (invoice.date.month, purpose) if customer.currency == "CNY" else purpose
        return Words(purpose, payer, account)

    def several(self, invoices, customer):
        payer, account = self._payer(customer, 70, 25, 0, 5)
        kind = self.rng.random()
        if kind < 0.4:
            return Words(self._phrase(customer, self._list([invoice.number for invoice in invoices])), payer, account, True)
        if kind < 0.55:
            core = "%s等%d张发票" if customer.currency == "CNY" else "%s and others, %d invoices"
            return Words(self._phrase(customer, core % (invoices[0].number, len(invoices))), payer, account, bool(payer))
        payer = payer or customer.name
        if kind < 0.75:
            month = invoices[-1].date.month
            return Words("%d月%s" % (month, self.rng.choice(("货款", "对账款", "结算款"))), payer, account)
        return Words(self.rng.choice(("货款", "结清", "往来款", "多笔货款", "payment")), payer, account)

    def _list(self, numbers):
        """Several numbers: written out, or the later ones by their last digits."""
        joint = self.rng.choice([",", "、", " ", "/", "+", " & ", "，", ";"])
        if self.rng.random() < 0.5:
            return joint.join(numbers)
        if joint == "/":
            joint = ","
        tails = [number.rpartition("/")[2] if number[:12] == numbers[0][:12] else number[4:] for number in numbers[1:]]
        return joint.join([numbers[0], *tails])

    def part(self, invoice, customer, last):
        """A first part of what is owed, or the ``last``: mostly with a number."""
        home = customer.currency == "CNY"
        payer, account = self._payer(customer, 75, 25, 0, 0)
        if self.rng.random() < 0.3:
            words = ["余款", "尾款"] if last else ["货款", "部分货款", "先付一部分"]
            return Words(self.rng.choice(words if home else ["balance"] if last else ["payment on account"]), payer, account)
        core, whole = self._number(invoice), True
        if self.rng.random() < 0.4:
            core, whole = self._mangle(core, invoice)
        words = ["尾款", "余款", "二期款"] if last else ["定金", "首付", "预付30%", "部分货款", "先付一部分", "一期款"]
        return Words(core + (self.rng.choice(words) if home else " balance" if last else " deposit"), payer, account, whole)

    def with_fee(self, invoice, customer):
        return self.clean(invoice, customer) if self.rng.random() < 0.7 else self.name_only(invoice, customer)

    def silent(self, currency):
        """A payment of which the bank tells nothing about the payer."""
        payer, account = self.rng.choice(PLATFORMS) if self.rng.random() < 0.6 else ("", "")
        words = ["转账", "货款", "付款", "网银转账", "", "收款"] if currency == "CNY" else ["payment", "TT", "INWARD REMITTANCE"]
        return Words(self.rng.choice(words), payer, account)

    def nobody(self, customer, order):
        """No invoice is paid: the bank, the state, a stranger; or a customer who pays ahead, twice, or by mistake."""
        kind = self.rng.random()
        if kind < 0.5:
            return (self.rng.choice(NOBODY), *self.stranger())
        if kind < 0.65:
            return "订单S%05d预付款" % order, customer.name, customer.account
        if kind < 0.8:
            number = "INV/2025/%02d/%04d" % (self.rng.randint(7, 12), self.rng.randint(1, 900))
            return "支付%s货款" % number, customer.name, customer.account
        return self.rng.choice(["保证金", "样品押金", "退回多付运费", "质保金"]), self._write_name(customer), customer.account

    def stranger(self):
        account = "".join(self.rng.choices("0123456789", k=16))
        return self.rng.choice([*STRANGERS, ""]), account

    # -- mangling ------------------------------------------------------------------------------------------------------

    def _mangle(self, number, invoice):
        """(what is left of ``number``, whether it still says which invoice without the payer's help)."""
        if number == invoice.number:
            return self._mangle_invoice(number)
        if number.startswith("S"):
            digits = number[1:]
            choices = ["S " + digits, "SO" + digits, "s" + digits.lstrip("0"), "S-" + digits, "S" + digits[:2] + " " + digits[2:]]
            choices += ["订单号：" + digits, "订单" + digits.lstrip("0"), "Ｓ" + digits, "S" + digits.replace("0", "O")]
            return self.rng.choice(choices), True
        if number.startswith("HT"):
            year, _dash, serial = number[2:].partition("-")
            return self.rng.choice(["HT %s %s", "HT%s%s", "合同%s-%s", "ht%s_%s"]) % (year, serial), True
        form = self.rng.choice(["PO%s", "P.O. %s", "po#%s", "采购单%s"])
        return form % self.rng.choice([number, number[:5] + " " + number[5:]]), True

    def _mangle_invoice(self, number):
        _inv, year, month, serial = number.split("/")
        digits = year + month + serial
        cut = self.rng.randrange(5, 14)
        whole = [
            "INV %s %s %s" % (year, month, serial),
            "INV/%s/%s/%s %s" % (year, month, serial[:2], serial[2:]),
            "INV" + digits,
            "inv" + digits,
            "inv-%s-%s-%s" % (year, month, serial),
            "%s/%s/%s" % (year, month, serial),
            "%s%s-%s" % (year, month, serial),
            "INV/%s/%d/%d" % (year, int(month), int(serial)),
            "INV.%s.%s.%s" % (year, month, serial),
            "ＩＮＶ／%s／%s／%s" % (year, month, serial),
            number.replace("0", "O"),
            "1NV" + number[3:],
            "FP" + digits,
            "发票号" + digits,
            "NO.%s/%s/%s" % (year[2:], month, serial),
            number[:cut] + "\n" + number[cut:],
            number[:cut] + " " + number[cut:],
            "lNV\\%s\\%s\\%s" % (year, month, serial),
            "INV_%s_%s_%s货" % (year, month, serial),
        ]
        scraps = [serial, "#" + serial, "%s/%s" % (month, serial), number[: -self.rng.choice((1, 2))], "..." + serial[1:]]
        scraps.append(self._mistype(number))
        if self.rng.random() < 0.75:
            return self.rng.choice(whole), True
        return self.rng.choice(scraps), False

    def _mistype(self, number):
        """Two neighbours swapped, or one digit wrong: it may be the number of somebody else's invoice."""
        place = self.rng.randrange(len(number) - 4, len(number) - 1)
        if self.rng.random() < 0.5:
            return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        return number[:place] + self.rng.choice("0123456789") + number[place + 1 :]
