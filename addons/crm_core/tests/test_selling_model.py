# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import Form

from ..exceptions import CrmValidationError
from .common import RolesCase


class TestSellingModel(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quick = cls.env.ref("crm_core.crm_selling_model_quick")
        cls.staged = cls.env.ref("crm_core.crm_selling_model_staged")
        cls.projects = cls.env.ref("crm_core.crm_selling_model_multiparty")
        cls.new, cls.qualified, cls.proposition, cls.won = (cls.env.ref("crm.stage_lead%d" % n) for n in (1, 2, 3, 4))
        cls.grade = cls.env.ref("crm_core.crm_stage_rank")
        cls.south.selling_model_id = cls.quick
        cls.deal = cls.env["crm.lead"].create({"name": "Deal", "type": "opportunity", "user_id": False, "team_id": cls.north.id})

    def deals(self, *vals_list):
        common = {"type": "opportunity", "user_id": False}
        return self.env["crm.lead"].create([{**common, **vals} for vals in vals_list])

    def names(self, deals):
        return [(deal.selling_model_id, deal.stage_id.name) for deal in deals]

    # -- new deals -----------------------------------------------------------------------------------------------------

    def test_a_new_deal_is_sold_as_its_team_sells(self):
        deals = self.deals({"name": "North", "team_id": self.north.id}, {"name": "South", "team_id": self.south.id})
        self.assertEqual(self.names(deals), [(self.staged, "New"), (self.quick, "Qualify")])

    def test_a_deal_created_in_a_stage_is_sold_in_a_way_that_has_it(self):
        """As by file import, migration and the plus sign above a column."""
        [deal] = self.deals({"name": "Deal", "team_id": self.south.id, "stage_id": self.proposition.id})
        self.assertEqual(self.names(deal), [(self.staged, "Proposition")])
        deal = self.env["crm.lead"].with_context(default_stage_id=self.grade.id).create({"name": "Deal", "type": "opportunity"})
        self.assertEqual(self.names(deal), [(self.quick, "Ranking")])

    def test_leads_of_the_bulk_writer_get_the_same_models_in_as_many_queries(self):
        """Intake and migration write with it."""
        stages, teams = (False, self.new.id, self.grade.id), (False, self.north.id, self.south.id)
        vals_list = [
            {"name": "%d" % n, "type": "opportunity", "team_id": teams[n % 3], **({"stage_id": stages[n // 3]} if n > 2 else {})}
            for n in range(9)
        ]
        writer = self.env["crm.lead.writer"]
        self.assertFalse(writer._get_unknown_overrides())
        self.assertEqual(self.names(writer._create_leads(vals_list)), self.names(self.env["crm.lead"].create(vals_list)))

        def count(number):
            before = self.env.cr.sql_log_count
            writer._create_leads([dict(vals_list[n % 9]) for n in range(number)])
            return self.env.cr.sql_log_count - before

        count(9)  # fills the caches
        self.assertEqual(count(9), count(90))

    def test_in_the_pipeline_of_a_kind_new_deals_are_of_it(self):
        deal = self.env["crm.lead"].with_context(crm_selling_kind="multiparty").create({"name": "Deal", "team_id": self.south.id})
        self.assertEqual(self.names(deal), [(self.projects, "Registered")])

    def test_leads_from_before_get_a_model_in_one_update(self):
        self.env.cr.execute("UPDATE crm_lead SET selling_model_id = NULL")
        self.env.cr.execute("UPDATE crm_lead SET stage_id = %s WHERE id = %s", [self.grade.id, self.deal.id])
        self.env["crm.lead"].invalidate_cache()
        before = self.env.cr.sql_log_count
        self.env["crm.lead"]._fill_selling_models()
        self.assertEqual(self.env.cr.sql_log_count - before, 1)
        self.assertEqual(self.names(self.deal | self.lead_ann), [(self.quick, "Ranking"), (self.staged, "New")])

    # -- another model -------------------------------------------------------------------------------------------------

    def test_another_model_goes_on_as_far_along_and_never_further(self):
        expected = {"New": "Qualify", "Qualified": "Ranking", "Proposition": "Quantify", "Won": "Won"}
        for stage in (self.new, self.qualified, self.proposition, self.won):
            deal = self.deals({"name": stage.name, "team_id": self.north.id, "stage_id": stage.id})
            deal.selling_model_id = self.quick
            self.assertEqual(self.names(deal), [(self.quick, expected[stage.name])])

    def test_a_stage_that_both_have_stays(self):
        waiting = self.env["crm.stage"].create({"name": "Waiting", "sequence": 5})  # of all models
        self.deal.stage_id = waiting
        self.deal.selling_model_id = self.projects
        self.assertEqual(self.deal.stage_id, waiting)

    def test_the_form_says_what_becomes_of_the_stage(self):
        self.deal.stage_id = self.qualified
        lead = self.env["crm.lead"].new({"selling_model_id": self.quick.id}, origin=self.deal)
        result = lead._onchange_selling_model_id()
        self.assertEqual(lead.stage_id.name, "Ranking")
        self.assertEqual(result["warning"]["type"], "notification")
        self.assertIn("Ranking", result["warning"]["message"])
        with Form(self.deal) as form:
            form.selling_model_id = self.quick
        self.assertEqual(self.names(self.deal), [(self.quick, "Ranking")])

    def test_the_chatter_says_both(self):
        self.env.cr.precommit.clear()  # a deal made in this transaction would not be tracked
        deal = self.deal.with_context(tracking_disable=False)
        deal.selling_model_id = self.quick
        deal.flush()
        self.env.cr.precommit.run()
        values = self.env["mail.tracking.value"].search([("mail_message_id.res_id", "=", deal.id)])
        self.assertEqual(set(values.mapped("new_value_char")), {"Quick Deals", "Qualify"})

    def test_many_deals_at_once_each_go_on_with_theirs(self):
        stages = (self.new | self.proposition).ids
        deals = self.deals(*({"name": "%d" % stage, "team_id": self.north.id, "stage_id": stage} for stage in stages))
        deals.write({"selling_model_id": self.quick.id, "priority": "1"})
        self.assertEqual(deals.mapped("stage_id.name"), ["Qualify", "Quantify"])
        self.assertEqual(deals.mapped("priority"), ["1", "1"])

    # -- another team --------------------------------------------------------------------------------------------------

    def test_another_team_sells_its_way(self):
        self.deal.stage_id = self.qualified
        self.deal.team_id = self.south
        self.assertEqual(self.names(self.deal), [(self.quick, "Ranking")])

    def test_a_team_without_a_way_of_its_own_leaves_the_deal_as_it_is(self):
        self.deal.selling_model_id = self.projects
        self.deal.team_id = self.east
        self.assertEqual(self.names(self.deal), [(self.projects, "Registered")])

    def test_the_same_team_again_changes_nothing(self):
        deal = self.deals({"name": "Deal", "team_id": self.south.id, "selling_model_id": self.staged.id})
        deal.write({"team_id": self.south.id, "name": "Again"})
        self.assertEqual(self.names(deal), [(self.staged, "New")])

    def test_a_new_owner_brings_the_team_and_its_way(self):
        self.deal.user_id = self.bob
        self.assertEqual(self.names(self.deal), [(self.quick, "Qualify")])

    def test_assignment_and_handover_which_write_in_sql_do_so_too(self):
        self.env["crm.holding"]._transfer("crm.lead", {self.deal.id: self.bob.id}, "assigned")
        self.assertEqual(self.names(self.deal), [(self.quick, "Qualify")])

    def test_a_stage_of_another_team_is_left(self):
        only = self.env["crm.stage"].create({"name": "North only", "team_id": self.north.id, "sequence": 2})
        self.deal.stage_id = only
        self.deal.team_id = self.east
        self.assertNotEqual(self.deal.stage_id, only)
        self.assertEqual(self.deal.selling_model_id, self.staged)

    # -- stages --------------------------------------------------------------------------------------------------------

    def test_no_deal_is_put_into_a_stage_of_another_model(self):
        with self.assertRaisesRegex(CrmValidationError, "no stage of.*Choose one of New, Qualified"):
            self.deal.stage_id = self.grade

    def test_a_deal_is_won_in_the_won_stage_of_its_model(self):
        signed = self.env["crm.stage"].create({"name": "Signed", "is_won": True, "sequence": 60})
        self.quick.stage_ids -= self.won
        self.quick.stage_ids |= signed
        self.deal.selling_model_id = self.quick
        self.deal.action_set_won()
        self.assertEqual((self.deal.stage_id, self.deal.probability), (signed, 100))

    def test_a_pipeline_shows_the_stages_of_its_model_and_any_that_holds_a_deal(self):
        read = self.env["crm.lead"].with_context
        none = self.env["crm.stage"]

        def names(stages=none, **context):
            return read(**context)._read_group_stage_ids(stages, [], "sequence, id").mapped("name")

        self.assertEqual(names(default_team_id=self.south.id), ["Qualify", "Ranking", "Quantify", "Won"])
        self.assertEqual(names(crm_selling_kind="multiparty"), ["Registered", "Design", "Tender", "Contract Talks", "Won"])
        self.assertEqual(names(self.grade, default_team_id=self.north.id), ["New", "Qualified", "Proposition", "Ranking", "Won"])

    def test_a_column_added_to_a_pipeline_is_of_its_model(self):
        stage = self.env["crm.stage"].with_context(default_selling_model_id=self.quick.id).create({"name": "Sample"})
        self.assertEqual(stage.selling_model_ids, self.quick)

    def test_a_model_needs_a_beginning_and_an_end(self):
        with self.assertRaisesRegex(CrmValidationError, "needs a stage to begin with and a won stage"):
            self.quick.stage_ids = self.won
        with self.assertRaisesRegex(CrmValidationError, "needs a stage to begin with and a won stage"):
            self.env["crm.selling.model"].create({"name": "Endless", "stage_ids": [(6, 0, self.new.ids)]})

    def test_a_model_in_use_is_archived_not_deleted(self):
        with self.assertRaisesRegex(CrmValidationError, "Archive the selling model"):
            self.staged.unlink()
        model = self.quick.copy({"name": "Unused", "stage_ids": [(6, 0, self.quick.stage_ids.ids)]})
        model.unlink()
        self.assertFalse(model.exists())

    def test_directors_set_the_rules_and_reps_read_them(self):
        self.quick.with_user(self.director).name = "Fast"
        self.assertEqual(self.quick.with_user(self.ann).name, "Fast")
        self.assertFalse(self.env["crm.selling.model"].with_user(self.nora).check_access_rights("write", raise_exception=False))

    # -- quick deals ---------------------------------------------------------------------------------------------------

    def test_a_quick_deal_is_quantified_by_quantity_and_amount(self):
        deal = self.deals({"name": "Deal", "team_id": self.south.id, "quick_quantity": 3})
        self.assertFalse(deal.quick_quantified)
        deal.expected_revenue = 900
        self.assertTrue(deal.quick_quantified)

    def test_lists_of_deals_cost_the_same_for_one_and_many(self):
        names = ["selling_model_id", "selling_kind", "key_node_state", "quick_quantified", "party_count", "stage_id"]
        deals = self.deals(*({"name": "%d" % n, "team_id": self.south.id} for n in range(40)))

        def count(records):
            records.invalidate_cache()
            before = self.env.cr.sql_log_count
            records.with_user(self.director).read(names)
            return self.env.cr.sql_log_count - before

        count(deals)
        self.assertEqual(count(deals[:2]), count(deals))
