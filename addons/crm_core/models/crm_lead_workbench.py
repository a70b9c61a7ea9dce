# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.osv import expression

from .crm_lead_pace import OVER_CYCLE, OVER_STAGE, PACE_FROM
from .crm_workbench import SHOWN


class CrmLead(models.Model):
    """Tiles of the workbench about leads and opportunities. Contract: crm_workbench_tile.py."""

    _inherit = "crm.lead"

    def init(self):
        super().init()
        for query in (
            # nobody's leads, newest first: few at any time (_workbench_unassigned)
            "CREATE INDEX IF NOT EXISTS crm_lead_unowned_idx ON crm_lead (id) WHERE active AND user_id IS NULL AND pool_id IS NULL",
            # what was won or lost in a month, of a million leads (targets, _workbench_team_month, cockpit)
            "CREATE INDEX IF NOT EXISTS crm_lead_date_closed_idx ON crm_lead (date_closed) WHERE date_closed IS NOT NULL",
            # the open ones, which are few beside those won and lost (pace, _workbench_stage_alerts)
            "CREATE INDEX IF NOT EXISTS crm_lead_open_idx ON crm_lead (user_id)"
            " WHERE active AND coalesce(probability, 0::double precision) < 100::double precision",
        ):
            self.env.cr.execute(query)

    @api.model
    def _workbench_my_leads(self):
        """What is mine and was never followed up, the newest first."""
        domain = [("user_id", "=", self.env.uid), ("date_last_follow_up", "=", False), ("stage_id.is_won", "=", False)]
        return self._get_new_tile(domain)

    @api.model
    def _workbench_to_answer(self):
        """Answers I owe: leads given to me whose time runs or is up."""
        domain = [("user_id", "=", self.env.uid), ("first_response_state", "in", ["waiting", "soon", "late"])]
        return self._get_response_tile(domain)

    @api.model
    def _workbench_unanswered(self):
        """Leads of the reader's teams that got no answer in time."""
        return self._get_response_tile([("first_response_state", "=", "late"), ("user_id", "!=", self.env.uid)])

    @api.model
    def _get_response_tile(self, domain):
        colors = {"late": "late", "soon": "attention"}

        def describe(lead):
            status = colors.get(lead.first_response_state)
            return dict(self._describe_on_tile(lead), side=self._get_tile_moment(lead.first_response_due), status=status)

        tile = self.env["crm.workbench"]._list(self, domain, describe, order="id")
        states = {row["status"] for row in tile["rows"]}
        return dict(tile, status="late" if "late" in states else "attention" if tile["value"] else False)

    @api.model
    def _workbench_unassigned(self):
        """Nobody's: neither owner nor pool. Leaders and directors give them to somebody."""
        domain = [("user_id", "=", False), ("pool_id", "=", False), ("stage_id.is_won", "=", False)]
        tile = self._get_new_tile(domain)
        return dict(tile, status="attention" if tile["value"] else False)

    @api.model
    def _get_new_tile(self, domain):
        def describe(lead):
            return dict(self._describe_on_tile(lead), date=fields.Datetime.context_timestamp(self, lead.create_date).date())

        return self.env["crm.workbench"]._list(self, domain, describe, order="id desc")

    @api.model
    def _workbench_closing(self):
        """My opportunities that should be decided this month or should have been."""
        today = fields.Date.context_today(self)
        end = fields.Date.end_of(today, "month")
        domain = [
            ("type", "=", "opportunity"),
            ("user_id", "=", self.env.uid),
            ("date_deadline", "<=", end),
            ("stage_id.is_won", "=", False),
        ]

        def describe(lead):
            late = lead.date_deadline < today
            return dict(self._describe_on_tile(lead), due=lead.date_deadline, status="late" if late else False)

        return self.env["crm.workbench"]._list(self, domain, describe, order="date_deadline, id")

    @api.model
    def _workbench_stage_alerts(self):
        """Opportunities that take too long: a rep's own, a leader's teams', the oldest move first."""
        user = self.env.user
        if user._is_crm_limited():
            team = user._get_workbench_team() if user._may_assign() else user
            domain = [("id", "in", self._get_slow_ids(team.ids))]
        else:
            domain = [("pace", "in", ["stage", "cycle"]), ("user_id", "!=", False)]

        def describe(lead):
            owner = lead.sudo().user_id.name if lead.user_id != self.env.user else False
            text = " · ".join(filter(None, [owner, lead.pace_text]))
            return {"title": lead.name, "text": text, "side": lead.stage_id.name, "status": "attention"}

        leads = self.search(domain, order="date_last_stage_update, id")  # once: what is dear here is judging all open ones
        rows = [dict(describe(lead), res_id=lead.id) for lead in leads[:SHOWN]]
        return {"domain": domain, "value": len(leads), "rows": rows, "status": "attention" if leads else "on_track"}

    @api.model
    def _get_slow_ids(self, user_ids):
        """Ids of these people's opportunities whose ``pace`` says something. Served by the index on open leads; the search of
        ``pace`` judges everybody's."""
        self.flush()
        over = "({stage} > 0 OR {cycle} > 0)".format(stage=OVER_STAGE, cycle=OVER_CYCLE)
        params = dict(self._get_pace_params(), user_ids=list(user_ids))
        self.env.cr.execute("SELECT lead.id" + PACE_FROM + " AND lead.user_id = ANY(%(user_ids)s) AND " + over, params)
        return [lead_id for (lead_id,) in self.env.cr.fetchall()]

    @api.model
    def _describe_on_tile(self, lead):
        """Names of what the lead shows anyway, without asking the rules of customers again: on a million leads they are dear."""
        customer = lead.sudo().partner_id.commercial_partner_id.name
        return {"title": lead.name, "text": customer or lead.partner_name or ""}

    @api.model
    def _get_tile_moment(self, moment):
        """Day and time where the reader is: 11-22 14:30."""
        return moment and fields.Datetime.context_timestamp(self, moment).strftime("%m-%d %H:%M")

    # ------------------------------------------------------------------ the team

    @api.model
    def _workbench_team_month(self):
        """What each rep has won since the first of the month, the best first. Two grouped queries."""
        measures = self.env["crm.bi.measure"].search([("code", "in", ("won_value", "new_leads"))])
        by_code = {measure.code: measure for measure in measures._get_readable()}
        if len(by_code) < 2:
            return {"domain": expression.FALSE_DOMAIN, "value": 0}
        today = fields.Date.context_today(self)
        span = (today.replace(day=1), today)
        won = {group["key"]: group for group in by_code["won_value"].compute(*span, group_by="user")}
        new = {group["key"]: group for group in by_code["new_leads"].compute(*span, group_by="user")}
        users = sorted(won.keys() | new.keys(), key=lambda key: -won.get(key, {"value": 0})["value"])
        best = max((group["value"] for group in won.values()), default=0) or 1
        lines = []
        for user in users[:8]:
            value, count = (won.get(user, {"value": 0, "count": 0})[key] for key in ("value", "count"))
            text = _("%(won)d won, %(new)d new", won=count, new=new.get(user, {"count": 0})["count"])
            lines.append({"title": (won.get(user) or new[user])["label"], "share": value / best, "text": text, "amount": value})
        domain = by_code["won_value"].get_records_action(*span)["domain"]
        total = sum(group["value"] for group in won.values())
        return {"domain": domain, "value": total, "unit": "money", "progress": lines, "note": _("won this month")}

    # ------------------------------------------------------------------ marketing

    @api.model
    def _workbench_channel_quality(self):
        """Of the leads of the last 30 days, how many of each source are graded A or B. One grouped query."""
        since = fields.Datetime.to_string(fields.Datetime.subtract(fields.Datetime.now(), days=30))
        domain = [("create_date", ">=", since), ("active", "in", [True, False])]
        groups = self.read_group(domain, ["__count"], ["source_id", "grade"], lazy=False)
        sources = {}
        for group in groups:
            label = group["source_id"][1] if group["source_id"] else _("Without source")
            counts = sources.setdefault(str(label), [0, 0])
            counts[0] += group["__count"]
            counts[1] += group["__count"] if group["grade"] in ("A", "B") else 0
        lines = []
        for title, (total, good) in sorted(sources.items(), key=lambda item: -item[1][0])[:6]:
            text = _("%(good)d of %(total)d with grade A or B", good=good, total=total)
            lines.append({"title": title, "share": good / total, "text": text, "side": "%.0f%%" % (100 * good / total)})
        total = sum(counts[0] for counts in sources.values())
        return {"domain": domain, "value": total, "progress": lines, "note": _("new leads in 30 days")}
