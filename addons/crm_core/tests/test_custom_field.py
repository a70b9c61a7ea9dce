# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io
from unittest.mock import patch

import openpyxl
from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from psycopg2 import errors

from ..exceptions import CrmUserError, CrmValidationError
from .common import RolesCase

FORM = "crm_core.res_partner_view_form_customer"


class NoCodeCase(RolesCase):
    """Columns come and go in a test: the registry is as before afterwards."""

    def tearDown(self):
        super().tearDown()
        self.registry.setup_models(self.cr)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.registry.reset_changes()

    def add(self, user=None, **vals):
        fields = self.env["crm.custom.field"].with_user(user or self.director)
        return fields.create({"name": "Account plan", "model": "res.partner", "kind": "text", **vals})

    def arch(self, xmlid=FORM, view_type="form", user=None):
        model = self.env["res.partner"].with_user(user or self.ann)
        return etree.fromstring(model.fields_view_get(self.env.ref(xmlid).id, view_type)["arch"])


@tagged("post_install", "-at_install")
class TestCustomField(NoCodeCase):
    def test_a_director_adds_a_field_and_a_rep_fills_it(self):
        field = self.add(place="after:phone", hint="What we aim at")
        name = field.technical_name
        self.customer_ann.with_user(self.ann).write({name: "Grow to 2 plants"})
        self.assertEqual(self.customer_ann[name], "Grow to 2 plants")
        shown = self.env["res.partner"].with_user(self.ann).fields_get([name])[name]
        self.assertEqual((shown["string"], shown["help"]), ("Account plan", "What we aim at"))

    def test_each_kind_of_field_can_be_added_and_is_shown_on_every_screen(self):
        kinds = dict(self.env["crm.custom.field"]._fields["kind"].selection)
        names = set()
        for kind, label in kinds.items():
            options = [(0, 0, {"name": "One"})] if kind == "choice" else []
            names.add(self.add(name=label, kind=kind, option_ids=options, in_list=True).technical_name)
        for xmlid, view_type in (
            (FORM, "form"),
            ("crm_core.res_partner_view_tree_customer", "tree"),
            ("base.view_res_partner_filter", "search"),
        ):
            arch = self.arch(xmlid, view_type)
            shown = {node.get("name") or node.get("date") for node in arch.iter("field", "filter")}
            self.assertEqual(names - shown, set(), view_type)

    def test_it_stands_where_it_was_put(self):
        name = self.add(place="after:phone").technical_name
        (node,) = self.arch().xpath("//field[@name='%s']" % name)
        before = node.getprevious()
        self.assertIn("phone", [before.get("name"), *before.xpath(".//field/@name")])

    def test_fields_without_a_place_share_a_tab(self):
        names = [self.add(name=label).technical_name for label in ("One", "Two")]
        (page,) = self.arch().xpath("//page[@name='crm_custom_fields']")
        self.assertEqual(page.xpath(".//field/@name"), names)

    def test_places_are_told_in_plain_words(self):
        places = self.env["crm.custom.field"].with_user(self.director).get_places("res.partner")
        self.assertEqual(places[0][0], "tab")
        self.assertIn(["after:phone", "Below “Phone”"], places)

    def test_a_chinese_label_gets_a_plain_column(self):
        field = self.add(name="客户规划")
        self.assertRegex(field.technical_name, r"^x_field_\d+$")
        self.assertEqual(field.field_id.field_description, "客户规划")

    def test_required_is_asked_for_on_the_form_only(self):
        """What comes by intake or import must not fail for it."""
        name = self.add(required=True).technical_name
        (node,) = self.arch().xpath("//field[@name='%s']" % name)
        self.assertIn('"required": true', node.get("modifiers"))
        self.assertTrue(self.env["res.partner"].create({"name": "Without"}))

    def test_archived_it_leaves_the_screens_and_keeps_its_values(self):
        field = self.add()
        self.customer_ann[field.technical_name] = "kept"
        field.active = False
        self.assertFalse(self.arch().xpath("//field[@name='%s']" % field.technical_name))
        self.assertEqual(self.customer_ann[field.technical_name], "kept")

    def test_a_renamed_choice_keeps_its_records(self):
        field = self.add(kind="choice", option_ids=[(0, 0, {"name": "Gold"}), (0, 0, {"name": "Silver"})])
        gold, silver = field.option_ids
        self.customer_ann[field.technical_name] = gold._get_value()
        gold.name = "Golden"
        selection = self.env["res.partner"].fields_get([field.technical_name])[field.technical_name]["selection"]
        self.assertEqual(selection, [(gold._get_value(), "Golden"), (silver._get_value(), "Silver")])
        with self.assertRaisesRegex(CrmUserError, "1 records hold"):
            gold.unlink()
        silver.unlink()

    def test_leads_get_theirs(self):
        name = self.add(model="crm.lead", kind="money", place="after:partner_name", in_list=True).technical_name
        arch = self.env["crm.lead"].with_user(self.ann).fields_view_get(self.env.ref("crm.crm_lead_view_form").id)["arch"]
        self.assertIn(name, arch)
        self.lead_ann.with_user(self.ann)[name] = 12.5


