# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models

VISIT_GAP = "30 minutes"  # after so long without a page, another visit begins
BEACONS_A_MINUTE = 60  # of one visitor
PAGES_A_VISITOR = 500
NEW_VISITORS_A_MINUTE = 600  # of a channel without limit of its own
KEEP_DAYS_PARAMETER = "crm_core.visitor_days"
KEEP_DAYS = 180
DELETED_A_RUN = 10_000


class CrmVisitor(models.Model):
    """Somebody who agreed to be counted on a landing page, by a random id kept in the browser: no name, no address.

    The lead is known from the submission the id came with (`crm.touchpoint.visitor_id`).
    """

    _name = "crm.visitor"
    _description = "Landing Page Visitor"
    _order = "last_seen desc, id desc"

    channel_id = fields.Many2one("crm.intake.channel", string="Channel", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="channel_id.company_id", store=True, index=True)
    key = fields.Char(string="Visitor ID", required=True, readonly=True, index=True)
    name = fields.Char(compute="_compute_name")
    first_seen = fields.Datetime(readonly=True)
    last_seen = fields.Datetime(readonly=True, index=True)
    visits = fields.Integer(readonly=True)
    pages = fields.Integer(readonly=True)
    seconds = fields.Integer(string="Seconds on Pages", readonly=True)
    landing_page = fields.Char(string="First Page", readonly=True)
    referrer = fields.Char(readonly=True)
    keyword = fields.Char(readonly=True)
    utm_source = fields.Char(string="Source", readonly=True)
    utm_medium = fields.Char(string="Medium", readonly=True)
    utm_campaign = fields.Char(string="Campaign", readonly=True)
    last_landing_page = fields.Char(string="First Page of the Last Visit", readonly=True)
    last_referrer = fields.Char(string="Referrer of the Last Visit", readonly=True)
    last_keyword = fields.Char(string="Keyword of the Last Visit", readonly=True)
    minute = fields.Integer(readonly=True, help="The minute the beacons below were counted in.")
    minute_beacons = fields.Integer(readonly=True)
    event_ids = fields.One2many("crm.visitor.event", "visitor_id", string="Pages Seen", readonly=True)
    touchpoint_ids = fields.One2many("crm.touchpoint", "visitor_id", string="Submissions", readonly=True)

    _sql_constraints = [
        ("key_unique", "UNIQUE (channel_id, key)", "This visitor is already known."),
    ]

    def init(self):
        # serves the limit of new visitors a minute
        self.env.cr.execute("CREATE INDEX IF NOT EXISTS crm_visitor_new_idx ON crm_visitor (channel_id, first_seen)")

    @api.depends_context("lang")
    def _compute_name(self):
        for visitor in self:
            visitor.name = _("Visitor %s", visitor.id)

    # -- beacons -------------------------------------------------------------------------------------------------------

    @api.model
    def _accept_beacon(self, channel, beacon):
        """Store a page view or its later state; the same beacon twice counts once. Four statements.

        :return: False when the visitor sends too much, or too many are new: the caller rolls back
        """
        self.flush()
        if self._is_crowded(channel, beacon.visitor):
            return False
        visitor_id, beacons, pages = self._touch_visitor(channel, beacon)
        if beacons > BEACONS_A_MINUTE:
            return False
        self.env.cr.execute(
            """
            WITH old AS (SELECT seconds FROM crm_visitor_event WHERE visitor_id = %(visitor)s AND view = %(view)s)
            INSERT INTO crm_visitor_event AS event (visitor_id, view, at, page, title, referrer, seconds)
            SELECT %(visitor)s, %(view)s, %(now)s, %(page)s, %(title)s, NULLIF(%(referrer)s, ''), %(seconds)s
             WHERE %(pages)s < %(limit)s OR EXISTS (SELECT FROM old)
            ON CONFLICT (visitor_id, view) DO UPDATE SET seconds = GREATEST(event.seconds, excluded.seconds)
            RETURNING seconds - COALESCE((SELECT seconds FROM old), 0), NOT EXISTS (SELECT FROM old)
            """,
            dict(beacon._asdict(), visitor=visitor_id, now=fields.Datetime.now(), pages=pages, limit=PAGES_A_VISITOR),
        )
        added_seconds, is_new = self.env.cr.fetchone() or (0, False)
        self.env.cr.execute(
            "UPDATE crm_visitor SET seconds = seconds + %s, pages = pages + %s WHERE id = %s",
            [added_seconds, int(is_new), visitor_id],
        )
        self.invalidate_cache()
        return True

    @api.model
    def _is_crowded(self, channel, key):
        """Whether this visitor is new and the channel had its new visitors for this minute."""
        limit = channel.rate_limit or NEW_VISITORS_A_MINUTE
        self.env.cr.execute(
            """
            SELECT NOT EXISTS (SELECT FROM crm_visitor WHERE channel_id = %(channel)s AND key = %(key)s)
               AND (SELECT count(*) FROM (SELECT FROM crm_visitor WHERE channel_id = %(channel)s AND first_seen > %(since)s
                                           LIMIT %(limit)s) AS recent) >= %(limit)s
            """,
            {"channel": channel.id, "key": key, "since": fields.Datetime.now() - timedelta(minutes=1), "limit": limit},
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _touch_visitor(self, channel, beacon):
        """(id, beacons of this minute, pages so far) of the visitor, made or updated and locked until commit."""
        now = fields.Datetime.now()
        self.env.cr.execute(
            """
            INSERT INTO crm_visitor AS visitor (
                channel_id, company_id, key, first_seen, last_seen, visits, pages, seconds, landing_page, referrer, keyword,
                utm_source, utm_medium, utm_campaign, last_landing_page, last_referrer, last_keyword, minute, minute_beacons,
                create_uid, create_date, write_uid, write_date)
            VALUES (%(channel)s, %(company)s, %(visitor)s, %(now)s, %(now)s, 1, 0, 0, %(page)s, NULLIF(%(referrer)s, ''),
                NULLIF(%(keyword)s, ''), NULLIF(%(source)s, ''), NULLIF(%(medium)s, ''), NULLIF(%(campaign)s, ''),
                %(page)s, NULLIF(%(referrer)s, ''), NULLIF(%(keyword)s, ''), %(minute)s, 1,
                %(uid)s, %(now)s, %(uid)s, %(now)s)
            ON CONFLICT (channel_id, key) DO UPDATE SET
                visits = visitor.visits + {is_new_visit}::int,
                last_landing_page = CASE WHEN {is_new_visit} THEN excluded.last_landing_page ELSE visitor.last_landing_page END,
                last_referrer = CASE WHEN {is_new_visit} THEN excluded.last_referrer ELSE visitor.last_referrer END,
                last_keyword = CASE WHEN {is_new_visit} THEN excluded.last_keyword ELSE visitor.last_keyword END,
                last_seen = excluded.last_seen,
                minute = excluded.minute,
                minute_beacons = CASE visitor.minute WHEN excluded.minute THEN visitor.minute_beacons + 1 ELSE 1 END
            RETURNING id, minute_beacons, pages
            """.format(is_new_visit="(visitor.last_seen < excluded.last_seen - %(gap)s::interval)"),
            dict(
                beacon._asdict(),
                channel=channel.id,
                company=channel.company_id.id or None,
                now=now,
                minute=int(now.timestamp()) // 60,
                gap=VISIT_GAP,
                uid=self.env.uid,
            ),
        )
        return self.env.cr.fetchone()

    # -- what leads did ------------------------------------------------------------------------------------------------

    @api.model
    def _get_behaviour(self, leads):
        """What those behind the leads did, in one query: {lead id: dict(visits, pages, seconds, mail_opens, mail_clicks, last_at)}.

        Every lead has an entry. `last_at` is a datetime (UTC) or None. Mailings are joined by the lead's e-mail address.
        Rights are the caller's business.
        """
        leads.flush(["email_normalized"])
        self.env["crm.touchpoint"].flush(["lead_id", "visitor_id"])
        result = {
            lead_id: dict(visits=0, pages=0, seconds=0, mail_opens=0, mail_clicks=0, last_at=None) for lead_id in leads.ids
        }
        if not result:
            return result
        self.env.cr.execute(
            """
            SELECT lead_id, SUM(visits), SUM(pages), SUM(seconds), SUM(opens), SUM(clicks), MAX(last_at)
              FROM (
                SELECT seen.lead_id, visits, pages, seconds, 0 AS opens, 0 AS clicks, last_seen AS last_at
                  FROM (SELECT DISTINCT lead_id, visitor_id
                          FROM crm_touchpoint
                         WHERE lead_id = ANY(%(leads)s) AND visitor_id IS NOT NULL) AS seen
                  JOIN crm_visitor AS visitor ON visitor.id = seen.visitor_id
                UNION ALL
                SELECT lead.id, 0, 0, 0, (trace.opened IS NOT NULL)::int, (trace.clicked IS NOT NULL)::int,
                       GREATEST(trace.opened, trace.clicked)
                  FROM crm_lead AS lead
                  JOIN mailing_trace AS trace ON trace.email = lead.email_normalized
                 WHERE lead.id = ANY(%(leads)s) AND (trace.opened IS NOT NULL OR trace.clicked IS NOT NULL)
              ) AS facts
             GROUP BY lead_id
            """,
            {"leads": leads.ids},
        )
        for lead_id, visits, pages, seconds, opens, clicks, last_at in self.env.cr.fetchall():
            result[lead_id] = dict(
                visits=visits, pages=pages, seconds=seconds, mail_opens=opens, mail_clicks=clicks, last_at=last_at
            )
        return result

    # -- forgetting ----------------------------------------------------------------------------------------------------

    def action_erase(self):
        """Button: forget these visitors and every page they saw. Leads and submissions stay, without the visits."""
        self.check_access_rights("unlink")
        self.check_access_rule("unlink")
        self.unlink()
        return {"type": "ir.actions.act_window_close"}

    @api.autovacuum
    def _gc_visitors(self):
        """Forget visitors not seen for as many days as `crm_core.visitor_days` says (180), and old pages of the others."""
        days = int(self.env["ir.config_parameter"].sudo().get_param(KEEP_DAYS_PARAMETER) or KEEP_DAYS)
        limit = fields.Datetime.now() - timedelta(days=days)
        self.search([("last_seen", "<", limit)], limit=DELETED_A_RUN).unlink()
        self.env["crm.visitor.event"].search([("at", "<", limit)], limit=DELETED_A_RUN).unlink()
