# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, fields, models
from odoo.tools.misc import formatLang

from ..engine import credit
from ..exceptions import CreditError

#: Kinds of order that bind nobody to buy: only what was delivered for good will be invoiced
UNBOUND_FLOWS = ("framework", "loan", "consignment")
#: Who may read amounts of a customer's credit; all others only learn whether goods may go to the customer
AMOUNT_GROUPS = "sales_team.group_sale_salesman,account.group_account_invoice,crm_core.group_executive"

ORDER_LINES = """
    SELECT debtor.commercial_partner_id, sale.company_id, sale.id,
           coalesce(nullif(sale.currency_rate, 0), 1), currency.rounding, coalesce(advance.billed, 0),
           CASE WHEN line.product_uom_qty = 0 THEN line.price_unit * (1 - coalesce(line.discount, 0) / 100)
                ELSE line.price_total END,
           coalesce(nullif(line.product_uom_qty, 0), 1), line.product_uom_qty, line.qty_delivered, line.qty_invoiced,
           moved.pending, coalesce(sale.flow, '') NOT IN %(unbound)s
      FROM sale_order AS sale
      JOIN res_partner AS debtor ON debtor.id = sale.partner_invoice_id
      JOIN sale_order_line AS line ON line.order_id = sale.id
      JOIN res_currency AS currency ON currency.id = line.currency_id
      LEFT JOIN LATERAL (
               SELECT sum(CASE WHEN invoice.move_type = 'out_refund' THEN -item.price_total ELSE item.price_total END) AS billed
                 FROM sale_order_line AS paid_ahead
                 JOIN sale_order_line_invoice_rel AS rel ON rel.order_line_id = paid_ahead.id
                 JOIN account_move_line AS item ON item.id = rel.invoice_line_id
                 JOIN account_move AS invoice ON invoice.id = item.move_id AND invoice.state != 'cancel'
                WHERE paid_ahead.order_id = sale.id AND paid_ahead.is_downpayment
           ) AS advance ON TRUE
      LEFT JOIN LATERAL (
               SELECT sum(CASE WHEN move.state IN ('done', 'cancel') THEN 0
                               WHEN source.usage = 'customer' THEN CASE WHEN move.to_refund THEN -1 ELSE 0 END
                               ELSE 1 END * move.product_uom_qty / uom.factor * line_uom.factor) AS pending
                 FROM stock_move AS move
                 JOIN stock_location AS source ON source.id = move.location_id
                 JOIN stock_location AS target ON target.id = move.location_dest_id
                 JOIN uom_uom AS uom ON uom.id = move.product_uom
                 JOIN uom_uom AS line_uom ON line_uom.id = line.product_uom
                WHERE move.sale_line_id = line.id
                  AND move.product_id = line.product_id
                  AND 'customer' IN (source.usage, target.usage)
           ) AS moved ON TRUE
     WHERE debtor.commercial_partner_id = ANY(%(partners)s)
       AND sale.company_id = ANY(%(companies)s)
       AND sale.state IN ('sale', 'done')
       AND line.display_type IS NULL
       AND NOT coalesce(line.is_downpayment, FALSE)
       AND line.qty_invoiced < greatest(line.product_uom_qty, line.qty_delivered)
     ORDER BY sale.id
"""
DRAFTS = """
    SELECT commercial_partner_id, company_id, amount_total_signed
      FROM account_move
     WHERE commercial_partner_id = ANY(%(partners)s)
       AND company_id = ANY(%(companies)s)
       AND state = 'draft'
       AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')
"""
OPEN_ITEMS = """
    SELECT partner.commercial_partner_id, item.company_id, item.amount_residual, item.date_maturity
      FROM account_move_line AS item
      JOIN account_account AS account ON account.id = item.account_id AND account.internal_type = 'receivable'
      JOIN res_partner AS partner ON partner.id = item.partner_id
     WHERE partner.commercial_partner_id = ANY(%(partners)s)
       AND item.company_id = ANY(%(companies)s)
       AND item.parent_state = 'posted'
       AND NOT item.reconciled
       AND item.amount_residual != 0
"""
#: What these queries read: written to the database before they run
READ = {
    "sale.order": ["state", "partner_invoice_id", "currency_rate", "flow"],
    "sale.order.line": ["price_total", "product_uom_qty", "qty_delivered", "qty_invoiced", "invoice_lines", "currency_id"],
    "stock.move": ["state", "product_uom_qty", "to_refund", "sale_line_id"],
    "account.move": ["state", "amount_total_signed", "commercial_partner_id"],
    "account.move.line": ["amount_residual", "reconciled", "date_maturity", "partner_id", "price_total"],
    "res.partner": ["commercial_partner_id"],
}


