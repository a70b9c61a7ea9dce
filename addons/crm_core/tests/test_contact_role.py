# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from ..exceptions import CrmValidationError
from ..models import res_partner_role
from .common import RolesCase


class TestContactRole(RolesCase):
    """Ann's customer: the boss, under whom purchasing and works, under works a foreman."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        contacts = cls.env["res.partner"].create(
            [{"name": name, "parent_id": cls.customer_ann.id} for name in ("Boss", "Purchasing", "Works", "Foreman")]
        )
        cls.boss, cls.purchasing, cls.works, cls.foreman = contacts
        cls.boss.contact_role = "decision"
        (cls.purchasing | cls.works).write({"reports_to_id": cls.boss.id})
        cls.foreman.write({"reports_to_id": cls.works.id, "attitude": "opponent"})

    def chart(self, company, user=None):
        company.invalidate_cache()
        text = company.with_user(user or self.env.user).org_chart

        def names(people):
            return [(person["name"], names(person["below"])) if person["below"] else person["name"] for person in people]

        return names(json.loads(text)) if text else []

    def test_the_chart_is_the_reporting_lines(self):
        self.assertEqual(self.chart(self.customer_ann), [("Boss", ["Purchasing", ("Works", ["Foreman"])])])
        [boss] = json.loads(self.customer_ann.org_chart)
        self.assertEqual((boss["role"], boss["below"][1]["below"][0]["attitude"]), ("decision", "opponent"))

    def test_of_nobody_of_one_and_of_more_than_can_be_looked_at(self):
        self.assertEqual(self.chart(self.customer_bob), [])
        self.env["res.partner"].create({"name": "Alone", "parent_id": self.customer_bob.id})
        self.assertEqual(self.chart(self.customer_bob), [], "without role, attitude and line there is nothing to say")
        self.customer_bob.child_ids.attitude = "neutral"
        self.assertEqual(self.chart(self.customer_bob), ["Alone"])
        self.env["res.partner"].create(
            [{"name": "C%03d" % n, "parent_id": self.customer_bob.id, "contact_role": "user"} for n in range(res_partner_role.CHART + 10)]
        )
        self.assertEqual(len(self.chart(self.customer_bob)), res_partner_role.CHART)

    def test_a_loop_is_refused_and_spelled_out(self):
        with self.assertRaisesRegex(CrmValidationError, r"Boss cannot report to Foreman.*Boss → Foreman → Works → Boss"):
            self.boss.reports_to_id = self.foreman
        with self.assertRaisesRegex(CrmValidationError, "cannot report to themselves"):
            self.boss.reports_to_id = self.boss

    def test_two_at_once_cannot_make_a_loop_either(self):
        with self.assertRaisesRegex(CrmValidationError, "lead back"):
            self.customer_ann.write(
                {
                    "child_ids": [
                        (1, self.boss.id, {"reports_to_id": self.purchasing.id}),
                        (1, self.works.id, {"reports_to_id": self.purchasing.id}),
                    ]
                }
            )

    def test_a_superior_is_of_the_same_company(self):
        stranger = self.env["res.partner"].create({"name": "Stranger", "parent_id": self.customer_bob.id})
        with self.assertRaisesRegex(CrmValidationError, "another company"):
            self.boss.reports_to_id = stranger

    def test_who_changes_the_company_leaves_the_lines(self):
        self.works.parent_id = self.customer_bob
        self.assertFalse(self.works.reports_to_id | self.foreman.reports_to_id)
        self.assertEqual(self.chart(self.customer_ann), [("Boss", ["Purchasing"]), "Foreman"])

    def test_a_loop_left_by_a_merge_is_drawn_once(self):
        self.env.cr.execute("UPDATE res_partner SET reports_to_id = %s WHERE id = %s", [self.foreman.id, self.boss.id])
        self.assertEqual(self.chart(self.customer_ann), [("Boss", ["Purchasing", ("Works", ["Foreman"])])])

    def test_one_query_more_for_a_chart_of_any_size(self):
        def count(company):
            self.env["base"].flush()
            company.invalidate_cache()
            before = self.env.cr.sql_log_count
            company.read(["org_chart"])
            return self.env.cr.sql_log_count - before

        count(self.customer_ann)
        small = count(self.customer_ann)
        self.env["res.partner"].create(
            [{"name": "C%d" % n, "parent_id": self.customer_ann.id, "reports_to_id": self.boss.id} for n in range(50)]
        )
        self.assertEqual(count(self.customer_ann), small)

    # -- who sees it ---------------------------------------------------------------------------------------------------

    def test_roles_and_lines_are_masked_like_phone_numbers(self):
        fields = ["contact_role", "attitude", "reports_to_id", "org_chart"]
        [foreman] = self.foreman.with_user(self.clerk).read(fields)
        self.assertEqual((foreman["attitude"], foreman["reports_to_id"][1]), ("******", "******"))
        [company] = self.customer_ann.with_user(self.clerk).read(["org_chart"])
        self.assertEqual(company["org_chart"], "******")
        for name in fields[:3]:
            with self.assertRaises(AccessError):
                self.env["res.partner"].with_user(self.clerk).search([(name, "!=", False)])

    def test_reps_draw_their_own_customers_only(self):
        self.assertTrue(self.chart(self.customer_ann, self.ann))
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            self.chart(self.customer_ann, self.bob)
