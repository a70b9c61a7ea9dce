# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common import SalesOrderCase
from .contract_common import ContractMixin

PHONE = "021-5550-8888"


class TestContractRights(ContractMixin, SalesOrderCase):
    """Who sees and does what with contracts, through the methods RPC reaches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_contracts()
        cls.leader = cls._create_user("ct_leader", "crm_core.group_team_leader")
        cls.team = cls.env["crm.team"].create({"name": "South", "user_id": cls.leader.id})
        cls.rep = cls._create_user("ct_rep", "crm_core.group_sales_rep", sale_team_id=cls.team.id)
        cls.other = cls._create_user("ct_other", "crm_core.group_sales_rep")
        cls.director = cls._create_user("ct_director", "crm_core.group_sales_director")
        cls.executive = cls._create_user("ct_executive", "crm_core.group_executive")
        cls.finance = cls._create_user("ct_finance", "crm_sales_order.group_finance")
        cls.marketing = cls._create_user("ct_marketing", "crm_core.group_marketing")
        cls.store = cls._create_user("ct_store", "crm_sales_order.group_warehouse")
        cls.customer.phone = PHONE
        cls.parties.text = "{{ customer.name }}, {{ customer.phone }}"
        order = cls._create_quotation(user_id=cls.rep.id, team_id=cls.team.id)
        cls.contract = cls._create_contract(order, user_id=cls.rep.id, team_id=cls.team.id)
        cls.contract.action_send()
        cls.buyer = cls._create_portal("ct_buyer", cls.customer)
        cls.stranger = cls._create_portal("ct_stranger", cls.env["res.partner"].create({"name": "Other", "is_company": True}))

    @classmethod
    def _create_portal(cls, login, company):
        partner = cls.env["res.partner"].create({"name": login, "parent_id": company.id})
        group = cls.env.ref("base.group_portal")
        return cls.env["res.users"].create({"name": login, "login": login, "partner_id": partner.id, "groups_id": [(6, 0, group.ids)]})

    def test_who_reads_contracts(self):
        for user, sees in (
            (self.rep, True),
            (self.leader, True),
            (self.director, True),
            (self.executive, True),
            (self.finance, True),
            (self.buyer, True),
            (self.other, False),
            (self.stranger, False),
        ):
            with self.subTest(user=user.login):
                found = self.env["crm.contract"].with_user(user).search([("id", "=", self.contract.id)])
                self.assertEqual(bool(found), sees)
        for user in (self.marketing, self.store):
            with self.subTest(user=user.login), self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                self.env["crm.contract"].with_user(user).search([])
            with self.subTest(user=user.login), self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                self.contract.with_user(user).action_check_document()

    def test_a_customer_does_not_see_drafts_nor_what_is_ours(self):
        draft = self._create_contract()
        contracts = self.env["crm.contract"].with_user(self.buyer)
        self.assertFalse(contracts.search([("id", "=", draft.id)]))
        shown = set(contracts.fields_get())
        self.assertFalse(shown & {"note", "document_facts", "alert_days", "signer_ip", "sign_url", "approval_state", "approval_ids"})
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.contract.with_user(self.buyer).write({"alert_days": 1})

    def test_readers_take_no_step(self):
        steps = ("action_send", "action_countersign", "action_back_to_draft", "action_cancel", "action_new_link", "action_amend")
        for user in (self.executive, self.finance, self.other, self.buyer):
            for step in steps:
                with self.subTest(user=user.login, step=step), self.assertRaises(AccessError), self.cr.savepoint():
                    with mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
                        getattr(self.contract.with_user(user), step)()

    def test_finance_reads_amounts_and_no_contact_details(self):
        contract = self.contract.with_user(self.finance)
        contract.invalidate_cache()
        values = contract.read(["amount_total", "share_collected", "body_html", "preview_html", "changes_html"])[0]
        self.assertEqual(values["amount_total"], 5000.0)
        self.assertNotIn(PHONE, str(values))
        with self.assertRaises(AccessError):
            contract._get_document_bytes()
        with self.assertRaises(AccessError):
            self.env.ref("crm_sales_order.action_report_contract").with_user(self.finance)._render_qweb_pdf(self.contract.ids)
        with self.assertRaises(AccessError):
            self.contract.document_id.with_user(self.finance).read(["datas"])

    def test_clauses_are_written_by_directors(self):
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.parties.with_user(self.rep).write({"name": "Mine"})
        self.parties.with_user(self.director).write({"name": "Ours"})

    def test_the_reps_progress_needs_no_accounting_rights(self):
        self._send_and_sign(self._create_contract(self._create_quotation(user_id=self.rep.id), user_id=self.rep.id))
        self.assertFalse(self.rep.has_group("account.group_account_invoice"))
        found = self.env["crm.contract"].with_user(self.rep).search([("user_id", "=", self.rep.id)])
        self.assertTrue(found.mapped("share_invoiced"))
