# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.addons.crm_core.exceptions import CrmUserError

from ..engine.funnel import get_steps
from ..engine.period import PERIODS, get_period

#: Pages of the cockpit: the measure shown first, and what its ranking is by. Both are only a start: the reader
#: chooses, and a page shows whatever measures the installed addons bring.
PAGES = {
    "company": ("won_value", "team"),
    "team": ("won_value", "user"),
    "marketing": ("new_leads", "source"),
}
RANKING_ROWS = 15


class CockpitRequestError(CrmUserError):
    """The cockpit was asked for a page, period or measure it does not have."""


class CrmBiCockpit(models.AbstractModel):
    """Puts the figures of all installed addons on one page. Everything is read as the current user, so a cockpit
    never counts a record its reader may not open."""

    _name = "crm.bi.cockpit"
    _description = "Cockpit"

    @api.model
    def get_data(self, page="company", period="year", measure=None, dimension=None):
        """Everything one page draws.

        :param page: key of :data:`PAGES`
        :param period: one of ``month``, ``quarter``, ``year``, ``last_year``, ``all``
        :param measure: code of the measure to chart and rank, else the page's own
        :param dimension: what to rank by, else the page's own
        :return: dict with ``cards``, ``chart``, ``ranking`` and ``funnel`` (the last three False where nothing fits)
        :raise CockpitRequestError: on unknown arguments

        Cost: two grouped queries per dated measure, one per other measure, one each for ranking and funnel.
        """
        if page not in PAGES or period not in PERIODS:
            raise CockpitRequestError(_("The cockpit has no such page or period. Open it from its menu."))
        span = get_period(period, fields.Date.context_today(self))
        measures = self._get_measures()
        figures = self._get_figures(measures, span)
        chosen = self._choose(measures, measure or PAGES[page][0])
        return {
            "page": page,
            "period": self._get_period_data(period, span),
            "currency": self._get_currency_data(),
            "cards": [self._get_card(item, figures[item.id]) for item in measures if item.on_cockpit],
            "chart": self._get_chart(chosen, figures, span),
            "ranking": self._get_ranking(chosen, span, dimension or PAGES[page][1]),
            "funnel": self._get_funnel(measures, span),
        }

    @api.model
    def _get_measures(self):
        """Measures the reader may see; parts of a ratio are there even when they are no card themselves."""
        return self.env["crm.bi.measure"].search([])._get_readable()

    @api.model
    def _choose(self, measures, code):
        cards = measures.filtered("on_cockpit")
        return cards.filtered(lambda measure: measure.code == code) or cards[:1]

    @api.model
    def _get_period_data(self, key, span):
        dates = {name: value and fields.Date.to_string(value) for name, value in span._asdict().items()}
        return dict(dates, key=key)

    @api.model
    def _get_currency_data(self):
        currency = self.env.company.currency_id
        return {"symbol": currency.symbol, "position": currency.position, "decimals": currency.decimal_places}

    # ------------------------------------------------------------------ figures and cards

    @api.model
    def _get_figures(self, measures, span):
        """``{measure id: {"value", "previous", "months"}}``. The months of a chart are read once and the value is
        their sum, so that card and chart always agree; ratios divide what their parts have."""
        figures = {}
        for measure in measures.filtered(lambda item: item.kind != "ratio"):
            figures[measure.id] = self._get_figure(measure, span)
        for measure in measures.filtered(lambda item: item.kind == "ratio"):
            parts = (measure.numerator_id, measure.denominator_id)
            for part in parts:
                if part.id not in figures:  # archived as a card, still needed here
                    figures[part.id] = self._get_figure(part, span)
            figures[measure.id] = self._divide(measure, *(figures[part.id] for part in parts))
        return figures

    @api.model
    def _get_figure(self, measure, span):
        if not measure.date_field:
            return {"value": measure.compute(), "previous": False, "months": False}
        months = measure.compute(span.chart_from, span.date_to, group_by="month")
        first = fields.Date.to_string(span.date_from)[:7] if span.date_from else ""
        value = sum(month["value"] for month in months if (month["key"] or "") >= first)
        previous = measure.compute(span.previous_from, span.previous_to) if span.previous_from else False
        return {"value": value, "previous": previous, "months": months}

    @api.model
    def _divide(self, measure, numerator, denominator):
        dated = numerator["months"] is not False and denominator["months"] is not False
        compared = numerator["previous"] is not False and denominator["previous"] is not False
        return {
            "value": measure._divide(numerator["value"], denominator["value"]),
            "previous": compared and measure._divide(numerator["previous"], denominator["previous"]),
            "months": dated and measure._divide(numerator["months"], denominator["months"]),
        }

    @api.model
    def _get_card(self, measure, figure):
        value, previous = figure["value"], figure["previous"]
        return {
            "id": measure.id,
            "code": measure.code,
            "name": measure.name,
            "description": measure.description or "",
            "formula": measure.formula or "",
            "unit": measure.unit,
            "direction": measure.direction,
            "value": value,
            "previous": previous,
            "change": self._get_change(measure, value, previous),
            "is_dated": figure["months"] is not False,
        }

    @api.model
    def _get_change(self, measure, value, previous):
        """Growth as a fraction of the period before; of a percentage the difference in points. False: no answer."""
        if value is False or previous is False:
            return False
        if measure.unit == "percent":
            return value - previous
        return (value - previous) / abs(previous) if previous else False

    # ------------------------------------------------------------------ chart, ranking, funnel

    @api.model
    def _get_chart(self, measure, figures, span):
        """Value per month, gaps filled with nothing, over at least a year."""
        months = measure and figures[measure.id]["months"]
        if not months:
            return False
        values = {month["key"]: month["value"] for month in months if month["key"]}
        first = fields.Date.to_string(span.chart_from)[:7] if span.chart_from else min(values, default=None)
        last = fields.Date.to_string(span.date_to)[:7] if span.date_to else max(values, default=None)
        start = fields.Date.to_string(span.date_from)[:7] if span.date_from else first
        empty = False if measure.kind == "ratio" else 0
        return {
            "measure": self._get_measure_data(measure),
            "rows": [
                {"key": key, "value": values.get(key, empty), "in_period": key >= start}
                for key in self._get_month_keys(first, last)
            ],
        }

    @api.model
    def _get_month_keys(self, first, last):
        if not first:
            return []
        year, month = int(first[:4]), int(first[5:])
        keys = []
        while not keys or keys[-1] < last:
            keys.append(f"{year:04}-{month:02}")
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return keys

    @api.model
    def _get_ranking(self, measure, span, dimension):
        dimensions = measure and measure._get_dimensions()
        if not dimensions:
            return False
        dimension = dimension if dimension in dimensions else dimensions[0]
        groups = measure.compute(span.date_from, span.date_to, group_by=dimension)
        groups.sort(key=lambda group: group["value"] or 0, reverse=True)
        labels = self._get_dimension_labels()
        return {
            "measure": self._get_measure_data(measure),
            "dimension": dimension,
            "dimensions": [{"key": key, "label": labels[key]} for key in dimensions],
            "rows": groups[:RANKING_ROWS],
            "rest": max(len(groups) - RANKING_ROWS, 0),
        }

    @api.model
    def _get_funnel(self, measures, span):
        """Of the first measure that has stages: how many reached each of them, and which keys that counts."""
        measure = measures.filtered("stage_field")[:1]
        if not measure:
            return False
        groups = [g for g in measure.compute(span.date_from, span.date_to, group_by="stage") if g["key"]]
        keys = [group["key"] for group in groups]
        steps = get_steps([group["value"] for group in groups])
        return {
            "measure": self._get_measure_data(measure),
            "rows": [
                {"keys": keys[index:], "label": group["label"], "value": step.reached, "share": step.share}
                for index, (group, step) in enumerate(zip(groups, steps))
            ],
        }

    @api.model
    def _get_measure_data(self, measure):
        return {"id": measure.id, "code": measure.code, "name": measure.name, "unit": measure.unit}

    @api.model
    def _get_dimension_labels(self):
        return {
            "team": _("Team"),
            "user": _("Salesperson"),
            "product": _("Product"),
            "partner": _("Customer or Vendor"),
            "stage": _("Stage"),
            "source": _("Source"),
        }
