# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError
from odoo.tests.common import Form

from ..exceptions import ContactDetailsError
from ..models.contact_details import MASK
from .common import RolesCase

CUSTOMER_DETAILS = {
    "phone": "0755-12345678",
    "mobile": "13812345678",
    "email": "customer@example.com",
    "email_normalized": "customer@example.com",
    "wechat": "wx-customer",
    "street": "1 Secret Road",
    "comment": "Likes tea",
}
LEAD_DETAILS = {
    "phone": "13912345678",
    "email_from": "lead@example.com",
    "wechat": "wx-lead",
    "description": "Called on Monday",
}


class ContactDetailsCase(RolesCase):
    """The clerk is an internal user without the permission, who may write partners and read leads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk.groups_id += cls.env.ref("base.group_partner_manager")
        cls.customer = cls.customer_ann
        cls.lead = cls.lead_ann
        cls.portal = cls.env["res.users"].create(
            {
                "name": "Portal customer",
                "login": "portal-customer@example.com",
                "email": "portal-customer@example.com",
                "phone": "13700000000",
                "groups_id": [(6, 0, cls.env.ref("base.group_portal").ids)],
            }
        )
        cls.portal.partner_id.is_customer = True

    def as_clerk(self, record):
        return record.with_user(self.clerk)


class TestReading(ContactDetailsCase):
    def test_details_of_customers_are_masked(self):
        vals = self.as_clerk(self.customer).read(list(CUSTOMER_DETAILS) + ["name", "city"])[0]
        self.assertEqual({name: vals[name] for name in CUSTOMER_DETAILS}, dict.fromkeys(CUSTOMER_DETAILS, MASK))
        self.assertEqual((vals["name"], vals["city"]), ("Ann's customer", "Shenzhen"))

    def test_details_of_leads_are_masked(self):
        vals = self.as_clerk(self.lead).read(list(LEAD_DETAILS))[0]
        self.assertEqual({name: vals[name] for name in LEAD_DETAILS}, dict.fromkeys(LEAD_DETAILS, MASK))

    def test_an_empty_detail_stays_empty(self):
        self.assertFalse(self.as_clerk(self.customer).read(["street2"])[0]["street2"])

    def test_suppliers_are_never_masked(self):
        self.assertEqual(self.as_clerk(self.supplier).read(["phone"])[0]["phone"], "0755-26000000")

    def test_contacts_of_a_customer_are_masked(self):
        contact = self.env["res.partner"].create({"name": "C", "parent_id": self.customer.id, "phone": "1"})
        self.assertEqual(self.as_clerk(contact).read(["phone"])[0]["phone"], MASK)

    def test_roles_with_the_permission_see_everything(self):
        for user in self.ann + self.nora + self.director + self.marketer + self.executive:
            with self.subTest(user=user.name):
                vals = self.customer.with_user(user).read(list(CUSTOMER_DETAILS))[0]
                self.assertNotIn(MASK, vals.values())

    def test_search_read_is_masked(self):
        vals = self.as_clerk(self.env["res.partner"]).search_read([("id", "=", self.customer.id)], ["phone"])
        self.assertEqual(vals[0]["phone"], MASK)

    def test_code_keeps_the_real_value(self):
        customer = self.as_clerk(self.customer)
        self.assertEqual(customer.read(["phone"])[0]["phone"], MASK)
        self.assertEqual(customer.phone, CUSTOMER_DETAILS["phone"])
        self.assertEqual(customer.sudo().read(["phone"])[0]["phone"], CUSTOMER_DETAILS["phone"])

    def test_related_fields_are_masked(self):
        """A portal user is its partner by _inherits."""
        vals = self.as_clerk(self.portal).read(["phone", "login", "name"])[0]
        self.assertEqual((vals["phone"], vals["login"], vals["name"]), (MASK, MASK, "Portal customer"))

    def test_own_details_and_colleagues_are_not_masked(self):
        self.assertEqual(self.as_clerk(self.bob).read(["email"])[0]["email"], "bob@own.example.com")

    def test_rep_does_not_see_anothers_customer_through_a_related_field(self):
        event = self.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": "2030-01-01 08:00:00",
                "stop": "2030-01-01 09:00:00",
                "partner_ids": [(6, 0, self.customer_bob.ids)],
            }
        )
        emails = {
            user: event.attendee_ids.with_user(user).read(["email"])[0]["email"] for user in self.ann + self.bob
        }
        self.assertEqual(emails, {self.ann: MASK, self.bob: "customer@example.com"})

    def test_rep_does_not_see_portal_users_of_anothers_customer(self):
        self.portal.partner_id.user_id = self.bob
        with self.assertRaises(AccessError):
            self.portal.with_user(self.ann).read(["phone"])

    def test_export_is_masked_also_through_lines(self):
        self.customer.child_ids = [(0, 0, {"name": "C1", "phone": "111"}), (0, 0, {"name": "C2", "phone": "222"})]
        rows = self.as_clerk(self.customer + self.supplier).export_data(
            ["name", "phone", "child_ids/name", "child_ids/phone"]
        )["datas"]
        self.assertEqual(
            rows,
            [
                ["Ann's customer", MASK, "C1", MASK],
                ["", "", "C2", MASK],
                ["Supplier", "0755-26000000", False, ""],
            ],
        )

    def test_display_name_shows_no_address_or_email(self):
        context = dict(show_address=1, show_email=1)
        name = self.as_clerk(self.customer).with_context(**context).name_get()[0][1]
        self.assertEqual(name, "Ann's customer")
        found = self.as_clerk(self.env["res.partner"]).with_context(**context).name_search("Ann's cust")
        self.assertEqual(found, [(self.customer.id, "Ann's customer")])

    def test_copy_carries_no_details(self):
        copy = self.as_clerk(self.customer).copy()
        self.assertFalse(copy.sudo().phone)
        self.assertNotIn("phone", self.as_clerk(self.customer).copy_data()[0])

    def test_masking_costs_one_query_at_most(self):
        customers = self.env["res.partner"].create(
            [{"name": str(number), "is_customer": True, "phone": "1"} for number in range(50)]
        )
        customers.flush()
        customers.invalidate_cache()
        self.as_clerk(self.supplier).read(["phone"])
        with self.assertQueryCount(1 + 1):
            rows = self.as_clerk(customers).read(["phone"])
        self.assertEqual({row["phone"] for row in rows}, {MASK})


class TestProbing(ContactDetailsCase):
    def assertRefused(self, method, *args, **kwargs):
        with self.assertRaises(ContactDetailsError):
            method(*args, **kwargs)

    def test_searching_by_details_is_refused(self):
        partners, leads = self.as_clerk(self.env["res.partner"]), self.as_clerk(self.env["crm.lead"])
        self.assertRefused(partners.search, [("phone", "like", "0755")])
        self.assertRefused(partners.search_count, ["|", ("name", "=", "x"), ("email", "ilike", "customer@")])
        self.assertRefused(partners.search_read, [("child_ids.mobile", "!=", False)], ["name"])
        self.assertRefused(partners.read_group, [("street", "=", "x")], ["id:count"], ["country_id"])
        self.assertRefused(leads.search, [("phone_mobile_search", "like", "139")])

    def test_searching_through_other_models_is_refused(self):
        for model, field in [
            ("res.users", "phone"),
            ("res.users", "partner_id.phone"),
            ("mail.followers", "partner_id.email"),
            ("mail.message", "author_id.email"),
            ("res.partner", "message_ids.body"),
            ("crm.lead", "partner_id.parent_id.mobile"),
        ]:
            with self.subTest(model=model, field=field):
                self.assertRefused(self.as_clerk(self.env[model]).search, [(field, "ilike", "1")])

    def test_ordering_by_details_is_refused(self):
        partners = self.as_clerk(self.env["res.partner"])
        self.assertRefused(partners.search, [], order="name, phone desc")
        self.assertRefused(self.as_clerk(self.env["res.users"]).search, [], order="phone")

    def test_grouping_and_aggregating_details_is_refused(self):
        partners = self.as_clerk(self.env["res.partner"])
        self.assertRefused(partners.read_group, [], ["name"], ["email"])
        self.assertRefused(partners.read_group, [], ["phone:array_agg"], ["country_id"])
        self.assertRefused(partners.read_group, [], ["x:count_distinct(mobile)"], ["country_id"])
        self.assertRefused(partners.read_group, [], ["name"], ["country_id"], orderby="phone")

    def test_name_search_does_not_look_into_customers_email(self):
        partners = self.as_clerk(self.env["res.partner"])
        self.assertFalse(partners.name_search("customer@example.com"))
        self.assertEqual(partners.name_search("supplier@example.com")[0][0], self.supplier.id)
        self.assertEqual(partners.name_search("Ann's cust")[0][0], self.customer.id)

    def test_login_of_a_portal_customer_cannot_be_probed(self):
        users = self.as_clerk(self.env["res.users"])
        self.assertFalse(users.name_search("portal-customer@example.com"))
        self.assertRefused(users.search, [("login", "like", "portal-customer")])

    def test_mentions_are_found_by_name(self):
        found = self.as_clerk(self.env["res.partner"]).get_mention_suggestions("Ann's cust")
        self.assertEqual([(vals["name"], vals["email"]) for vals in found[1]], [("Ann's customer", MASK)])

    def test_search_view_offers_what_is_allowed(self):
        view = self.env.ref("base.view_res_partner_filter")
        arch = self.as_clerk(self.env["res.partner"]).fields_view_get(view.id, "search")["arch"]
        self.assertNotIn("'email'", arch)
        self.assertNotIn('name="email"', arch)
        self.assertIn('name="name"', arch)

    def test_the_refusal_says_what_to_do(self):
        with self.assertRaisesRegex(AccessError, "Search by name instead"):
            self.as_clerk(self.env["res.partner"]).search([("phone", "=", "1")])


class TestOnchangeAndWriting(ContactDetailsCase):
    def test_onchange_of_a_contact_does_not_copy_the_hidden_address(self):
        partners = self.as_clerk(self.env["res.partner"])
        spec = partners._onchange_spec()
        result = partners.onchange({"name": "New", "parent_id": self.customer.id, "type": "contact"}, "parent_id", spec)
        self.assertNotEqual(result["value"].get("street"), "1 Secret Road")

    def test_onchange_shows_no_related_detail(self):
        users = self.as_clerk(self.env["res.users"])
        spec = {"partner_id": "1", "phone": "", "email": ""}
        result = users.onchange({"partner_id": self.customer.id, "phone": False}, "partner_id", spec)
        self.assertIn(result["value"].get("phone"), (None, MASK))

    def test_onchange_is_for_who_may_read_or_create(self):
        rules = self.env["crm.pool"]
        with self.assertRaises(AccessError):
            rules.with_user(self.portal).onchange({"name": "Mine"}, "name", {"name": "1"})
        rules.with_user(self.director).onchange({"name": "Mine"}, "name", {"name": "1"})

    def test_rep_gets_nothing_of_anothers_customer_by_onchange(self):
        leads = self.env["crm.lead"].with_user(self.ann)
        spec = leads._onchange_spec()
        result = leads.onchange({"partner_id": self.customer_bob.id, "name": "Sly"}, "partner_id", spec)
        self.assertIn(result["value"].get("phone"), (None, False, MASK))
        self.assertIn(result["value"].get("email_from"), (None, False, MASK))

    def test_method_that_copies_the_parents_address_is_masked(self):
        contact = self.env["res.partner"].create({"name": "C", "parent_id": self.customer.id})
        value = (self.as_clerk(contact).onchange_parent_id() or {}).get("value", {})
        self.assertIn(value.get("street"), (None, MASK))

    def test_saving_a_form_of_masks_destroys_nothing(self):
        self.as_clerk(self.customer).write({"phone": MASK, "street": MASK, "ref": "C-1"})
        self.assertEqual(self.customer.phone, CUSTOMER_DETAILS["phone"])
        self.assertEqual(self.customer.street, CUSTOMER_DETAILS["street"])
        self.assertEqual(self.customer.ref, "C-1")

    def test_saving_the_real_form_destroys_nothing(self):
        with Form(self.as_clerk(self.customer), view="base.view_partner_form") as form:
            form.ref = "C-2"
        self.assertEqual(self.customer.phone, CUSTOMER_DETAILS["phone"])
        self.assertEqual(self.customer.ref, "C-2")

    def test_a_customer_cannot_be_unmasked(self):
        contact = self.env["res.partner"].create({"name": "C", "parent_id": self.customer.id, "phone": "1"})
        with self.assertRaises(ContactDetailsError):
            self.as_clerk(self.customer).is_customer = False
        with self.assertRaises(ContactDetailsError):
            self.as_clerk(contact).parent_id = self.supplier
        with self.assertRaises(ContactDetailsError):
            self.as_clerk(self.supplier).child_ids = [(4, contact.id)]
        with self.assertRaises(ContactDetailsError):
            wizard = self.as_clerk(self.env["base.partner.merge.automatic.wizard"]).create({})
            wizard._merge((self.customer + self.supplier).ids, self.supplier)


class TestFollowUps(ContactDetailsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.message = cls.customer.message_post(
            body="Call 13812345678", subject="Call", message_type="comment", author_id=cls.ann.partner_id.id
        )

    def test_messages_on_customers_are_masked(self):
        message = self.as_clerk(self.message)
        self.assertEqual(message.read(["body"])[0]["body"], MASK)
        self.assertEqual(message.message_format()[0]["body"], MASK)

    def test_messages_on_suppliers_are_not(self):
        message = self.as_clerk(self.supplier.message_post(body="Hello"))
        self.assertIn("Hello", message.read(["body"])[0]["body"])

    def test_tracked_changes_are_not_shown(self):
        tracking = {
            "field": self.env["ir.model.fields"]._get("res.partner", "phone").id,
            "field_desc": "Phone",
            "field_type": "char",
            "old_value_char": "0755-12345678",
            "new_value_char": "0755-87654321",
        }
        tracked = self.message
        tracked.tracking_value_ids = [(0, 0, tracking)]
        self.assertTrue(tracked.message_format()[0]["tracking_value_ids"])
        self.assertFalse(self.as_clerk(tracked).message_format()[0]["tracking_value_ids"])

    def test_address_of_a_customer_who_writes_is_masked_on_every_document(self):
        message = self.supplier.message_post(
            body="Hi", author_id=self.customer.id, email_from="customer@example.com"
        )
        self.assertEqual(self.as_clerk(message).read(["email_from"])[0]["email_from"], MASK)

    def test_activities_on_leads_are_masked(self):
        activity = self.lead.activity_schedule("mail.mail_activity_data_call", summary="Ask 139", user_id=self.clerk.id)
        self.assertEqual(self.as_clerk(activity).read(["summary"])[0]["summary"], MASK)
        self.assertEqual(activity.with_user(self.ann).read(["summary"])[0]["summary"], "Ask 139")

    def test_files_on_customers_are_refused_and_not_found(self):
        vals = {"name": "card.txt", "raw": b"13812345678", "res_model": "res.partner"}
        card, price_list = self.env["ir.attachment"].create(
            [dict(vals, res_id=self.customer.id), dict(vals, res_id=self.supplier.id)]
        )
        with self.assertRaises(ContactDetailsError):
            self.as_clerk(card).read(["raw"])
        self.assertTrue(self.as_clerk(price_list).read(["raw"]))
        files = self.as_clerk(self.env["ir.attachment"]).search([("id", "in", (card + price_list).ids)])
        self.assertEqual(files, price_list)

    def test_typed_template_expressions_are_refused(self):
        render = self.as_clerk(self.env["mail.render.mixin"])
        with self.assertRaises(ContactDetailsError):
            render._render_template("${object.phone}", "res.partner", self.customer.ids)
        rendered = render._render_template("100 % plain", "res.partner", self.customer.ids)
        self.assertEqual(rendered[self.customer.id], "100 % plain")

    def test_templates_are_written_by_those_who_see_details(self):
        vals = {"name": "T", "model_id": self.env.ref("base.model_res_partner").id, "body_html": "${object.phone}"}
        with self.assertRaises(AccessError):
            self.as_clerk(self.env["mail.template"]).create(vals)
        self.assertTrue(self.env["mail.template"].with_user(self.ann).create(vals))

    def test_address_block_of_a_report_has_the_name_only(self):
        contact = self.as_clerk(self.env["ir.qweb.field.contact"])
        html = contact.value_to_html(self.as_clerk(self.customer), {}).decode()
        self.assertIn("Ann's customer", html)
        self.assertNotIn("Secret", html)
        self.assertNotIn("0755", html)


class TestMails(ContactDetailsCase):
    """A notification mail and what is pushed to the browser leave the ORM as they are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.clerk | cls.ann | cls.bob).notification_type = "email"
        cls.customer.message_subscribe(partner_ids=(cls.clerk | cls.ann).partner_id.ids)

    def mailed(self, message):
        """To whom a message went, by mail or into the inbox."""
        return message.sudo().notification_ids.res_partner_id

    def test_a_masked_follower_gets_no_copy(self):
        note = self.customer.with_user(self.director).message_post(body="Called 13812345678", subtype_xmlid="mail.mt_comment")
        self.assertEqual(self.mailed(note), self.ann.partner_id)
        self.assertFalse(self.env["crm.notification"].search([("user_id", "=", self.clerk.id)]))

    def test_whoever_is_addressed_learns_that_but_not_what(self):
        for user in (self.clerk, self.bob):
            note = self.customer.with_user(self.director).message_post(body="Secret", partner_ids=user.partner_id.ids)
            self.assertNotIn(user.partner_id, self.mailed(note))
            told = self.env["crm.notification"].search([("user_id", "=", user.id), ("kind", "=", "inapp")])
            self.assertEqual(told.subject, "Dora wrote to you about a customer or lead that is not shown to you")
            self.assertNotIn("Secret", told.body)

    def test_a_customers_answer_carries_no_address(self):
        """On a document that is not hidden itself."""
        self.supplier.message_subscribe(partner_ids=self.clerk.partner_id.ids)
        note = self.supplier.message_post(
            body="Yours", author_id=self.customer.id, email_from="customer@example.com", subtype_xmlid="mail.mt_comment"
        )
        self.assertNotIn(self.clerk.partner_id, self.mailed(note))
        told = self.env["crm.notification"].search([("user_id", "=", self.clerk.id), ("kind", "=", "inapp")])
        self.assertEqual(told.subject, "Ann's customer wrote on “Supplier”")
        self.assertEqual((told.res_model, told.res_id), ("res.partner", self.supplier.id))

    def test_activities_of_masked_people_are_not_mailed(self):
        kind = self.env["ir.model"]._get_id("res.partner")
        vals = {"res_model_id": kind, "res_id": self.customer.id, "user_id": self.clerk.id, "note": "Call 13812345678"}
        self.env["mail.activity"].with_user(self.director).create(vals)
        mails = self.env["mail.mail"].sudo().search([("recipient_ids", "in", self.clerk.partner_id.ids)])
        self.assertFalse(mails.filtered(lambda mail: "13812345678" in (mail.body_html or "")))

    def test_a_channel_with_masked_people_is_left_out(self):
        channel = self.env["mail.channel"].create({"name": "All", "channel_partner_ids": [(4, self.clerk.partner_id.id)]})
        note = self.customer.message_post(body="Secret", channel_ids=channel.ids)
        self.assertEqual(self.customer._notify_compute_recipients(note, {})["channels"], [], "nothing is pushed to its members")
        self.assertEqual(note.with_user(self.clerk).read(["body"])[0]["body"], MASK)


class TestFieldsOfGroups(ContactDetailsCase):
    """Odoo checks a field's groups when it is read, but neither in exports nor in onchanges."""

    def test_export(self):
        with self.assertRaises(AccessError):
            self.as_clerk(self.customer).export_data(["name", "next_step"])

    def test_onchange(self):
        values = self.as_clerk(self.customer).onchange({}, [], {"name": "1", "next_step": "1"})["value"]
        self.assertNotIn("next_step", values)
        values = self.customer.with_user(self.ann).onchange({}, [], {"name": "1", "next_step": "1"})["value"]
        self.assertIn("next_step", values)

    def test_an_activity_is_not_named(self):
        kind = self.env["ir.model"]._get_id("res.partner")
        vals = {"res_model_id": kind, "res_id": self.customer.id, "user_id": self.ann.id, "summary": "Call 13812345678"}
        activity = self.env["mail.activity"].create(vals)
        self.assertEqual(self.as_clerk(activity).name_get(), [(activity.id, MASK)])
        self.assertEqual(activity.with_user(self.ann).name_get(), [(activity.id, "Call 13812345678")])
