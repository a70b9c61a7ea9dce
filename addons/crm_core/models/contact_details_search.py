# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Masked contact details cannot be searched, ordered or grouped by either: that would tell them one guess at a time."""
from lxml import etree
from odoo import _, api, models
from odoo.models import regex_field_agg

from ..exceptions import ContactDetailsError


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _contact_details_unsearchable(self):
        """Whether the current user must not search, sort or group by contact details."""
        return not self.env.su and not self.env.user._sees_contact_details()

    @api.model
    def _refuse_contact_details(self, paths):
        """Raise if one of the field paths touches contact details that are masked for the current user.

        :raise ContactDetailsError: naming the field
        """
        if not self._contact_details_unsearchable():
            return
        for path in paths:
            field = self._find_contact_detail(path)
            if field is not None:
                raise ContactDetailsError(
                    _(
                        "Customers' contact details are hidden from you, so you cannot search, sort or group by "
                        "“%(field)s”. Search by name instead, or ask sales to look it up.",
                        field=field.string,
                    )
                )

    @api.model
    def _find_contact_detail(self, path):
        """The first field on the path that holds contact details, or None."""
        model = self
        for name in path.split("."):
            field = model._fields.get(name)
            if field is None:
                return None
            if name in model._get_contact_detail_fields():
                return field
            if not field.comodel_name:
                return field if name in model._contact_detail_paths() else None
            model = self.env[field.comodel_name]
        return None

    @api.model
    def _where_calc(self, domain, active_test=True):
        terms = (term[0] for term in domain or [] if isinstance(term, (list, tuple)))
        self._refuse_contact_details(path for path in terms if isinstance(path, str))
        return super()._where_calc(domain, active_test=active_test)

    @api.model
    def _generate_order_by(self, order_spec, query):
        self._refuse_contact_details(self._order_paths(order_spec))
        return super()._generate_order_by(order_spec, query)

    @api.model
    def _order_paths(self, order_spec):
        parts = (part.split() for part in (order_spec or "").split(","))
        return [part[0].split(":")[0].strip('"') for part in parts if part]

    @api.model
    def _read_group_raw(self, domain, fields, groupby, offset=0, limit=None, orderby=False, lazy=True):
        groups = [groupby] if isinstance(groupby, str) else groupby
        aggregates = (regex_field_agg.match(spec) for spec in fields or [])
        self._refuse_contact_details(
            [
                *(spec.split(":")[0] for spec in groups),
                *(match.group(3) or match.group(1) for match in aggregates if match and match.group(2)),
                *self._order_paths(orderby),
            ]
        )
        return super()._read_group_raw(
            domain, fields, groupby, offset=offset, limit=limit, orderby=orderby, lazy=lazy
        )

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        result = super().fields_get(allfields=allfields, attributes=attributes)
        if self._contact_details_unsearchable():
            for name in self._contact_detail_paths():
                for attribute in ("searchable", "sortable"):
                    if attribute in result.get(name, ()):
                        result[name][attribute] = False
        return result

    @api.model
    def fields_view_get(self, view_id=None, view_type="form", toolbar=False, submenu=False):
        result = super().fields_view_get(view_id=view_id, view_type=view_type, toolbar=toolbar, submenu=submenu)
        if view_type == "search" and self._contact_detail_paths() and self._contact_details_unsearchable():
            result["arch"] = self._search_view_without_contact_details(result["arch"])
        return result

    @api.model
    def _search_view_without_contact_details(self, arch):
        """Search view for users who would be refused: what searches or groups by contact details goes.

        A search field that also looks into contact details (a partner's name or e-mail) keeps the name only.
        """
        search = etree.fromstring(arch)
        for node in search.xpath("//field[@name]|//filter"):
            if node.tag == "field":
                gone = self._find_contact_detail(node.get("name")) is not None
            else:
                gone = self._mentions_contact_detail(node.get("domain")) or self._mentions_contact_detail(
                    node.get("context")
                )
            if gone:
                node.getparent().remove(node)
            elif self._mentions_contact_detail(node.get("filter_domain")):
                del node.attrib["filter_domain"]
        return etree.tostring(search, encoding="unicode")

    @api.model
    def _mentions_contact_detail(self, text):
        """Whether a domain or context, as written in a view, names such a field."""
        return any("%s%s%s" % (quote, name, quote) in (text or "") for name in self._contact_detail_paths() for quote in "'\"")
