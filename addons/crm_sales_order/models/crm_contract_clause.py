# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import html_escape

from ..engine import merge_fields


class CrmContractText(models.AbstractModel):
    """A titled piece of contract text with merge fields, checked when it is saved."""

    _name = "crm.contract.text"
    _description = "Text with Merge Fields"

    name = fields.Char(string="Title", required=True, translate=False)
    text = fields.Text(
        required=True, help="A line is a paragraph. {{ customer.name }} and the other fields listed below are filled in."
    )

    merge_field_help = fields.Html(string="Fields", compute="_compute_merge_field_help", sanitize=False)

    @api.depends_context("lang")
    def _compute_merge_field_help(self):
        """The list an author chooses from."""
        rows = "".join(
            "<tr><td><code>{{ %s }}</code></td><td>%s</td></tr>" % (name, html_escape(label))
            for name, label in self.env["crm.contract"]._get_merge_fields().items()
        )
        for piece in self:
            piece.merge_field_help = '<table class="table table-sm">%s</table>' % rows

    @api.constrains("name", "text")
    def _check_merge_fields(self):
        """:raise ValidationError: naming the clause and the field that is not there"""
        known = self.env["crm.contract"]._get_merge_fields()
        for piece in self:
            problem = piece._get_merge_problem(known)
            if problem:
                raise ValidationError(problem)

    def _get_merge_problem(self, known):
        """Why the text cannot be filled in, in words; False when it can.

        :param known: names of the fields there are
        """
        self.ensure_one()
        try:
            merge_fields.check(self.text or "", known)
        except merge_fields.UnknownField as error:
            return self._explain_unknown(error.name, known)
        except merge_fields.OpenBrace as error:
            return _(
                "Clause “%(clause)s”: a field is written {{ like.this }}, with two braces on both sides. Look at “%(near)s”.",
                clause=self.name,
                near=error.near,
            )
        return False

    @api.model
    def _explain_unknown(self, name, known):
        near = merge_fields.similar(name, known)
        hint = _("Perhaps you mean %(names)s.", names=", ".join(near)) if near else ""
        text = _(
            "Clause “%(clause)s” names the field “%(field)s”, which is not there. Remove it, or choose one of the list.",
            clause=self.name,
            field=name,
        )
        return " ".join((text, hint)).strip()


class CrmContractClause(models.Model):
    """A clause of the library, written once and used by many templates."""

    _name = "crm.contract.clause"
    _inherit = "crm.contract.text"
    _description = "Contract Clause"
    _order = "name, id"

    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: for all companies.")
    template_count = fields.Integer(string="Used in", compute="_compute_template_count")

    def _compute_template_count(self):
        groups = self.env["crm.contract.template.line"].read_group([("clause_id", "in", self.ids)], ["clause_id"], ["clause_id"])
        counts = {group["clause_id"][0]: group["clause_id_count"] for group in groups}
        for clause in self:
            clause.template_count = counts.get(clause.id, 0)


class CrmContractArticle(models.Model):
    """A clause as it stands in one contract: copied from the library, edited while the contract is a draft."""

    _name = "crm.contract.article"
    _inherit = "crm.contract.text"
    _description = "Clause of a Contract"
    _order = "contract_id, sequence, id"

    contract_id = fields.Many2one("crm.contract", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    clause_id = fields.Many2one("crm.contract.clause", string="From the Library", ondelete="set null")
    is_changed = fields.Boolean(
        string="Own Wording", compute="_compute_is_changed", help="Not as it stands in the library of clauses."
    )

    @api.depends("name", "text", "clause_id.text")
    def _compute_is_changed(self):
        for article in self:
            article.is_changed = not article.clause_id or article.text != article.clause_id.text

    @api.onchange("clause_id")
    def _onchange_clause_id(self):
        if self.clause_id:
            self.update({"name": self.clause_id.name, "text": self.clause_id.text})

    @api.model_create_multi
    def create(self, vals_list):
        articles = super().create(vals_list)
        articles.contract_id._check_draft()
        return articles

    def write(self, vals):
        self.contract_id._check_draft()
        result = super().write(vals)
        self.contract_id._check_draft()
        return result

    def unlink(self):
        self.contract_id._check_draft()
        return super().unlink()
