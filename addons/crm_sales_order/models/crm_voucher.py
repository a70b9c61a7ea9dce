# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..engine.voucher import number, period


class CrmVoucher(models.Model):
    """The one voucher an entry of the books became in the other program."""

    _name = "crm.voucher"
    _description = "Voucher"
    _order = "period desc, number desc"

    name = fields.Char("Voucher", required=True, readonly=True)
    export_id = fields.Many2one("crm.voucher.export", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    move_id = fields.Many2one("account.move", "Entry", required=True, readonly=True, ondelete="restrict")
    date = fields.Date(related="move_id.date")
    period = fields.Char(required=True, readonly=True)
    number = fields.Integer(required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    _sql_constraints = [
        ("move_uniq", "UNIQUE (move_id)", "This entry is exported already."),
        ("number_uniq", "UNIQUE (company_id, period, number)", "This number of a voucher is used already."),
    ]

    @api.model
    def _number(self, moves):
        """Voucher of each move, without gaps per company and period.

        :param moves: account.move of one company
        :return: {move id: (period, number)}
        """
        days = {move.id: move.date for move in moves}
        counts = {}
        for day in days.values():
            counts[period(day)] = counts.get(period(day), 0) + 1
        last = self.env["crm.voucher.counter"]._take(moves.company_id, counts)
        return number(days.items(), last)


class CrmVoucherCounter(models.Model):
    """The last number of a company's period: written by whoever numbers vouchers, before they look.

    Of two who export at once the later one gets a serialization error and is started again; a failed export takes its
    numbers back with it, so there are no gaps.
    """

    _name = "crm.voucher.counter"
    _description = "Last Voucher Number"
    _log_access = False
    _rec_name = "period"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    period = fields.Char(required=True)
    last = fields.Integer("Last Number", required=True, default=0)

    _sql_constraints = [("period_uniq", "UNIQUE (company_id, period)", "A period has one counter.")]

    @api.model
    def _take(self, company, counts):
        """Take the next numbers of each period.

        :param counts: {period: how many}
        :return: {period: the last number used before}
        """
        last = {}
        for name, count in sorted(counts.items()):
            self.env.cr.execute(
                """
                INSERT INTO crm_voucher_counter AS counter (company_id, period, last) VALUES (%s, %s, %s)
                ON CONFLICT (company_id, period) DO UPDATE SET last = counter.last + excluded.last
                  RETURNING last
                """,
                [company.id, name, count],
            )
            last[name] = self.env.cr.fetchone()[0] - count
        return last
