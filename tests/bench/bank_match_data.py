# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Labelled set for bank matching: open invoices, the money that came in, and for each credit what it paid in truth.

Written from what customers do when they pay and banks do to their words; no line of the matcher was read for it. The
shares are fixed (``SHARES``), the rest is chance with a seed. Amounts are whole minor units. A credit is ``matchable``
when somebody who sees the books, the memo and the payer could tell what it pays without asking back.
"""

import datetime
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations

from bank_match_memos import Memos
from bank_match_names import make_customers

SEED = 20261
CREDITS = 5000
#: Open invoices per credit: some stay unpaid
COVER = 1.2
#: Kinds of credits in hundredths
SHARES = {"clean": 25, "mangled": 20, "name": 15, "several": 10, "part": 10, "same": 10, "none": 10}
#: Most a bank keeps of a payment, in minor units
FEES = {"CNY": 5000, "USD": 4000}
FIRST_DAY, DAYS = datetime.date(2026, 1, 5), 170


@dataclass
class Invoice:
    number: str
    customer: int
    order: str
    contract: str
    purchase: str
    amount: int
    currency: str
    date: datetime.date
    due: datetime.date


@dataclass
class Credit:
    """Money in: ``parts`` are (index of the invoice, minor units) of what it paid; their sum is ``amount + fee``."""

    kind: str
    date: datetime.date
    amount: int
    currency: str
    memo: str
    payer: str
    account: str
    parts: tuple = ()
    fee: int = 0
    matchable: bool = False
    named: bool = False


class LabelledSet:
    """``customers``, ``invoices`` and ``credits`` (in the order of the bank's statement); the same for the same seed."""

    def __init__(self, credits=CREDITS, seed=SEED):
        self.rng = random.Random(seed)
        self.wanted = credits
        self.customers = make_customers(self.rng, credits // 4)
        self.memos = Memos(self.rng)
        self.invoices, self.credits = [], []
        self.orders, self.contracts, self.papers = Counter(), 0, {"": ("", "")}
        self._make_invoices(int(credits * COVER))
        self._index()
        for kind in ("several", "part", "same", "clean", "mangled", "name", "none"):
            getattr(self, "_make_" + kind)(credits * SHARES[kind] // 100)
        self._judge()
        self.credits.sort(key=lambda credit: (credit.date, credit.amount, credit.memo))
        self.check()

    # -- invoices ------------------------------------------------------------------------------------------------------

    def _make_amount(self, currency):
        """Life-like: lognormal, a third of the amounts round."""
        amount = int(self.rng.lognormvariate(13.8 if currency == "CNY" else 13.0, 1.2))
        amount = min(max(amount, 12000), 90000000)
        if self.rng.random() < 0.35:
            step = self.rng.choice((10000, 50000, 100000)) if amount > 200000 else 5000
            amount = max(round(amount / step), 1) * step
        return amount

    def _make_invoices(self, count):
        """Invoices of customers of all sizes; a fifth of the customers owe nothing. One order in seven has two invoices."""
        rng = self.rng
        owing = self.customers[: len(self.customers) * 4 // 5]
        weights = [1 / (rank + 8) ** 0.55 for rank in range(len(owing))]
        rng.shuffle(weights)
        buyers = rng.choices(owing, weights, k=count)
        days = sorted(rng.randrange(DAYS) for _buyer in buyers)
        sequences, last = Counter(), {}
        for day, buyer in zip(days, buyers):
            date = FIRST_DAY + datetime.timedelta(day)
            sequences[date.month] += 1
            number = "INV/%d/%02d/%04d" % (date.year, date.month, sequences[date.month])
            order = self._make_order(last.pop(buyer.number, ""))
            last[buyer.number] = order
            contract, purchase = self._get_papers(order)
            due = date + datetime.timedelta(rng.choice((0, 15, 30, 30, 30, 45, 60)))
            amount = self._make_amount(buyer.currency)
            self.invoices.append(Invoice(number, buyer.number, order, contract, purchase, amount, buyer.currency, date, due))

    def _make_order(self, last):
        """Number of the order an invoice is for: the customer's ``last`` one, a new one, or none at all."""
        chance = self.rng.random()
        order = last if last and chance < 0.15 and self.orders[last] == 1 else ""
        if not order and self.rng.random() < 0.75:
            order = "S%05d" % (len(self.orders) + 1)
        if order:
            self.orders[order] += 1
        return order

    def _get_papers(self, order):
        """Contract and the customer's own number of an order; the same whenever it is asked."""
        if order not in self.papers:
            contract = ""
            if self.rng.random() < 0.1:
                self.contracts += 1
                contract = "HT2026-%04d" % self.contracts
            purchase = "45%08d" % self.rng.randrange(10**8) if self.rng.random() < 0.25 else ""
            self.papers[order] = contract, purchase
        return self.papers[order]

    def _index(self):
        self.free = list(range(len(self.invoices)))
        self.rng.shuffle(self.free)
        self.of_customer = defaultdict(list)
        for index, invoice in enumerate(self.invoices):
            self.of_customer[invoice.customer].append(index)
        self.taken = set()

    def _take(self, accept=lambda invoice: True):
        """Index of a random invoice nobody paid yet."""
        for position in range(len(self.free) - 1, -1, -1):
            index = self.free[position]
            if index in self.taken:
                self.free.pop(position)
            elif accept(self.invoices[index]):
                self.free.pop(position)
                self.taken.add(index)
                return index
        raise AssertionError("not enough open invoices")

    # -- credits -------------------------------------------------------------------------------------------------------

    def _pay_day(self, invoice, after=0):
        late = int(self.rng.gauss(4, 12)) + after
        return max(invoice.due + datetime.timedelta(late), invoice.date + datetime.timedelta(1 + after))

    def _add(self, kind, parts, words, fee=0, after=0, matchable=True):
        """A credit for ``parts`` in these ``words``."""
        invoice = self.invoices[parts[-1][0]]
        amount = sum(part for _index, part in parts) - fee
        date = self._pay_day(invoice, after)
        self.credits.append(
            Credit(
                kind, date, amount, invoice.currency, words.memo, words.payer, words.account, tuple(parts), fee, matchable, words.named
            )
        )

    def _customer(self, index):
        return self.customers[self.invoices[index].customer]

    def _full(self, index):
        return [(index, self.invoices[index].amount)]

    def _make_clean(self, count):
        for _credit in range(count):
            index = self._take()
            self._add("clean", self._full(index), self.memos.clean(self.invoices[index], self._customer(index)))

    def _make_mangled(self, count):
        for _credit in range(count):
            index = self._take()
            self._add("mangled", self._full(index), self.memos.mangled(self.invoices[index], self._customer(index)))

    def _make_name(self, count):
        for _credit in range(count):
            index = self._take()
            self._add("name", self._full(index), self.memos.name_only(self.invoices[index], self._customer(index)))

    def _make_several(self, count):
        """Two to six invoices of one customer at once: all named, the first named, a month's, or nothing said."""
        for _credit in range(count):
            size = self.rng.choices((2, 3, 4, 6), (62, 24, 10, 4))[0]
            first = self._take(lambda invoice: len(self._get_open(invoice.customer)) > size)  # noqa: B023
            others = [index for index in self._get_open(self.invoices[first].customer) if index != first]
            picked = sorted([first, *sorted(others, key=lambda index: (abs(index - first), index))[: size - 1]])
            self.taken.update(picked)
            invoices = [self.invoices[index] for index in picked]
            parts = [(index, self.invoices[index].amount) for index in picked]
            self._add("several", parts, self.memos.several(invoices, self._customer(first)))

    def _get_open(self, customer):
        return [index for index in self.of_customer[customer] if index not in self.taken]

    def _make_part(self, count):
        """Half of them part payments (a third followed by the rest), half with the bank's fee kept."""
        half = count // 2
        while half > 0:
            index = self._take()
            half -= self._pay_in_parts(index, half)
        for _credit in range(count - count // 2):
            abroad = self.rng.random() < 0.5
            index = self._take(lambda invoice: invoice.currency == "USD" if abroad else True)  # noqa: B023
            invoice = self.invoices[index]
            steps = (500, 1000, 1050, 1500, 2000, 2500, 3500, FEES[invoice.currency])
            fee = min(self.rng.choice(steps), invoice.amount // 10)
            self._add("part", self._full(index), self.memos.with_fee(invoice, self._customer(index)), fee)

    def _pay_in_parts(self, index, left):
        """One or two credits for one invoice; returns how many."""
        rng, invoice, customer = self.rng, self.invoices[index], self._customer(index)
        step = 100000 if invoice.amount > 500000 else 1000
        share = rng.choice((0.3, 0.5, 0.2, 0.7, rng.uniform(0.2, 0.8)))
        first = max(int(invoice.amount * share) // step, 1) * step
        if first >= invoice.amount:
            first = invoice.amount // 2
        alone = len(self.of_customer[invoice.customer]) == 1
        words = self.memos.part(invoice, customer, False)
        self._add("part", [(index, first)], words, matchable=words.named or alone)
        if left < 2 or rng.random() > 0.33:
            return 1
        words = self.memos.part(invoice, customer, True)
        self._add("part", [(index, invoice.amount - first)], words, after=25, matchable=words.named or alone)
        return 2

    def _make_same(self, count):
        """The same amount owed twice: by two customers who say who they are, who do not, or twice by one of them."""
        told, silent = count * 4 // 10, count * 3 // 10
        for number in range(0, told + silent, 2):
            first = self._take()
            invoice = self.invoices[first]
            second = self._take(
                lambda other: other.currency == invoice.currency and other.customer != invoice.customer  # noqa: B023
            )
            self.invoices[second].amount = invoice.amount
            for index in (first, second):
                says = number < told
                words = self.memos.name_only(self.invoices[index], self._customer(index)) if says else self.memos.silent(invoice.currency)
                self._add("same", self._full(index), words, matchable=says)
        for number in range(count - 2 * ((told + silent + 1) // 2)):
            self._pay_one_of_two(number % 2 == 0)

    def _pay_one_of_two(self, named):
        """A customer owes the same twice (a monthly fee) and pays one of them, mostly the older."""
        index = self._take(lambda invoice: len(self._get_open(invoice.customer)) > 1)
        twin = self.rng.choice([other for other in self._get_open(self.invoices[index].customer) if other != index])
        self.taken.add(twin)
        self.invoices[twin].amount = self.invoices[index].amount
        older, newer = sorted((index, twin))
        paid = older if self.rng.random() < 0.8 else newer
        customer = self._customer(paid)
        words = self.memos.numbered(self.invoices[paid], customer) if named else self.memos.name_only(self.invoices[paid], customer)
        self._add("same", self._full(paid), words, matchable=named)

    def _make_none(self, count):
        """Money that pays no open invoice; one in six has the amount of one by chance."""
        for _credit in range(count):
            customer = self.rng.choice(self.customers)
            currency = customer.currency
            memo, payer, account = self.memos.nobody(customer, len(self.orders) + self.rng.randint(1, 900))
            amount = self._make_amount(currency)
            if self.rng.random() < 0.17:
                amount = self.rng.choice([inv.amount for inv in self.invoices if inv.currency == currency])
                if payer == customer.name:
                    payer, account = self.memos.stranger()
            date = FIRST_DAY + datetime.timedelta(self.rng.randrange(20, DAYS + 60))
            self.credits.append(Credit("none", date, amount, currency, memo, payer, account))

    # -- judgement -----------------------------------------------------------------------------------------------------

    def _judge(self):
        """Take back ``matchable`` where nothing names the invoices and other ones of look-alikes fit as well."""
        amounts = defaultdict(set)
        for index, invoice in enumerate(self.invoices):
            amounts[self.customers[invoice.customer].kin, invoice.currency, invoice.amount].add(index)
        for credit in self.credits:
            if not credit.matchable or credit.named:
                continue
            if credit.kind in ("mangled", "name", "same"):
                customer = self._customer(credit.parts[0][0])
                credit.matchable = len(amounts[customer.kin, credit.currency, credit.amount]) == 1
            elif len(credit.parts) > 1:
                credit.matchable = self._is_only_sum(credit)

    def _is_only_sum(self, credit):
        """Whether no other set of as many or fewer of the customer's invoices has the same sum."""
        customer = self.invoices[credit.parts[0][0]].customer
        amounts = [self.invoices[index].amount for index in self.of_customer[customer]][:24]
        sums = 0
        for size in range(1, len(credit.parts) + 1):
            sums += sum(sum(some) == credit.amount for some in combinations(amounts, size))
            if sums > 1:
                return False
        return sums == 1

    def check(self):
        """:raise AssertionError: unless shares, sums and labels are what they should be"""
        kinds = Counter(credit.kind for credit in self.credits)
        expected = {kind: self.wanted * share // 100 for kind, share in SHARES.items()}
        if kinds != expected:
            raise AssertionError("shares: %s instead of %s" % (kinds, expected))
        paid = Counter()
        for credit in self.credits:
            owners = {self.invoices[index].customer for index, _part in credit.parts}
            total = sum(part for _index, part in credit.parts)
            if credit.parts and (len(owners) != 1 or total != credit.amount + credit.fee):
                raise AssertionError("truth of %s" % (credit,))
            if (credit.kind == "none") == bool(credit.parts) or credit.amount <= 0:
                raise AssertionError("kind of %s" % (credit,))
            paid.update(dict(credit.parts))
        over = [index for index, amount in paid.items() if amount > self.invoices[index].amount]
        if over or len({invoice.number for invoice in self.invoices}) != len(self.invoices):
            raise AssertionError("invoices paid twice: %s" % over[:5])

    @property
    def matchable(self):
        return sum(credit.matchable for credit in self.credits)

