# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, time

import psycopg2
from odoo import _, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_round, split_every

from ..engine.migration import normalise

BATCH = 1000
NOON = time(12)  # UTC: the same day for every reader between UTC-12 and UTC+11


class CrmImportDealLoader(models.AbstractModel):
    """Opportunities, with their past: created and closed when they were, not when they were imported."""

    _name = "crm.import.deal.loader"
    _description = "Import Writer of Opportunities"

    @api.model
    def _load_deals(self, plan, keys, tick):
        """Create the plan's deals that are not here yet, batch by batch; returns {"created", "known"}.

        :param keys: kind → folded name → id, of accounts, products and reps
        """
        known = self._get_known_refs(plan.deals)
        missing = [deal for deal in plan.deals if deal.ref not in known]
        prepare = self._get_preparation(missing, keys)
        done = created = 0
        for batch in split_every(BATCH, missing, list):
            created += self._create_batch([(deal, prepare(deal)) for deal in batch], plan.log)
            done += len(batch)
            tick(done, len(missing))
        return {"created": created, "known": len(plan.deals) - len(missing)}

    @api.model
    def _get_known_refs(self, deals):
        self.env["crm.lead"].flush(["external_ref", "company_id"])
        self.env.cr.execute(
            """
            SELECT external_ref FROM crm_lead
             WHERE external_ref = ANY(%s) AND (company_id IS NULL OR company_id = %s)
            """,
            [[deal.ref for deal in deals], self.env.company.id],
        )
        return {ref for (ref,) in self.env.cr.fetchall()}

    # -- values ------------------------------------------------------------------------------------------------------

    @api.model
    def _get_preparation(self, deals, keys):
        """Function deal → values of the lead, with all it needs to know looked up once."""
        users = self.env["res.users"].browse({keys["rep"][deal.rep] for deal in deals if deal.rep})
        teams = {user.id: (user.sale_team_id or user.led_team_ids[:1]).id for user in users}
        stages = self.env["crm.import.stage"]._get_stage_by_slot()
        reasons = self._get_lost_reasons(deals)

        def prepare(deal):
            vals = self._prepare_deal(deal, keys, teams)
            stage_id = int(deal.slot[6:]) if deal.slot.startswith("stage:") else stages[deal.slot].id
            vals["stage_id"] = stage_id
            if deal.slot == "lost":
                vals.update(self._prepare_lost(reasons[normalise(deal.lost_reason)]))
            return vals

        return prepare

    @api.model
    def _prepare_deal(self, deal, keys, teams):
        """Values of the lead for ``deal`` (an engine Deal), stage and outcome apart."""
        user_id = keys["rep"].get(deal.rep, False)
        vals = {
            "type": "opportunity",
            "name": deal.name,
            "external_ref": deal.ref,
            "company_id": self.env.company.id,
            "user_id": user_id,
            "team_id": teams.get(user_id, False),
            "partner_id": keys["account"].get(deal.account, False),
            "product_id": keys["product"].get(deal.product, False),
            "expected_revenue": deal.value,
            "date_deadline": deal.expected_close,
            "description": self._get_description(deal),
        }
        if "account" in deal.unknown:
            vals["partner_name"] = deal.unknown["account"]
        return vals

    @api.model
    def _get_description(self, deal):
        """The note, and the names that stand for no record here."""
        lines = [deal.note] if deal.note else []
        if "rep" in deal.unknown:
            lines.append(_("Sales rep in the former CRM: %s", deal.unknown["rep"]))
        if "product" in deal.unknown:
            lines.append(_("Product in the former CRM: %s", deal.unknown["product"]))
        return "\n".join(lines) or False

    @api.model
    def _prepare_lost(self, reason_id):
        """What Odoo's own "mark lost" comes to."""
        return {"active": False, "probability": 0, "automated_probability": 0, "lost_reason": reason_id}

    @api.model
    def _get_lost_reasons(self, deals):
        """Folded reason → id; without one in the file the reason is "Imported"."""
        reason_model = self.env["crm.lost.reason"].with_context(active_test=False)
        known = {normalise(reason.name): reason.id for reason in reason_model.search([], order="id desc")}
        written = {normalise(deal.lost_reason): deal.lost_reason for deal in deals if deal.lost_reason}
        missing = {key: name for key, name in written.items() if key not in known}
        created = reason_model.create([{"name": name} for name in missing.values()])
        known.update(zip(missing, created.ids))
        known[""] = self.env.ref("crm_core.lost_reason_imported").id
        return known

    # -- writing -----------------------------------------------------------------------------------------------------

    @api.model
    def _create_batch(self, pairs, log):
        """Create the leads of ``pairs`` (deal, values), halving what is refused until the one row is found.

        Returns how many were created.
        """
        try:
            with self.env.cr.savepoint():
                deals = [deal for deal, _vals in pairs]
                history = [self._prepare_history(deal, vals) for deal, vals in pairs]
                vals_list = [vals for _deal, vals in pairs]
                leads = self.env["crm.lead.writer"]._create_leads(vals_list, origin="import", history=history)
                self._count_outcomes(leads, deals)
                leads.flush()
        except psycopg2.OperationalError:
            raise  # serialization: the whole transaction is tried again
        except (UserError, ValidationError, psycopg2.Error) as error:
            self.env.clear()
            if len(pairs) > 1:
                middle = len(pairs) // 2
                return sum(self._create_batch(half, log) for half in (pairs[:middle], pairs[middle:]))
            deal = pairs[0][0]
            log.add("write_failed", deal.source.file, deal.source.line, "", deal.ref, str(error).strip())
            return 0
        return len(pairs)

    @api.model
    def _prepare_history(self, deal, vals):
        """Columns Odoo sets to this moment, as they were. Without a date a deal began with the import."""
        opened = datetime.combine(deal.open_date, NOON) if deal.open_date else fields.Datetime.now()
        closed = None
        if deal.slot in ("won", "lost"):
            closed = datetime.combine(deal.close_date, NOON) if deal.close_date else opened
        return {
            "create_date": opened,
            "date_open": opened if vals["user_id"] else None,
            "date_closed": closed,
            "date_last_stage_update": closed or opened,
            "day_open": 0.0 if vals["user_id"] else None,
            "day_close": None if closed is None else float(abs((closed - opened).days)),
        }

    @api.model
    def _count_outcomes(self, leads, deals):
        """Feed Odoo's predictive scoring, once per batch instead of several queries a row. It drops by itself the
        deals created before the date it starts counting at."""
        start = leads._pls_get_safe_start_date()
        if not start:
            return
        for state in ("won", "lost"):
            recent = [
                lead.id
                for lead, deal in zip(leads, deals)
                if deal.slot == state and (not deal.open_date or deal.open_date >= fields.Date.to_date(start))
            ]
            leads.browse(recent)._pls_increment_frequencies(to_state=state)

    # -- facts -------------------------------------------------------------------------------------------------------

    @api.model
    def _get_deal_facts(self):
        """Totals of the imported opportunities in the database: what the file's own totals are compared with."""
        self.env["crm.lead"].flush()
        self.env.cr.execute(
            """
            SELECT count(*) AS total,
                   count(*) FILTER (WHERE stage.is_won IS TRUE AND lead.active) AS won,
                   count(*) FILTER (WHERE NOT lead.active) AS lost,
                   count(*) FILTER (WHERE lead.active AND stage.is_won IS NOT TRUE) AS open,
                   count(*) FILTER (WHERE lead.partner_id IS NULL) AS without_account,
                   coalesce(sum(lead.expected_revenue) FILTER (WHERE stage.is_won IS TRUE AND lead.active), 0) AS won_value
              FROM crm_lead AS lead JOIN crm_stage AS stage ON stage.id = lead.stage_id
             WHERE lead.external_ref IS NOT NULL AND lead.company_id = %s
            """,
            [self.env.company.id],
        )
        facts = self.env.cr.dictfetchone()
        self.env.cr.execute(
            """
            SELECT stage_id, count(*) FROM crm_lead
             WHERE external_ref IS NOT NULL AND company_id = %s AND active GROUP BY stage_id
            """,
            [self.env.company.id],
        )
        counts = dict(self.env.cr.fetchall())
        facts["stages"] = {stage.name: counts[stage.id] for stage in self.env["crm.stage"].browse(counts).sorted()}
        facts["won_value"] = float_round(float(facts["won_value"]), 2)
        return facts
