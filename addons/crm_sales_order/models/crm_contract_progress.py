# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import float_compare

from .crm_contract import IN_FORCE_STATES, SIGNED_STATES


class CrmContract(models.Model):
    """How far a contract is carried out: delivered, invoiced, collected; done by itself when all of it is.

    Amounts are those of the orders under the contract and its signed amendments, tax included; in place of a framework order
    stand its call-offs. Shares are of the amount
    agreed on, or of what was ordered where none was. Needs no right to orders or entries.
    """

    _inherit = "crm.contract"

    amount_ordered = fields.Monetary(string="Ordered", compute="_compute_progress")
    amount_delivered = fields.Monetary(string="Delivered", compute="_compute_progress")
    amount_invoiced = fields.Monetary(string="Invoiced", compute="_compute_progress")
    amount_collected = fields.Monetary(string="Collected", compute="_compute_progress")
    share_ordered = fields.Float(string="Ordered %", compute="_compute_progress", digits=(5, 1))
    share_delivered = fields.Float(string="Delivered %", compute="_compute_progress", digits=(5, 1))
    share_invoiced = fields.Float(string="Invoiced %", compute="_compute_progress", digits=(5, 1))
    share_collected = fields.Float(string="Collected %", compute="_compute_progress", digits=(5, 1))

    def _compute_progress(self):
        """One query, however many contracts."""
        progress = self._get_progress()
        for contract in self:
            ordered, delivered, invoiced, collected = progress.get(contract.id, (0.0, 0.0, 0.0, 0.0))
            whole = contract.amount_total or ordered
            contract.update(
                {
                    "amount_ordered": ordered,
                    "amount_delivered": delivered,
                    "amount_invoiced": invoiced,
                    "amount_collected": collected,
                    "share_ordered": 100.0 * ordered / whole if whole else 0.0,
                    "share_delivered": 100.0 * delivered / whole if whole else 0.0,
                    "share_invoiced": 100.0 * invoiced / whole if whole else 0.0,
                    "share_collected": 100.0 * collected / whole if whole else 0.0,
                }
            )

    def _get_progress(self):
        """{id: (ordered, delivered, invoiced, collected)} of those with confirmed orders; one query.

        Delivered is counted in lines that somebody delivers; what is invoiced as ordered, like freight, counts as
        delivered in the same share.
        """
        if not self.ids:
            return {}
        self.env["sale.order"].flush()
        self.env["sale.order.line"].flush()
        self.flush(["state", "amends_id"])
        self.env.cr.execute(
            """
            WITH of_contract AS (
                SELECT coalesce(contract.amends_id, contract.id) AS root_id,
                       sale.id, sale.amount_total, sale.amount_billed, sale.amount_collected
                  FROM sale_order AS sale
                  LEFT JOIN sale_order AS framework ON framework.id = sale.framework_id
                  JOIN crm_contract AS contract ON contract.id = coalesce(sale.contract_id, framework.contract_id)
                 WHERE sale.flow != 'framework'
                   AND (contract.id = ANY(%(ids)s) OR contract.amends_id = ANY(%(ids)s))
                   AND contract.state IN %(signed)s
                   AND sale.state IN ('sale', 'done')
            ), lines AS (
                SELECT sale.root_id,
                       sum(line.price_total) AS deliverable,
                       sum(line.price_total * least(line.qty_delivered / line.product_uom_qty, 1)) AS delivered
                  FROM of_contract AS sale
                  JOIN sale_order_line AS line ON line.order_id = sale.id
                  JOIN product_product AS product ON product.id = line.product_id
                  JOIN product_template AS template ON template.id = product.product_tmpl_id
                 WHERE line.product_uom_qty > 0
                   AND line.display_type IS NULL
                   AND line.is_downpayment IS NOT TRUE
                   AND (template.type != 'service' OR template.invoice_policy = 'delivery')
                 GROUP BY 1
            )
            SELECT sale.root_id,
                   sum(sale.amount_total),
                   sum(sale.amount_total) * coalesce(max(lines.delivered / nullif(lines.deliverable, 0)),
                                                     sum(sale.amount_billed) / nullif(sum(sale.amount_total), 0)),
                   sum(sale.amount_billed),
                   sum(sale.amount_collected)
              FROM of_contract AS sale
              LEFT JOIN lines ON lines.root_id = sale.root_id
             GROUP BY 1
            """,
            {"ids": self.ids, "signed": SIGNED_STATES},
        )
        return {contract_id: tuple(float(amount or 0.0) for amount in amounts) for contract_id, *amounts in self.env.cr.fetchall()}

    # ------------------------------------------------------------------ states that follow from it

    @api.model
    def _settle(self, contracts):
        """Contracts go into execution with their first delivery or invoice, and are done with their last payment.

        Called when something was delivered or collected, and daily; a payment taken back opens a contract again.

        :param contracts: any contracts or amendments
        """
        firsts = contracts.sudo() | contracts.sudo().amends_id
        firsts = firsts.filtered(lambda contract: not contract.amends_id and contract.state in (*IN_FORCE_STATES, "done"))
        progress = firsts._get_progress()
        for contract in firsts:
            state = contract._get_settled_state(progress.get(contract.id))
            if state != contract.state:
                contract._write_guarded({"state": state})

    def _get_settled_state(self, amounts):
        """The state that follows from the amounts of :meth:`_get_progress`, None for none."""
        self.ensure_one()
        if not amounts:
            return self.state
        ordered, delivered, invoiced, collected = amounts
        digits = self.currency_id.rounding
        whole = max(ordered, self.amount_total)
        running = self.framework and not self.amount_total and (not self.date_end or self.date_end >= fields.Date.context_today(self))
        if not running and all(float_compare(part, whole, precision_rounding=digits) >= 0 for part in (delivered, invoiced, collected)):
            return "done"
        started = any(float_compare(part, 0.0, precision_rounding=digits) > 0 for part in (delivered, invoiced))
        return "executing" if started or self.state == "done" else self.state
