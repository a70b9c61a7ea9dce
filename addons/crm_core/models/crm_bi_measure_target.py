# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import models
from odoo.osv import expression

from .crm_bi_measure import DIMENSIONS, MONTH

#: What a figure of a target is told apart by, besides the month
CELL_DIMENSIONS = ("user", "team", "product")


class CrmBiMeasure(models.Model):
    """What targets ask of a measure: its figure per person, team, product and month, all of it at once."""

    _inherit = "crm.bi.measure"

    def _get_cells(self, date_from, date_to, by, domain, company):
        """``{(user id, team id, product id, "YYYY-MM"): value}`` of the records the current user may read.

        :param date_from: first day, a month's first
        :param date_to: last day, a month's last
        :param by: those of :data:`CELL_DIMENSIONS` to tell apart; the others are False in the keys, as is one that the
            measure does not have
        :param domain: further limit
        :param company: records of this company, and of none; amounts are in its currency

        Cost: one ``read_group``.
        """
        self.ensure_one()
        self._check_readable()
        measure = self.with_context(allowed_company_ids=company.ids)
        records = measure.env[self.model_name].with_context(tz=self._get_timezone().zone)
        if records._fields.get("company_id") and records._fields["company_id"].store:
            domain = expression.AND([domain, [("company_id", "in", [company.id, False])]])
        names = {key: self[DIMENSIONS[key]] for key in CELL_DIMENSIONS if key in by and self[DIMENSIONS[key]]}
        currency, month = measure._get_currency_field(), measure._get_group_spec(MONTH)
        groups = records.read_group(
            expression.AND([measure._get_domain(date_from, date_to), domain]),
            [f"{self.value_field}:sum"] if self.kind == "sum" else ["__count"],
            [*names.values(), month, *([currency] if currency else [])],
            lazy=False,
        )
        rates = measure._get_rates(groups, currency, date_to)
        cells = defaultdict(float)
        for group in groups:
            key = [group[names[part]][0] if part in names and group[names[part]] else False for part in CELL_DIMENSIONS]
            amount = group["__count"] if self.kind == "count" else group[self.value_field] or 0.0
            owner = currency and group[currency]
            cells[(*key, measure._get_group_key(group, month, MONTH)[0])] += amount * rates[owner[0]] if owner else amount
        return dict(cells)
