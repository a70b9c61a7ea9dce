# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmContractTemplate(models.Model):
    """Which clauses a kind of contract has, in which order."""

    _name = "crm.contract.template"
    _description = "Contract Template"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: for all companies.")
    title = fields.Char(string="Title on Paper", required=True, help="Heading of the contract, such as “Sales Contract”.")
    line_ids = fields.One2many("crm.contract.template.line", "template_id", string="Clauses", copy=True)
    framework = fields.Boolean(string="Framework Contract", help="Contracts made from it are framework contracts.")
    duration_months = fields.Integer(string="Runs for (Months)", help="Sets the end when a contract is made. 0: none.")
    alert_days = fields.Integer(
        string="Alert Before End (Days)", help="How long before its end a contract is to be renewed. 0: as the company says."
    )
    contract_count = fields.Integer(string="Contracts", compute="_compute_contract_count")

    _sql_constraints = [
        ("numbers_not_negative", "CHECK (duration_months >= 0 AND alert_days >= 0)", "Months and days cannot be negative.")
    ]

    def _compute_contract_count(self):
        groups = self.env["crm.contract"].read_group([("template_id", "in", self.ids)], ["template_id"], ["template_id"])
        counts = {group["template_id"][0]: group["template_id_count"] for group in groups}
        for template in self:
            template.contract_count = counts.get(template.id, 0)

    @api.constrains("name", "title", "line_ids")
    def _check_clauses(self):
        """A clause whose field is gone is found when the template is saved, not when the contract is due."""
        known = self.env["crm.contract"]._get_merge_fields()
        for clause in self.line_ids.clause_id:
            problem = clause._get_merge_problem(known)
            if problem:
                raise ValidationError(problem)

    def _prepare_articles(self):
        """Values of the clauses of a contract made from this template."""
        self.ensure_one()
        return [
            {"sequence": number, "name": line.clause_id.name, "text": line.clause_id.text, "clause_id": line.clause_id.id}
            for number, line in enumerate(self.line_ids, 1)
        ]


class CrmContractTemplateLine(models.Model):
    """The place of a clause in a template."""

    _name = "crm.contract.template.line"
    _description = "Clause of a Contract Template"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one("crm.contract.template", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    clause_id = fields.Many2one("crm.contract.clause", required=True, index=True, ondelete="restrict")
    text = fields.Text(related="clause_id.text")

    _sql_constraints = [("clause_once", "UNIQUE (template_id, clause_id)", "A clause stands in a template once.")]
