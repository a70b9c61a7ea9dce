# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

#: Of the leads so many say what they may spend: most a little less than the deal would bring, a few dream
BUDGET_SHARE = 0.55
BUDGETS = ([0.5, 0.8, 0.9, 1.0, 1.2], [15, 25, 25, 25, 10])
TITLES = ["总经理", "采购经理", "采购员", "设备主管", "生产厂长", "工程师", "行政文员"]


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_scores(self):
        """What leads may spend, the model learnt from the decided ones, and everybody's grade."""
        demo = self._quiet()
        leads = demo.env["crm.lead"].with_context(active_test=False).search([], order="id")
        dice = demo._random("budgets")
        budgets = [dice.choices(*BUDGETS)[0] if dice.random() < BUDGET_SHARE else 0 for _lead in leads]
        # the story gives these to some kinds of leads only, which says nothing about real ones
        demo._backdate(
            leads,
            budget=[round(lead.expected_revenue * share, -3) or None for lead, share in zip(leads, budgets)],
            wechat=[lead.wechat or "wx_%08d" % dice.randrange(10**8) for lead in leads],
            function=[lead.function or dice.choice(TITLES) for lead in leads],
            country_id=[demo.env.ref("base.cn").id] * len(leads),
        )
        demo.env["crm.score.version"]._run_training()
        leads._update_scores(decided=True)
