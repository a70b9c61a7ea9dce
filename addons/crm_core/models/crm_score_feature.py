# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from collections import namedtuple

from odoo import _, api, models
from psycopg2 import sql

from ..engine.score import email_kind, phone_kind, title_kind
from ..tools.flush import flush_models

#: ``label`` in the user's language; ``model`` of the records whose ids the values are, ``names`` of coded values
ScoreFeature = namedtuple("ScoreFeature", "label model names", defaults=[None, {}])


class CrmScoreFeature(models.AbstractModel):
    """What is known of a lead when it comes in, as columns for the engine.

    Only what the sender told or what follows from it: nothing that people fill in while they sell (stage, tags,
    priority, expected revenue, salesperson, customer record), since that tells how the deal ended. What is corrected
    later is kept as it was first (:meth:`_keep_first`), and training reads that.

    An addon adds a feature by :meth:`_get_features`, :meth:`_get_columns` and :meth:`_prepare_cells`.
    """

    _name = "crm.score.feature"
    _description = "Scoring Features"

    @api.model
    def _get_features(self):
        """{name: ScoreFeature} in the order of the screens."""
        given = {"yes": _("given"), "no": _("not given")}
        return {
            "channel": ScoreFeature(_("Intake Channel"), "crm.intake.channel", {"hand": _("entered by hand")}),
            "source": ScoreFeature(_("Source"), "utm.source"),
            "medium": ScoreFeature(_("Medium"), "utm.medium"),
            "campaign": ScoreFeature(_("Campaign"), "utm.campaign"),
            "product": ScoreFeature(_("Product Category"), "product.category"),
            "budget": ScoreFeature(_("Budget")),
            "title": ScoreFeature(
                _("Job Title"),
                names={
                    "decision": _("decision maker"),
                    "buyer": _("purchasing"),
                    "manager": _("manager"),
                    "engineer": _("technical"),
                    "assistant": _("assistant"),
                    "student": _("student"),
                    "other": _("other"),
                },
            ),
            "company": ScoreFeature(_("Company Name"), names=given),
            "industry": ScoreFeature(_("Industry")),
            "capital": ScoreFeature(_("Registered Capital")),
            "country": ScoreFeature(_("Country"), "res.country"),
            "state": ScoreFeature(_("Province"), "res.country.state"),
            "city": ScoreFeature(_("City")),
            "phone": ScoreFeature(
                _("Phone"),
                names={"mobile": _("mobile"), "landline": _("landline"), "foreign": _("abroad")},
            ),
            "email": ScoreFeature(_("E-mail"), names={"company": _("company address"), "free": _("free-mail address")}),
            "website": ScoreFeature(_("Website"), names=given),
            "wechat": ScoreFeature(_("WeChat"), names=given),
        }

    @api.model
    def _get_columns(self):
        """{name: SQL expression over ``lead`` and the tables of :meth:`_get_joins`} of what is read of a lead."""
        names = (
            "source_id", "medium_id", "campaign_id", "budget", "function", "partner_name", "country_id", "state_id",
            "city", "phone", "mobile", "email_from", "website", "wechat", "company_industry", "registered_capital",
        )  # fmt: skip
        columns = {name: sql.Identifier("lead", name) for name in names}
        return {
            **columns,
            "categ_id": sql.Identifier("template", "categ_id"),
            "channel_id": sql.Identifier("touch", "channel_id"),
        }

    @api.model
    def _get_joins(self):
        return sql.SQL(
            " LEFT JOIN product_product AS product ON product.id = lead.product_id"
            " LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id"
            " LEFT JOIN LATERAL (SELECT channel_id FROM crm_touchpoint WHERE lead_id = lead.id ORDER BY id LIMIT 1)"
            " AS touch ON TRUE"
        )

    @api.model
    def _get_lead_fields(self):
        """Fields of a lead that its features follow from."""
        return {
            "source_id", "medium_id", "campaign_id", "product_id", "budget", "function", "partner_name", "country_id",
            "state_id", "city", "phone", "mobile", "email_from", "website", "wechat", "company_industry",
            "registered_capital",
        }  # fmt: skip

    @api.model
    def _prepare_cells(self, row):
        """{feature: cell of the engine} of one row of :meth:`_read`. Runs once per lead: keep it fast."""
        return {
            "channel": _key(row["channel_id"]) or "hand",
            "source": _key(row["source_id"]),
            "medium": _key(row["medium_id"]),
            "campaign": _key(row["campaign_id"]),
            "product": _key(row["categ_id"]),
            "budget": float(row["budget"]) if row["budget"] else None,
            "title": title_kind(row["function"]),
            "company": _given(row["partner_name"]),
            "industry": (row["company_industry"] or "").strip() or None,
            "capital": float(row["registered_capital"]) if row["registered_capital"] else None,
            "country": _key(row["country_id"]),
            "state": _key(row["state_id"]),
            "city": (row["city"] or "").strip() or None,
            "phone": phone_kind(row["phone"], row["mobile"]),
            "email": email_kind(row["email_from"]),
            "website": _given(row["website"]),
            "wechat": _given(row["wechat"]),
        }

    # -- reading -------------------------------------------------------------------------------------------------------

    @api.model
    def _read(self, ids):
        """One row (dict) per lead of ``ids``, in no order: its columns and what scoring needs beside. One query."""
        columns = {
            **self._get_columns(),
            "id": sql.Identifier("lead", "id"),
            "score": sql.Identifier("lead", "score"),
            "chance": sql.Identifier("lead", "automated_probability"),
            "closed": sql.SQL("(NOT lead.active OR COALESCE(stage.is_won, FALSE))"),
            "age": sql.SQL("EXTRACT(epoch FROM now() AT TIME ZONE 'UTC' - lead.create_date) / 86400.0"),
        }
        query = sql.SQL(
            "SELECT {columns} FROM crm_lead AS lead LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id{joins} WHERE lead.id = ANY(%s)"
        ).format(
            columns=sql.SQL(", ").join(sql.SQL("{} AS {}").format(value, sql.Identifier(name)) for name, value in columns.items()),
            joins=self._get_joins(),
        )
        flush_models(self.env, "crm.lead", "crm.stage", "crm.touchpoint", "product.product", "product.template")
        flush_models(self.env, "crm.lead.scoring.frequency")  # Odoo's own prediction is read next
        self.env.cr.execute(query, [list(ids)])
        return self.env.cr.dictfetchall()

    @api.model
    def _as_table(self, rows):
        """The engine's table (feature → cells) of rows of cells."""
        names = list(self._get_features())
        return {name: [row.get(name) for row in rows] for name in names}

    # -- what was known first ------------------------------------------------------------------------------------------

    @api.model
    def _keep_first(self, ids):
        """Remember the features of leads as they are now, unless that was done before: called ahead of a change."""
        rows = self._read(ids)
        values = [[row["id"] for row in rows], [json.dumps(self._prepare_cells(row)) for row in rows]]
        self.env.cr.execute(
            "INSERT INTO crm_score_first (lead_id, cells) SELECT * FROM unnest(%s::int[], %s::text[]) ON CONFLICT (lead_id) DO NOTHING",
            values,
        )

    @api.model
    def _read_first(self, ids):
        """{lead id: features as they were first known}: kept ones, or those of now where nothing was changed."""
        cells = {row["id"]: self._prepare_cells(row) for row in self._read(ids)}
        self.env.cr.execute("SELECT lead_id, cells FROM crm_score_first WHERE lead_id = ANY(%s)", [list(ids)])
        cells.update((lead_id, json.loads(kept)) for lead_id, kept in self.env.cr.fetchall())
        return cells

    # -- in words ------------------------------------------------------------------------------------------------------

    @api.model
    def _get_names(self, wanted):
        """Values in the user's language.

        :param wanted: set of (feature, value) pairs as in the engine's reasons
        :return: {pair: text}; a feature or record that has gone since reads as it was stored
        """
        features = self._get_features()
        texts = {}
        by_model = {}
        for name, value in wanted:
            feature = features.get(name, ScoreFeature(name))
            if feature.model and isinstance(value, str) and value.isdigit():
                by_model.setdefault(feature.model, []).append((name, value))
            elif isinstance(value, float):
                texts[name, value] = "{:,.0f}".format(value)
            else:
                texts[name, value] = str(feature.names.get(value, value))
        for model, pairs in by_model.items():
            records = self.env[model].sudo().browse({int(value) for _name, value in pairs}).exists()
            names = {str(record.id): record.display_name for record in records}
            texts.update((pair, names.get(pair[1], "#" + pair[1])) for pair in pairs)
        return texts


def _key(record_id):
    return str(record_id) if record_id else None


def _given(value):
    return "yes" if value else "no"
