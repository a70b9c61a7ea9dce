# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Does the value tie? Source file, orders, ledger and bank against each other."""

import lead_to_cash_deals as data


def check_suite(orders, deals):
    """Raise AssertionError unless every deal arrived in the bank, at its value.

    :param orders: sale.order, one per deal
    :param deals: the won deals of the source
    :returns: facts for the report
    """
    value = sum(deal.value for deal in deals)
    _expect("orders", len(orders), len(deals))
    _expect("order totals", sum(orders.mapped("amount_total")), value)
    _expect("orders paid", len(orders.filtered(lambda order: order.payment_status == "paid")), len(deals))
    _expect("won opportunities", sum(orders.opportunity_id.mapped("expected_revenue")), value)
    items = orders.invoice_ids.line_ids
    receivable = items.filtered(lambda item: item.account_internal_type == "receivable")
    _expect("posted revenue", -sum((items - receivable).mapped("balance")), value)
    _expect("open receivables", sum(receivable.mapped("amount_residual")), 0.0)
    entries = (receivable.matched_credit_ids.credit_move_id).move_id
    bank_lines = entries.statement_line_id
    _expect("bank", sum(bank_lines.mapped("amount")), value)
    _expect("bank lines reconciled", len(bank_lines.filtered("is_reconciled")), len(deals))
    overdue = sum(orders.partner_id.mapped("sales_amount_open"))
    _expect("customers' open amounts", overdue, 0.0)
    return {"matched": len(bank_lines), "won_value": value, **_check_supply(orders, deals)}


def _check_supply(orders, deals):
    """Every deal was delivered once: from stock, after a receipt, or by the vendor."""
    for line in orders.order_line:
        _expect("delivered on %s" % line.order_id.name, line.qty_delivered, line.product_uom_qty)
    bought = orders.order_line.filtered(lambda line: line.product_id.name == data.BOUGHT)
    dropped = orders.order_line.move_ids.filtered(
        lambda move: move.state == "done" and move.location_id.usage == "supplier"
    )
    _expect("drop-shipped", len(dropped), sum(deal.product == data.DROP_SHIPPED for deal in deals))
    _expect("bought", len(bought.peg_ids.sale_line_id), sum(deal.product == data.BOUGHT for deal in deals))
    work_orders = orders.env["crm.service.order"].search_count([("sale_order_id", "in", orders.ids)])
    _expect("work orders", work_orders, sum(deal.product in data.SERVICED for deal in deals))
    return {"bought": len(bought), "drop_shipped": len(dropped), "work_orders": work_orders}


def _expect(what, found, wanted):
    if abs(found - wanted) > 0.005:
        raise AssertionError("%s: %s found, %s wanted" % (what, found, wanted))