class CrmCredit(models.AbstractModel):
    """Where customers stand: what they owe and will owe, against what finance or a rule allows.

    Per commercial partner who pays and company, in the company's currency. Odoo's ``res.partner.credit_limit`` is one
    number for all companies and checked nowhere: it is not used. Cost: five queries, however many customers; none of
    the three big ones for customers who have neither a limit nor a number of days.
    """

    _name = "crm.credit"
    _description = "Credit Standing"

    def init(self):
        super().init()
        # Serves ORDER_LINES: confirmed orders of who pays. The uninstall hook drops these two.
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS sale_order_debtor_idx ON sale_order (partner_invoice_id) WHERE state IN ('sale', 'done')"
        )
        # Serves DRAFTS: drafts are few, invoices of a customer many
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS account_move_draft_debtor_idx ON account_move (commercial_partner_id) WHERE state = 'draft'"
        )

    @api.model
    def _get_verdicts(self, pairs, more=None, every=False, terms=None, confirming=()):
        """Where the customers stand now.

        :param pairs: iterable of (commercial partner id, company id)
        :param terms: {pair: engine.credit.Terms}, where they were read already
        :param more: {pair: minor units about to be ordered, not confirmed yet}
        :param confirming: ids of orders that are being confirmed, and have no transfers yet but those of an earlier life
        :param every: also load the figures of customers who have no limit; they are free anyway
        :rtype: dict of pair → engine.credit.Verdict
        """
        pairs = set(pairs)
        terms = terms or self.env["crm.credit.limit"].sudo()._get_terms(pairs)
        checked = {pair for pair in pairs if every or terms[pair].limit is not None or terms[pair].days is not None}
        facts = self._load(checked, confirming)
        today = fields.Date.context_today(self)
        verdicts = {}
        for pair in pairs:
            orders, drafts, items = facts.get(pair, ((), (), ()))
            exposure = credit.get_exposure(orders, drafts, items)
            verdicts[pair] = credit.judge(exposure, items, terms[pair], today, (more or {}).get(pair, 0))
        return verdicts

    @api.model
    def _hold(self, documents, way=None, confirming=()):
        """Raise unless the customers' credit allows what is about to happen; a release by finance is used up by it.

        Who comes here at the same time waits, and is started again: see ``crm.credit.guard``.

        :param documents: {sale.order or stock.picking, which may be empty: {pair}}; orders are confirmed already
        :param confirming: see :meth:`_get_verdicts`
        :param way: what to do when they are held back; default: ask finance there
        :raise CreditError: naming what is held back, why, and who releases it
        """
        pairs = set().union(*documents.values())
        terms = self.env["crm.credit.limit"].sudo()._get_terms(pairs)
        checked = {pair for pair in pairs if terms[pair].limit is not None or terms[pair].days is not None}
        verdicts = {}
        if checked:
            self.env["crm.credit.guard"].sudo()._acquire(checked)
            verdicts = self._get_verdicts(checked, terms=terms, confirming=confirming)
        blocked = {}
        for document, own in documents.items():
            why = {pair: verdicts[pair] for pair in sorted(own & checked) if verdicts[pair].state == credit.BLOCKED}
            if why:
                blocked[document] = why
        releases = self.env["crm.credit.release"].sudo()._use(documents, blocked)
        problems = [
            (document, why, releases[document]) for document, why in blocked.items() if not releases[document]._covers(document, why)
        ]
        if problems:
            raise self._prepare_error(problems, way)

    @api.model
    def _prepare_error(self, problems, way=None):
        """:param problems: [(document, {pair: verdict}, release that does not cover it or an empty one)]"""
        lines = []
        for document, blocked, release in problems:
            if document:
                document._tell_held()
            name = document.display_name or _("Goods outside of a transfer")
            why = self._explain_pairs(blocked)
            if release:
                why = _("%(why)s It was released as it was before: it has changed since.", why=why)
            lines.append("• %s: %s" % (name, why))
        way = way or _("Finance can release it once: press “Ask for Release” there and say why.")
        return CreditError(_("Held back by credit control:\n%(lines)s\n%(way)s", lines="\n".join(lines), way=way))

    @api.model
    def _explain_pairs(self, verdicts, amounts=None):
        """
        :param verdicts: {pair: verdict}; those that are not blocked say nothing
        :param amounts: whether to tell amounts; default: as the reader may know them
        """
        partners, companies = self.env["res.partner"].sudo(), self.env["res.company"].sudo()
        texts = [
            self._explain(verdict, partners.browse(partner_id), companies.browse(company_id), amounts)
            for (partner_id, company_id), verdict in verdicts.items()
        ]
        return " ".join(text for text in texts if text)

    @api.model
    def _get_units(self, company):
        """Minor units per unit of the company's currency."""
        return round(1 / company.currency_id.rounding)

    @api.model
    def _load(self, pairs, confirming=()):
        """{pair: (engine orders, draft amounts, engine items)}: three queries."""
        if not pairs:
            return {}
        for name, names in READ.items():
            self.env[name].flush(names)
        partners, companies = (sorted(set(ids)) for ids in zip(*pairs))
        units = {company.id: self._get_units(company) for company in self.env["res.company"].sudo().browse(companies)}
        values = {"partners": partners, "companies": companies, "unbound": UNBOUND_FLOWS}
        result = {pair: ([], [], []) for pair in pairs}
        for pair, order in self._load_orders(values, units, confirming):
            if pair in result:
                result[pair][0].append(order)
        for partner_id, company_id, amount in self._fetch(DRAFTS, values):
            if (partner_id, company_id) in result:
                result[partner_id, company_id][1].append(credit.round_half_up(float(amount) * units[company_id]))
        for partner_id, company_id, amount, due in self._fetch(OPEN_ITEMS, values):
            if (partner_id, company_id) in result:
                item = credit.Item(credit.round_half_up(float(amount) * units[company_id]), due)
                result[partner_id, company_id][2].append(item)
        return result

    @api.model
    def _fetch(self, query, values):
        self.env.cr.execute(query, values)
        return self.env.cr.fetchall()

    @api.model
    def _load_orders(self, values, units, confirming):
        """[(pair, engine order)] of confirmed orders with something left to invoice."""
        lines = defaultdict(list)
        heads = {}
        for row in self._fetch(ORDER_LINES, values):
            partner_id, company_id, order_id, rate, rounding, advances, value, per, *quantities, pending, bound = row
            own = round(1 / float(rounding))
            heads[order_id] = (
                (partner_id, company_id),
                credit.round_half_up(float(advances) * own),
                units[company_id] / own / float(rate),
            )
            numbers = [float(quantity or 0.0) for quantity in quantities]
            pending = None if pending is None or order_id in confirming else float(pending)
            lines[order_id].append(credit.Line(credit.round_half_up(float(value) * own), float(per), *numbers, pending, bound))
        return [(pair, credit.Order(lines[order_id], advances, rate)) for order_id, (pair, advances, rate) in heads.items()]

    # -- words -------------------------------------------------------------------------------------------------------

    @api.model
    def _sees_amounts(self):
        """Whether the reader may know how much a customer owes and may owe; superuser mode opens nothing."""
        return any(self.env.user.has_group(group) for group in AMOUNT_GROUPS.split(","))

    @api.model
    def _explain(self, verdict, partner, company, amounts=None):
        """Why a customer is blocked, in the reader's language; amounts only for who may read them. False when not blocked."""
        if verdict.state != credit.BLOCKED:
            return False
        told = self._sees_amounts() if amounts is None else amounts
        explain = self._explain_amounts if told else self._explain_plainly
        return " ".join(explain(reason, verdict, partner, company) for reason in verdict.reasons)

    @api.model
    def _explain_amounts(self, reason, verdict, partner, company):
        def show(amount):
            return formatLang(self.env, amount / self._get_units(company), currency_obj=company.currency_id)

        if reason == credit.LIMIT:
            return _(
                "%(customer)s owes or has ordered %(exposure)s; the credit limit is %(limit)s.",
                customer=partner.name,
                exposure=show(verdict.exposure.total),
                limit=show(verdict.terms.limit),
            )
        return _(
            "%(customer)s is %(days)s days late with %(amount)s; at most %(allowed)s days are allowed.",
            customer=partner.name,
            days=verdict.days_late,
            amount=show(verdict.late),
            allowed=verdict.terms.days,
        )

    @api.model
    def _explain_plainly(self, reason, verdict, partner, company):
        if reason == credit.LIMIT:
            return _("%(customer)s is over the credit limit.", customer=partner.name)
        return _("%(customer)s is late with payments.", customer=partner.name)
