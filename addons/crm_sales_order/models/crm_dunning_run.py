# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from itertools import groupby

from odoo import _, api, fields, models
from odoo.tools.misc import formatLang

from ..engine import dunning

#: Customers named in one message
NAMED = 5
#: Unpaid amounts that have come to the first level, with the levels that acted on them; not those on hold
ITEMS = """
    SELECT item.id, item.move_id, partner.commercial_partner_id AS partner_id,
           %(today)s - coalesce(item.date_maturity, item.date) AS days, coalesce(item.date_maturity, item.date) AS date_due,
           item.amount_residual AS own, item.amount_residual_currency AS amount,
           coalesce(item.currency_id, item.company_currency_id) AS currency_id, move.invoice_user_id AS user_id, move.team_id,
           (SELECT json_agg(json_build_array(past.level_id, past.level_days))
              FROM crm_dunning_notice_line AS past WHERE past.move_line_id = item.id) AS done
      FROM account_move_line AS item
      JOIN account_account AS account ON account.id = item.account_id AND account.internal_type = 'receivable'
      JOIN account_move AS move ON move.id = item.move_id AND move.move_type IN ('out_invoice', 'out_receipt')
      JOIN res_partner AS partner ON partner.id = item.partner_id
     WHERE item.company_id = %(company)s AND item.parent_state = 'posted' AND item.amount_residual > 0
       AND coalesce(item.date_maturity, item.date) <= %(today)s - %(first)s
       AND NOT EXISTS (
               SELECT FROM crm_dunning_hold AS hold
                WHERE hold.partner_id = partner.commercial_partner_id AND hold.company_id = item.company_id AND hold.active
                  AND (hold.invoice_id IS NULL OR hold.invoice_id = item.move_id)
                  AND (hold.date_until IS NULL OR hold.date_until >= %(today)s))
     ORDER BY partner.commercial_partner_id, date_due, item.id
"""
#: Money of customers that is not matched with anything yet, and credit notes
UNALLOCATED = """
    SELECT partner.commercial_partner_id, -sum(item.amount_residual)
      FROM account_move_line AS item
      JOIN account_account AS account ON account.id = item.account_id AND account.internal_type = 'receivable'
      JOIN res_partner AS partner ON partner.id = item.partner_id
     WHERE item.company_id = %(company)s AND item.parent_state = 'posted' AND item.amount_residual < 0
     GROUP BY 1
"""


