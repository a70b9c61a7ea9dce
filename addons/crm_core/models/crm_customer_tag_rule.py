# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from ast import literal_eval

from odoo import _, api, fields, models, tools
from odoo.osv import expression

from ..exceptions import CrmValidationError


class TagRuleError(CrmValidationError):
    """A tag rule cannot be applied as it is written."""


class CrmCustomerTagRule(models.Model):
    """Which customers get a tag by what they bought, asked for, or are; they lose it when that is over.

    What a rule gave is kept in ``crm.customer.tag``: only that is ever taken away, never a tag that was there before, given by hand.
    """

    _name = "crm.customer.tag.rule"
    _description = "Tag Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="In words: “Bought a pump within two years”.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for the customers of all companies.")
    tag_id = fields.Many2one("res.partner.category", string="Tag", required=True, ondelete="cascade")
    kind = fields.Selection(
        [("bought", "Bought"), ("asked", "Asked for"), ("condition", "Are")],
        string="Customers Who",
        required=True,
        default="bought",
        help="Bought: in a deal that was won, or an order. Asked for: in a lead or a quotation. Are: customers like these.",
    )
    product_ids = fields.Many2many("product.product", string="Products")
    category_ids = fields.Many2many("product.category", string="or Anything of")
    days = fields.Integer(string="Within Days", help="Counted back from today. 0: however long ago.")
    domain = fields.Char(string="Customers", default="[]")
    customer_count = fields.Integer(string="Customers with the Tag", compute="_compute_customer_count")

    _sql_constraints = [("days_not_negative", "check (days between 0 and 36500)", "Enter days from 0 (however long ago) to 36500.")]

    def _compute_customer_count(self):
        self.env["res.partner"].flush(["category_id", "is_customer", "active"])
        self.env.cr.execute(
            """
            SELECT rel.category_id, count(*) FROM res_partner_res_partner_category_rel AS rel
              JOIN res_partner AS partner ON partner.id = rel.partner_id AND partner.is_customer AND partner.active
             WHERE rel.category_id = ANY(%s) GROUP BY 1
            """,
            [self.tag_id.ids],
        )
        counts = dict(self.env.cr.fetchall())
        for rule in self:
            rule.customer_count = counts.get(rule.tag_id.id, 0)

    @api.constrains("kind", "product_ids", "category_ids", "domain")
    def _check_definition(self):
        """A condition is tried as the user, not as superuser: it must not ask for what its author may not see."""
        for rule in self:
            if rule.kind != "condition":
                if not (rule.product_ids or rule.category_ids):
                    raise TagRuleError(_("Rule “%s”: choose a product, or a category of products.", rule.name))
                continue
            try:
                domain = literal_eval(rule.domain or "[]")
                self.env["res.partner"].search(domain, limit=1)
            except Exception as error:  # whatever a wrong literal or domain raises, the reader needs the rule's name
                raise TagRuleError(_("Rule “%(rule)s”: the condition cannot be used: %(error)s", rule=rule.name, error=error)) from error
            if not domain:
                raise TagRuleError(_("Rule “%s” would tag every customer: add a condition.", rule.name))

    # -- who gets the tag ----------------------------------------------------------------------------------------------

    @api.model
    def _get_product_history(self):
        """{"bought": [SQL], "asked": [SQL]}: queries of (commercial partner id, product id, day) rows. Addons add theirs."""
        lead = "SELECT commercial_partner_id AS partner_id, product_id, %s::date AS day FROM crm_lead WHERE product_id IS NOT NULL"
        return {
            "bought": [lead % "date_closed" + " AND active AND probability = 100"],
            "asked": [lead % "create_date"],
        }

    def _get_query(self, ids):
        """SQL of the ids of those companies of ``ids`` that the rule (ensure_one) is about, and its parameters."""
        if self.kind == "condition":
            domain = expression.AND([literal_eval(self.domain), [("id", "in", ids)]])
            query = self.env["res.partner"].sudo().with_context(active_test=False)._where_calc(domain)
            source, where, params = query.get_sql()
            return f"SELECT res_partner.id FROM {source} WHERE {where}", params
        products = (
            self.env["product.product"]
            .with_context(active_test=False)
            ._search(expression.OR([[("id", "in", self.product_ids.ids)], [("categ_id", "child_of", self.category_ids.ids)]]))
        )
        product_sql, product_params = products.select()
        history = " UNION ALL ".join(self._get_product_history()[self.kind])
        where = "partner_id = ANY(%s) AND day >= %s"
        oldest = fields.Date.subtract(fields.Date.context_today(self), days=self.days) if self.days else "-infinity"
        return (
            f"SELECT partner_id FROM ({history}) AS history WHERE {where} AND product_id IN ({product_sql})",
            [ids, oldest, *product_params],
        )

    @api.model
    def _apply(self, ids):
        """Give and take the tags of the customers (companies) of ``ids``: one query a rule, and four more."""
        self.flush()
        wanted = set()
        for rule in self.sudo().search([]):
            query, params = rule._get_query(ids)
            if rule.company_id:
                query = f"SELECT id FROM res_partner WHERE id IN ({query}) AND (company_id IS NULL OR company_id = %s)"
                params = [*params, rule.company_id.id]
            self.env.cr.execute(query, params)
            wanted.update((rule.tag_id.id, partner_id) for (partner_id,) in self.env.cr.fetchall())
        columns = [[tag_id for tag_id, _partner_id in wanted], [partner_id for _tag_id, partner_id in wanted]]
        if self._give(columns) | self._take(ids, columns):
            self.env["res.partner"].invalidate_cache(["category_id"], ids)
            self.env["res.partner.category"].invalidate_cache(["partner_ids"])

    @api.model
    def _give(self, columns):
        """Tag those who have not got the tag yet, and remember whom; whether there were any."""
        self.env.cr.execute(
            """
            WITH given AS (
                INSERT INTO res_partner_res_partner_category_rel (category_id, partner_id)
                SELECT * FROM unnest(%s::int[], %s::int[]) ON CONFLICT DO NOTHING
                RETURNING category_id, partner_id)
            INSERT INTO crm_customer_tag (tag_id, partner_id) SELECT category_id, partner_id FROM given ON CONFLICT DO NOTHING
            """,
            columns,
        )
        return self.env.cr.rowcount > 0

    @api.model
    def _take(self, ids, columns):
        """Take away what rules gave and none gives any more; whether there was any."""
        self.env.cr.execute(
            """
            WITH over AS (
                DELETE FROM crm_customer_tag AS given
                 WHERE given.partner_id = ANY(%s)
                   AND NOT EXISTS (SELECT FROM unnest(%s::int[], %s::int[]) AS wanted (tag_id, partner_id)
                                    WHERE wanted.tag_id = given.tag_id AND wanted.partner_id = given.partner_id)
                RETURNING tag_id, partner_id)
            DELETE FROM res_partner_res_partner_category_rel AS rel USING over
             WHERE rel.category_id = over.tag_id AND rel.partner_id = over.partner_id
            """,
            [ids, *columns],
        )
        return self.env.cr.rowcount > 0

    # -- when ----------------------------------------------------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_watched_fields(self):
        """Fields of a customer its tags may depend on."""
        rules = self.sudo().search([("kind", "=", "condition")])
        leaves = [leaf for rule in rules for leaf in literal_eval(rule.domain or "[]")]
        return frozenset(leaf[0].split(".")[0] for leaf in leaves if not isinstance(leaf, str) and isinstance(leaf[0], str))

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self._rules_changed()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"sequence", "name"}:
            self._rules_changed()
        return result

    def unlink(self):
        result = super().unlink()
        self._rules_changed()
        return result

    @api.model
    def _rules_changed(self):
        """Customers follow in the background."""
        self.clear_caches()
        self.env["res.partner"]._schedule_customer_states()

    def action_customers(self):
        """The customers that have the tag, by a rule or by hand."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.action_customers")
        return {**action, "domain": [("category_id", "in", self.tag_id.ids), ("is_customer", "=", True)]}
