# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Facts of the demo company, on a database it was loaded into (`./erp test tests/integration`)."""

from unittest import SkipTest

from odoo import fields
from odoo.addons.crm_core.demo.loader import SUITE, is_demo_loaded, load_suite_demo
from odoo.tests.common import SavepointCase
from stdnum.cn import uscc

ROLES = {
    "crm_core.demo_user_rep": "crm_core.group_sales_rep",
    "crm_core.demo_user_rep2": "crm_core.group_sales_rep",
    "crm_core.demo_user_rep3": "crm_core.group_sales_rep",
    "crm_core.demo_user_leader": "crm_core.group_team_leader",
    "crm_core.demo_user_director": "crm_core.group_sales_director",
    "crm_core.demo_user_marketing": "crm_core.group_marketing",
    "crm_core.demo_user_boss": "crm_core.group_executive",
    "crm_sales_order.demo_user_finance": "crm_sales_order.group_finance",
    "crm_sales_order.demo_user_warehouse": "crm_sales_order.group_warehouse",
    "crm_procurement.demo_user_buyer": "crm_procurement.group_buyer",
    "crm_procurement.demo_user_purchasing": "crm_procurement.group_purchasing_manager",
    "crm_service.demo_user_agent": "crm_service.group_service_agent",
    "crm_service.demo_user_dispatcher": "crm_service.group_dispatcher",
    "crm_service.demo_user_technician": "crm_service.group_technician",
    "crm_service.demo_user_technician2": "crm_service.group_technician",
}


