# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.exceptions import AccessError
from odoo.models import regex_field_agg


class CrmPriceGuard(models.AbstractModel):
    """Mixin: price fields are empty for people who must not know prices (``res.users._is_price_blind``).

    Values are dropped in what the public methods return; code that runs for such a user, like the
    valuation of a delivery, still works with them. Searching, sorting and grouping by them is refused.
    """

    _name = "crm.price.guard"
    _description = "Prices hidden from the warehouse"

    #: Names of the fields that tell prices
    _price_fields = frozenset()

    @api.model
    def _hidden_price_fields(self):
        return self._price_fields if not self.env.su and self.env.user._is_price_blind() else frozenset()

    @api.model
    def _refuse_price_fields(self, paths):
        if self._hidden_price_fields() and any(self._ends_in_price(path) for path in paths):
            raise AccessError(_("Prices are hidden from you, so you cannot search, sort or group by them."))

    @api.model
    def _ends_in_price(self, path):
        model = self
        for name in path.split("."):
            if name in getattr(model, "_price_fields", ()):
                return True
            field = model._fields.get(name)
            if field is None or not field.comodel_name:
                return False
            model = self.env[field.comodel_name]
        return False

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load=load)
        for name in self._hidden_price_fields().intersection(fnames):
            for vals in result:
                vals[name] = False
        return result

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        rows = super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
        hidden = self._hidden_price_fields()
        columns = [column for column, path in enumerate(fields) if path and path[0] in hidden]
        for row in rows:
            for column in columns:
                row[column] = ""
        return rows

    def onchange(self, values, field_name, field_onchange):
        result = super().onchange(values, field_name, field_onchange)
        for name in self._hidden_price_fields().intersection(result.get("value") or ()):
            del result["value"][name]
        return result

    @api.model
    def _where_calc(self, domain, active_test=True):
        self._refuse_price_fields(
            term[0] for term in domain or [] if isinstance(term, (list, tuple)) and isinstance(term[0], str)
        )
        return super()._where_calc(domain, active_test=active_test)

    @api.model
    def _generate_order_by(self, order_spec, query):
        parts = (part.split() for part in (order_spec or "").split(","))
        self._refuse_price_fields(part[0].strip('"') for part in parts if part)
        return super()._generate_order_by(order_spec, query)

    @api.model
    def _read_group_raw(self, domain, fields, groupby, offset=0, limit=None, orderby=False, lazy=True):
        groups = [groupby] if isinstance(groupby, str) else groupby
        aggregates = [regex_field_agg.match(spec) for spec in fields or []]
        self._refuse_price_fields(spec.split(":")[0] for spec in groups)
        self._refuse_price_fields(match.group(3) or match.group(1) for match in aggregates if match and match.group(2))
        hidden = self._hidden_price_fields()
        fields = [spec for spec in fields or [] if spec.split(":")[0] not in hidden]
        return super()._read_group_raw(domain, fields, groupby, offset=offset, limit=limit, orderby=orderby, lazy=lazy)
