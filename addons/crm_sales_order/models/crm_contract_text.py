# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import _, api, fields, models
from odoo.tools import format_amount, format_date, html_escape
from odoo.tools.misc import formatLang

from ..engine import merge_fields
from ..engine.merge_fields import Table
from ..engine.paper.amount import in_words
from ..exceptions import SalesOrderError


class CrmContract(models.Model):
    """The text: clauses with their fields filled in, live in a draft and frozen from sending on."""

    _inherit = "crm.contract"
    _contact_details_path = "partner_id"
    _contact_details_follow_ups = True

    body_html = fields.Html(string="Text as Sent", readonly=True, copy=False, sanitize=False)
    preview_html = fields.Html(string="Text", compute="_compute_preview_html", sanitize=False, compute_sudo=True)

    @api.depends(
        *("body_html", "article_ids.name", "article_ids.text", "annex_ids", "state"),
        *("partner_id", "amount_total", "date_start", "date_end"),
    )
    @api.depends_context("lang")
    def _compute_preview_html(self):
        """As it was sent; in a draft as it would be sent now, or why it cannot be."""
        for contract in self:
            try:
                contract.preview_html = contract.body_html or contract._render_body()
            except SalesOrderError as error:
                contract.preview_html = '<div class="alert alert-warning">%s</div>' % html_escape(error.args[0])

    @api.model
    def _get_contact_detail_fields(self):
        """The text names address and telephone of the customer."""
        return super()._get_contact_detail_fields() | {"body_html", "preview_html"}

    # ------------------------------------------------------------------ fields

    @api.model
    def _get_merge_fields(self):
        """{name: label for the author}: every field a clause may name.

        Hook for more; :meth:`_get_merge_values` has a value for each.
        """
        return {
            "contract.number": _("Number of the contract"),
            "contract.title": _("Title of the contract"),
            "contract.date": _("Date of the text"),
            "contract.start": _("Start"),
            "contract.end": _("End"),
            "customer.name": _("Customer: name"),
            "customer.address": _("Customer: address"),
            "customer.tax_id": _("Customer: tax number"),
            "customer.phone": _("Customer: telephone"),
            "customer.signatory": _("Customer: who signs"),
            "company.name": _("Our company: name"),
            "company.address": _("Our company: address"),
            "company.tax_id": _("Our company: tax number"),
            "company.phone": _("Our company: telephone"),
            "company.bank_account": _("Our company: bank account"),
            "salesperson.name": _("Salesperson: name"),
            "salesperson.phone": _("Salesperson: telephone"),
            "amount.total": _("Amount, tax included"),
            "amount.words": _("Amount in words"),
            "amount.untaxed": _("Amount without tax"),
            "amount.tax": _("Tax"),
            "order.numbers": _("Numbers of the orders"),
            "order.lines": _("Goods and services, as a table"),
            "order.payment_terms": _("Payment terms"),
            "order.delivery_address": _("Delivery address"),
            "amended.number": _("Amendment: contract it changes"),
            "amended.changes": _("Amendment: what changes, as a table"),
        }

    def _get_merge_values(self):
        """{name: text or :class:`Table`} for every merge field, as of now and in the customer's language."""
        self.ensure_one()
        contract = self.sudo().with_company(self.company_id).with_context(lang=self._get_text_lang())
        return {
            **contract._merge_contract(),
            **contract._merge_parties(),
            **contract._merge_money(),
            **contract._merge_orders(),
            "amended.number": contract.amends_id.name or "",
            "amended.changes": contract._merge_changes(),
        }

    def _get_text_lang(self):
        return self.sudo().partner_id.lang or self.env.lang

    def _merge_contract(self):
        def written(date):
            return format_date(self.env, date) if date else ""

        return {
            "contract.number": self.name,
            "contract.title": self.title or "",
            "contract.date": written(fields.Date.context_today(self)),
            "contract.start": written(self.date_start),
            "contract.end": written(self.date_end) or _("all obligations are met"),
        }

    def _merge_parties(self):
        customer, company = self.commercial_partner_id, self.company_id.partner_id
        bank, signatory = company.bank_ids[:1], self.signatory_id or self.partner_id
        return {
            "customer.name": customer.name or "",
            "customer.address": self._paper_address(customer),
            "customer.tax_id": customer.vat or "",
            "customer.phone": customer.phone or customer.mobile or signatory.mobile or signatory.phone or "",
            "customer.signatory": signatory.name or "",
            "company.name": company.name or "",
            "company.address": self._paper_address(company),
            "company.tax_id": company.vat or "",
            "company.phone": company.phone or "",
            "company.bank_account": " ".join(filter(None, (bank.bank_id.name, bank.acc_number))),
            "salesperson.name": self.user_id.name or "",
            "salesperson.phone": self.user_id.mobile or self.user_id.phone or "",
        }

    def _merge_money(self):
        def money(amount):
            return format_amount(self.env, amount, self.currency_id)

        orders = self._get_text_orders()
        untaxed = sum(orders.mapped("amount_untaxed")) if orders else self.amount_total
        return {
            "amount.total": money(self.amount_total),
            "amount.words": self._get_amount_words(),
            "amount.untaxed": money(untaxed),
            "amount.tax": money(self.amount_total - untaxed),
        }

    def _get_amount_words(self):
        """人民币大写, whatever the language of the text: it is the amount that counts."""
        return in_words(Decimal(str(self.currency_id.round(self.amount_total))), self.currency_id.name)

    def _get_text_orders(self):
        """The orders the text speaks of."""
        return self.order_ids.filtered(lambda order: order.state != "cancel")

    def _merge_orders(self):
        orders = self._get_text_orders()
        addresses = orders.partner_shipping_id
        return {
            "order.numbers": ", ".join(orders.mapped("name")),
            "order.lines": self._merge_lines(orders),
            "order.payment_terms": ", ".join(dict.fromkeys(orders.payment_term_id.mapped("name"))),
            "order.delivery_address": "; ".join(self._paper_address(address) for address in addresses),
        }

    def _merge_lines(self, orders):
        lines = orders.order_line.filtered(lambda line: not line.display_type)
        rows = [
            (
                str(number),
                line.name.splitlines()[0],
                formatLang(self.env, line.product_uom_qty, dp="Product Unit of Measure"),
                line.product_uom.name or "",
                formatLang(self.env, line.price_reduce_taxinc, currency_obj=line.currency_id),
                formatLang(self.env, line.price_total, currency_obj=line.currency_id),
            )
            for number, line in enumerate(lines, 1)
        ]
        head = (_("No."), _("Item"), _("Quantity"), _("Unit"), _("Price"), _("Amount"))
        return Table(head, tuple(rows), (2, 4, 5))

    # ------------------------------------------------------------------ rendering

    def _get_blocks(self):
        """The clauses filled in: list of (title, [text or :class:`Table`]).

        :raise SalesOrderError: naming the clause and the field that is not there
        """
        self.ensure_one()
        articles, values = self.sudo().article_ids, self._get_merge_values()
        problems = [problem for problem in (article._get_merge_problem(values) for article in articles) if problem]
        if problems:
            raise SalesOrderError("\n".join(problems))
        clauses = [(article.name, merge_fields.fill(article.text, values)) for article in articles]
        return clauses + self.with_context(lang=self._get_text_lang())._get_annex_blocks()

    def _render_body(self):
        """The text as HTML; every value is escaped."""
        parts = []
        for number, (title, blocks) in enumerate(self._get_blocks(), 1):
            parts.append("<h4>%d. %s</h4>" % (number, html_escape(title)))
            parts += [self._render_table(block) if isinstance(block, Table) else "<p>%s</p>" % html_escape(block) for block in blocks]
        return "\n".join(parts)

    @api.model
    def _render_table(self, table):
        def row(cells, tag):
            look = ' class="text-right"'
            return "<tr>%s</tr>" % "".join(
                "<%s%s>%s</%s>" % (tag, look if column in table.numbers else "", html_escape(cell), tag)
                for column, cell in enumerate(cells)
            )

        body = "".join(row(cells, "td") for cells in table.rows)
        return (
            '<div class="table-responsive"><table class="table table-sm"><thead>%s</thead><tbody>%s</tbody></table></div>'
            % (row(table.head, "th"), body)
        )
