# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from itertools import count

from odoo import api, fields, models

from ..tools.bulk import bulk_work
from ..tools.copied_rows import copy_rows, reserve_ids

#: Fewer lines are booked by Odoo's own create and post
FEW = 30
#: What a line may bring for the fast way; anything else takes Odoo's
_SIMPLE = {
    *("payment_ref", "amount", "date", "partner_id", "ref", "narration", "import_key"),
    *("account_number", "partner_name", "transaction_type"),
}


class AccountBankStatement(models.Model):
    """Statements of thousands of lines, posted in seconds.

    Odoo books the first line of each month; the others are copies of its rows with their own day, amount, number and
    texts: three INSERTs for all. What is stored is what Odoo stores line by line (compared column by column in a test).
    """

    _inherit = "account.bank.statement"

    @api.model
    def create_posted(self, journal, name, lines, **values):
        """Book a bank statement and post it, ready to be matched.

        :param journal: the bank's ``account.journal``
        :param lines: list of values of ``account.bank.statement.line``: ``payment_ref``, ``amount``, ``date`` and,
            if the bank names the payer, ``partner_id``
        :param values: further values of the statement
        :raise UserError: as Odoo does, e.g. for a day in a locked period; nothing is stored then
        """
        with bulk_work(self, always=True) as statements:
            statement = statements.create({"journal_id": journal.id, "name": name, **values})
            lines = [{**line, "date": fields.Date.to_date(line.get("date") or statement.date)} for line in lines]
            first, others = statement._split_for_copies(lines)
            patterns = statements.env["account.bank.statement.line"].create([dict(line, statement_id=statement.id) for line in first])
            statement.balance_end_real = statement.balance_end
            statement.button_post()
            if others and patterns._can_be_copied():
                patterns._copy_booked(others)
            elif others:
                statement._book_others(others)
            statement.balance_end_real = statement.balance_end
        return statement.with_env(self.env)

    def _split_for_copies(self, lines):
        """:return: (lines for Odoo to book, lines that can be copies of those)"""
        self.ensure_one()
        locked = self.company_id._get_user_fiscal_lock_date()
        if len(lines) <= FEW or any(not set(line) <= _SIMPLE or line["date"] <= locked for line in lines):
            return lines, []
        first, others, months = [], [], set()
        for line in sorted(lines, key=lambda line: line["date"]):
            month = line["date"].strftime("%Y-%m")
            (others if month in months else first).append(line)
            months.add(month)
        return first, others

    def _book_others(self, lines):
        """Odoo's own way for lines that came too late for the first posting."""
        self.write({"state": "open"})
        booked = self.env["account.bank.statement.line"].create([dict(line, statement_id=self.id) for line in lines])
        self.write({"state": "posted"})
        booked.move_id._post(soft=False)


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def _can_be_copied(self):
        """Whether entries such as these say the same but for day, amount, number, partner and texts."""
        moves, items = self.move_id, self.move_id.line_ids
        names = ("account.move", "account.move.line", self._name)
        return not (
            self.journal_id.restrict_mode_hash_table
            or items.analytic_account_id
            or items.analytic_tag_ids
            or items.tax_ids
            or moves.edi_document_ids
            or len(items) != 2 * len(self)
            or self.env["base.automation"].sudo().search_count([("model_id.model", "in", names)])
            or self.env["account.analytic.default"].sudo().search_count([("product_id", "=", False)])
        )

    def _copy_booked(self, lines):
        """Book lines as copies of ``self``, posted lines of one statement, one per month of ``lines``."""
        self.flush()
        of_month = {line.date.strftime("%Y-%m"): line for line in self}
        patterns = [of_month[line["date"].strftime("%Y-%m")] for line in lines]
        balances = self._in_company_currency(lines)
        ids, move_ids = reserve_ids(self, len(lines)), reserve_ids(self.move_id, len(lines))
        moves = self._prepare_move_columns(patterns, lines, balances)
        unlinked = {**moves, "id": move_ids, "statement_line_id": [None] * len(lines)}
        copy_rows(self.move_id, [line.move_id.id for line in patterns], unlinked)
        copy_rows(self, [line.id for line in patterns], {**self._prepare_line_columns(lines), "id": ids, "move_id": move_ids})
        self._copy_items(patterns, lines, balances, {"move_id": move_ids, "statement_line_id": ids, "move_name": moves["name"]})
        self.env.cr.execute(
            "UPDATE account_move SET statement_line_id = line.id FROM account_bank_statement_line line"
            " WHERE line.move_id = account_move.id AND line.id = ANY(%s)",
            [ids],
        )
        self.env.cache.invalidate()
        statement = self.statement_id
        for name in ("total_entry_encoding", "balance_end", "difference"):
            self.env.add_to_compute(statement._fields[name], statement)
        statement.recompute()

    def _in_company_currency(self, lines):
        """Amounts of the journal's currency at the rate of their day, as Odoo converts them."""
        currency, company = self.currency_id, self.company_id
        return [currency._convert(line["amount"], company.currency_id, company, line["date"]) for line in lines]

    @api.model
    def _prepare_move_columns(self, patterns, lines, balances):
        """{column: value per line} of the entries; numbers go on from the patterns'."""
        numbers = {}
        for line in self.sorted(lambda line: line.move_id.sequence_number):
            move = line.move_id
            numbers[move.sequence_prefix] = (*move._get_sequence_format_param(move.name), count(move.sequence_number + 1))
        prefixes = {line: line.move_id.sequence_prefix for line in self}
        columns = {"name": [], "sequence_number": []}
        for pattern in patterns:
            template, parts, counter = numbers[prefixes[pattern]]
            number = next(counter)
            columns["name"].append(template.format(**{**parts, "seq": number}))
            columns["sequence_number"].append(number)
        return {
            **columns,
            "date": [line["date"] for line in lines],
            "ref": [line.get("ref") or None for line in lines],
            "narration": [line.get("narration") or None for line in lines],
            "amount_total": [abs(line["amount"]) for line in lines],
            "amount_total_signed": [abs(balance) for balance in balances],
        }

    @api.model
    def _copy_items(self, patterns, lines, balances, links):
        """Both items of each entry: the bank's and its counterpart's, the same amounts with opposite signs."""
        Item = self.env["account.move.line"]
        items = {line: line._seek_for_lines()[:2] for line in self}
        for place, sign in ((0, 1), (1, -1)):
            open_items = {line: self._stays_open(found[place].account_id) for line, found in items.items()}
            amounts = [sign * line["amount"] for line in lines]
            values = [sign * balance for balance in balances]
            columns = {
                **links,
                "id": reserve_ids(Item, len(lines)),
                "date": [line["date"] for line in lines],
                "ref": [line.get("ref") or None for line in lines],
                "name": [line["payment_ref"] for line in lines],
                "partner_id": [line.get("partner_id") or None for line in lines],
                "debit": [max(value, 0.0) for value in values],
                "credit": [max(-value, 0.0) for value in values],
                "balance": values,
                "amount_currency": amounts,
                "amount_residual": [value if open_items[line] else 0.0 for line, value in zip(patterns, values)],
                "amount_residual_currency": [amount if open_items[line] else 0.0 for line, amount in zip(patterns, amounts)],
            }
            copy_rows(Item, [items[line][place].id for line in patterns], columns)

    @api.model
    def _stays_open(self, account):
        """Whether items on an account have an amount that is open until it is reconciled."""
        return account.reconcile or account.internal_type == "liquidity"

    @api.model
    def _prepare_line_columns(self, lines):
        columns = {"amount": [line["amount"] for line in lines], "amount_residual": [-line["amount"] for line in lines]}
        for name in ("payment_ref", "partner_id", "account_number", "partner_name", "transaction_type", "import_key"):
            columns[name] = [line.get(name) or None for line in lines]
        return columns

