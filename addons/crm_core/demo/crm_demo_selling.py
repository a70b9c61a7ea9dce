# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, models

#: Subject, customer, product, quantity, amount, stage, need, level, key node, days until it
QUICK = [
    ("机油滤芯季度补货", "huarui", "oilfilter", 24, 15600, "quantify", "real", "now", "decision", 2),
    ("干燥机滤芯更换", "yunzhou", "separator", 12, 9800, "rank", "real", "soon", "sample", -3),
    ("叉车租转买咨询", "bochuang", "forklift", 0, 0, "qualify", "likely", False, "visit", 0),
    ("年度保养合同", "hongxing", "yearly", 1, 28000, "rank", "real", "now", "offer", 6),
]
#: Subject, customer, amount, stage; parties: (role, company, contact, attitude, sub-team, [(task, days, who)])
PROJECTS = [
    (
        "坪山电池工厂二期空压站", "lanjing", 3860000, "design",
        [
            ("owner", "demo_partner_lanjing", "demo_contact_lanjing_2", "neutral", ["rep"], [("约总经理看样板工程", 3, "rep")]),
            ("designer", "demo_project_designer", "demo_project_designer_contact", "supporter", ["rep2"],
             [("送选型手册，争取写入图纸", -1, "rep2"), ("复核用气量计算书", 4, "rep2")]),
            ("contractor", "demo_project_contractor", "demo_project_contractor_contact", "opponent", ["leader"],
             [("拜访机电项目经理，了解指定品牌", 0, "leader")]),
            ("subcontractor", "demo_project_subcontractor", False, False, [], []),
        ],
    ),
    (
        "云洲智能装备园机器人产线", "yunzhou", 1240000, "register",
        [("owner", "demo_partner_yunzhou", "demo_contact_yunzhou_2", "supporter", ["rep"], [])],
    ),
]  # fmt: skip


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_selling(self):
        """Four quick deals, each a bit further than the last, and two projects: one with four parties, one just begun."""
        demo = self._quiet()
        demo._tell_quick_deals()
        for plan in PROJECTS:
            demo._tell_project(*plan)

    def _tell_quick_deals(self):
        today = self._today()
        self.env["crm.lead"].create(
            [
                {
                    **self._prepare_deal(subject, customer, amount, "quick", stage),
                    "product_id": self._ref("demo_product_" + product).id,
                    "quick_quantity": quantity,
                    "quick_need": need,
                    "quick_level": level,
                    "key_node_id": self.env.ref("crm_core.crm_key_node_" + node).id,
                    "key_node_date": today + timedelta(days=days),
                }
                for subject, customer, product, quantity, amount, stage, need, level, node, days in QUICK
            ]
        )

    def _prepare_deal(self, subject, customer, amount, model, stage):
        rep = self._ref("demo_user_rep")
        return {
            "name": subject,
            "type": "opportunity",
            "partner_id": self._ref("demo_partner_" + customer).id,
            "user_id": rep.id,
            "team_id": rep.sale_team_id.id,
            "expected_revenue": amount,
            "selling_model_id": self.env.ref("crm_core.crm_selling_model_" + model).id,
            "stage_id": self.env.ref("crm_core.crm_stage_" + stage).id,
        }

    def _tell_project(self, subject, customer, amount, stage, parties):
        lead = self.env["crm.lead"].create(self._prepare_deal(subject, customer, amount, "multiparty", stage))
        todo, today = self.env.ref("mail.mail_activity_data_todo"), self._today()
        for role, company, contact, attitude, members, tasks in parties:
            party = self.env["crm.party"].create(
                {
                    "lead_id": lead.id,
                    "role_id": self.env.ref("crm_core.crm_party_role_" + role).id,
                    "partner_id": self._ref(company).id,
                    "contact_id": contact and self._ref(contact).id,
                    "attitude": attitude,
                    "member_ids": [(6, 0, [self._ref("demo_user_" + login).id for login in members])],
                }
            )
            for summary, days, login in tasks:
                self.env["mail.activity"].create(
                    {
                        "crm_party_id": party.id,
                        "activity_type_id": todo.id,
                        "summary": summary,
                        "date_deadline": today + timedelta(days=days),
                        "user_id": self._ref("demo_user_" + login).id,
                    }
                )
