# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo import api, models


class CrmDemo(models.AbstractModel):
    _inherit = "crm.demo"

    @api.model
    def _tell_gates(self):
        """The rep's deals are on their way to the next gate; one waits for the leader's word; what is slow is told."""
        rep = self._ref("demo_user_rep")
        qualified = [("user_id", "=", rep.id), ("stage_id", "=", self.env.ref("crm.stage_lead2").id)]
        leads = self.env["crm.lead"].search(qualified, order="expected_revenue desc, id", limit=3).with_user(rep)
        for lead in leads:
            lead.tick_gate(self._ref("demo_gate_line_decider").id, True)
        needs = base64.b64encode("客户需求：月产能5000件，精度0.01mm，年内投产。".encode())
        leads[:1].add_gate_document(self._ref("demo_gate_line_needs").id, "客户需求书.txt", needs)
        self._tell_bid(rep)
        self._tell_stage_history()
        self.env["crm.reminder"]._cron_remind()

    def _tell_bid(self, rep):
        """A project whose bid the rep wants to hand in."""
        multiparty = self.env.ref("crm_core.crm_selling_model_multiparty")
        bid = self._quiet().env["crm.lead"].create(
            {
                "name": "前海人才公寓机电设备项目",
                "type": "opportunity",
                "partner_name": "深圳市前海安居置业有限公司",
                "user_id": rep.id,
                "team_id": rep.sale_team_id.id,
                "selling_model_id": multiparty.id,
                "stage_id": self.env.ref("crm_core.crm_stage_design").id,
                "expected_revenue": 1860000,
            }
        ).with_user(rep)
        content = base64.b64encode("投标报价与技术响应".encode())
        bid.add_gate_document(self._ref("demo_gate_line_bid").id, "投标文件.txt", content)
        bid.request_gate_approval(self._ref("demo_gate_line_bid_approval").id, "业主周五开标，报价已按成本核过。")

    @api.model
    def _tell_stage_history(self):
        """Stage moves as they would have been: evenly from the first day of a lead to the day it reached its stage."""
        self.env["crm.lead"].flush()
        self.env.cr.execute("DELETE FROM crm_stage_move")
        self.env.cr.execute(
            """
            INSERT INTO crm_stage_move (lead_id, from_stage_id, to_stage_id, user_id, date, company_id, seconds, days)
            SELECT lead_id, from_id, to_id, user_id, reached, company_id, extract(epoch FROM spent)::int,
                   extract(epoch FROM spent) / 86400
              FROM (SELECT *, lag(to_id) OVER way AS from_id, reached - lag(reached) OVER way AS spent
                      FROM (SELECT lead.id AS lead_id, step.id AS to_id, lead.user_id, lead.company_id, place,
                                   lead.create_date + (lead.date_last_stage_update - lead.create_date)
                                   * ((place - 1.0) / greatest(count(*) OVER (PARTITION BY lead.id) - 1, 1)) AS reached
                              FROM crm_lead AS lead JOIN crm_stage AS here ON here.id = lead.stage_id
                              JOIN LATERAL (SELECT id, row_number() OVER (ORDER BY sequence, id) AS place
                                              FROM crm_stage AS stage
                                             WHERE (sequence, id) <= (here.sequence, here.id)
                                               AND (stage.id = here.id OR EXISTS (
                                                    SELECT FROM crm_selling_model_stage_rel AS rel
                                                     WHERE rel.stage_id = stage.id AND rel.model_id = lead.selling_model_id))
                                           ) AS step ON TRUE) AS steps
                    WINDOW way AS (PARTITION BY lead_id ORDER BY place)) AS moves
            """
        )
        self.env["crm.stage.move"].invalidate_cache()
