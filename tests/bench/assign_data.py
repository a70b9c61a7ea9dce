# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Leads, reps and rules for the assignment benchmark: leads by one INSERT, with life-like skew, the same for every seed.

Each rule says its conditions twice, as a domain and in plain SQL, so that the check does not trust the domain.
"""

import random

#: Twenty rules in their order: name, strategy, domain (a template of ids), SQL, how many of the reps
RULES = (
    ("urgent", "least_loaded", "[('priority', '=', '3')]", "lead.priority = '3'", 10),
    ("referral", "conversion", "[('source_id', '=', {source[0]})]", "lead.source_id = {source[0]}", 15),
    ("exhibition A", "weighted", "[('source_id', '=', {source[1]}), ('grade', '=', 'A')]",
     "lead.source_id = {source[1]} AND lead.grade = 'A'", 12),
    ("exhibition", "round_robin", "[('source_id', '=', {source[1]})]", "lead.source_id = {source[1]}", 20),
    ("shenzhen", "territory", "[('city', 'in', ['深圳市', '东莞市'])]", "lead.city IN ('深圳市', '东莞市')", 20),
    ("machines A and B", "conversion", "[('product_id', '=', {product[0]}), ('grade', 'in', ['A', 'B'])]",
     "lead.product_id = {product[0]} AND lead.grade IN ('A', 'B')", 15),
    ("machines", "expertise", "[('product_id', '=', {product[0]})]", "lead.product_id = {product[0]}", 20),
    ("parts", "expertise", "[('product_id', 'in', [{product[1]}, {product[2]}])]", "lead.product_id IN ({product[1]}, {product[2]})", 20),
    ("large", "least_loaded", "[('expected_revenue', '>=', 500000)]", "lead.expected_revenue >= 500000", 15),
    ("hospital", "round_robin", "[('partner_name', 'ilike', '医院')]", "lead.partner_name ILIKE '%%医院%%'", 10),
    ("school", "round_robin", "[('partner_name', 'ilike', '学校')]", "lead.partner_name ILIKE '%%学校%%'", 10),
    ("factory", "weighted", "[('partner_name', 'ilike', '厂')]", "lead.partner_name ILIKE '%%厂%%'", 25),
    ("scored 80", "conversion", "[('score', '>=', 80)]", "lead.score >= 80", 20),
    ("tagged", "least_loaded", "[('tag_ids', 'in', [{tag}])]",
     "EXISTS (SELECT FROM crm_tag_rel WHERE lead_id = lead.id AND tag_id = {tag})", 15),
    ("feed", "weighted", "[('source_id', '=', {source[2]}), ('score', '>=', 40)]", "lead.source_id = {source[2]} AND lead.score >= 40", 25),
    ("feed rest", "round_robin", "[('source_id', '=', {source[2]})]", "lead.source_id = {source[2]}", 30),
    ("guangdong", "territory", "[('state_id.code', '=', '粤'), ('country_id.code', '=', 'CN')]",
     "lead.state_id = (SELECT s.id FROM res_country_state s JOIN res_country c ON c.id = s.country_id"
     " WHERE s.code = '粤' AND c.code = 'CN')", 30),
    ("east", "territory", "[('state_id', 'in', {east})]", "lead.state_id = ANY(ARRAY{east})", 30),
    ("search", "weighted", "['|', ('source_id', '=', {source[3]}), ('email_from', 'like', '@163.com')]",
     "(lead.source_id = {source[3]} OR lead.email_from LIKE '%%@163.com%%')", 40),
    ("the rest", "least_loaded", "[('score', '>=', 5)]", "lead.score >= 5", 60),
)  # fmt: skip

PROVINCES = ("粤", "苏", "浙", "鲁", "沪", "京", "闽", "鄂", "蜀", "湘", "豫", "皖")
QUIET = {
    "tracking_disable": True,
    "no_reset_password": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}
PREFIX = "Bench "

LEADS = """
    INSERT INTO crm_lead (name, type, active, company_id, stage_id, priority, source_id, product_id, state_id, country_id, city,
                          partner_name, email_from, expected_revenue, score, grade, probability, automated_probability,
                          create_date, write_date, create_uid, write_uid, user_id, date_closed)
    SELECT %(prefix)s || i, 'lead', TRUE, %(company)s, %(stage)s,
           CASE WHEN r[1] < 0.02 THEN '3' WHEN r[1] < 0.3 THEN '1' ELSE '0' END,
           (%(sources)s::int[])[1 + least(floor(5 * r[2] ^ 2), 4)::int],
           CASE WHEN r[3] < 0.5 THEN (%(products)s::int[])[1 + floor(6 * r[3])::int] END,
           (%(states)s::int[])[1 + least(floor(12 * r[4] ^ 1.7), 11)::int], %(china)s,
           CASE WHEN r[4] < 0.15 THEN (ARRAY['深圳市', '东莞市', '广州市', '佛山市'])[1 + floor(4 * r[5])::int] END,
           (ARRAY['华强', '联创', '宏业', '启明星'])[1 + floor(4 * r[6])::int]
               || (ARRAY['电子有限公司', '机械厂', '贸易公司', '医院', '职业学校', '五金厂', '科技公司', '物流公司'])
                  [1 + floor(8 * r[5])::int],
           'mail' || i || (ARRAY['@163.com', '@qq.com', '@firma.example', '@126.com'])[1 + floor(4 * r[7] ^ 0.5)::int],
           round((1000000 * r[6] ^ 4)::numeric, 2), round((100 * r[8] ^ 1.4)::numeric, 1),
           CASE WHEN r[8] > 0.9 THEN 'A' WHEN r[8] > 0.7 THEN 'B' WHEN r[8] > 0.4 THEN 'C' ELSE 'D' END, 10, 10,
           now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', 1, 1, NULL, NULL
      FROM (SELECT i, ARRAY(SELECT random() FROM generate_series(1, 8) WHERE i = i) AS r FROM generate_series(1, %(number)s) AS i
            OFFSET 0) AS dice
    RETURNING id
