# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

SHOWN = 50


class CrmLead(models.Model):
    """What the person behind a lead looked at: pages of own sites and mailings."""

    _inherit = "crm.lead"

    behaviour_summary = fields.Char(string="Behaviour", compute="_compute_behaviour_summary")
    behaviour_html = fields.Html(string="Pages and Mailings", compute="_compute_behaviour_html", sanitize=False)

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"behaviour_summary", "behaviour_html"}

    @api.depends("touchpoint_ids.visitor_id", "email_normalized")
    @api.depends_context("lang")
    def _compute_behaviour_summary(self):
        """One query for all leads."""
        facts = self.env["crm.visitor"]._get_behaviour(self)
        for lead in self:
            lead.behaviour_summary = lead._describe_behaviour(facts.get(lead.id))

    def _describe_behaviour(self, facts):
        if not facts or not facts["last_at"]:
            return False
        parts = [
            (facts["visits"], _("Visits: %s", facts["visits"])),
            (facts["pages"], _("Pages: %s", facts["pages"])),
            (facts["seconds"] >= 60, _("Minutes: %s", facts["seconds"] // 60)),
            (facts["mail_opens"], _("Mailings opened: %s", facts["mail_opens"])),
            (facts["mail_clicks"], _("Mailings clicked: %s", facts["mail_clicks"])),
        ]
        return " · ".join(text for shown, text in parts if shown)

    @api.depends("touchpoint_ids.visitor_id", "email_normalized")
    def _compute_behaviour_html(self):
        for lead in self:
            events = lead._get_behaviour_events() if isinstance(lead.id, int) else []
            lead.behaviour_html = self._render_behaviour(events) if events else False

    @api.model
    def _render_behaviour(self, events):
        return self.env["ir.qweb"]._render("crm_core.lead_behaviour", {"events": events}).decode()

    def _get_behaviour_events(self):
        """The latest pages, mail opens and clicks of one lead: list of dict(at, kind, what, seconds), newest first. One query."""
        self.ensure_one()
        self.flush(["email_normalized"])
        self.env.cr.execute(
            """
            (SELECT event.at, 'page' AS kind, COALESCE(NULLIF(event.title, ''), event.page) AS what, event.seconds
               FROM crm_visitor_event AS event
              WHERE event.visitor_id IN (SELECT visitor_id FROM crm_touchpoint WHERE lead_id = %(lead)s)
              ORDER BY event.at DESC LIMIT %(shown)s)
            UNION ALL
            (SELECT moment.at, moment.kind, mailing.subject, 0
               FROM mailing_trace AS trace
               JOIN mailing_mailing AS mailing ON mailing.id = trace.mass_mailing_id
              CROSS JOIN LATERAL (VALUES (trace.opened, 'open'), (trace.clicked, 'click')) AS moment (at, kind)
              WHERE trace.email = %(email)s AND moment.at IS NOT NULL
              ORDER BY moment.at DESC LIMIT %(shown)s)
             ORDER BY at DESC LIMIT %(shown)s
            """,
            {"lead": self.id, "email": self.sudo().email_normalized or None, "shown": SHOWN},
        )
        return self.env.cr.dictfetchall()
