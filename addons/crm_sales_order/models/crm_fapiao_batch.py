# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo import _, api, fields, models

from ..engine.fapiao import is_tax_code
from ..exceptions import FapiaoError
from ..tools.sheets import write_book


class CrmFapiaoBatch(models.Model):
    """A file of fapiao as it went to the tax platform; the same file can be fetched again, never made twice."""

    _name = "crm.fapiao.batch"
    _description = "Batch File of Fapiao"
    _order = "id desc"

    name = fields.Char("Batch", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    layout_id = fields.Many2one("crm.fapiao.layout", required=True, readonly=True, ondelete="restrict")
    fapiao_ids = fields.One2many("crm.fapiao", "batch_id", string="Fapiao", readonly=True)
    fapiao_count = fields.Integer("Number of Fapiao", readonly=True)
    amount_total = fields.Monetary("Total", readonly=True)
    file = fields.Binary(readonly=True, attachment=True)
    file_name = fields.Char(readonly=True)

    @api.model
    def _make(self, fapiao, layout=None):
        """The files for requested ``fapiao``: blue and red ones and those of several companies apart.

        :raise FapiaoError: naming what is not requested any more, or a line without a tax code
        :return: crm.fapiao.batch in sudo mode
        """
        fapiao._check_finance()
        if not fapiao:
            raise FapiaoError(_("Choose requested fapiao first."))
        fapiao = fapiao.sudo()
        for one in fapiao:
            if one.state != "requested":
                raise FapiaoError(
                    _("%s is not waiting: it is in a batch file already, issued or cancelled. Leave it out.", one.display_name)
                )
        fapiao.line_ids._fill_tax_codes()
        batches = self.sudo().browse()
        for company in fapiao.company_id:
            for is_red in (False, True):
                some = fapiao.filtered(lambda one, company=company, is_red=is_red: (one.company_id, one.is_red) == (company, is_red))
                if some:
                    batches |= self._make_one(some.sorted("id"), layout or self._get_layout(company, is_red))
        return batches

    @api.model
    def _get_layout(self, company, is_red):
        domain = [("company_id", "in", (False, company.id)), ("is_red", "=", is_red)]
        layout = self.env["crm.fapiao.layout"].sudo().search(domain, limit=1)
        if not layout:
            raise FapiaoError(_("There is no layout for such a file. Make one under Fapiao › File Layouts."))
        return layout

    @api.model
    def _make_one(self, fapiao, layout):
        if any(one.is_red != layout.is_red for one in fapiao):
            raise FapiaoError(_("Layout “%s” is not for both, fapiao and red fapiao. Choose one kind.", layout.name))
        company = fapiao.company_id
        name = self.env["ir.sequence"].with_company(company).next_by_code("crm.fapiao.batch")
        batch = self.sudo().create(
            {
                "name": name,
                "company_id": company.id,
                "layout_id": layout.id,
                "fapiao_count": len(fapiao),
                "amount_total": sum(fapiao.mapped("amount_total")),
                "file": base64.b64encode(self._render(fapiao, layout)),
                "file_name": "%s.xlsx" % name.replace("/", "-"),
            }
        )
        fapiao.write({"state": "exported", "batch_id": batch.id})
        return batch

    @api.model
    def _render(self, fapiao, layout):
        """:rtype: bytes"""
        sheets = []
        heads, lines = layout._get_columns("head"), layout._get_columns("line")
        if heads:
            sheets.append((layout.head_sheet, heads.mapped("name"), [[head._render(one) for head in heads] for one in fapiao]))
        if lines:
            rows = [[column._render(one, line) for column in lines] for one in fapiao for line in one.line_ids]
            sheets.append((layout.line_sheet, lines.mapped("name"), rows))
        return write_book(sheets)

    def action_download(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": "/web/content/crm.fapiao.batch/%d/file/%s?download=true" % (self.id, self.file_name),
            "target": "self",
        }

    @api.model
    def _open(self, batches):
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_fapiao_batch_action")
        action["domain"] = [("id", "in", batches.ids)]
        if len(batches) == 1:
            action.update(views=[(False, "form")], res_id=batches.id)
        return action


class CrmFapiao(models.Model):
    _inherit = "crm.fapiao"

    def action_export(self):
        """Write the requested fapiao of ``self`` into batch files for the tax platform."""
        return self.env["crm.fapiao.batch"]._open(self.env["crm.fapiao.batch"]._make(self))


class CrmFapiaoLine(models.Model):
    _inherit = "crm.fapiao.line"

    def _fill_tax_codes(self):
        """Take the codes that products have got since the request.

        :raise FapiaoError: naming the products that still have none
        """
        missing = {}
        for line in self.filtered(lambda line: not line.tax_code):
            code = line.product_id.product_tmpl_id._get_fapiao_tax_code()
            if code:
                line.write({"tax_code": code.code, "name": line.fapiao_id._get_item_name(line.product_id, line.name, code)})
            if not is_tax_code(line.tax_code or ""):
                missing.setdefault(line.product_id.display_name or line.name, line.fapiao_id.name)
        if missing:
            raise FapiaoError(
                _("These have no tax code (税收分类编码) yet: %s. Enter it on the product's category, under Tax Codes, or on the line.",
                  ", ".join("%s (%s)" % each for each in list(missing.items())[:10]))
            )  # fmt: skip
