# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every list and form of the suite's own models with no, a few and 10,000 records: the queries of a page do not grow.

Rows are copied in SQL, with the unique indexes of their tables dropped, inside the test's transaction.
"""

from unittest import SkipTest

from odoo.addons.crm_core.demo.loader import SUITE, is_demo_loaded
from odoo.tests.common import SavepointCase
from odoo.tools.safe_eval import safe_eval
from psycopg2 import sql

MANY = 10_000
PAGE = 80
FEW = 3
#: Queries a page may cost more, for what only occurs among many (another currency, an archived record)
SLACK = 2
#: Columns whose equal values would mean something
DISTINCT = {"crm.intake.file": "digest"}


class TestVolume(SavepointCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not all(is_demo_loaded(cls.env, name) for name in SUITE[:4]):
            raise SkipTest("the demo company is not loaded into this database")
        cls.env = cls.env(user=cls.env.ref("base.user_admin"), context={"lang": "zh_CN", "tz": "Asia/Shanghai"})

    def test_lists_and_forms(self):
        costs = {}
        for action in self._get_actions():
            records = self.env[action.res_model].with_context(active_test=False).sudo().search([], limit=FEW)
            if records:
                self._cost(action, records[0])  # caches of views and rules are filled
                few = self._cost(action, records[0])
                self._copy(records[0])
                costs[action.xml_id] = few, self._cost(action, records[0])
                self.env["base"].invalidate_cache()
                self.env.cr.execute("ROLLBACK TO SAVEPOINT before_copies")
        grown = {action: cost for action, cost in costs.items() if cost[1] > cost[0] + SLACK}
        self.assertEqual(grown, {}, "queries of a page with few and with many records")
        self.assertGreater(len(costs), 20)

    def test_empty_lists_say_what_to_do(self):
        silent = [action.xml_id for action in self._get_actions() if "<p" not in (action.help or "")]
        self.assertEqual(silent, [])

    def _get_actions(self):
        """Window actions of the suite on its own stored models, reached by menus."""
        menus = self.env["ir.ui.menu"].sudo().with_context(**{"ir.ui.menu.full_list": True})
        menus = menus.search([("action", "like", "ir.actions.act_window,")])
        actions = self.env["ir.actions.act_window"].sudo().browse({menu.action.id for menu in menus})
        names = actions.get_external_id()
        return actions.filtered(
            lambda action: names[action.id].split(".")[0] in SUITE
            and (action.res_model.startswith("crm.") or action.res_model == "res.partner")
            and action.target != "new"
            and self.env[action.res_model]._auto
            and not self.env[action.res_model]._transient
        )

    def _cost(self, action, record):
        """Queries of the first page of the list and of the form of ``record``, as the web client reads them."""
        model = self.env[action.res_model].with_context(**safe_eval(action.context or "{}", {"uid": self.env.uid}))
        model = model.with_context(search_default_nothing=True, active_test=False)
        listed = self._get_fields(model, "tree", action)
        shown = self._get_fields(model, "form", action)
        self.env["base"].flush()
        self.env["base"].invalidate_cache()
        before = self.env.cr.sql_log_count
        model.search_read([], listed, limit=PAGE)
        model.browse(record.id).read(shown)
        return self.env.cr.sql_log_count - before

    def _get_fields(self, model, kind, action):
        views = {view.view_mode: view.view_id.id for view in action.view_ids}
        view_id = views.get(kind) or (action.view_id.id if action.view_id.type == kind else False)
        return list(model.fields_view_get(view_id, kind)["fields"])

    def _copy(self, record):
        """Copies of ``record``'s row."""
        cr, table = self.env.cr, record._table
        self.env["base"].flush()
        cr.execute("SAVEPOINT before_copies")
        cr.execute(
            """SELECT index.indexrelid::regclass::text, con.conname FROM pg_index AS index
                 LEFT JOIN pg_constraint AS con ON con.conindid = index.indexrelid AND con.contype IN ('u', 'x')
                WHERE index.indrelid = %s::regclass AND (index.indisunique OR index.indisexclusion) AND NOT index.indisprimary""",
            [table],
        )
        for index, constraint in cr.fetchall():
            if constraint:
                cr.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(constraint)))
            else:
                cr.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))
        cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'", [table])
        columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in cr.fetchall())
        copies = "INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}, generate_series(1, %s) WHERE {table}.id = %s"
        cr.execute(sql.SQL(copies).format(table=sql.Identifier(table), columns=columns), [MANY, record.id])
        if record._name in DISTINCT:
            change = sql.SQL("UPDATE {table} SET {column} = id::text WHERE id <> %s")
            cr.execute(change.format(table=sql.Identifier(table), column=sql.Identifier(DISTINCT[record._name])), [record.id])
