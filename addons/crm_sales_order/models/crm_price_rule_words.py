# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools import format_date, formatLang

from ..engine import pricing

#: So many names are told, the others counted
_TOLD = 3


class CrmPriceRule(models.Model):
    _inherit = "crm.price.rule"

    sentence = fields.Char(string="In Words", compute="_compute_sentence", help="What the rule does, and when.")

    @api.depends(
        "kind",
        "product_tmpl_ids",
        "categ_ids",
        "attribute_value_ids",
        "partner_ids",
        "customer_grade",
        "source_ids",
        "team_ids",
        "quantity_min",
        "quantity_max",
        "date_from",
        "date_to",
        "condition",
        "value_type",
        "value",
        "formula",
        "combine",
        "currency_id",
        "own_line_product_id",
        "part_ids.product_id",
        "part_ids.quantity",
        "part_ids.every",
    )
    @api.depends_context("lang")
    def _compute_sentence(self):
        for rule in self:
            conditions = rule._get_condition_words()
            rule.sentence = _(
                "%(conditions)s: %(effect)s.",
                conditions=", ".join(conditions) or _("Every line"),
                effect=rule._get_effect_words(),
            )

    def _get_condition_words(self):
        """The conditions, one text each; none for a rule that is for every line."""
        self.ensure_one()
        words = [
            self._get_names(records)
            for records in (self.product_tmpl_ids, self.categ_ids, self.attribute_value_ids, self.partner_ids)
            if records
        ]
        if self.customer_grade:
            grades = dict(self._fields["customer_grade"]._description_selection(self.env))
            words.append(_("customers of grade %(grade)s", grade=grades[self.customer_grade]))
        if self.source_ids:
            words.append(_("from %(channels)s", channels=self._get_names(self.source_ids)))
        if self.team_ids:
            words.append(_("sold by %(teams)s", teams=self._get_names(self.team_ids)))
        words += self._get_range_words()
        if self.condition:
            words.append(_("if %(condition)s", condition=self.condition))
        return words

    def _get_range_words(self):
        """Quantity and dates."""
        words = []
        if self.quantity_min and self.quantity_max:
            words.append(_("%(least)g to %(most)g pieces", least=self.quantity_min, most=self.quantity_max))
        elif self.quantity_min:
            words.append(_("from %(least)g pieces", least=self.quantity_min))
        elif self.quantity_max:
            words.append(_("up to %(most)g pieces", most=self.quantity_max))
        first, last = (format_date(self.env, day) if day else "" for day in (self.date_from, self.date_to))
        if first and last:
            words.append(_("from %(first)s to %(last)s", first=first, last=last))
        elif first:
            words.append(_("from %(first)s on", first=first))
        elif last:
            words.append(_("until %(last)s", last=last))
        return words

    def _get_names(self, records):
        names = _(" or ").join(record.display_name or "" for record in records[:_TOLD])
        if len(records) > _TOLD:
            return _("%(names)s and %(count)d more", names=names, count=len(records) - _TOLD)
        return names

    def _get_effect_words(self):
        self.ensure_one()
        if self.kind in (pricing.GIFT, pricing.BUNDLE, pricing.ACCESSORY):
            return self._get_part_words()
        amount = self._get_amount_words()
        if self.kind == pricing.PRICE:
            return _("the price is %(amount)s per unit", amount=amount)
        if self.kind == pricing.COST:
            return _("one unit costs us %(amount)s", amount=amount)
        if self.kind == pricing.SURCHARGE:
            if self.own_line_product_id:
                return _("%(amount)s more, on a line “%(product)s”", amount=amount, product=self.own_line_product_id.display_name)
            return _("%(amount)s more", amount=amount)
        if self.combine == "add":
            return _("%(amount)s off, besides other discounts", amount=amount)
        return _("%(amount)s off, unless another of its rank is better", amount=amount)

    def _get_amount_words(self):
        if self.formula:
            return "%s %%" % self.formula if self._is_percentage() else "%s %s" % (self.formula, self.currency_id.symbol)
        if self._is_percentage():
            return "%g %%" % self.value
        return formatLang(self.env, self.value, currency_obj=self.currency_id)

    def _is_percentage(self):
        return self.value_type == "percent"

    def _get_part_words(self):
        parts = _(", ").join(part._get_words() for part in self.part_ids)
        if self.kind == pricing.GIFT:
            return _("%(parts)s for free", parts=parts)
        if self.kind == pricing.BUNDLE:
            return _("%(parts)s included in the price", parts=parts)
        return _("%(parts)s must come along, at its own price", parts=parts)


class CrmPriceRulePart(models.Model):
    _inherit = "crm.price.rule.part"

    def _get_words(self):
        self.ensure_one()
        values = {"quantity": self.quantity, "product": self.product_id.display_name or "", "every": self.every}
        if not self.every:
            return _("%(quantity)g × %(product)s once", **values)
        if self.every == 1:
            return _("%(quantity)g × %(product)s each", **values)
        return _("%(quantity)g × %(product)s for every %(every)g", **values)
