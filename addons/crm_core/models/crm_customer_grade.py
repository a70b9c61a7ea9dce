# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from ast import literal_eval

from odoo import _, api, fields, models, tools

from ..exceptions import CrmValidationError

GRADES = [("vip", "VIP"), ("high", "High Value"), ("medium", "Medium Value"), ("low", "Low Value")]


class CustomerGradeError(CrmValidationError):
    """A grade cannot be given by the rule as it is written."""


class CrmCustomerGrade(models.Model):
    """What earns a customer its grade. The best grade whose rule is met counts; low is what is left."""

    _name = "crm.customer.grade"
    _description = "Customer Grade"
    _order = "sequence"

    name = fields.Selection(GRADES, string="Grade", required=True, readonly=True)
    sequence = fields.Integer(readonly=True)
    minimum_value = fields.Float(
        string="Bought for at Least", digits=(16, 2), help="In the currency of the main company. 0: does not count for this grade."
    )
    minimum_count = fields.Integer(string="or Purchases at Least", help="0: does not count for this grade.")
    minimum_rfm = fields.Integer(
        string="or RFM Sum at Least", help="Recency, frequency and money together, from 3 to 15. 0: does not count for this grade."
    )
    use_domain = fields.Boolean(
        string="or Customers Like These", help="Customers who get this grade whatever they bought, such as those of one industry."
    )
    domain = fields.Char(string="Customers Like", default="[]")
    customer_count = fields.Integer(string="Customers", compute="_compute_customer_count")

    _sql_constraints = [
        ("name_unique", "unique (name)", "There is one line for each grade."),
        (
            "minimums_not_negative",
            "check (minimum_value >= 0 and minimum_count >= 0 and minimum_rfm between 0 and 15)",
            "Values and purchases cannot be negative, and an RFM sum is 15 at most. Enter 0 where something does not count.",
        ),
    ]

    def _compute_customer_count(self):
        groups = self.env["res.partner"].read_group([("customer_grade", "!=", False)], ["customer_grade"], ["customer_grade"])
        counts = {group["customer_grade"]: group["customer_grade_count"] for group in groups}
        for grade in self:
            grade.customer_count = counts.get(grade.name, 0)

    def name_get(self):
        labels = dict(self._fields["name"]._description_selection(self.env))
        return [(grade.id, labels[grade.name]) for grade in self]

    @api.constrains("use_domain", "domain")
    def _check_domain(self):
        """As the user, not as superuser: a condition must not ask for what its author may not see."""
        for grade in self.filtered("use_domain"):
            try:
                domain = grade._get_domain()
                self.env["res.partner"].search(domain, limit=1)
            except Exception as error:  # whatever a wrong literal or domain raises, the reader needs to know where
                raise CustomerGradeError(
                    _("Grade “%(grade)s”: the condition cannot be used: %(error)s", grade=grade.display_name, error=error)
                ) from error
            if not domain:
                raise CustomerGradeError(_("Grade “%s” would be everybody's: add a condition.", grade.display_name))

    def _get_domain(self):
        """Customers who get the grade whatever they bought; [] for none in particular."""
        return literal_eval(self.domain or "[]") if self.use_domain else []

    def _get_sql(self):
        """SQL of the grade over rows with id, purchase_value, purchase_count, recency, frequency and money, and its parameters."""
        cases, params = [], []
        for grade in self.sorted("sequence"):
            conditions = []
            for minimum, column in (
                (grade.minimum_value, "purchase_value"),
                (grade.minimum_count, "purchase_count"),
                (grade.minimum_rfm, "recency + frequency + money"),
            ):
                if minimum:
                    conditions.append(f"{column} >= %s")
                    params.append(minimum)
            if grade._get_domain():
                query = self.env["res.partner"].sudo().with_context(active_test=False)._where_calc(grade._get_domain())
                source, where, values = query.get_sql()
                conditions.append(f"id IN (SELECT res_partner.id FROM {source} WHERE {where or 'TRUE'})")
                params += values
            if conditions:
                cases.append("WHEN %s THEN %%s" % " OR ".join(conditions))
                params.append(grade.name)
        return ("CASE %s ELSE 'low' END" % " ".join(cases) if cases else "'low'"), params

    @api.model
    @tools.ormcache()
    def _get_watched_fields(self):
        """Fields of a customer its grade may depend on, beside the facts."""
        leaves = [leaf for grade in self.sudo().search([]) for leaf in grade._get_domain()]
        return frozenset(leaf[0].split(".")[0] for leaf in leaves if not isinstance(leaf, str) and isinstance(leaf[0], str))

    def write(self, vals):
        result = super().write(vals)
        self.clear_caches()
        self.env["res.partner"]._schedule_customer_states()
        return result

    def action_customers(self):
        """The customers of this grade."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_core.action_customers")
        return {**action, "domain": [("customer_grade", "=", self.name)]}
