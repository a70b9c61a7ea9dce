# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools
from odoo.exceptions import AccessError

from ..engine.customer import began, lifecycle
from .crm_customer_grade import GRADES
from .crm_customer_lifecycle import LIFECYCLE

#: Fields that follow from facts: nobody writes them by hand
STATE_FIELDS = frozenset(
    ("lifecycle", "lifecycle_since", "customer_grade", "rfm_cell", "last_purchase_date", "purchase_count", "purchase_value")
)
PAGE = 5000


class ResPartner(models.Model):
    """Lifecycle, grade and RFM cell of customers, moved by facts.

    They belong to the company (commercial partner), not to its contacts. What happens to a customer is noted in
    ``crm.customer.change`` at the cost of one INSERT, and a scheduled action works that off every minute; time alone moves
    customers, too, so all are gone through every night.
    """

    _inherit = "res.partner"

    lifecycle = fields.Selection(
        LIFECYCLE,
        readonly=True,
        copy=False,
        index=True,
        help="Moved by what happens (leads, opportunities, quotations, orders, silence), not by hand.",
    )
    lifecycle_since = fields.Date(string="In This Stage Since", readonly=True, copy=False)
    customer_grade = fields.Selection(
        GRADES, string="Grade", readonly=True, copy=False, index=True, help="By the rules under Configuration / Customer Grades."
    )
    rfm_cell = fields.Char(
        string="RFM",
        readonly=True,
        copy=False,
        help="Recency, frequency and money, each from 1 to 5 (best), compared with all customers who ever bought.",
    )
    last_purchase_date = fields.Date(string="Last Purchase", readonly=True, copy=False)
    purchase_count = fields.Integer(string="Purchases", readonly=True, copy=False, help="Orders; without orders, deals won.")
    purchase_value = fields.Float(
        string="Purchase Value", readonly=True, copy=False, digits=(16, 2), help="In the currency of the main company."
    )

    @api.model
    def _get_contact_detail_fields(self):
        """What somebody bought, and when, is nothing for those who may not see sales."""
        return super()._get_contact_detail_fields() | {"last_purchase_date", "purchase_count", "purchase_value"}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_state_untouched({name for name, value in vals.items() if value})
        partners = super().create(vals_list)
        self.env["crm.customer.change"]._note(partners.filtered("is_customer").commercial_partner_id.ids)
        return partners

    def write(self, vals):
        self._check_state_untouched(vals.keys())
        result = super().write(vals)
        if vals.keys() & self._get_state_watched_fields():
            self.env["crm.customer.change"]._note(self.commercial_partner_id.ids)
        return result

    @api.model
    def _check_state_untouched(self, names):
        if not self.env.su and STATE_FIELDS & names:
            raise AccessError(_("Lifecycle, grade and RFM follow from what happens: nobody writes them by hand."))

    @api.model
    def _get_state_watched_fields(self):
        """Fields of a customer whose change may move its state."""
        return {"is_customer", "parent_id"} | (
            self.env["crm.customer.grade"]._get_watched_fields() | self.env["crm.customer.tag.rule"]._get_watched_fields()
        )

    # -- moving --------------------------------------------------------------------------------------------------------

    def _update_customer_state(self):
        """Bring lifecycle, purchases, RFM cell and grade of the companies of ``self`` up to date.

        Neither ``write`` nor tracking sees the change; automations on these fields do. Cost for each :data:`PAGE` companies: the
        queries of :meth:`_get_customer_facts`, and a constant number more.
        """
        self.flush()
        query = "SELECT DISTINCT commercial_partner_id FROM res_partner WHERE id = ANY(%s) AND is_customer ORDER BY 1"
        self.env.cr.execute(query, [self.ids])
        for ids in tools.split_every(PAGE, [company_id for (company_id,) in self.env.cr.fetchall()], list):
            page = self.sudo().browse(ids)
            before = page._update_lifecycle()
            page._update_grades(before)
            self.env["crm.customer.tag.rule"]._apply(ids)
            page._customer_state_changed(before)

    def _update_lifecycle(self):
        """One UPDATE. Returns {partner id: {"lifecycle": old}} of those in another stage now."""
        main_company = self.env["res.company"].sudo().search([], order="id", limit=1)
        facts = self.with_company(main_company)._get_customer_facts()
        patience = self.env["crm.customer.lifecycle"]._get_patience()
        today = fields.Date.context_today(self)
        bought = ("last_purchase_date", "purchase_count", "purchase_value")
        rows = []
        for partner_id, known in facts.items():
            stage = lifecycle(known, today, patience)
            rows.append((partner_id, stage, began(stage, known, patience), *(known[name] for name in bought)))
        self.env.cr.execute(
            """
            UPDATE res_partner AS partner
               SET lifecycle = new.lifecycle,
                   lifecycle_since = CASE WHEN old.lifecycle IS NULL THEN new.since
                                          WHEN old.lifecycle = new.lifecycle THEN old.lifecycle_since ELSE %s END,
                   last_purchase_date = new.last, purchase_count = new.count, purchase_value = new.value
              FROM unnest(%s::int[], %s::varchar[], %s::date[], %s::date[], %s::int[], %s::numeric(16, 2)[])
                   AS new (id, lifecycle, since, last, count, value)
              JOIN res_partner AS old ON old.id = new.id
             WHERE partner.id = new.id
               AND (old.lifecycle, old.last_purchase_date, old.purchase_count, old.purchase_value)
                   IS DISTINCT FROM (new.lifecycle, new.last, new.count, new.value)
            RETURNING partner.id, old.lifecycle, new.lifecycle
            """,
            [today, *(list(column) for column in zip(*rows))],
        )
        changed = self.env.cr.fetchall()
        self.invalidate_cache([*STATE_FIELDS], [row[0] for row in changed])
        return {partner_id: {"lifecycle": old or False} for partner_id, old, new in changed if old != new}

    def _update_grades(self, before=None):
        """RFM cell and grade from the purchases, one UPDATE; of all customers if ``self`` is empty.

        :param before: {partner id: {field: old value}}, to which the old grade of those that changed is added
        """
        scores = self.env["crm.rfm.score"]._get_scores()
        grades = self.env["crm.customer.grade"].sudo().search([])
        columns, params = scores._get_sql()
        case, case_params = grades._get_sql()
        self.flush()
        self.env.cr.execute(
            f"""
            UPDATE res_partner AS partner
               SET rfm_cell = new.cell, customer_grade = new.grade
              FROM (SELECT id, CASE WHEN recency > 0 THEN concat_ws('-', recency, frequency, money) END AS cell, {case} AS grade
                      FROM (SELECT id, purchase_count, purchase_value, {columns} FROM res_partner
                             WHERE is_customer AND id = commercial_partner_id AND (%s OR id = ANY(%s))) AS scored) AS new
              JOIN res_partner AS old ON old.id = new.id
             WHERE partner.id = new.id AND (old.rfm_cell, old.customer_grade) IS DISTINCT FROM (new.cell, new.grade)
            RETURNING partner.id, old.customer_grade, new.grade
            """,
            [*case_params, *params, not self, self.ids],
        )
        changed = self.env.cr.fetchall()
        self.invalidate_cache(["rfm_cell", "customer_grade"], [row[0] for row in changed])
        for partner_id, old, new in changed:
            if before is not None and old != new:
                before.setdefault(partner_id, {})["customer_grade"] = old or False

    @api.model
    def _customer_state_changed(self, before):
        """Called once a page with customers in another lifecycle or grade; runs the automated actions that watch these fields.

        :param before: {partner id: {"lifecycle": old value, "customer_grade": old value}}, only what changed
        """
        partners = self.sudo().browse(before)
        actions = self.env["base.automation"]._get_actions(partners, ["on_write", "on_create_or_write"]) if before else ()
        for action in actions:
            watched = set(action.trigger_field_ids.mapped("name")) & {"lifecycle", "customer_grade"}
            moved = partners.browse(partner_id for partner_id, old in before.items() if watched & old.keys())
            if moved:
                action = action.with_context(old_values={partner_id: before[partner_id] for partner_id in moved.ids})
                found, domain = action._filter_post_export_domain(moved.with_env(action.env))
                action._process(found, domain_post=domain)

    # -- when ----------------------------------------------------------------------------------------------------------

    @api.model
    def _schedule_customer_states(self):
        """Go through all customers in the background; asked twice before it began, it runs once."""
        job = self.sudo().with_delay(
            description=_("Lifecycle, grade and tags of customers"), identity_key="crm_core.customer_states", priority=20
        )
        job._run_customer_states()

    @api.model
    def _run_customer_states(self, after=0):
        """One page of customers in a transaction of its own, then the next; last, the RFM steps are drawn anew."""
        query = "SELECT id FROM res_partner WHERE id > %s AND is_customer AND id = commercial_partner_id ORDER BY id LIMIT %s"
        self.flush()
        self.env.cr.execute(query, [after, PAGE])
        page = self.sudo().browse(partner_id for (partner_id,) in self.env.cr.fetchall())
        page._update_customer_state()
        if len(page) == PAGE:
            job = self.sudo().with_delay(description=_("Lifecycle, grade and tags of customers"), priority=20)
            job._run_customer_states(page[-1].id)
        elif self.env["crm.rfm.score"]._draw():
            before = {}
            self.browse()._update_grades(before)
            self._customer_state_changed(before)
