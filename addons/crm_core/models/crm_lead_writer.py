# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from collections import defaultdict

from odoo import api, models
from odoo.tools import split_every

from ..tools.bulk_create import BulkCreate

_logger = logging.getLogger(__name__)

BATCH = 1000
CREATE_TRIGGERS = ("on_create", "on_create_or_write")
WRITE_TRIGGERS = ("on_write", "on_create_or_write")
#: Modules whose ``create`` of ``crm.lead`` (or of its mixins) this writer does the work of, set-based. Where any other
#: module overrides ``create``, the ORM's own create runs, with all overrides; only the rows are written in one go.
KNOWN_OVERRIDES = frozenset(
    "odoo.addons." + name
    for name in (
        "base.models.ir_fields",
        "base_automation.models.base_automation",
        "crm.models.crm_lead",
        "crm_core.models.contact_details",
        "crm_core.models.crm_company_facts",
        "crm_core.models.crm_held_mixin",
        "crm_core.models.crm_lead",
        "crm_core.models.crm_lead_dedupe",
        "crm_core.models.crm_lead_selling",
        "crm_core.models.crm_lead_writer",
        "mail.models.mail_thread",
    )
)
#: The country code a number is completed with
UNDECLARED = {"phone_sanitized": ["country_id", "company_id"]}


