# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

import pytz
from dateutil.relativedelta import relativedelta
from odoo import _, api, fields, models
from odoo.exceptions import AccessError
from odoo.osv import expression
from odoo.tools.safe_eval import safe_eval

from ..engine.local_day import day_start, local_day
from ..exceptions import CrmUserError, CrmValidationError

#: What a measure can be split by, besides the month: key → field of the measure that names the field of its model.
DIMENSIONS = {
    "team": "team_field",
    "user": "user_field",
    "product": "product_field",
    "partner": "partner_field",
    "stage": "stage_field",
    "source": "source_field",
}
MONTH = "month"


class MeasureDefinitionError(CrmValidationError):
    """A measure names a model, field or domain that does not exist."""


class MeasureQueryError(CrmUserError):
    """A measure was asked for something it cannot answer."""


class CrmBiMeasure(models.Model):
    """One definition per figure. Every addon brings its own as data (``bi/measures.xml``); cockpit, reports and
    tests read them through :meth:`compute`, so that a figure means the same wherever it is shown."""

    _name = "crm.bi.measure"
    _description = "Measure"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="Unique technical name, such as won_value.")
    description = fields.Text(string="Purpose", translate=True)
    formula = fields.Char(translate=True, help="How the figure is computed, in words.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    on_cockpit = fields.Boolean(string="On the Cockpit", default=True, help="Shown as a card; else only in ratios.")
    group_ids = fields.Many2many("res.groups", string="Shown to", help="Empty: everybody who may read the records.")
    unit = fields.Selection(
        [("count", "Number"), ("money", "Money"), ("percent", "Percent"), ("days", "Days")],
        required=True,
        default="count",
    )
    direction = fields.Selection(
        [("up", "Higher is better"), ("down", "Lower is better"), ("none", "Neutral")], required=True, default="up"
    )
    kind = fields.Selection(
        [("count", "Number of records"), ("sum", "Sum of a field"), ("ratio", "Ratio of two measures")],
        required=True,
        default="count",
    )
    numerator_id = fields.Many2one("crm.bi.measure", ondelete="cascade")
    denominator_id = fields.Many2one("crm.bi.measure", ondelete="cascade")
    model_name = fields.Char(string="Model", help="Technical name of the model, such as crm.lead.")
    domain = fields.Char(default="[]", help="Which records count. May use uid, and today for dates.")
    value_field = fields.Char(help="The field that is summed.")
    date_field = fields.Char(help="The date a record counts for. Empty: the figure is the state of this moment.")
    team_field = fields.Char(string="Team")
    user_field = fields.Char(string="Salesperson")
    product_field = fields.Char(string="Product")
    partner_field = fields.Char(string="Customer or Vendor")
    stage_field = fields.Char(string="Stage")
    source_field = fields.Char(string="Source")
    action_id = fields.Many2one("ir.actions.act_window", help="Its views show the records behind the figure.")

    _sql_constraints = [("code_unique", "unique (code)", "There is already a measure with this code.")]

    # ------------------------------------------------------------------ definition

    @api.constrains(
        "kind", "unit", "numerator_id", "denominator_id", "model_name", "domain", "value_field", "date_field",
        "team_field", "user_field", "product_field", "partner_field", "stage_field", "source_field",
    )  # fmt: skip
    def _check_definition(self):
        for measure in self:
            if measure.kind == "ratio":
                measure._check_ratio()
            else:
                measure._check_model()
                measure._check_fields()
                measure._check_domain()

    def _check_ratio(self):
        parts = self.numerator_id | self.denominator_id
        if not (self.numerator_id and self.denominator_id) or "ratio" in parts.mapped("kind"):
            raise MeasureDefinitionError(
                _("Measure %(code)s is a ratio: choose two measures that are not ratios themselves.", code=self.code)
            )

    def _check_model(self):
        if self.model_name not in self.env or self.env[self.model_name]._abstract:
            raise MeasureDefinitionError(
                _("Measure %(code)s: there is no model %(model)s. Install the addon that brings it, or correct the "
                  "name.", code=self.code, model=self.model_name)
            )  # fmt: skip

    def _check_fields(self):
        if self.kind == "sum" and not self.value_field:
            raise MeasureDefinitionError(_("Measure %(code)s: name the field to sum.", code=self.code))
        self._check_field("value_field", ("integer", "float", "monetary"))
        self._check_field("date_field", ("date", "datetime"))
        for attribute in DIMENSIONS.values():
            self._check_field(attribute, ("many2one",))

    def _check_field(self, attribute, types):
        if not self[attribute]:
            return
        field = self.env[self.model_name]._fields.get(self[attribute])
        if not field or not field.base_field.store or field.type not in types:
            raise MeasureDefinitionError(
                _("Measure %(code)s: %(field)s must be a stored field of %(model)s, of type %(types)s.",
                  code=self.code, field=self[attribute], model=self.model_name, types=", ".join(types))
            )  # fmt: skip

    def _check_domain(self):
        try:
            expression.expression(self._eval_domain(), self.env[self.model_name].sudo())
        except Exception as error:  # whatever a wrong literal or domain raises, the reader needs the measure's name
            raise MeasureDefinitionError(
                _("Measure %(code)s: the domain cannot be used: %(error)s", code=self.code, error=error)
            ) from error

    # ------------------------------------------------------------------ who sees it

    def _get_readable(self):
        """The measures among ``self`` whose records the current user may read. No query beyond the cached rights."""
        return self.filtered(lambda measure: measure._is_readable())

    def _is_readable(self):
        try:
            self._check_readable()
        except AccessError:
            return False
        return True

    def _check_readable(self):
        """``read_group`` checks the model and its rules, but not the ``groups`` of fields: do it here."""
        if self.kind == "ratio":
            for part in self.numerator_id | self.denominator_id:
                part._check_readable()
            return
        if self.model_name not in self.env:  # a measure made by hand on an addon that has gone since
            raise AccessError(_("Measure %(name)s: its records are not installed any more.", name=self.name))
        names = [self.value_field, self.date_field] + [self[attribute] for attribute in DIMENSIONS.values()]
        records = self.env[self.model_name]
        records.check_access_rights("read")
        records.check_field_access_rights("read", [name for name in names if name] or ["id"])

    def _get_dimensions(self):
        """Keys the measure can be grouped by, apart from the month."""
        self.ensure_one()
        source = self.numerator_id if self.kind == "ratio" else self
        dimensions = [key for key, attribute in DIMENSIONS.items() if source[attribute]]
        if self.kind == "ratio":
            return [key for key in dimensions if self.denominator_id[DIMENSIONS[key]]]
        return dimensions

    # ------------------------------------------------------------------ the figure

    def compute(self, date_from=None, date_to=None, group_by=None):
        """The figure as the current user may see it: record rules apply, nothing is read as superuser.

        :param date_from: first day counted, date or ISO string; empty for no limit
        :param date_to: last day counted (whole day, in the user's time zone); empty for no limit
        :param group_by: ``month`` or one of :data:`DIMENSIONS`
        :return: a number, or with ``group_by`` a list of dicts ``key`` (``YYYY-MM``, a record id or False),
            ``label``, ``value`` and ``count``, in the order of the groups. Money is in the currency of the user's
            company, other currencies converted at the rate of ``date_to``. A ratio is a fraction (0.25), and False
            where there is nothing to divide by.
        :raise AccessError: when the user may not read the records
        :raise MeasureQueryError: when the measure has no such group

        Cost: one ``read_group`` (two for a ratio).
        """
        self.ensure_one()
        self._check_readable()
        if self.kind == "ratio":
            return self._compute_ratio(date_from, date_to, group_by)
        groups = self._read_groups(date_from, date_to, group_by)
        if group_by:
            return groups
        return groups[0]["value"] if groups else 0

    def _compute_ratio(self, date_from, date_to, group_by):
        numerator = self.numerator_id.compute(date_from, date_to, group_by)
        denominator = self.denominator_id.compute(date_from, date_to, group_by)
        return self._divide(numerator, denominator)

    @api.model
    def _divide(self, numerator, denominator):
        """Divide two numbers, or two lists of groups group by group."""
        if not isinstance(denominator, list):
            return numerator / denominator if denominator else False
        values = {group["key"]: group["value"] for group in numerator}
        return [dict(group, value=self._divide(values.get(group["key"], 0), group["value"])) for group in denominator]

    def _read_groups(self, date_from, date_to, group_by):
        records = self.env[self.model_name].with_context(tz=self._get_timezone().zone)
        spec = self._get_group_spec(group_by) if group_by else None
        currency_field = self._get_currency_field()
        rows = records.read_group(
            self._get_domain(date_from, date_to),
            [f"{self.value_field}:sum"] if self.kind == "sum" else ["__count"],
            [name for name in (spec, currency_field) if name],
            lazy=False,
        )
        rates = self._get_rates(rows, currency_field, date_to)
        groups = {}
        for row in rows:
            key, label = self._get_group_key(row, spec, group_by)
            group = groups.setdefault(key, {"key": key, "label": label, "value": 0, "count": 0})
            group["count"] += row["__count"]
            amount = row["__count"] if self.kind == "count" else row[self.value_field] or 0
            owner = currency_field and row[currency_field]
            group["value"] += amount * rates[owner[0]] if owner else amount
        return list(groups.values())

    def _get_group_spec(self, group_by):
        if group_by == MONTH and self.date_field:
            return f"{self.date_field}:month"
        if group_by in self._get_dimensions():
            return self[DIMENSIONS[group_by]]
        raise MeasureQueryError(
            _("%(measure)s cannot be grouped by %(group)s. Possible: %(groups)s.", measure=self.name, group=group_by,
              groups=", ".join(self._get_dimensions() + ([MONTH] if self.date_field else [])))
        )  # fmt: skip

    def _get_group_key(self, row, spec, group_by):
        if not spec:
            return None, None
        if not row[spec]:
            return False, _("Undefined")
        if group_by != MONTH:
            return row[spec][0], str(row[spec][1])
        start = next(leaf[2] for leaf in row["__domain"] if leaf[0] == self.date_field and leaf[1] == ">=")
        return self._to_day(start).strftime("%Y-%m"), row[spec]

    # ------------------------------------------------------------------ currency

    def _get_currency_field(self):
        """Field that tells amounts of different currencies apart: the amount's own currency, or else the company
        where the user works in companies of several currencies."""
        if self.kind != "sum" or self.unit != "money":
            return None
        records = self.env[self.model_name]
        field = records._fields[self.value_field]
        if field.type == "monetary" and records._fields[field.currency_field].base_field.store:
            return field.currency_field
        company = records._fields.get("company_id")
        return "company_id" if company and company.store and len(self.env.companies.currency_id) > 1 else None

    def _get_rates(self, rows, currency_field, date_to):
        """Factor to the currency of the user's company, by id of the currency or company that occurs in ``rows``."""
        rates = {}
        if not currency_field:
            return rates
        target = self.env.company.currency_id
        date = min(fields.Date.to_date(date_to) or fields.Date.today(), fields.Date.today())
        owners = self.env[self.env[self.model_name]._fields[currency_field].comodel_name].sudo()
        for owner in owners.browse({row[currency_field][0] for row in rows if row[currency_field]}):
            origin = owner.currency_id if currency_field == "company_id" else owner
            rates[owner.id] = 1 if origin == target else origin._convert(1, target, self.env.company, date, round=False)
        return rates

    # ------------------------------------------------------------------ records behind the figure

    def get_records_action(self, date_from=None, date_to=None, group_by=None, keys=None):
        """Window action on exactly the records :meth:`compute` counts.

        :param keys: with ``group_by``, the keys of the groups wanted. A ratio opens the records of its numerator.
        """
        self.ensure_one()
        self._check_readable()
        measure = self.numerator_id if self.kind == "ratio" else self
        views = {view_type: view_id for view_id, view_type in self.action_id.sudo().views or []}
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": measure.model_name,
            "views": [(views.get("tree", False), "list"), (views.get("form", False), "form")],
            "domain": measure._get_domain(date_from, date_to, group_by, keys),
            "context": {"create": False},
        }

    def _get_domain(self, date_from=None, date_to=None, group_by=None, keys=None):
        parts = [self._eval_domain(), self._get_date_domain(date_from, date_to)]
        if group_by == MONTH and keys and False not in keys:
            first = fields.Date.to_date(f"{min(keys)}-01")
            last = fields.Date.to_date(f"{max(keys)}-01") + relativedelta(months=1, days=-1)
            parts.append(self._get_date_domain(first, last))
        elif group_by and keys:
            parts.append([(self._get_group_spec(group_by).split(":")[0], "in", keys)])
        return expression.AND(parts)

    def _eval_domain(self):
        today = fields.Date.to_string(fields.Date.context_today(self))
        return safe_eval(self.domain or "[]", {"uid": self.env.uid, "today": today})

    # ------------------------------------------------------------------ dates

    def _get_date_domain(self, date_from, date_to):
        """Whole days, both included, in the user's time zone. A measure without date has no period."""
        domain = []
        if not self.date_field:
            return domain
        if date_from:
            domain.append((self.date_field, ">=", self._to_bound(fields.Date.to_date(date_from))))
        if date_to:
            domain.append((self.date_field, "<", self._to_bound(fields.Date.to_date(date_to) + timedelta(days=1))))
        return domain

    def _is_datetime(self):
        return self.env[self.model_name]._fields[self.date_field].type == "datetime"

    def _to_bound(self, day):
        """Start of a local day as the database stores it."""
        if self._is_datetime():
            return fields.Datetime.to_string(day_start(day, self._get_timezone()))
        return fields.Date.to_string(day)

    def _to_day(self, bound):
        if self._is_datetime():
            return local_day(fields.Datetime.to_datetime(bound), self._get_timezone())
        return fields.Date.to_date(bound)

    def _get_timezone(self):
        name = self.env.context.get("tz") or self.env.user.tz
        return pytz.timezone(name if name in pytz.all_timezones_set else "UTC")
