# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, models
from psycopg2 import sql
from psycopg2.extras import execute_values

#: What a lead's stored computed fields follow from, as far as an import sets it. Leads alike in these are alike in
#: every computed field but those that follow from a value of their own.
SIGNATURE = ("partner_id", "partner_name", "stage_id", "active", "company_id", "type")
#: Follow from a lead's own values; set here in bulk. The last one is zero as long as no recurring revenue is imported.
SCORES = ("probability", "automated_probability", "prorated_revenue")
BULK_FIELDS = SCORES + ("recurring_revenue_monthly_prorated",)
PAGE = 500


class CrmImportLeadWriter(models.AbstractModel):
    """Many opportunities at the cost of few: the first of each kind is created by the ORM with all its rules, the
    others copy its row in SQL with their own values. Cost: one ORM create per distinct :data:`SIGNATURE`, one INSERT
    per :data:`PAGE` others.

    A stored computed field of any addon that depends on something else than the signature is left to the ORM, and
    where an automated action waits for new leads every lead is created by the ORM.
    """

    _name = "crm.import.lead.writer"
    _description = "Import Writer of Lead Rows"

    @api.model
    def _create_leads(self, pairs, templates):
        """Create a lead for each of ``pairs`` (values, history); returns them in that order.

        :param pairs: values as for ``create``, and columns to be set to what they were: ``create_date``, …
        :param templates: dict signature → id of a lead, filled here; pass the same one to the next call
        """
        copyable = self._may_copy()
        first, others = [], []
        for number, (vals, _history) in enumerate(pairs):
            key = self._get_signature(vals) if copyable else number
            if copyable and key in templates:
                others.append(number)
            else:
                templates[key] = False
                first.append(number)
        created = self.env["crm.lead"].create([pairs[number][0] for number in first])
        self._write_history(created, [pairs[number][1] for number in first])
        ids = dict(zip(first, created.ids))
        if copyable:
            templates.update((self._get_signature(pairs[number][0]), ids[number]) for number in first)
        ids.update(zip(others, self._copy_leads([pairs[number] for number in others], templates)))
        leads = self.env["crm.lead"].browse(ids[number] for number in range(len(pairs)))
        leads._update_scores()
        return leads

    @api.model
    def _may_copy(self):
        triggers = ("on_create", "on_create_or_write")
        rules = self.env["base.automation"].sudo()
        return not rules.search_count([("model_name", "=", "crm.lead"), ("trigger", "in", triggers)])

    @api.model
    def _get_signature(self, vals):
        return tuple(vals.get(name, True) for name in SIGNATURE)

    # -- the first of each kind --------------------------------------------------------------------------------------

    @api.model
    def _write_history(self, leads, histories):
        """Set magic and computed columns of ``leads`` in one statement."""
        leads.flush()
        if leads:
            self._update_rows([(lead_id, history) for lead_id, history in zip(leads.ids, histories)])
            leads.invalidate_cache(ids=leads.ids)

    @api.model
    def _update_rows(self, rows):
        """UPDATE ``rows`` (id, {column: value}), all with the same columns."""
        columns = sorted(rows[0][1])
        query = sql.SQL(
            "UPDATE crm_lead AS lead SET {} FROM (VALUES %s) AS past (id, {}) WHERE lead.id = past.id"
        ).format(
            sql.SQL(", ").join(sql.SQL("{0} = past.{0}").format(sql.Identifier(name)) for name in columns),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
        )
        self._execute(query, ["id"], columns, [[lead_id, *(vals[name] for name in columns)] for lead_id, vals in rows])

    @api.model
    def _execute(self, query, keys, columns, rows):
        """``execute_values`` with the SQL types told, so that a NULL in the first row is not taken for text."""
        fields = self.env["crm.lead"]._fields
        casts = ["%s::int"] * len(keys) + ["%%s::%s" % fields[name].column_type[0] for name in columns]
        cursor = self.env.cr._obj
        execute_values(cursor, query.as_string(cursor), rows, template="(%s)" % ", ".join(casts), page_size=PAGE)

    # -- the others --------------------------------------------------------------------------------------------------

    @api.model
    def _copy_leads(self, pairs, templates):
        """INSERT … SELECT from the leads that are alike; returns the new ids in the order of ``pairs``."""
        if not pairs:
            return []
        self.env.cr.execute("SELECT nextval('crm_lead_id_seq') FROM generate_series(1, %s)", [len(pairs)])
        ids = [lead_id for (lead_id,) in self.env.cr.fetchall()]
        won = set(self.env["crm.stage"].search([("is_won", "=", True)]).ids)
        groups = defaultdict(list)
        unscored = {}
        for lead_id, (vals, history) in zip(ids, pairs):
            row = {**vals, **history}
            if vals.get("active", True):
                if vals["stage_id"] in won:
                    row.update(self._get_scores(vals["expected_revenue"], 100.0))
                else:
                    unscored[lead_id] = vals["expected_revenue"]
            else:
                row.update(self._get_scores(vals["expected_revenue"], 0.0))
            groups[tuple(sorted(row))].append((lead_id, templates[self._get_signature(vals)], row))
        for columns, rows in groups.items():
            self._insert_copies(columns, rows)
        self._score_open(unscored)
        self._compute_others(self.env["crm.lead"].browse(ids), {name for columns in groups for name in columns})
        return ids

    @api.model
    def _insert_copies(self, columns, rows):
        """INSERT ``rows`` (new id, id of the lead to copy, {column: value}); all have the same ``columns``."""
        lead_model = self.env["crm.lead"]
        own = {"id", *columns, *SCORES, *lead_model._score_fields}
        taken = [name for name, field in lead_model._fields.items() if field.store and field.column_type and name not in own]
        query = sql.SQL(
            "INSERT INTO crm_lead (id, {own}, {taken}) SELECT own.id, {own_values}, {taken_values}"
            " FROM (VALUES %s) AS own (id, template_id, {own}) JOIN crm_lead AS old ON old.id = own.template_id"
        ).format(
            own=sql.SQL(", ").join(map(sql.Identifier, columns)),
            taken=sql.SQL(", ").join(map(sql.Identifier, taken)),
            own_values=sql.SQL(", ").join(sql.Identifier("own", name) for name in columns),
            taken_values=sql.SQL(", ").join(sql.Identifier("old", name) for name in taken),
        )
        cells = [
            [lead_id, template_id, *(self._get_cell(name, vals) for name in columns)]
            for lead_id, template_id, vals in rows
        ]
        self._execute(query, ["id", "template_id"], columns, cells)

    @api.model
    def _get_cell(self, name, vals):
        field = self.env["crm.lead"]._fields[name]
        if field.type == "monetary":
            return self.env.company.currency_id.round(vals[name] or 0.0)
        return field.convert_to_column(vals[name], self.env["crm.lead"], vals)

    # -- computed fields ---------------------------------------------------------------------------------------------

    @api.model
    def _get_scores(self, revenue, probability):
        """The columns of SCORES, as Odoo computes them for one lead."""
        prorated = round((revenue or 0.0) * probability / 100.0, 2)
        return {"probability": probability, "automated_probability": probability, "prorated_revenue": prorated}

    @api.model
    def _score_open(self, revenues):
        """Odoo's predicted probability for open leads (id → revenue), in one go."""
        leads = self.env["crm.lead"].browse(revenues)
        predicted = leads._pls_get_naive_bayes_probabilities(batch_mode=True)
        if revenues:
            self._update_rows(
                [(lead_id, self._get_scores(revenue, predicted.get(lead_id, 0.0))) for lead_id, revenue in revenues.items()]
            )

    @api.model
    def _compute_others(self, leads, columns):
        """Tell the ORM of the new rows: fields of other models that follow from leads, and fields of leads that
        follow from more than the signature, are computed by it. The others are right already."""
        fields = leads._fields
        own = set(columns) - set(SIGNATURE)
        done = [
            field for name, field in fields.items()
            if field.store and (name in columns or name in BULK_FIELDS or not self._follows(field, own, columns))
        ]  # fmt: skip
        with self.env.protecting(done, leads):
            leads.modified(fields, create=True)
        leads._validate_fields(columns)

    @api.model
    def _follows(self, field, own, columns):
        """Whether a computed field depends on a value of the lead's own (``own``), directly or through fields that
        are not given (``columns``)."""
        for path in field.resolve_depends(self.pool) if field.compute else ():
            source = path[0]
            if source.name in own or source.name in SCORES:
                return True
            if source.name not in columns and source != field and self._follows(source, own, columns):
                return True
        return False