class CrmLeadWriter(models.AbstractModel):
    """Leads in bulk: stored fields, automated actions and hooks as by ``create``, at a fraction of its cost.

    What differs from ``create``, on purpose: no message per lead and no tracking values (who creates in bulk writes
    one summary), the creator does not follow the leads (their owners do, unless the context says
    ``mail_create_nosubscribe``), and an automated action "on creation & update" or "on update" runs once for a new
    lead, where the ORM runs it once more for each field it computes.
    """

    _name = "crm.lead.writer"
    _description = "Writer of Many Leads"

    @api.model
    def _create_leads(self, vals_list, ids=None, origin="", history=None, invert=True):
        """Create a lead for each dict of ``vals_list``, as for ``create``; returns them in that order.

        Cost: a constant number of statements per :data:`BATCH` leads, apart from automated actions, which run per lead.

        :param ids: ids taken from ``crm_lead_id_seq`` before, one a lead
        :param origin: passed to :meth:`crm.lead._leads_created`
        :param history: a dict a lead of columns set to what they were (``create_date``, …); outcomes of such leads
            are not counted for Odoo's predictions: that is the caller's
        :param invert: whether e-mail and phone of a lead overwrite those of its customer, as ``create`` does
        """
        ids = ids or self._new_ids(len(vals_list))
        history = history or [{}] * len(vals_list)
        for batch in split_every(BATCH, list(zip(vals_list, ids, history)), list):
            self._create_batch(*zip(*batch), origin, invert)
        return self.env["crm.lead"].browse(ids)

    @api.model
    def _new_ids(self, number):
        """Ids for ``number`` leads to come."""
        return BulkCreate(self.env["crm.lead"]).new_ids(number)

    @api.model
    def _create_batch(self, vals_list, ids, history, origin, invert):
        lead_model = self.env["crm.lead"]
        lead_model.check_access_rights("create")
        bulk = BulkCreate(lead_model, UNDECLARED)
        vals_list = lead_model._prepare_bulk_values([dict(vals) for vals in vals_list])
        if not all(map(bulk.may_write, vals_list)) or not self._may_write():
            return self._create_by_orm(vals_list, ids, history, origin)
        rows = bulk.prepare(vals_list)
        for row, past in zip(rows, history):
            known = {"dedupe_synced": True, **past}
            row.values.update(known)
            row.protected = row.protected | {lead_model._fields[name] for name in known}
        leads = bulk.create(rows, ids, invert)
        leads._after_bulk_create([{**row.values, "past": bool(past)} for row, past in zip(rows, history)], origin)
        self._run_automations(leads, rows)
        return leads

    # -- what the ORM has to do --------------------------------------------------------------------------------------

    @api.model
    def _may_write(self):
        """Whether all that ``create`` does for a lead is known here."""
        unknown = self._get_unknown_overrides()
        if unknown:
            _logger.info("Leads are created one by one, for create is overridden by %s.", ", ".join(sorted(unknown)))
        conditional = [
            ("model_name", "=", "crm.lead"),
            ("trigger", "in", WRITE_TRIGGERS),
            ("filter_pre_domain", "not in", (False, "", "[]")),
        ]
        return not unknown and not self.env["base.automation"].sudo().search_count(conditional)

    @api.model
    def _get_unknown_overrides(self):
        """Modules that override ``create`` of leads with something this writer does not do."""
        overrides = {
            getattr(create, "__module__", "")
            for cls in type(self.env["crm.lead"]).__mro__[:-1]
            for create in [vars(cls).get("create")]
            if create and cls.__module__ != "odoo.models"
        }
        return overrides - KNOWN_OVERRIDES

    @api.model
    def _create_by_orm(self, vals_list, ids, history, origin):
        """The ORM's create under given ids (see :meth:`crm.lead._create`), quiet; ``history`` set afterwards."""
        quiet = dict.fromkeys(("mail_create_nolog", "mail_create_nosubscribe", "mail_notrack"), True)
        lead_model = self.env["crm.lead"].with_context(crm_lead_ids=list(ids), crm_lead_origin=origin, **quiet)
        leads = lead_model.create(list(vals_list)).with_env(self.env)
        leads.flush()
        for lead, past in zip(leads, history):
            if past:
                columns = sorted(past)
                query = "UPDATE crm_lead SET %s WHERE id = %%s" % ", ".join('"%s" = %%s' % name for name in columns)
                self.env.cr.execute(query, [*(past[name] for name in columns), lead.id])
        leads.invalidate_cache(ids=leads.ids)
        return leads

    # -- automated actions -------------------------------------------------------------------------------------------

    @api.model
    def _run_automations(self, leads, rows):
        """Run base_automation's rules for created leads on the whole batch."""
        actions = self.env["base.automation"]._get_actions(leads, [*CREATE_TRIGGERS, "on_write"])
        if not actions:
            return
        leads = leads.with_env(actions.env)
        for action in actions.filtered(lambda rule: rule.trigger in CREATE_TRIGGERS).with_context(old_values=None):
            action._process(action._filter_post(leads))
        computed = [name for name, field in leads._fields.items() if field.store and field.compute]
        before = {lead.id: {name: False for name in computed if name not in row.values} for lead, row in zip(leads, rows)}
        for action in actions.filtered(lambda rule: rule.trigger == "on_write").with_context(old_values=before):
            found, domain = action._filter_post_export_domain(leads)
            action._process(found, domain_post=domain)


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _prepare_bulk_values(self, vals_list):
        """What overrides of ``create`` do to values before it, for the bulk writer; returns them."""
        self._check_customers_visible(vals.get("partner_id") for vals in vals_list)
        clean = self.env["res.partner"]._clean_website
        for vals in vals_list:
            if vals.get("website"):
                vals["website"] = clean(vals["website"])
        vals_list = self._with_selling_models([self._prepare_owner_of_new(vals) for vals in vals_list])
        vals_list = self.env["crm.enrichment"]._with_phone_places(vals_list)
        return vals_list if self.env.su else self._without_masks(vals_list)

    def _after_bulk_create(self, vals_list, origin):
        """What overrides of ``create`` do after it, for leads (``self``) the bulk writer wrote out of ``vals_list``."""
        self.partner_id._mark_as_customer()
        self._count_bulk_outcomes(vals_list)
        self._subscribe_owners()
        self._check_dedupe_refused()
        # the intake claims the keys of new leads itself
        claimed = self.filtered(lambda lead: not lead.partner_id) if origin == "intake" else self.browse()
        self.env["crm.dedupe.key"]._refresh(self._name, (self - claimed).ids)
        self._leads_created(self, origin)

    def _count_bulk_outcomes(self, vals_list):
        """Feed Odoo's predictions with leads created as won."""
        given = [lead.id for lead, vals in zip(self, vals_list) if vals.get("stage_id") and not vals["past"]]
        self.browse(given).filtered("stage_id.is_won")._pls_increment_frequencies(to_state="won")

    def _subscribe_owners(self):
        """The owner of each lead follows it: a few statements per owner."""
        if self.env.context.get("mail_create_nosubscribe"):
            return
        leads_by_partner = defaultdict(list)
        for lead in self:
            if lead.user_id.active and lead.user_id.partner_id:
                leads_by_partner[lead.user_id.partner_id.id].append(lead.id)
        followers = self.env["mail.followers"].sudo()
        for partner_id, lead_ids in leads_by_partner.items():
            followers._insert_followers(self._name, lead_ids, [partner_id], None, None, None, customer_ids=[], check_existing=False)

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        self._leads_created(leads, self.env.context.get("crm_lead_origin", ""))
        return leads

    def _create(self, data_list):
        """Give the leads the ids the bulk writer took for them, if it is the one who creates."""
        ids = self.env.context.get("crm_lead_ids", [])
        for data in data_list if ids else ():
            data["stored"]["id"] = ids.pop(0)
        return super()._create(data_list)