class CrmDunningLevel(models.Model):
    """The daily run: each unpaid amount is moved to the highest level it has come to, once.

    All of a company's run is one transaction: what it writes down, the letters it queues and the messages it leaves come
    about together or, when the process dies, not at all. A level and an amount meet once (a unique constraint), so that two
    runs at the same time cannot both remind; the later one is turned down.
    """

    _inherit = "crm.dunning.level"

    @api.model
    def _cron_remind(self):
        for company in self.env["res.company"].sudo().search([]):
            self.sudo().with_company(company)._remind(company)

    @api.model
    def _remind(self, company):
        """Remind of what has come to a new level in ``company``.

        :return: the notices written, a customer and level each. Cost: a constant number of queries, and the letters
        """
        levels = self.search([("company_id", "in", (False, company.id))])
        if not levels:
            return self.env["crm.dunning.notice"]
        due = self._get_due(company, levels)
        customers = self.env["res.partner"].browse({partner_id for (partner_id, _level), _rows in due})
        recipients = customers._get_dunning_recipients()
        notices = self.env["crm.dunning.notice"].create(
            [self._prepare_notice(company, level, rows, recipients) for (_partner_id, level), rows in due]
        )
        self.env["crm.notification"]._notify_batch(self._prepare_messages(company, due))
        letters = notices.filtered(lambda notice: notice.state == "to_send")
        if company.dunning_auto_send:
            letters._send()
        return notices

    @api.model
    def _get_due(self, company, levels):
        """[((customer's id, level), [rows of :data:`ITEMS`])] of what is to be reminded of now."""
        self.env["account.move.line"].flush()
        self.env["crm.dunning.notice.line"].flush()
        self.env["crm.dunning.hold"].flush()
        today = fields.Date.context_today(self)
        params = {"company": company.id, "today": today, "first": min(levels.mapped("days"))}
        self.env.cr.execute(UNALLOCATED, params)
        unallocated = dict(self.env.cr.fetchall())
        self.env.cr.execute(ITEMS, params)
        rows = self.env.cr.dictfetchall()
        steps = {level.id: dunning.Level(level.id, level.days) for level in levels}
        due = defaultdict(list)
        for partner_id, items in groupby(rows, key=lambda row: row["partner_id"]):
            items = list(items)
            if sum(row["own"] for row in items) <= unallocated.get(partner_id, 0):
                continue  # the money is there, it only waits to be matched
            for row in items:
                done = [dunning.Level(*past) for past in row["done"] or ()]
                step = dunning.due_level(steps.values(), row["days"], done)
                level = self.browse(step.id) if step else None
                if level and row["own"] >= level.amount_from:
                    due[partner_id, level].append(row)
        return list(due.items())

    @api.model
    def _prepare_notice(self, company, level, rows, recipients):
        partner = self.env["res.partner"].browse(rows[0]["partner_id"])
        recipient = recipients[partner]
        state = "internal" if not level.template_id else "to_send" if recipient.email else "no_address"
        return {
            "partner_id": partner.id,
            "recipient_id": recipient.id,
            "level_id": level.id,
            "company_id": company.id,
            "date": fields.Date.context_today(self),
            "state": state,
            "amount": sum(row["own"] for row in rows),
            "line_ids": [(0, 0, self._prepare_line(level, row)) for row in rows],
        }

    @api.model
    def _prepare_line(self, level, row):
        return {
            "level_id": level.id,
            "level_days": level.days,
            "move_line_id": row["id"],
            "invoice_id": row["move_id"],
            "date_due": row["date_due"],
            "days_late": row["days"],
            "amount": row["amount"],
            "currency_id": row["currency_id"],
        }

    # -- who is told in the house --------------------------------------------------------------------------------------

    @api.model
    def _prepare_messages(self, company, due):
        """One message for each level and person, however many customers it is about."""
        told = defaultdict(lambda: defaultdict(float))
        for (partner_id, level), rows in due:
            for row in rows:
                for user in self._get_told(level, row):
                    told[level, user][partner_id] += row["own"]
        return [self._prepare_message(company, level, user, amounts) for (level, user), amounts in told.items()]

    @api.model
    def _get_told(self, level, row):
        rep = self.env["res.users"].browse(row["user_id"])
        leader = self.env["crm.team"].browse(row["team_id"]).user_id or rep.sale_team_id.user_id
        told = self.env["res.users"]
        if level.tell_rep:
            told |= rep
        if level.tell_leader:
            told |= leader
        return told

    @api.model
    def _prepare_message(self, company, level, user, amounts):
        """``amounts``: {customer's id: open amount}; the largest are named."""
        words = self.with_context(lang=user.lang)
        largest = sorted(amounts.items(), key=lambda pair: (-pair[1], pair[0]))
        lines = [
            "%s · %s" % (self.env["res.partner"].browse(partner_id).name, words._say_amount(amount, company))
            for partner_id, amount in largest[:NAMED]
        ]
        if len(largest) > NAMED:
            lines.append(words._say_more(len(largest) - NAMED))
        today = fields.Date.context_today(self)
        return {
            "users": user,
            "subject": words._say_subject(level, len(amounts), sum(amounts.values()), company),
            "body": "\n".join(lines),
            "record": self.env["res.partner"].browse(largest[0][0]) if len(amounts) == 1 else None,
            "key": "crm.dunning,%d,%d,%d,%s" % (company.id, level.id, user.id, today),
        }

    @api.model
    def _say_subject(self, level, customers, amount, company):
        return _(
            "%(level)s: %(customers)d customers, %(amount)s",
            level=level.with_context(lang=self.env.lang).name,
            customers=customers,
            amount=self._say_amount(amount, company),
        )

    @api.model
    def _say_more(self, number):
        return _("and %(number)d more", number=number)

    @api.model
    def _say_amount(self, amount, company):
        return formatLang(self.env, amount, currency_obj=company.currency_id)
