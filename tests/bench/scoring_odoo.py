# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The peer of the scoring benchmark: Odoo's own predictive lead scoring, in Odoo, on the same leads.

The leads are rows of ``crm_lead``, each column of the file a field Odoo is told to learn from (as an administrator does
under Settings / CRM). Odoo's own code counts the frequencies of the won and lost ones and predicts the open ones. It
takes every distinct value for a category of its own; so numbers are handed over as tenths of their distribution in the
training leads, which serves Odoo better than the numbers as they are.
"""

from bisect import bisect_left

from psycopg2.extras import execute_values

TENTHS = 10


class OdooScoring:
    """Odoo's naive Bayes on a database without the suite.

    :param env: of that database, which holds no leads of its own
    :param names: columns of the file
    """

    def __init__(self, env, names):
        self.env = env
        self.names = list(names)
        self.fields = ["x_scoring_%d" % number for number in range(len(self.names))]
        model = env.ref("crm.model_crm_lead")
        env["ir.model.fields"].create(
            [{"name": field, "field_description": field, "model_id": model.id, "ttype": "char"} for field in self.fields]
        )
        env["ir.config_parameter"].set_param("crm.pls_fields", ",".join(self.fields))
        env["ir.config_parameter"].set_param("crm.pls_start_date", "2000-01-01")
        self.won_stage = env["crm.stage"].search([("is_won", "=", True)], limit=1)
        self.first_stage = env["crm.stage"].search([("team_id", "=", False)], order="sequence", limit=1)

    def predict(self, known, truth, unknown):
        """Train on table ``known`` with outcomes ``truth``; probabilities for the rows of table ``unknown``."""
        self.env.cr.execute("DELETE FROM crm_lead")
        cells = self._as_categories(known, unknown)
        self._insert([self._closed(outcome) for outcome in truth], cells[0])
        ids = self._insert([(True, self.first_stage.id, 50.0)] * len(next(iter(unknown.values()))), cells[1])
        self.env.cache.invalidate()
        leads = self.env["crm.lead"]
        leads._rebuild_pls_frequency_table()
        predicted = leads.browse(ids)._pls_get_naive_bayes_probabilities(batch_mode=True)
        missing = 100.0 * sum(truth) / len(truth)  # Odoo stays silent where it has no frequency: then the average
        return [predicted.get(lead_id, missing) / 100.0 for lead_id in ids]

    def _closed(self, outcome):
        return (True, self.won_stage.id, 100.0) if outcome else (False, self.first_stage.id, 0.0)

    def _insert(self, states, rows):
        columns = ", ".join(["name", "type", "active", "stage_id", "probability", "create_date", *self.fields])
        values = [("Lead", "opportunity", *state, "2020-01-01", *row) for state, row in zip(states, rows)]
        query = "INSERT INTO crm_lead (%s) VALUES %%s RETURNING id" % columns
        found = execute_values(self.env.cr._obj, query, values, page_size=len(values), fetch=True)
        return [lead_id for (lead_id,) in found]

    def _as_categories(self, known, unknown):
        """Rows of texts (None for nothing) of both tables; columns a table lacks are empty."""
        tables = ([], [])
        for name in self.names:
            column = known.get(name, [])
            edges = tenths([cell for cell in column if isinstance(cell, float)])
            for table, target in ((known, tables[0]), (unknown, tables[1])):
                height = len(next(iter(table.values())))
                target.append([as_category(cell, edges) for cell in table.get(name, [None] * height)])
        return [list(zip(*target)) for target in tables]


def tenths(values):
    """Upper ends of the tenths of some numbers, each once."""
    ordered = sorted(values)
    return sorted({ordered[len(ordered) * part // TENTHS] for part in range(1, TENTHS)}) if ordered else []


def as_category(cell, edges):
    return "t%d" % bisect_left(edges, cell) if isinstance(cell, float) else cell