class TestDemo(SavepointCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not all(is_demo_loaded(cls.env, name) for name in SUITE[:4]):
            raise SkipTest("the demo company is not loaded into this database")
        cls.demo = cls.env["crm.demo"]
        cls.today = cls.demo._today()

    def _count(self, model, *domain):
        return self.env[model].search_count(list(domain))

    # -- masters -------------------------------------------------------------------------------------------------------

    def test_the_company_is_a_chinese_trader(self):
        company = self.env.ref("base.main_company")
        self.assertEqual(company.name, "深圳市恒拓机电设备有限公司")
        self.assertEqual(company.currency_id, self.env.ref("base.CNY"))
        self.assertEqual(company.country_id, self.env.ref("base.cn"))
        kinds = self.env["account.journal"].search([("company_id", "=", company.id)]).mapped("type")
        self.assertLessEqual({"sale", "purchase", "bank", "cash"}, set(kinds))

    def test_every_user_has_exactly_the_groups_of_the_role(self):
        everyone = self.env.ref("base.group_user")
        for user, role in ROLES.items():
            groups = everyone | self.env.ref(role)
            with self.subTest(user=user):
                self.assertEqual(self.env.ref(user).groups_id, groups | groups.trans_implied_ids)

    def test_users_work_in_chinese(self):
        for xmlid in [*ROLES, "base.user_admin"]:
            user = self.env.ref(xmlid)
            self.assertEqual((user.lang, user.tz, user.notification_type), ("zh_CN", "Asia/Shanghai", "inbox"))

    def test_nobody_is_greeted_by_old_notifications(self):
        """But for what waits for an approval."""
        waiting = self.env["crm.gate.approval"].search([("state", "=", "requested")]).lead_id
        told = self.env["mail.notification"].search(
            [("mail_message_id.model", "in", ("crm.lead", "res.partner")), ("is_read", "=", False)]
        )
        self.assertEqual(set(told.mail_message_id.mapped("res_id")), set(waiting.ids))

    def test_sixty_customers_and_forty_products(self):
        customers = self.demo._get_customers()
        self.assertEqual(len(customers), 60)
        self.assertTrue(all(customers.mapped("is_customer")))
        self.assertTrue(all(customer.child_ids and customer.user_id for customer in customers))
        self.assertTrue(all(uscc.is_valid(customer.vat) for customer in customers))
        self.assertEqual(len(self.demo._get_products()), 40)

    def test_vendors_are_no_customers(self):
        vendors = self.env["res.partner"].search([("supplier_rank", ">", 0), ("is_company", "=", True)])
        self.assertGreaterEqual(len(vendors), 8)
        self.assertFalse(any(vendors.mapped("is_customer")))

    # -- leads ---------------------------------------------------------------------------------------------------------

    def test_leads_in_every_stage_won_and_lost(self):
        for stage in self.env.ref("crm_core.crm_selling_model_staged").stage_ids:
            self.assertGreater(self._count("crm.lead", ("stage_id", "=", stage.id)), 3, stage.name)
        lost = self.env["crm.lead"].search([("active", "=", False), ("probability", "=", 0)])
        self.assertGreater(len(lost), 20)
        self.assertTrue(all(lost.mapped("lost_reason")))

    def test_every_way_of_selling_has_its_deals(self):
        for kind in ("quick", "staged", "multiparty"):
            self.assertTrue(self._count("crm.lead", ("selling_model_id.kind", "=", kind)), kind)
        projects = self.env["crm.lead"].with_context(tz="Asia/Shanghai").search([("selling_model_id.kind", "=", "multiparty")])
        project = projects.filtered("party_ids.activity_ids")
        # what was for today is late where the company was made yesterday, or before midnight
        self.assertLessEqual({"overdue", "planned", False}, set(project.party_ids.mapped("task_state")))
        rep2 = self.env.ref("crm_core.demo_user_rep2")
        self.assertEqual(self.env["crm.lead"].with_user(rep2).search([("id", "in", project.ids)]), project)

    def test_a_year_of_leads_none_from_the_future(self):
        leads = self.env["crm.lead"].with_context(active_test=False).search([("team_id", "in", self.demo._branches().ids)])
        created = [lead.create_date.date() for lead in leads]
        self.assertGreater((self.today - min(created)).days, 300)
        self.assertLess((self.today - max(created)).days, 10)
        self.assertLessEqual(max(created), self.today)
        closed = leads.filtered("date_closed")
        self.assertTrue(all(lead.create_date <= lead.date_closed for lead in closed))

    def test_next_steps_are_overdue_and_to_come(self):
        states = self.env["mail.activity"].search([("res_model", "=", "crm.lead")]).with_context(tz="Asia/Shanghai")
        self.assertLessEqual({"overdue", "planned"}, set(states.mapped("state")))

    # -- orders and money ----------------------------------------------------------------------------------------------

    def test_quotations_and_orders_in_every_state(self):
        for state in ("draft", "sent", "sale"):
            self.assertTrue(self._count("sale.order", ("state", "=", state)), state)
        for status in ("to_bill", "billed", "partial", "paid"):
            self.assertTrue(self._count("sale.order", ("payment_status", "=", status)), status)

    def test_what_was_won_was_ordered(self):
        won = self.env["crm.lead"].search([("stage_id.is_won", "=", True), ("team_id", "in", self.demo._branches().ids)])
        self.assertTrue(all(lead.order_ids for lead in won))
        for lead in won:
            self.assertAlmostEqual(lead.expected_revenue, lead.sale_amount_total, 2)

    def test_a_shipment_waits_and_one_was_made_in_part(self):
        waiting = self.env["stock.picking"].search(
            [("picking_type_code", "=", "outgoing"), ("state", "=", "confirmed"), ("sale_id", "!=", False)]
        )
        self.assertTrue(waiting)
        self.assertTrue(waiting.filtered(lambda picking: picking.scheduled_date < fields.Datetime.now()))
        self.assertTrue(waiting.filtered("backorder_id"))

    def test_receivables_are_late_by_days_and_by_months(self):
        late = self.env["account.move"].search(
            [("move_type", "=", "out_invoice"), ("amount_residual", ">", 0), ("invoice_date_due", "<", self.today)]
        )
        days = [(self.today - invoice.invoice_date_due).days for invoice in late]
        self.assertTrue(any(age <= 30 for age in days))
        self.assertTrue(any(age > 60 for age in days))
        self.assertTrue(late.filtered(lambda invoice: invoice.payment_state == "partial"))

    def test_the_bank_is_matched_but_for_the_last_month(self):
        statements = self.env["account.bank.statement"].search([], order="date, id")
        self.assertTrue(all(statements[:-1].line_ids.mapped("is_reconciled")))
        self.assertFalse(all(statements[-1].line_ids.mapped("is_reconciled")))
        self.assertTrue(any(statements[-1].line_ids.mapped("is_reconciled")))
        for before, after in zip(statements, statements[1:]):
            self.assertAlmostEqual(before.balance_end_real, after.balance_start, 2)

    def test_payments_wait_each_for_another_reason(self):
        waiting = self.env["account.bank.statement.line"].search([("is_reconciled", "=", False), ("amount", ">", 0)])
        proposed = waiting.filtered("proposal_id")
        self.assertGreaterEqual(len(proposed), 2)
        self.assertGreaterEqual(len(set(proposed.mapped("match_reasons"))), 2)
        self.assertTrue(waiting - proposed, "one nobody can place")

    def test_one_dealer_runs_out_and_the_other_is_silent(self):
        flags = self.env["crm.dealer.flag"].search([("state", "=", "open")])
        found = {(flag.dealer_id, flag.kind) for flag in flags}
        nanyue, dongwu = (self.env.ref(f"crm_sales_order.demo_dealer_{name}") for name in ("nanyue", "dongwu"))
        self.assertLessEqual({(nanyue, "empty"), (dongwu, "slow_order")}, found)
        self.assertNotIn((nanyue, "slow_order"), found)
        self.assertEqual(self.env.ref("crm_sales_order.demo_user_dealer")._get_dealer(), nanyue)
        states = self.env["crm.dealer.task.line"].search([("dealer_id", "=", nanyue.id)]).mapped("state")
        self.assertLessEqual({"open", "submitted"}, set(states))

    # -- purchases and service -----------------------------------------------------------------------------------------

    def test_purchases_in_every_state_and_one_is_late(self):
        for state in ("draft", "sent", "purchase", "cancel"):
            self.assertTrue(self._count("purchase.order", ("state", "=", state)), state)
        late = [("picking_type_code", "=", "incoming"), ("state", "=", "assigned"), ("scheduled_date", "<", self.today)]
        self.assertTrue(self._count("stock.picking", *late))

    def test_tenders_are_open(self):
        self.assertGreaterEqual(self._count("purchase.requisition", ("state", "in", ("in_progress", "open"))), 2)

    def test_vendors_ship_to_customers(self):
        states = set(self.env["crm.purchase.peg"].search([("is_drop_ship", "=", True)]).mapped("state"))
        self.assertLessEqual({"draft", "ordered", "delivered"}, states)

    def test_work_orders_in_every_state_and_a_plan_for_today(self):
        orders = self.env["crm.service.order"].search([])
        self.assertEqual(set(orders.mapped("state")), set(dict(orders._fields["state"].selection)))
        start, end = self.demo._at(self.today, 0), self.demo._at(self.today, 24)
        for login in ("technician", "technician2"):
            user = self.env.ref(f"crm_service.demo_user_{login}")
            plan = orders.filtered(lambda order, user=user: order.technician_id == user and order.planned_start)
            self.assertTrue(plan.filtered(lambda order: start <= order.planned_start < end), login)

    def test_tickets_in_every_stage(self):
        for stage in self.env["helpdesk.ticket.stage"].search([]):
            self.assertTrue(self._count("helpdesk.ticket", ("stage_id", "=", stage.id)), stage.name)

    # -- customers -----------------------------------------------------------------------------------------------------

    def test_customers_stand_in_every_stage_and_grade(self):
        customers = self.env["res.partner"].search([("is_customer", "=", True), ("parent_id", "=", False)])
        self.assertGreaterEqual(len(set(customers.mapped("lifecycle"))), 6)
        self.assertEqual(set(customers.mapped("customer_grade")), {"vip", "high", "medium", "low"})
        self.assertTrue(all(customer.rfm_cell for customer in customers if customer.purchase_count))
        tags = self.env["crm.customer.tag.rule"].search([]).tag_id
        self.assertTrue(all(tag.partner_ids for tag in tags))

    def test_ten_customers_have_different_advice_each_traceable_to_its_facts(self):
        customers = self.env["res.partner"].search([("is_customer", "=", True), ("parent_id", "=", False)])
        facts = customers._get_customer_facts()
        rules = self.env["crm.advice.rule"]
        spoken = {}
        for customer in customers:
            for suggestion in customer.get_advice()["suggestions"]:
                named = {fact["name"]: facts[customer.id][fact["name"]] for fact in suggestion["facts"]}
                self.assertIn(suggestion, rules._advise("customer", named, limit=99), customer.name)
                spoken.setdefault(suggestion["id"], customer)
        self.assertGreaterEqual(len(spoken), 10)
        self.assertGreaterEqual(len(set(spoken.values())), 8)

    def test_facts_are_what_the_documents_say(self):
        customers = self.demo._get_customers()
        facts = customers._get_customer_facts()
        for customer in customers:
            known = facts[customer.id]
            orders = self.env["sale.order"].search([("partner_id", "child_of", customer.id)])
            confirmed = orders.filtered(lambda order: order.state in ("sale", "done"))
            self.assertEqual(known["orders"], len(confirmed))
            self.assertAlmostEqual(known["revenue"], sum(confirmed.mapped("amount_total")), 2)
            self.assertAlmostEqual(known["receivable"], sum(confirmed.mapped("amount_open")), 2)
            self.assertAlmostEqual(known["overdue"], sum(confirmed.mapped("amount_overdue")), 2)
            self.assertEqual(known["quotes_open"], len(orders.filtered(lambda order: order.state in ("draft", "sent"))))
            self.assertEqual(known["won_count"], len(customer.crm_lead_ids.filtered(lambda lead: lead.probability == 100)))

    # -- loading -------------------------------------------------------------------------------------------------------

    def test_loading_again_changes_nothing(self):
        self.assertEqual(load_suite_demo(self.env), [])
