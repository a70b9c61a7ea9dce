# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from contextlib import contextmanager
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from odoo import _, api, models
from odoo.exceptions import UserError, ValidationError
from odoo.osv.expression import OR
from psycopg2 import errors

from ..engine.form_places import TAB, build_inheritance, get_places, has_place
from ..exceptions import CrmUserError

_logger = logging.getLogger(__name__)

KEY = "crm_core.custom_fields."
LOCK_SECONDS = 3


class CrmCustomFieldView(models.AbstractModel):
    """Puts custom fields on the screens of their models: one inheriting view per form, list and search.

    The views are written anew out of the fields at each change, and checked by Odoo before they are kept. What breaks
    one undoes the whole change, with a message; the forms people work in stay as they were.
    """

    _name = "crm.custom.field.view"
    _description = "Views of Custom Fields"

    @api.model
    @contextmanager
    def _changing(self, model_names):
        """Around a change of fields: the views follow, or nothing happened.

        A change of columns waits for whoever writes to the table, and everybody else would wait behind it: so it
        gives up after seconds.

        :raise CrmUserError: saying what to do
        """
        cr = self.env.cr
        try:
            with cr.savepoint():
                cr.execute("SET LOCAL lock_timeout = %s", [f"{LOCK_SECONDS}s"])
                yield
                self._rebuild(model_names)
                cr.execute("SET LOCAL lock_timeout = DEFAULT")
        except errors.LockNotAvailable:
            self.pool.setup_models(cr)
            message = _("Somebody is writing many records of this kind just now, an import perhaps. Try again in some minutes.")
            raise CrmUserError(message) from None
        except CrmUserError:
            self.pool.setup_models(cr)
            raise
        except (ValidationError, UserError, ValueError) as error:
            self.pool.setup_models(cr)
            _logger.warning("Custom fields of %s not changed: %s", model_names, error)
            message = _("The form cannot take this field, nothing was changed. Choose another place.\n\n%s", error)
            raise CrmUserError(message) from error

    @api.model
    def _rebuild(self, model_names):
        """Write the views of models anew."""
        known = {one.model: one for one in self.env["crm.no.code"]._get_models()}
        for model_name in set(model_names):
            wanted = self._prepare_views(known[model_name]) if model_name in known else {}
            present = self._get_views([model_name])
            for view in present:
                arch = wanted.pop(view.inherit_id.id, None)
                if arch is None:
                    view.unlink()
                elif view.arch_db != arch:
                    view.write({"arch_base": arch})
            names = {"name": KEY + model_name, "key": KEY + model_name, "model": model_name, "priority": 99}
            for view_id, arch in wanted.items():
                present.create({**names, "inherit_id": view_id, "mode": "extension", "arch_base": arch})

    @api.model
    def _get_views(self, model_names):
        domain = OR([[("key", "=", KEY + name)] for name in model_names])
        # in the language of the source: what is compared and written is the source
        views = self.env["ir.ui.view"].sudo().with_context(active_test=False, lang=None)
        return views.search(domain)

    @api.model
    def _prepare_views(self, description):
        """{id of the view to extend: architecture} of a model."""
        custom_fields = self.env["crm.custom.field"].sudo().search([("model", "=", description.model)])
        custom_fields = custom_fields.filtered("field_id")
        listed, searched = custom_fields.filtered("in_list"), custom_fields.filtered("in_search")
        wanted = {}
        if custom_fields:
            form = self._get_form(description)
            places = [(field.place, self._prepare_form_nodes(description, field)) for field in custom_fields]
            wanted[self.env.ref(description.form).id] = build_inheritance(form, places, _("Further Details"))
        for xmlid in description.lists if listed else ():
            nodes = [node for field in listed for node in self._prepare_list_nodes(description, field)]
            wanted.update(self._prepare_inside(xmlid, "tree", nodes))
        for xmlid in description.searches if searched else ():
            nodes = [node for field in searched for node in self._prepare_search_nodes(field)]
            wanted.update(self._prepare_inside(xmlid, "search", nodes))
        return wanted

    @api.model
    def _prepare_inside(self, xmlid, tag, nodes):
        view = self.env.ref(xmlid, raise_if_not_found=False)
        if not view:
            return {}
        data = Element("data")
        SubElement(data, "xpath", expr="/" + tag, position="inside").extend(nodes)
        return {view.id: ElementTree.tostring(data, encoding="unicode")}

    # -- nodes -------------------------------------------------------------------------------------------------------

    @api.model
    def _prepare_form_nodes(self, description, field):
        node = Element("field", name=field.technical_name)
        if field.required:
            node.set("required", "1")
        if field.kind in ("customer", "user", "product"):
            node.set("options", "{'no_create': True}")
        domain = {"customer": "[('is_customer', '=', True)]", "user": "[('share', '=', False)]"}.get(field.kind)
        if domain:
            node.set("domain", domain)
        return [*self._prepare_currency(description, field, node), node]

    @api.model
    def _prepare_list_nodes(self, description, field):
        node = Element("field", name=field.technical_name, optional="show")
        return [*self._prepare_currency(description, field, node), node]

    @api.model
    def _prepare_currency(self, description, field, node):
        """Nodes an amount needs before it."""
        if field.kind == "money" and description.currency:
            node.set("widget", "monetary")
            node.set("options", "{'currency_field': '%s'}" % description.currency)
            return [Element("field", name=description.currency, invisible="1")]
        if field.kind == "money":
            node.set("digits", "[16, 2]")
        return []

    @api.model
    def _prepare_search_nodes(self, field):
        """Found by typing, or by a filter where there is little to type."""
        name = field.technical_name
        group = Element("filter", name="group_" + name, string=field.name, context="{'group_by': '%s'}" % name)
        if field.kind == "yes_no":
            return [Element("filter", name=name, string=field.name, domain="[('%s', '=', True)]" % name), group]
        if field.kind == "date":
            return [Element("filter", name=name, string=field.name, date=name), group]
        nodes = [Element("field", name=name)]
        # a private text is not grouped by: its values would stand in the headings
        return nodes if field.kind in ("text", "long_text", "number", "money") else [*nodes, group]

    # -- places ------------------------------------------------------------------------------------------------------

    @api.model
    def _get_form(self, description):
        """The form as it is without the custom fields; titles in the reader's language."""
        view = self.env.ref(description.form).sudo().with_context(crm_without_custom_fields=True)
        return ElementTree.fromstring(view.read_combined(["arch"])["arch"])

    @api.model
    def _get_places(self, description):
        fields_of_model = self.env[description.model]._fields
        labels = {name: field._description_string(self.env) for name, field in fields_of_model.items()}
        form = self._get_form(description)
        places = [[TAB, _("On the tab “Further Details”")]]
        for place in get_places(form, lambda name: labels.get(name, name)):
            if not place.label:
                places.append([place.code, _("On the tab “%s”", place.section)])
            elif place.section:
                places.append([place.code, _("%(section)s: below “%(field)s”", section=place.section, field=place.label)])
            else:
                places.append([place.code, _("Below “%s”", place.label)])
        return places

    @api.model
    def _has_place(self, model_name, code):
        known = {one.model: one for one in self.env["crm.no.code"]._get_models()}
        if model_name not in known:
            return False
        return code == TAB or has_place(self._get_form(known[model_name]), code or "")
