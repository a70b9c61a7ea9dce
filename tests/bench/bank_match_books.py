# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The labelled set in a database: customers, contracts, orders and posted invoices, as the ORM would have written them.

One order and one invoice per currency are made, confirmed and posted by the ORM; the others are copies of their rows with
values of their own, 6,000 in seconds. What the copies say is compared with what the ORM computes, on a sample.
"""

import datetime
import random
from collections import defaultdict

from odoo import fields
from psycopg2 import sql
from psycopg2.extras import execute_values

#: USD per CNY from that day on
RATES = {"2025-01-01": 0.139, "2026-03-01": 0.142, "2026-06-01": 0.14}
SAMPLE = 25


class Books:
    """``data`` (a LabelledSet) in the database of ``env``; ``items``: receivable item of each invoice, in their order."""

    def __init__(self, env, data, suite):
        self.env = env(context=dict(env.context, tracking_disable=True, mail_notrack=True, no_reset_password=True))
        self.data, self.suite, self.cr = data, suite, env.cr
        self.company = env.company
        self.rates = {}
        self._set_up()
        self._add_customers()
        self.items = [None] * len(data.invoices)
        for currency in self.currencies.values():
            self._copy_invoices(currency)
        self._check()
        self.cr.commit()
        self.cr._cnx.autocommit = True
        self.cr.execute("VACUUM ANALYZE")
        self.cr._cnx.autocommit = False
        self.env.cache.invalidate()

    def _set_up(self):
        env = self.env
        self.currencies = {"CNY": self.company.currency_id, "USD": env.ref("base.USD")}
        env.user.groups_id += env.ref("account.group_account_manager") + env.ref("account.group_account_user")
        if self.company.currency_id.name != "CNY":
            raise AssertionError("the company keeps its books in %s" % self.company.currency_id.name)
        self.currencies["USD"].active = True
        env["res.currency.rate"].search([("currency_id", "=", self.currencies["USD"].id)]).unlink()
        env["res.currency.rate"].create([
            {"currency_id": self.currencies["USD"].id, "name": day, "rate": rate, "company_id": self.company.id}
            for day, rate in RATES.items()
        ])  # fmt: skip
        banks = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1)
        dollars = env["account.journal"].create(
            {"name": "Bank USD", "code": "BKUSD", "type": "bank", "currency_id": self.currencies["USD"].id}
        )
        self.journals = {"CNY": banks, "USD": dollars}
        self.product = env["product.product"].create(
            {"name": "Goods", "type": "service", "invoice_policy": "order", "taxes_id": [(5, 0, 0)], "list_price": 1000.0}
        )

    def _add_customers(self):
        data = self.data
        self.partners = self.env["res.partner"].create(
            [{"name": customer.name, "is_company": True, "customer_rank": 1} for customer in data.customers]
        )
        self.env["res.partner.bank"].create([
            {"acc_number": customer.account, "partner_id": partner.id}
            for customer, partner in zip(data.customers, self.partners) if customer.known
        ])  # fmt: skip

    # -- templates and copies ------------------------------------------------------------------------------------------

    def _make_template(self, currency):
        """A confirmed order with its posted invoice, made by the ORM."""
        pricelist = self.env["product.pricelist"].create({"name": currency.name, "currency_id": currency.id})
        partner = self.env["res.partner"].create({"name": "Template", "is_company": True})
        order = self.env["sale.order"].create({
            "partner_id": partner.id, "pricelist_id": pricelist.id,
            "order_line": [(0, 0, {"product_id": self.product.id, "price_unit": 1000.0})],
        })  # fmt: skip
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.invoice_date = self.data.invoices[0].date
        invoice.action_post()
        self.env["base"].flush()
        return order, invoice

    def _copy_invoices(self, currency):
        """All invoices in ``currency``, their orders and contracts."""
        order, invoice = self._make_template(currency)
        indexes = [index for index, one in enumerate(self.data.invoices) if one.currency == currency.name]
        order_ids = self._copy_orders(order, indexes)
        line_ids = self._copy_order_lines(order, indexes, order_ids)
        move_ids = self._copy(invoice, [self._get_move(self.data.invoices[index], currency) for index in indexes])
        item = invoice.line_ids.filtered(lambda line: line.account_internal_type == "receivable")
        items, incomes = [], []
        for index, move_id in zip(indexes, move_ids):
            one = self.data.invoices[index]
            items.append(self._get_item(one, currency, move_id, 1))
            incomes.append(self._get_item(one, currency, move_id, -1))
        for index, item_id in zip(indexes, self._copy(item, items)):
            self.items[index] = item_id
        income_ids = self._copy(invoice.invoice_line_ids, incomes)
        links = [(line_id, income_id) for line_id, income_id in zip(line_ids, income_ids) if line_id]
        execute_values(self.cr._obj, "INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id) VALUES %s", links)
        self._forget(order, invoice)

    def _copy(self, template, rows):
        """Copies of the row of ``template`` with these values; returns their ids."""
        self.cr.execute(sql.SQL("SELECT * FROM {} WHERE id = %s").format(sql.Identifier(template._table)), [template.id])
        names = [column.name for column in self.cr.description]
        model = dict(zip(names, self.cr.fetchone()))
        del model["id"]
        unknown = {name for row in rows for name in row} - set(names)
        if unknown:
            raise AssertionError("no columns %s in %s" % (unknown, template._table))
        query = sql.SQL("INSERT INTO {} ({}) VALUES %s RETURNING id").format(
            sql.Identifier(template._table), sql.SQL(", ").join(map(sql.Identifier, model))
        )
        values = [tuple({**model, **row}.values()) for row in rows]
        return [row_id for (row_id,) in execute_values(self.cr._obj, query, values, page_size=500, fetch=True)]

    def _forget(self, order, invoice):
        """The templates are no part of the set."""
        self.env.cache.invalidate()
        self.cr.execute("DELETE FROM account_move WHERE id = %s", [invoice.id])
        self.cr.execute("DELETE FROM sale_order WHERE id = %s", [order.id])

    def _copy_orders(self, template, indexes):
        """{number: id} of the orders of these invoices."""
        billed = defaultdict(list)
        for index in indexes:
            if self.data.invoices[index].order:
                billed[self.data.invoices[index].order].append(self.data.invoices[index])
        contracts = self._copy_contracts([invoices[0] for invoices in billed.values()], template.currency_id)
        rows = []
        for number, invoices in billed.items():
            partner, total = self.partners[invoices[0].customer], sum(invoice.amount for invoice in invoices) / 100
            row = {
                "name": number, "partner_id": partner.id, "partner_invoice_id": partner.id, "partner_shipping_id": partner.id,
                "amount_untaxed": total, "amount_total": total, "date_order": self._get_noon(invoices[0].date),
                "client_order_ref": invoices[0].purchase or None, "access_token": None,
            }  # fmt: skip
            if self.suite:
                row.update(amount_billed=total, amount_open=total, contract_id=contracts.get(invoices[0].contract))
            rows.append(row)
        return dict(zip(billed, self._copy(template, rows)))

    def _get_noon(self, date):
        return datetime.datetime.combine(date, datetime.time(4))

    def _copy_contracts(self, invoices, currency):
        """{number: id} of the contracts these orders stand under; the peers' databases know none."""
        named = [invoice for invoice in invoices if invoice.contract and self.suite]
        if not named:
            return {}
        template = self.env["crm.contract"].create(
            {"title": "Supply", "partner_id": self.partners[0].id, "currency_id": currency.id}
        )
        self.env["base"].flush()
        rows = []
        for invoice in named:
            partner = self.partners[invoice.customer]
            values = {"name": invoice.contract, "partner_id": partner.id, "commercial_partner_id": partner.id}
            rows.append({**values, "state": "executing", "access_token": None})
        ids = self._copy(template, rows)
        template.unlink()
        return dict(zip([invoice.contract for invoice in named], ids))

    def _copy_order_lines(self, template, indexes, order_ids):
        """One line for each invoice; None where an invoice has no order."""
        rows, places = [], []
        for index in indexes:
            invoice = self.data.invoices[index]
            if invoice.order:
                amount = invoice.amount / 100
                places.append(index)
                prices = ("price_unit", "price_subtotal", "price_total", "price_reduce", "price_reduce_taxinc")
                prices += ("price_reduce_taxexcl", "untaxed_amount_invoiced")
                row = {name: amount for name in prices}
                rows.append({**row, "order_id": order_ids[invoice.order], "order_partner_id": self.partners[invoice.customer].id})
        found = dict(zip(places, self._copy(template.order_line, rows)))
        return [found.get(index) for index in indexes]

    # -- values --------------------------------------------------------------------------------------------------------

    def _to_company(self, amount, currency, date):
        """Minor units of ``currency`` in units of the books."""
        if currency == self.company.currency_id:
            return amount / 100
        if date not in self.rates:
            self.rates[date] = currency._get_conversion_rate(currency, self.company.currency_id, self.company, date)
        return self.company.currency_id.round(amount / 100 * self.rates[date])

    def _get_move(self, invoice, currency):
        partner_id = self.partners[invoice.customer].id
        amount, own = invoice.amount / 100, self._to_company(invoice.amount, currency, invoice.date)
        prefix, _slash, number = invoice.number.rpartition("/")
        row = {name: amount for name in ("amount_untaxed", "amount_total", "amount_residual")}
        row.update({name + "_signed": own for name in row})
        row.update({
            "name": invoice.number, "payment_reference": invoice.number, "sequence_prefix": prefix + "/", "sequence_number": int(number),
            "partner_id": partner_id, "commercial_partner_id": partner_id, "partner_shipping_id": partner_id,
            "invoice_date": invoice.date, "date": invoice.date, "invoice_date_due": invoice.due,
            "invoice_origin": invoice.order or None, "ref": invoice.purchase or None, "access_token": None,
            "invoice_partner_display_name": self.data.customers[invoice.customer].name,
        })  # fmt: skip
        return row

    def _get_item(self, invoice, currency, move_id, sign):
        """Receivable (``sign`` 1) or income (-1) of an invoice."""
        amount, own = sign * invoice.amount / 100, sign * self._to_company(invoice.amount, currency, invoice.date)
        row = {
            "move_id": move_id, "move_name": invoice.number, "partner_id": self.partners[invoice.customer].id, "date": invoice.date,
            "ref": invoice.purchase or None, "debit": max(own, 0), "credit": max(-own, 0), "balance": own, "amount_currency": amount,
            "price_unit": -amount, "price_subtotal": -amount, "price_total": -amount,
        }  # fmt: skip
        if sign > 0:
            row.update(amount_residual=own, amount_residual_currency=amount, date_maturity=invoice.due, name=invoice.number)
        return row

    # -- check ---------------------------------------------------------------------------------------------------------

    def _check(self):
        """:raise AssertionError: where the stored values are not those the ORM computes"""
        self.env.cache.invalidate()
        chosen = random.Random(len(self.items)).sample(range(len(self.items)), min(SAMPLE, len(self.items)))
        items = self.env["account.move.line"].browse([self.items[index] for index in chosen])
        moves = items.move_id
        orders = moves.invoice_line_ids.sale_line_ids.order_id
        wanted = {
            items: ("amount_residual", "amount_residual_currency", "reconciled"),
            moves: ("amount_total", "amount_residual", "amount_residual_signed", "amount_total_signed", "payment_state"),
            orders: ("amount_total", "invoice_status", *(("amount_open", "payment_status", "amount_billed") if self.suite else ())),
        }
        for records, names in wanted.items():
            before = records.read(names)
            for name in names:
                self.env.add_to_compute(records._fields[name], records)
            records.recompute()
            after = records.read(names)
            if before != after:
                raise AssertionError("copies differ: %s" % [pair for pair in zip(before, after) if pair[0] != pair[1]][:3])
        for index, item in zip(chosen, items):
            invoice = self.data.invoices[index]
            if (item.move_name, round(100 * item.amount_residual_currency)) != (invoice.number, invoice.amount):
                raise AssertionError("%s is not %s" % (item.move_name, invoice))
        moves._check_balanced()

    def get_statement_lines(self, credits):
        """{journal: values of its statement lines} of these credits, as an import hands them over.

        They are numbered in their order: the suite's by the key its import gives a line, others by their place.
        """
        lines = defaultdict(list)
        for number, credit in enumerate(credits):
            lines[self.journals[credit.currency]].append({
                **({"import_key": "bench,%d" % number} if self.suite else {"sequence": number}),
                "date": fields.Date.to_string(credit.date), "payment_ref": credit.memo or "-", "amount": credit.amount / 100,
                "partner_name": credit.payer or False, "account_number": credit.account or False,
            })  # fmt: skip
        return lines