@tagged("post_install", "-at_install")
class TestCustomFieldRights(NoCodeCase):
    def test_only_directors_add_fields(self):
        for user in (self.ann, self.nora, self.marketer, self.executive, self.clerk):
            with self.assertRaises(AccessError, msg=user.login):
                self.add(user=user)

    def test_only_on_the_listed_forms(self):
        for model in ("res.users", "ir.rule", "account.move"):
            with self.assertRaises((ValueError, CrmUserError), msg=model):
                self.add(model=model)

    def test_a_column_is_never_computed_related_or_chosen(self):
        column = self.add().field_id
        self.assertEqual((column.state, column.compute, column.related, column.store), ("manual", False, False, True))
        with self.assertRaises(CrmUserError):
            self.add(name="Other", field_id=self.env.ref("base.field_res_partner__name").id)
        with self.assertRaises(CrmUserError):
            self.add(name="Third").write({"field_id": self.env.ref("base.field_res_partner__name").id})

    def test_the_director_gets_no_rights_on_fields_and_views(self):
        field = self.add()
        with self.assertRaises(AccessError):
            field.field_id.with_user(self.director).write({"compute": "1"})

    def test_private_text_is_masked_for_who_sees_no_contact_details(self):
        name = self.add(private=True).technical_name
        open_name = self.add(name="Open", private=False).technical_name
        self.customer_ann.write({name: "13800000000", open_name: "for all"})
        (seen,) = self.customer_ann.with_user(self.clerk).read([name, open_name])
        self.assertEqual((seen[name], seen[open_name]), ("******", "for all"))
        (own,) = self.customer_ann.with_user(self.ann).read([name])
        self.assertEqual(own[name], "13800000000")
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.clerk).search([(name, "=like", "138%")])


@tagged("post_install", "-at_install")
class TestCustomFieldMishaps(NoCodeCase):
    def test_form_and_type_stay(self):
        field = self.add()
        for change in ({"kind": "date"}, {"model": "crm.lead"}):
            with self.assertRaises(CrmUserError):
                field.write(change)

    def test_a_label_is_taken_once(self):
        self.add()
        with self.assertRaises(CrmValidationError):
            self.add(name="account plan ")
        with self.assertRaises(CrmValidationError):
            self.add(name="  ")

    def test_a_choice_list_needs_choices(self):
        with self.assertRaises(CrmValidationError):
            self.add(kind="choice")

    def test_a_broken_view_undoes_the_whole_change(self):
        before = self.arch()
        views = type(self.env["crm.custom.field.view"])
        with patch.object(views, "_prepare_form_nodes", lambda *args: [etree.Element("field", name="not_there")]):
            with self.assertRaisesRegex(CrmUserError, "nothing was changed"):
                self.add()
        self.env["ir.ui.view"].clear_caches()
        self.assertEqual(etree.tostring(self.arch()), etree.tostring(before))
        self.assertFalse([name for name in self.env["res.partner"]._fields if name.startswith("x_account")])

    def test_a_place_that_goes_does_not_lock_the_form(self):
        """An upgrade takes the field beside away: the form opens, and the list says what to do."""
        field = self.add(place="after:phone")
        view = self.env["crm.custom.field.view"]._get_views(["res.partner"]).filtered(lambda view: view.type == "form")
        gone = view.arch_base.replace("@name='phone'", "@name='gone'")
        self.env.cr.execute("UPDATE ir_ui_view SET arch_db = %s WHERE id = %s", [gone, view.id])
        view.invalidate_cache()
        view.clear_caches()
        self.assertFalse(self.arch().xpath("//field[@name='%s']" % field.technical_name))
        self.env.cr.execute("UPDATE crm_custom_field SET place = 'after:gone' WHERE id = %s", [field.id])
        field.invalidate_cache()
        self.assertTrue(field.place_lost)
        field.place = "tab"
        self.assertTrue(self.arch().xpath("//field[@name='%s']" % field.technical_name))

    def test_a_table_in_use_is_left_alone(self):
        custom_fields = type(self.env["crm.custom.field"])
        with patch.object(custom_fields, "_prepare_field", side_effect=errors.LockNotAvailable):
            with self.assertRaisesRegex(CrmUserError, "Try again in some minutes"):
                self.add()


@tagged("post_install", "-at_install")
class TestCustomFieldRemoval(NoCodeCase):
    def remove(self, field):
        return self.env["crm.custom.field.removal"].with_user(self.director).create({"custom_field_id": field.id})

    def test_values_are_saved_first(self):
        field = self.add()
        self.customer_ann[field.technical_name] = "Precious"
        removal = self.remove(field)
        self.assertEqual(removal.value_count, 1)
        with self.assertRaisesRegex(CrmUserError, "1 records hold a value"):
            removal.action_remove()
        removal.action_download()
        sheet = openpyxl.load_workbook(io.BytesIO(removal._export())).active
        rows = list(sheet.iter_rows(values_only=True))
        self.assertEqual(rows[1:], [(str(self.customer_ann.id), "Ann's customer", "Precious")])
        name = field.technical_name
        removal.action_remove()
        self.assertNotIn(name, self.env["res.partner"]._fields)
        self.assertFalse(self.arch().xpath("//field[@name='%s']" % name))

    def test_nothing_of_it_is_left(self):
        field = self.add(kind="choice", option_ids=[(0, 0, {"name": "One"})], in_list=True)
        name = field.technical_name
        field.unlink()
        self.env.cr.execute("SELECT 1 FROM information_schema.columns WHERE table_name = 'res_partner' AND column_name = %s", [name])
        self.assertFalse(self.env.cr.fetchall())
        self.assertFalse(self.env["ir.model.fields"].search([("name", "=", name)]))
        self.assertFalse(self.env["crm.custom.field.view"]._get_views(["res.partner"]))

    def test_what_an_automation_builds_on_stays(self):
        field = self.add()
        self.env["crm.automation"].create({
            "name": "Uses it",
            "model": "res.partner",
            "trigger": "created",
            "condition": "[('%s', '=', 'x')]" % field.technical_name,
            "step_ids": [(0, 0, {"kind": "notify", "subject": "Look"})],
        })  # fmt: skip
        with self.assertRaisesRegex(UserError, "Uses it"):
            self.remove(field).action_remove()