"""


class World:
    """Reps, rules and the ids leads are made of.

    :param suite: whether the database has the suite; without it only what plain Odoo knows is made
    """

    def __init__(self, env, suite, leads, reps=100, seed=14):
        self.env, self.suite, self.dice = env(context=dict(env.context, **QUIET)), suite, random.Random(seed)
        self.company = env.company
        self._make_masters()
        self.users = self._make_users(reps)
        self.members = [self.dice.sample(self.users.ids, rule[4]) for rule in RULES]
        if suite:
            self._make_capacities(leads)
            self._make_rules()
            self._make_history()
        env.cr.commit()

    def _make_masters(self):
        env = self.env
        names = ("referral", "exhibition", "feed", "search", "other")
        self.sources = env["utm.source"].create([{"name": PREFIX + name} for name in names]).ids
        categories = env["product.category"].create([{"name": PREFIX + name} for name in ("machines", "parts", "services")])
        kinds = categories[0] + categories[1] + categories[1]
        self.products = env["product.product"].create([{"name": PREFIX + kind.name, "categ_id": kind.id} for kind in kinds])
        self.tag = env["crm.tag"].create({"name": PREFIX + "tag"}).id
        china = env.ref("base.cn")
        by_code = {state.code: state.id for state in china.state_ids}
        self.china, self.states = china.id, [by_code[code] for code in PROVINCES]
        self.stage = env["crm.stage"].search([], limit=1).id
        self.won = env["crm.stage"].search([("is_won", "=", True)], limit=1).id
        self.east = [by_code[code] for code in ("苏", "浙", "沪", "闽")]

    def _make_users(self, number):
        group = self.env.ref("crm_core.group_sales_rep" if self.suite else "sales_team.group_sale_salesman")
        return self.env["res.users"].create(
            [{"name": "%sRep %03d" % (PREFIX, one), "login": "bench%03d" % one, "groups_id": [(6, 0, group.ids)]} for one in range(number)]
        )

    def _make_capacities(self, leads):
        """Most can take what comes; one in ten runs full, one in twenty is away."""
        share = leads / len(self.users)
        values = []
        for number, user in enumerate(self.users):
            values.append({"user_id": user.id, "daily_limit": max(1, int(share * self.dice.uniform(0.3, 2.5)))})
            if number % 20 == 7:
                values[-1]["away_until"] = "2099-12-31"
            if number % 10 == 3:
                values[-1]["held_limit"] = max(1, int(share * 0.6))
        self.env["crm.assignment.capacity"].create(values)

    def _make_rules(self):
        ids = self._get_ids()
        rules = []
        for sequence, ((name, strategy, domain, _sql, _reps), users) in enumerate(zip(RULES, self.members)):
            rules.append(
                {
                    "name": PREFIX + name,
                    "sequence": sequence,
                    "strategy": strategy,
                    "domain": domain.format(**ids),
                    "only_at_work": False,  # the figures must not depend on the hour
                    "response_hours": 4,
                    "member_ids": [(0, 0, self._prepare_member(user, place)) for place, user in enumerate(users)],
                }
            )
        self.env["crm.assignment.rule"].search([]).active = False
        self.rules = self.env["crm.assignment.rule"].create(rules)

    def _prepare_member(self, user_id, place):
        return {
            "user_id": user_id,
            "sequence": place,
            "weight": self.dice.choice((1, 1, 2, 3)),
            "state_ids": [(6, 0, self.dice.sample(self.states, 3) if place % 4 else [])],
            "categ_ids": [(6, 0, self.products[place % 3].categ_id.ids if place % 4 else [])],
        }

    def _get_ids(self):
        return {"source": self.sources, "product": self.products.ids, "tag": self.tag, "east": self.east}

    def get_conditions(self):
        """The rules' conditions in SQL, in their order."""
        return [rule[3].format(**self._get_ids()) for rule in RULES]

    def get_domains(self):
        """The same as domains, for plain Odoo without what it does not know."""
        return [rule[2].format(**self._get_ids()) for rule in RULES]

    def _make_history(self):
        """Twenty thousand decided leads: who converts what."""
        ids = self.make_leads(20000)
        self.env.cr.execute(
            "UPDATE crm_lead SET user_id = (%s::int[])[1 + id %% %s], stage_id = CASE WHEN random() < 0.25 THEN %s ELSE stage_id END,"
            " date_closed = create_date WHERE id = ANY(%s)",
            [self.users.ids, len(self.users), self.won, ids],
        )
        self.env.cr.execute("UPDATE crm_lead SET active = FALSE WHERE id = ANY(%s) AND stage_id != %s", [ids, self.won])

    def make_leads(self, number):
        """Unassigned leads; returns their ids."""
        cr = self.env.cr
        query = LEADS
        if not self.suite:  # columns of the suite
            query = query.replace("product_id, ", "").replace("score, grade, ", "")
            lines = query.splitlines()
            query = "\n".join(line for line in lines if "r[8] > 0.9" not in line and "%(products)s" not in line)
            query = query.replace(", round((100 * r[8] ^ 1.4)::numeric, 1),", ", 10, 10,")
        cr.execute("SELECT setseed(0.14)")
        cr.execute(
            query,
            {
                "prefix": PREFIX,
                "company": self.company.id,
                "stage": self.stage,
                "sources": self.sources,
                "products": self.products.ids,
                "states": self.states,
                "china": self.china,
                "number": number,
            },
        )
        ids = [lead_id for (lead_id,) in cr.fetchall()]
        cr.execute(
            "INSERT INTO crm_tag_rel (lead_id, tag_id) SELECT id, %s FROM unnest(%s::int[]) AS id WHERE id %% 25 = 0", [self.tag, ids]
        )
        self.env.clear()
        return ids
