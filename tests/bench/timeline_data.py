# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Customers with life-like histories, written set-based: for each table copies of one record the ORM made.

Of the first batch's events a twentieth belongs to one customer, which has two hundred contacts; another has two thousand
contacts. The other events are spread with a skew: few customers have many. Every batch has customers of its own, so an
ordinary customer's history is as long among 100,000 events as among 1,000,000. Both databases get the same rows, as far
as plain Odoo has the tables.
"""

import time

from psycopg2 import sql

#: Events of a kind, per thousand
SHARES = {
    "crm.lead": 40,
    "mail.message": 450,
    "crm.stage.move": 120,
    "crm.followup": 120,
    "sale.order": 90,
    "stock.picking": 50,
    "account.move": 50,
    "mailing.trace": 30,
    "mail.activity": 20,
    "helpdesk.ticket": 15,
    "crm.service.order": 15,
}
EVENTS_PER_CUSTOMER = 50
#: Every BIG-th event of the first batch is the big customer's
BIG = 20
CONTACTS = {0: 200, 1: 2000}
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True, "no_reset_password": True}
#: A moment of the last three years, and a number from 0 to 1: each row's own
MOMENT = "(now() AT TIME ZONE 'UTC' - interval '1 second' * (1 + n::bigint * 7919 % 94608000))::timestamp(0)"
CHANCE = "((hashint4(n)::bigint + 2147483648) / 4294967296.0)"
WHO = "CASE WHEN customer.rank = 0 THEN (SELECT id FROM bench_big WHERE rank = n % 201) ELSE customer.id END"


class Loader:
    """Fills one database, batch by batch.

    :param suite: whether the database has the suite
    :param owners: ids of the users to whom the customers belong in turn; the first owns the big ones
    """

    def __init__(self, env, suite, owners):
        self.env, self.cr, self.suite, self.owners = env(context=dict(env.context, **QUIET)), env.cr, suite, owners
        self.events = self.customers = self.leads = 0
        for name, more in (("customer", "owner int"), ("big", "owner int"), ("lead", "owner int, partner int")):
            self.cr.execute("CREATE TABLE bench_%s (rank int PRIMARY KEY, id int, %s)" % (name, more))

    def load(self, events):
        """Make it ``events`` events in all; returns the seconds it took."""
        started = time.perf_counter()
        self.cr.execute("SET LOCAL synchronous_commit = off")
        self._load_customers(self.customers, events // EVENTS_PER_CUSTOMER)
        for name, share in SHARES.items():
            if name in self.env:
                self._load_events(name, self.events * share // 1000, events * share // 1000)
        self.events, self.customers = events, events // EVENTS_PER_CUSTOMER
        self.cr.commit()
        self._vacuum()
        return time.perf_counter() - started

    def _vacuum(self):
        autocommit = self.cr._cnx.autocommit
        self.cr._cnx.autocommit = True
        for name in ["res.partner", *SHARES]:
            if name in self.env:
                self.cr.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(self.env[name]._table)))
        self.cr._cnx.autocommit = autocommit

    # -- customers ---------------------------------------------------------------------------------------------------

    def _load_customers(self, first, last):
        self._execute(
            "INSERT INTO bench_customer SELECT rank, nextval('res_partner_id_seq'), ({owners})[1 + greatest(rank - 1, 0) % {k}]"
            " FROM generate_series({first}, {last} - 1) AS rank",
            first=first,
            last=last,
        )
        name = "'客户 ' || n"
        company = {"id": "customer.id", "name": name, "display_name": name, "commercial_partner_id": "customer.id"}
        company["user_id"] = "customer.owner"
        vals = {"name": "Model", "is_company": True, **({"is_customer": True} if self.suite else {})}
        self._copy("res.partner", vals, company, "SELECT rank AS n, customer.* FROM bench_customer AS customer", first, last)
        for rank, number in CONTACTS.items() if not first else ():
            contact = {name: "'联系人 ' || n" for name in ("name", "display_name")}
            contact.update(dict.fromkeys(("parent_id", "commercial_partner_id"), "customer.id"))
            contact.update(is_company="FALSE", user_id="customer.owner")
            source = "SELECT n, c.id, c.owner FROM bench_customer AS c, generate_series(1, %d) AS n WHERE c.rank = %d" % (number, rank)
            self._copy("res.partner", vals, contact, source)
        if not first:
            self._execute(
                "INSERT INTO bench_big SELECT row_number() OVER (ORDER BY id) - 1, id, user_id FROM res_partner"
                " WHERE commercial_partner_id = (SELECT id FROM bench_customer WHERE rank = 0)"
            )

    # -- events ------------------------------------------------------------------------------------------------------

    def _load_events(self, name, first, last):
        numbers = "generate_series(%d + 1, %d) AS n" % (first, last)
        big = "n %% %d = 0" % BIG if not self.events else "FALSE"
        low, high = max(self.customers, 1), last * 1000 // SHARES[name] // EVENTS_PER_CUSTOMER
        rank = "CASE WHEN %s THEN 0 ELSE %d + floor(%d * power(%s, 1.5))::int END" % (big, low, high - low, CHANCE)
        customers = "SELECT n, customer.* FROM %s JOIN bench_customer AS customer ON customer.rank = %s" % (numbers, rank)
        if name == "crm.lead":
            self._execute(
                "INSERT INTO bench_lead SELECT CASE WHEN customer.rank = 0 THEN -n / {big} ELSE n END,"
                " nextval('crm_lead_id_seq'), owner, customer.id FROM (%s) AS customer" % customers,
                big=BIG,
            )
            customers = "SELECT abs(rank) * CASE WHEN rank < 0 THEN %d ELSE 1 END AS n, lead.* FROM bench_lead AS lead" % BIG
            self._copy(name, *self._get_lead(), customers + " WHERE NOT EXISTS (SELECT FROM crm_lead WHERE crm_lead.id = lead.id)")
            return
        leads = SHARES["crm.lead"] * (last - first) // SHARES[name]
        lead_first = self.events * SHARES["crm.lead"] // 1000
        any_lead = "%d + floor(%d * %s)::int" % (lead_first + 1, leads, CHANCE)
        of_big = "-1 - (n / 40) % 200"
        lead_rank = "CASE WHEN %s THEN %s ELSE (SELECT min(rank) FROM bench_lead WHERE rank >= %s) END" % (big, of_big, any_lead)
        with_leads = "SELECT event.*, lead.id AS lead_id, lead.owner AS lead_owner FROM (%s) AS event" % customers
        with_leads += " JOIN bench_lead AS lead ON lead.rank = %s" % lead_rank
        vals, values = getattr(self, "_get_" + name.replace(".", "_"))()
        source = with_leads if any("lead_id" in value for value in values.values()) else customers
        self._copy(name, vals, values, source)

    def _get_lead(self):
        vals = {"name": "Model", "type": "opportunity", "user_id": False}
        values = {"id": "customer.id", "name": "'商机 ' || n", "partner_id": "customer.partner", "user_id": "customer.owner"}
        values["create_date"] = MOMENT
        if self.suite:
            values["commercial_partner_id"] = "customer.partner"
        return vals, values

    def _get_mail_message(self):
        vals = {"model": "res.partner", "res_id": 1, "message_type": "comment", "body": "<p>%s</p>" % ("今天和客户谈了交货期。" * 8)}
        on_lead = "(n / %d) %% 2 = 0" % BIG
        return vals, {
            "model": "CASE WHEN %s THEN 'crm.lead' ELSE 'res.partner' END" % on_lead,
            "res_id": "CASE WHEN %s THEN customer.lead_id ELSE %s END" % (on_lead, WHO),
            "date": MOMENT,
        }

    def _get_crm_stage_move(self):
        stages = self.env["crm.stage"].search([], limit=2)
        values = {"from_stage_id": str(stages[0].id), "to_stage_id": str(stages[-1].id), "company_id": str(self.env.company.id)}
        values.update(lead_id="customer.lead_id", user_id="customer.lead_owner", date=MOMENT, seconds="86400", days="1")
        return None, values

    def _get_crm_followup(self):
        partner = self.env["res.partner"].create({"name": "Model", "is_company": True, "is_customer": True})
        vals = {"partner_id": partner.id, "kind": "note", "summary": "客户要看样品，下周再约。"}
        return vals, {
            "partner_id": WHO,
            "commercial_partner_id": "customer.id",
            "user_id": "customer.owner",
            "date": MOMENT,
            "form_key": "'bench' || n",
            "kind": "(ARRAY['call', 'wechat', 'visit', 'note'])[1 + n / 20 % 4]",
            "outcome_id": "(SELECT min(id) FROM crm_followup_outcome)",
        }

    def _get_sale_order(self):
        values = {name: WHO for name in ("partner_id", "partner_invoice_id", "partner_shipping_id")}
        values.update(name="'SB' || n", user_id="customer.owner", date_order=MOMENT, amount_total="1000 + n % 90000")
        values["state"] = "(ARRAY['draft', 'sale', 'sale'])[1 + n / 20 % 3]"
        return {"partner_id": self.env.user.partner_id.id}, values

    def _get_stock_picking(self):
        kind = self.env["stock.picking.type"].search([("code", "=", "outgoing")], limit=1)
        places = {"location_id": kind.default_location_src_id.id, "location_dest_id": self.env.ref("stock.stock_location_customers").id}
        vals = {"picking_type_id": kind.id, **places}
        return vals, {"name": "'OUT/B/' || n", "partner_id": WHO, "state": "'done'", "date_done": MOMENT}

    def _get_account_move(self):
        values = {"name": "'INV/B/' || n", "partner_id": WHO, "commercial_partner_id": "customer.id", "invoice_user_id": "customer.owner"}
        values.update(state="'posted'", invoice_date=MOMENT + "::date", date=MOMENT + "::date", amount_total="1000 + n % 90000")
        return {"move_type": "out_invoice"}, values

    def _get_mailing_trace(self):
        mailing = self.env["mailing.mailing"].create({"subject": "Autumn", "mailing_model_id": self.env.ref("base.model_res_partner").id})
        vals = {"mass_mailing_id": mailing.id, "model": "res.partner", "res_id": 1}
        return vals, {"res_id": WHO, "sent": MOMENT, "state": "'opened'"}

    def _get_mail_activity(self):
        lead = self.env["crm.lead"].create({"name": "Model"})
        kind = self.env.ref("mail.mail_activity_data_call").id
        vals = {"res_model_id": self.env.ref("crm.model_crm_lead").id, "res_id": lead.id, "activity_type_id": kind, "summary": "回访"}
        return vals, {"res_id": "customer.lead_id", "user_id": "customer.lead_owner", "date_deadline": "(%s)::date + 7" % MOMENT}

    def _get_helpdesk_ticket(self):
        return {"name": "无法开机", "description": "<p>?</p>"}, {"number": "'TB' || n", "partner_id": WHO, "create_date": MOMENT}

    def _get_crm_service_order(self):
        partner = self.env.user.partner_id.id
        values = {"name": "'WB' || n", "partner_id": WHO, "address_id": WHO, "create_date": MOMENT}
        return {"partner_id": partner, "fault": "压力上不去"}, values

    # -- copies ------------------------------------------------------------------------------------------------------

    def _copy(self, name, vals, values, source, first=None, last=None):
        """Rows like the one ``create(vals)`` makes, with values of their own: SQL over the rows of ``source``.

        :param vals: None if the values are the whole row
        """
        table = self.env[name]._table
        taken = []
        if vals is not None:
            model = self.env[name].create(vals)
            model.flush()
            self.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
            taken = [column for (column,) in self.cr.fetchall() if column not in {"id", *values}]
        parts = {
            "table": sql.Identifier(table),
            "own": sql.SQL(", ").join(map(sql.Identifier, [*values, *taken])),
            "values": sql.SQL(", ").join(
                [*map(sql.SQL, values.values()), *(sql.Identifier("model", column) for column in taken)]
            ),
            "source": sql.SQL(source + (" WHERE rank >= %d AND rank < %d" % (first, last) if last else "")),
            "model": sql.SQL("SELECT * FROM {} WHERE id = {}").format(
                sql.Identifier(table), sql.Literal(model.id if vals is not None else 0)
            )
            if taken
            else sql.SQL("SELECT 1 AS one"),
        }
        query = "INSERT INTO {table} ({own}) SELECT {values} FROM ({source}) AS customer CROSS JOIN ({model}) AS model"
        self.cr._obj.execute(sql.SQL(query).format(**parts))
        if taken:
            self.cr.execute(sql.SQL("DELETE FROM {} WHERE id = %s").format(sql.Identifier(table)), [model.id])
            self.env.clear()

    def _execute(self, query, **values):
        owners = "ARRAY[%s]" % ", ".join(map(str, self.owners))
        self.cr._obj.execute(query.format(k=len(self.owners), owners=owners, **values))
