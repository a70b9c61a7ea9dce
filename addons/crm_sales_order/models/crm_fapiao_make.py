# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..engine.fapiao import net, split
from ..exceptions import FapiaoError


class CrmFapiao(models.Model):
    """Making fapiao for invoices: one for several, or several for one where the limit asks for it."""

    _inherit = "crm.fapiao"

    @api.model
    def _make(self, moves, values):
        """Requested fapiao for ``moves``, which together are all that one title is for.

        The state of each invoice is written with it, so that of two requests at once the later one fails and is
        started again.

        :param moves: account.move, checked by ``_check_fapiao_request``
        :param values: title, kind and remarks
        :return: crm.fapiao in sudo mode, each with at most the company's limit
        """
        moves = moves.sudo()
        lines_by_fapiao = self._plan(moves)
        first = moves[0]
        common = {
            **values,
            "company_id": first.company_id.id,
            "partner_id": first.commercial_partner_id.id,
        }
        sources = self.env["account.move.line"].sudo().browse({line.key for lines in lines_by_fapiao for line in lines})
        by_id = {source.id: source for source in sources}
        credits = moves.filtered(lambda move: move.move_type == "out_refund")
        fapiao = self.sudo().create(
            [
                {
                    **common,
                    "requested_by_id": self.env.uid,
                    "line_ids": [(0, 0, self._prepare_line(line, by_id[line.key])) for line in lines],
                    "move_ids": [(6, 0, (credits | sources.browse([line.key for line in lines]).move_id).ids)],
                }
                for lines in lines_by_fapiao
            ]
        )
        fapiao.flush()
        return fapiao

    @api.model
    def _plan(self, moves):
        """Lines of each fapiao that ``moves`` take together.

        :raise FapiaoError: where nothing is left to be billed, or less than nothing at one rate
        """
        company = moves.company_id
        try:
            lines = net(moves._get_fapiao_items())
        except ValueError as error:
            raise FapiaoError(
                _("At %s %% more is credited than billed: a fapiao is not negative. Choose the invoices the credit notes are for, too.",
                  "%g" % error.args[0])
            ) from error  # fmt: skip
        if not lines:
            raise FapiaoError(_("Nothing is left to bill: what is invoiced is credited again."))
        return split(lines, int(round(company.fapiao_limit * 100)))

    @api.model
    def _prepare_line(self, line, source):
        """Values of a line; ``source`` is the invoice line it is for."""
        product = source.product_id
        code = product.product_tmpl_id._get_fapiao_tax_code()
        return {
            "move_line_id": source.id,
            "product_id": product.id,
            "name": self._get_item_name(product, source.name, code),
            "tax_code": code.code,
            "specification": product.fapiao_specification,
            "unit": source.product_uom_id.with_context(lang="zh_CN").name,
            "quantity": line.quantity,
            "discount": line.discount / 100,
            "amount_untaxed": line.untaxed / 100,
            "tax_rate": line.rate,
            "amount_tax": line.tax / 100,
        }

    @api.model
    def _get_item_name(self, product, text, code):
        """``*short name*item``, in the language of the tax office."""
        item = product.with_context(lang="zh_CN").name or (text or "").split("\n")[0] or _("Goods")
        return ("*%s*%s" % (code.short_name, item) if code else item)[:100]
