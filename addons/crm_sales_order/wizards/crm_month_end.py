# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta
from odoo import _, api, fields, models
from odoo.exceptions import AccessError


class CrmMonthEnd(models.TransientModel):
    """One page for finance at the end of a month: what is open, what is expected, what differs and why, what is left to do.

    A record is one print of it; the page itself asks :meth:`get_page`. Figures are of one company, in its currency, at the end
    of a day; on a day gone by the ledger as it is known now. Cost: one aggregate a section, whatever is open.
    """

    _name = "crm.month.end"
    _inherit = "crm.paper"
    _description = "Month End"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date = fields.Date(required=True, default=fields.Date.context_today)
    book = fields.Binary("Spreadsheet", compute="_compute_book")

    # -- doors ------------------------------------------------------------------------------------------------------

    @api.model
    def get_page(self, date=None):
        """What the page draws.

        :param date: day as text, today when empty
        :return: dict with ``date``, ``today``, ``month_ends`` (days to choose from), ``company``, ``currency`` and ``sections``
            (see :meth:`_get_sections`)
        """
        today = fields.Date.context_today(self)
        page = self.new({"date": fields.Date.to_date(date) or today, "company_id": self.env.company.id})
        sections = page._get_sections()
        currency = page.company_id.currency_id
        return {
            "date": fields.Date.to_string(page.date),
            "today": fields.Date.to_string(today),
            "month_ends": [fields.Date.to_string(today - relativedelta(months=number, day=31)) for number in range(1, 4)],
            "company": page.company_id.name,
            "currency": {"symbol": currency.symbol, "position": currency.position, "decimals": currency.decimal_places},
            "sections": sections,
        }

    def action_print(self):
        return self.env.ref("crm_sales_order.action_report_month_end").report_action(self)

    def action_book(self):
        name = "%s.xlsx" % self._get_file_name()
        url = "/web/content/%s/%d/book/%s?download=true" % (self._name, self.id, name)
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def _check_reader(self):
        user = self.env.user
        if not (self.env.su or user.has_group("crm_sales_order.group_finance") or user.has_group("crm_core.group_executive")):
            raise AccessError(_("The month end is for finance and the management."))
        self.company_id._origin.check_access_rule("read")

    # -- sections ---------------------------------------------------------------------------------------------------

    def _get_sections(self):
        """The parts of the page, in their order.

        :return: list of dicts: ``key``, ``title``, ``note``, ``bars`` (whether amounts are drawn), ``rows`` and ``total``. A row,
            and a total, has ``label``, ``amount`` or None, ``count`` or None, ``status`` (a status colour) or None, ``apart`` (not
            part of the total), and ``action`` or None
        """
        self._check_reader()
        folded = self._get_ageing()
        return [
            self._get_ageing_section(folded),
            self._get_expected_section(folded),
            self._get_movement_section(folded),
            self._get_difference_section(),
            self._get_todo_section(),
        ]

    # -- pieces -----------------------------------------------------------------------------------------------------

    def _section(self, key, title, rows, total, note="", bars=False):
        rows = [dict({"apart": False}, **row) for row in rows]
        return {"key": key, "title": title, "note": note, "bars": bars, "rows": rows, "total": total}

    def _row(self, label, figure, domain, status=None):
        """A row of open receivables; coloured when there are any."""
        domain = [("company_id", "=", self.company_id._origin.id), *domain]
        return {
            "label": label,
            "amount": self._from_cents(figure.amount),
            "count": figure.count,
            "status": (status if figure.amount else None) or None,
            "action": self._get_action("crm.receivable.item", domain, label),
        }

    def _get_action(self, model, domain, name):
        views = [(False, "list"), (False, "form")]
        if model == "account.bank.statement.line":
            views[0] = (self.env.ref("crm_sales_order.account_bank_statement_line_view_tree_open").id, "list")
        context = {"receivable_date": fields.Date.to_string(self.date)} if model == "crm.receivable.item" else {}
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": views,
            "domain": domain,
            "context": dict(context, create=False),
        }

    def _get_labels(self, model, field):
        return dict(self.env[model]._fields[field]._description_selection(self.env))

    def _from_cents(self, cents):
        currency = self.company_id.currency_id
        return currency.round(cents * currency.rounding)
