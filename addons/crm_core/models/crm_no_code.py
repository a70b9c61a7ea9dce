# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.no_code import NoCodeModel
from ..exceptions import CrmUserError

#: Kinds of fields an automation may look at, set or show; files, lines and HTML are no matter of rules
PLAIN_TYPES = ("boolean", "char", "date", "datetime", "float", "integer", "many2one", "monetary", "selection", "text")


class CrmNoCode(models.AbstractModel):
    """What managers extend without code: the models, and which of their fields are open to them."""

    _name = "crm.no.code"
    _description = "Extension Without Code"

    @api.model
    def _get_models(self):
        """Descriptions (:class:`NoCodeModel`) of the models, in the order offered; upper addons append theirs."""
        return [
            NoCodeModel(
                model="crm.lead",
                label=_("Lead or opportunity"),
                form="crm.crm_lead_view_form",
                lists=("crm.crm_case_tree_view_oppor", "crm.crm_case_tree_view_leads"),
                searches=("crm.view_crm_case_opportunities_filter", "crm.view_crm_case_leads_filter"),
                stage="stage_id",
                tags="tag_ids",
                currency="company_currency",
            ),
            NoCodeModel(
                model="res.partner",
                label=_("Customer"),
                form="crm_core.res_partner_view_form_customer",
                lists=("crm_core.res_partner_view_tree_customer",),
                searches=("base.view_res_partner_filter",),
                domain=(("is_customer", "=", True), ("parent_id", "=", False)),
                stage="lifecycle",
                tags="category_id",
                watched=("lifecycle", "customer_grade"),
            ),
        ]

    @api.model
    def _get_model_choices(self):
        """For selection fields."""
        return [(one.model, one.label) for one in self._get_models()]

    @api.model
    def _get_model(self, model_name):
        """The description of a model.

        :raise CrmUserError: when it is none of those open to managers
        """
        for one in self._get_models():
            if one.model == model_name:
                return one
        raise CrmUserError(_("%s cannot be extended without code. Choose one of the records offered.", model_name))

    @api.model
    def _is_open_field(self, model_name, name):
        """Whether the current user may build on a field: they see it, and its kind is one for rules."""
        field = self.env[model_name]._fields.get(name)
        if field is None or field.type not in (*PLAIN_TYPES, "many2many", "one2many") or not (field.store or field.search):
            return False
        return not field.groups or self.user_has_groups(field.groups)

    @api.model
    def _get_open_fields(self, model_name, types=PLAIN_TYPES, editable=False, kept=()):
        """``ir.model.fields`` a manager may choose from: stored, and not hidden from them.

        :param editable: only those people edit
        :param kept: names to leave out
        """
        model = self.env[model_name]
        names = [
            name
            for name, field in model._fields.items()
            if field.type in types
            and field.store
            and name not in models.MAGIC_COLUMNS
            and self._is_open_field(model_name, name)
            and not (editable and (field.readonly or field.related))
            and name not in kept
        ]
        return self.env["ir.model.fields"].sudo().search([("model", "=", model_name), ("name", "in", names)])

    @api.model
    def _get_watchable_fields(self, model_name):
        """Fields whose change may start an automation: those people edit, and what the description names.

        What else is written by the system is often written past the ORM, where no automation sees it.
        """
        watched = self._get_model(model_name).watched
        names = self.env["ir.model.fields"].sudo().search([("model", "=", model_name), ("name", "in", watched)])
        return self._get_open_fields(model_name, editable=True) | names

    @api.model
    def _get_settable_fields(self, model_name):
        """Fields an automation may set."""
        return self._get_open_fields(model_name, editable=True, kept=self._get_kept_fields(model_name))

    @api.model
    def _get_kept_fields(self, model_name):
        """Fields no automation sets: they have steps, rules or rights of their own."""
        return {"active", "company_id", "parent_id", "pool_id", "claimed_pool_id", "user_id", "is_customer", "type", "partner_share"}

    @api.model
    def _forget(self, model_names):
        """Remove what managers built on models: for the ``uninstall_hook`` of the addon that describes them."""
        for name in ("crm.automation", "crm.custom.field"):
            self.env[name].with_context(active_test=False).search([("model", "in", model_names)]).unlink()
