# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime

from freezegun import freeze_time

from .common import RolesCase


class TestStageMove(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = (cls.env["crm.stage"].create({"name": name, "sequence": 500 + n}) for n, name in enumerate("AB"))

    def _moves(self, lead):
        moves = lead.stage_move_ids.sorted("id")
        return [(move.from_stage_id.name, move.to_stage_id.name, move.seconds, move.user_id) for move in moves]

    def test_each_move_says_how_long_the_stage_took(self):
        with freeze_time("2026-03-01 08:00:00"):
            lead = self._lead(self.ann, "Deal", stage_id=self.one.id)
        with freeze_time("2026-03-03 08:00:00"):
            lead.with_user(self.ann).write({"stage_id": self.two.id})
            lead.with_user(self.ann).write({"stage_id": self.two.id, "name": "Same stage"})
        with freeze_time("2026-03-03 09:00:00"):
            lead.stage_id = self.one
        self.assertEqual(
            self._moves(lead),
            [(False, "A", 0, self.env.user), ("A", "B", 172800, self.ann), ("B", "A", 3600, self.env.user)],
        )
        self.assertEqual(lead.stage_move_ids.sorted("id")[1].days, 2.0)

    def test_bulk_writer_logs_too_and_history_when_it_was(self):
        past = {"date_last_stage_update": datetime(2020, 5, 1, 12)}
        leads = self.env["crm.lead.writer"]._create_leads(
            [{"name": str(n), "stage_id": self.one.id} for n in range(3)], origin="import", history=[past] * 3
        )
        self.assertEqual(leads.stage_move_ids.mapped("date"), [datetime(2020, 5, 1, 12)] * 3)
        self.assertEqual(len(leads.stage_move_ids), 3)

    def test_many_moves_are_one_statement(self):
        leads = self.env["crm.lead"].create([{"name": str(n), "stage_id": self.one.id} for n in range(20)])
        rows = [(lead.id, self.one.id, self.two.id, None, datetime(2026, 3, 1), None) for lead in leads]
        self.env["crm.lead"].flush()
        with self.assertQueryCount(1):
            self.env["crm.stage.move"]._log(rows)

    def test_shown_to_whom_the_lead_is_shown(self):
        moves = (self.lead_ann + self.lead_bob).stage_move_ids
        self.assertEqual(len(moves), 2)
        self.assertEqual(self.visible(moves, self.ann).lead_id, self.lead_ann)
        self.assertEqual(self.visible(moves, self.eli).lead_id, self.lead_ann)
        self.assertEqual(self.visible(moves, self.nora).lead_id, self.lead_ann)
        self.assertEqual(self.visible(moves, self.director), moves)
        self.assertEqual(self.visible(moves, self.executive), moves)

    def test_report_averages_days_per_stage(self):
        lead = self._lead(self.ann, "Deal", stage_id=self.one.id)
        self.env.cr.execute("UPDATE crm_stage_move SET date = date - interval '4 days' WHERE lead_id = %s", [lead.id])
        lead.stage_id = self.two
        rows = self.env["crm.stage.move"].read_group([("lead_id", "=", lead.id)], ["days"], ["from_stage_id"])
        days = {row["from_stage_id"] and row["from_stage_id"][0]: row["days"] for row in rows}
        self.assertAlmostEqual(days[self.one.id], 4, places=3)
