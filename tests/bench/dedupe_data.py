# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Leads and customers of life-like Chinese companies, written set-based: a seeded choice of names, then INSERT … SELECT.

Few brands are very common, a third of the leads share their company with others, every fourth lead has no company,
a third no e-mail, nine in ten no WeChat id. The same rows go into both databases; the suite gets its keys as well.
"""

import io
import random
import time

from psycopg2 import sql

PLACES = "深圳市 上海 北京 广州市 东莞市 苏州 杭州 宁波市 佛山市 成都 武汉 青岛 厦门 广东省深圳市 浙江 江苏 天津 重庆".split()
BRANDS = (
    "华强鑫源恒通宏达永盛佳源瑞丰盛世金龙天宇博远中联东方新华安信立信德胜利达顺成海天明辉正大万和嘉美力通亿利欧亚卓越泰康"
    "星光锦程启明昌盛飞跃鼎新铭泰凯盛广源精诚智博远洋浩瀚宇航科锐景泰云峰润泽森源优品乐天百川同创聚力福瑞祥和康健雅致"
)
TRADES = (
    "电子 科技 电子科技 贸易 实业 五金制品 机械设备 信息技术 网络科技 建筑工程 装饰工程 食品 医疗器械 物流 服饰 包装 化工 "
    "新材料 环保科技 自动化设备 软件 文化传媒 教育科技 汽车配件 塑胶制品 照明 光电科技 智能科技 供应链管理 餐饮管理"
).split()
LEGAL = ["有限公司"] * 12 + ["有限责任公司", "股份有限公司", "集团有限公司"]


def make_names(number, seed):
    """``number`` distinct company names; brands and trades are skewed as in a trade register."""
    rng = random.Random(seed)
    weights = [1 / (rank + 3) for rank in range(len(BRANDS))]
    names = {}
    while len(names) < number:
        left = number - len(names)
        sizes = rng.choices((2, 3, 4), (60, 25, 15), k=left)
        places = rng.choices(PLACES, range(len(PLACES), 0, -1), k=left)
        trades = rng.choices(TRADES, range(len(TRADES), 0, -1), k=left)
        legal = rng.choices(LEGAL, k=left)
        for size, place, trade, form in zip(sizes, places, trades, legal):
            brand = "".join(rng.choices(BRANDS, weights, k=size) if size == 2 else rng.choices(BRANDS, k=size))
            names["%s%s%s%s" % (place, brand, trade, form)] = None
    return list(names)


class Loader:
    """Fills one database; ``first`` is the number of leads that are there already."""

    def __init__(self, env, suite):
        self.env, self.cr, self.suite = env, env.cr, suite

    def load(self, names, leads, customers, first=0):
        """Make it ``leads`` leads and ``customers`` customers in all; returns the seconds it took."""
        started = time.perf_counter()
        self.cr.execute("SET LOCAL synchronous_commit = off")
        self.cr.execute("SET LOCAL maintenance_work_mem = '256MB'")
        self._load_names(names)
        self._insert("crm_lead", self._get_lead_values(), first, leads)
        self._insert("res_partner", self._get_customer_values(), first * customers // leads, customers)
        if self.suite:
            self._insert_keys()
        self.cr.commit()
        autocommit = self.cr._cnx.autocommit
        self.cr._cnx.autocommit = True
        for table in ("crm_lead", "res_partner", *(["crm_dedupe_key"] if self.suite else [])):
            self.cr.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))
        self.cr._cnx.autocommit = autocommit
        return time.perf_counter() - started

    def _load_names(self, names):
        self.cr.execute("DROP TABLE IF EXISTS bench_name")
        self.cr.execute("CREATE TABLE bench_name (id int, name varchar, key varchar, core varchar, marks int4[])")
        if self.suite:
            from odoo.addons.crm_core.engine.company_name import parse_company
            from odoo.addons.crm_core.engine.match import marks
        lines = []
        for number, name in enumerate(names):
            key = core = words = "\\N"
            if self.suite:
                key = parse_company(name).key
                core, words = parse_company(key).core, "{%s}" % ",".join(map(str, marks(key)))
            lines.append("%s\t%s\t%s\t%s\t%s\n" % (number, name, key, core, words))
        self.cr._obj.copy_from(io.StringIO("".join(lines)), "bench_name")
        self.cr.execute("ALTER TABLE bench_name ADD PRIMARY KEY (id)")
        self.names = len(names)

    # -- rows --------------------------------------------------------------------------------------------------------

    def _get_lead_values(self):
        """SQL by column, of row number ``n`` and its name ``company``; other columns are the model lead's."""
        values = {
            "name": "'咨询 ' || n",
            "contact_name": "'联系人' || n",
            "partner_name": "company.name",
            "phone": "'1' || (30 + n %% 70) || lpad((n::bigint * 7919 %% 100000000)::text, 8, '0')",
            "email_from": "CASE WHEN n %% 3 > 0 THEN 'user' || n || '@mail' || n %% 977 || '.example.cn' END",
            "email_normalized": "CASE WHEN n %% 3 > 0 THEN 'user' || n || '@mail' || n %% 977 || '.example.cn' END",
        }
        if self.suite:
            values["wechat"] = "CASE WHEN n %% 10 = 0 THEN 'wx_' || n END"
        return values

    def _get_customer_values(self):
        values = {
            "name": "company.name",
            "display_name": "company.name",
            "commercial_company_name": "company.name",
            "mobile": "'1' || (30 + n %% 70) || lpad(((n::bigint + 3000000) * 7919 %% 100000000)::text, 8, '0')",
            "email": "'kunde' || n || '@firma' || n %% 977 || '.example.cn'",
            "email_normalized": "'kunde' || n || '@firma' || n %% 977 || '.example.cn'",
            "commercial_partner_id": "id",
        }
        return values

    def _insert(self, table, values, first, last):
        """Copies of one record made by the ORM, with values of their own."""
        model = {"crm_lead": "crm.lead", "res_partner": "res.partner"}[table]
        vals = {"name": "Model", "user_id": False} if model == "crm.lead" else {"name": "Model", "is_company": True}
        if model == "res.partner" and self.suite:
            vals["is_customer"] = True
        template = self.env[model].with_context(tracking_disable=True).create(vals)
        template.flush()
        # null foreign keys cost no check
        own = {"id", "create_uid", "write_uid", *values}
        fields = [name for name, field in self.env[model]._fields.items() if field.store and field.column_type]
        taken = [name for name in fields if name not in own]
        offset = "hashint4(n)::bigint + 2147483648"
        query = sql.SQL(
            "INSERT INTO {table} (id, {own}, {taken}) SELECT row.id, {values}, {template}"
            " FROM (SELECT n, nextval({sequence}) AS id FROM generate_series(%s, %s) AS n) AS row"
            " CROSS JOIN (SELECT * FROM {table} WHERE id = %s) AS model"
            " LEFT JOIN bench_name AS company ON company.id = floor(%s * power((%s) / 4294967296.0, 1.5))"
            + (" AND n %% 4 > 0" if model == "crm.lead" else "")
        ).format(
            table=sql.Identifier(table),
            own=sql.SQL(", ").join(map(sql.Identifier, values)),
            taken=sql.SQL(", ").join(map(sql.Identifier, taken)),
            values=sql.SQL(", ".join("row.id" if value == "id" else value for value in values.values())),
            template=sql.SQL(", ").join(sql.Identifier("model", name) for name in taken),
            sequence=sql.Literal(table + "_id_seq"),
        )
        text = query.as_string(self.cr._obj).replace("(%s) / 4294967296.0", "(%s) / 4294967296.0" % offset)
        self.cr.execute(text, [first + 1, last, template.id, self.names])
        template.unlink()

    # -- keys --------------------------------------------------------------------------------------------------------

    def _insert_keys(self):
        """What ``_rebuild`` would write for these rows (checked on a sample), as one INSERT … SELECT a kind."""
        keys = self.env["crm.dedupe.key"]
        self.cr.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'crm_dedupe_key' AND indexname NOT LIKE '%%_pkey'")
        for (name,) in self.cr.fetchall():
            self.cr.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        self.cr.execute("TRUNCATE crm_dedupe_key")
        for model, table, sources in (
            ("crm.lead", "crm_lead", {"phone": "'+86' || phone", "email": "email_from", "wechat": "wechat"}),
            ("res.partner", "res_partner", {"phone": "'+86' || mobile", "email": "email"}),
        ):
            where = "partner_name = name.name" if model == "crm.lead" else "row.name = name.name AND row.is_customer"
            people = " UNION ALL ".join(
                "SELECT id, COALESCE(company_id, 0) AS company, '%s' AS kind, %s AS value FROM %s WHERE %s LIKE %%(like)s%s"
                % (kind, value, table, value, "" if model == "crm.lead" else " AND is_customer")
                for kind, value in sources.items()
            )
            self.cr.execute(
                "INSERT INTO crm_dedupe_key (model, res_id, company, kind, value, open, learned, guards)"
                " SELECT %(model)s, id, company, kind, value, TRUE, FALSE,"
                " row_number() OVER (PARTITION BY kind, value, company ORDER BY id) = 1"
                " FROM (" + people + ") AS people",
                {"model": model, "like": "%"},
            )
            self.cr.execute(
                "INSERT INTO crm_dedupe_key (model, res_id, company, kind, value, core, marks, open, learned, guards)"
                " SELECT %s, row.id, COALESCE(row.company_id, 0), 'company', name.key, name.core, name.marks, TRUE, FALSE,"
                " %s AND row_number() OVER (PARTITION BY name.key, row.company_id ORDER BY row.id) = 1"
                " FROM {} AS row JOIN bench_name AS name ON {}".format(table, where),
                [model, model == "res.partner"],
            )
        keys._create_indexes()
