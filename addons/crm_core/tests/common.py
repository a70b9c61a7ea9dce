# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests.common import SavepointCase


class RolesCase(SavepointCase):
    """Two teams under one, with a rep each, and a customer and a lead of every rep.

        North (nora)
        ├── East (eli): ann
        └── (none)
        South (sam): bob
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(
                cls.env.context, tracking_disable=True, no_reset_password=True, mail_create_nosubscribe=True
            )
        )
        cls.nora = cls._user("nora", "crm_core.group_team_leader")
        cls.eli = cls._user("eli", "crm_core.group_team_leader")
        cls.sam = cls._user("sam", "crm_core.group_team_leader")
        cls.ann = cls._user("ann", "crm_core.group_sales_rep")
        cls.bob = cls._user("bob", "crm_core.group_sales_rep")
        cls.director = cls._user("dora", "crm_core.group_sales_director")
        cls.marketer = cls._user("mia", "crm_core.group_marketing")
        cls.executive = cls._user("emma", "crm_core.group_executive")
        cls.clerk = cls._user("carl", "base.group_user", "base.group_allow_export")
        teams = cls.env["crm.team"]
        cls.north = teams.create({"name": "North", "user_id": cls.nora.id})
        cls.east = teams.create({"name": "East", "user_id": cls.eli.id, "parent_id": cls.north.id})
        cls.south = teams.create({"name": "South", "user_id": cls.sam.id})
        cls.east.member_ids = cls.ann
        cls.south.member_ids = cls.bob
        cls.customer_ann = cls._customer(cls.ann, "Ann's customer")
        cls.customer_bob = cls._customer(cls.bob, "Bob's customer")
        cls.lead_ann = cls._lead(cls.ann, "Ann's lead")
        cls.lead_bob = cls._lead(cls.bob, "Bob's lead")
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Supplier", "phone": "0755-26000000", "email": "supplier@example.com", "is_company": True}
        )

    @classmethod
    def _user(cls, login, *groups):
        return cls.env["res.users"].create(
            {
                "name": login.title(),
                "login": login,
                "email": login + "@own.example.com",
                "groups_id": [(6, 0, [cls.env.ref(group).id for group in groups])],
            }
        )

    @classmethod
    def _customer(cls, owner, name, **vals):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "is_customer": True,
                "user_id": owner.id,
                "phone": "0755-12345678",
                "mobile": "13812345678",
                "email": "customer@example.com",
                "wechat": "wx-customer",
                "street": "1 Secret Road",
                "city": "Shenzhen",
                "comment": "Likes tea",
                **vals,
            }
        )

    @classmethod
    def _lead(cls, owner, name, **vals):
        return cls.env["crm.lead"].create(
            {
                "name": name,
                "user_id": owner.id,
                "team_id": owner.sale_team_id.id,
                "phone": "13912345678",
                "email_from": "lead@example.com",
                "wechat": "wx-lead",
                "description": "Called on Monday",
                **vals,
            }
        )

    def visible(self, records, user):
        """Those of the records that a search of the user finds."""
        model = records.with_user(user).with_context(active_test=False)
        return records & records.browse(model.search([("id", "in", records.ids)]).ids)
