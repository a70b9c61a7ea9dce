# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.addons.base.models.res_bank import sanitize_account_number
from psycopg2 import IntegrityError


class AccountBankStatementLine(models.Model):
    """Whose payment it is, once it is booked; and whose bank account it came from, for the next time."""

    _inherit = "account.bank.statement.line"

    def _set_customers(self, customers):
        """Put customers on lines, their entries and items, unless the line names a contact of theirs.

        What Odoo writes when ``partner_id`` of a line is set; a statement for all lines.

        :param customers: {line id: partner id}
        """
        self.env.cr.execute(
            """
            WITH chosen AS (
                     SELECT line.id, line.move_id,
                            CASE WHEN partner.commercial_partner_id = choice.partner_id THEN partner.id ELSE choice.partner_id
                                 END AS partner_id
                       FROM unnest(%(lines)s, %(partners)s) AS choice(line_id, partner_id)
                       JOIN account_bank_statement_line AS line ON line.id = choice.line_id
                       LEFT JOIN res_partner AS partner ON partner.id = line.partner_id),
                 lines AS (
                     UPDATE account_bank_statement_line AS line
                        SET partner_id = chosen.partner_id
                       FROM chosen
                      WHERE line.id = chosen.id AND line.partner_id IS DISTINCT FROM chosen.partner_id),
                 items AS (
                     UPDATE account_move_line AS item
                        SET partner_id = chosen.partner_id
                       FROM chosen
                      WHERE item.move_id = chosen.move_id AND item.partner_id IS DISTINCT FROM chosen.partner_id)
            UPDATE account_move AS move
               SET partner_id = chosen.partner_id
              FROM chosen
             WHERE move.id = chosen.move_id AND move.partner_id IS DISTINCT FROM chosen.partner_id
            RETURNING move.id
            """,
            {"lines": list(customers), "partners": list(customers.values())},
        )
        moves = self.env["account.move"].browse([move_id for (move_id,) in self.env.cr.fetchall()])
        if moves:
            self.invalidate_cache()
            moves.modified(["partner_id"])
            moves.statement_line_id.modified(["partner_id"])
            moves.line_ids.modified(["partner_id"])
        self._remember_accounts()

    def _remember_accounts(self):
        """Link the payers' bank accounts as Odoo does, and make those not known yet their customers'.

        Numbers a bank has masked say nothing and are left.
        """
        self.env.cr.execute(
            """
            SELECT move.id, line.account_number, move.company_id, line.partner_id
              FROM account_bank_statement_line AS line
              JOIN account_move AS move ON move.id = line.move_id AND move.partner_bank_id IS NULL
             WHERE line.id = ANY(%s) AND line.account_number <> '' AND line.account_number NOT LIKE '%%*%%'
             ORDER BY line.id
            """,
            [self.ids],
        )
        payers = {}
        for move_id, number, company_id, partner_id in self.env.cr.fetchall():
            payers[move_id] = (company_id, sanitize_account_number(number)), (number, partner_id)
        accounts = self._get_bank_accounts(dict(payers.values()))
        linked = [(move_id, accounts[key].id) for move_id, (key, _payer) in payers.items() if key in accounts]
        if linked:
            self.env.cr.execute(
                """
                UPDATE account_move SET partner_bank_id = linked.bank_id FROM unnest(%s, %s) AS linked(move_id, bank_id)
                 WHERE account_move.id = linked.move_id
                """,
                [list(column) for column in zip(*linked)],
            )
            self.env["account.move"].invalidate_cache(["partner_bank_id"], [move_id for move_id, _bank in linked])

    @api.model
    def _get_bank_accounts(self, payers):
        """Bank accounts, made for their payers where there are none.

        :param payers: {(company id, number without separators): (number, partner id)}
        :returns: {key: res.partner.bank}
        """
        Account = self.env["res.partner.bank"].sudo()
        domain = [("company_id", "in", [company for company, _number in payers]), ("acc_number", "in", [key[1] for key in payers])]
        accounts = {(account.company_id.id, account.sanitized_acc_number): account for account in Account.search(domain)}
        missing = {key: payer for key, payer in payers.items() if key not in accounts and key[1]}
        try:
            with self.env.cr.savepoint():
                made = Account.create(
                    [
                        {"acc_number": number, "partner_id": partner_id, "company_id": company_id}
                        for (company_id, _key), (number, partner_id) in missing.items()
                    ]
                )
        except IntegrityError:  # another run has just made one of them; the next payment from it finds it
            return accounts
        return {**accounts, **dict(zip(missing, made))}
