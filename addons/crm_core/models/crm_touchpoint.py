# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmUserError

#: Who reads what strangers sent, word for word
PAYLOAD_GROUPS = "crm_core.group_marketing,crm_core.group_sales_director,base.group_system"


class CrmTouchpoint(models.Model):
    """A submission: stored word for word before anything is read from it, and kept as the lead's history.

    How it comes in: crm_touchpoint_accept.py; what it says: crm_touchpoint_parsing.py.
    """

    _name = "crm.touchpoint"
    _description = "Touchpoint"
    _order = "id desc"
    _rec_name = "receipt"

    channel_id = fields.Many2one("crm.intake.channel", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    state = fields.Selection(
        [("received", "Received"), ("done", "Done"), ("dead", "Dead Letter")], required=True, readonly=True, default="received"
    )
    receipt = fields.Char(required=True, readonly=True, help="What the sender was told.")
    idempotency_key = fields.Char(required=True, readonly=True, help="The same key again is the same submission.")
    digest = fields.Char(required=True, readonly=True, help="SHA-256 of the body.")
    payload = fields.Text(string="Submission", groups=PAYLOAD_GROUPS)
    payload_original = fields.Text(string="As Received", readonly=True, groups=PAYLOAD_GROUPS)
    payload_raw = fields.Binary(
        string="Bytes as Received", attachment=False, readonly=True, groups=PAYLOAD_GROUPS, help="Only if they are not plain UTF-8."
    )
    content_type = fields.Char(readonly=True)
    remote_ip = fields.Char(string="Sent from IP", readonly=True, groups=PAYLOAD_GROUPS)
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    occurred_at = fields.Datetime(readonly=True, help="When the visitor did it, as far as the sender says.")
    touched_at = fields.Datetime(string="Time", compute="_compute_touched_at", help="When it was done, else when it came in.")
    attempts = fields.Integer(readonly=True, help="How often processing it was tried.")
    reason = fields.Text(readonly=True, help="Why it could not become a lead.")
    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="set null")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, ondelete="set null")
    outcome = fields.Selection(
        [("created", "New lead"), ("attached", "Attached"), ("linked", "Linked"), ("rejected", "Rejected")], readonly=True
    )
    match_kind = fields.Char(string="Known by", readonly=True, help="What it has in common with the lead or customer known already.")
    landing_page = fields.Char(readonly=True)
    referrer = fields.Char(string="Referring Page", readonly=True)
    keyword = fields.Char(string="Search Keyword", readonly=True)
    visitor_ip = fields.Char(string="Visitor's IP Address", readonly=True, groups=PAYLOAD_GROUPS)
    source_id = fields.Many2one("utm.source", readonly=True, ondelete="set null")
    medium_id = fields.Many2one("utm.medium", readonly=True, ondelete="set null")
    campaign_id = fields.Many2one("utm.campaign", readonly=True, ondelete="set null")

    _sql_constraints = [
        ("receipt_uniq", "unique(receipt)", "A receipt is given once."),
        ("idempotency_uniq", "unique(channel_id, idempotency_key)", "This submission is here already."),
    ]

    def init(self):
        for query in (
            # the backlog, oldest first, and the dead-letter list
            "CREATE INDEX IF NOT EXISTS crm_touchpoint_state_idx ON crm_touchpoint (state, id) WHERE state <> 'done'",
            # touchpoints of a lead, of a customer; ON DELETE SET NULL
            "CREATE INDEX IF NOT EXISTS crm_touchpoint_lead_idx ON crm_touchpoint (lead_id) WHERE lead_id IS NOT NULL",
            "CREATE INDEX IF NOT EXISTS crm_touchpoint_partner_idx ON crm_touchpoint (partner_id) WHERE partner_id IS NOT NULL",
            # statistics of the last weeks; costs nearly nothing as rows come in by time
            "CREATE INDEX IF NOT EXISTS crm_touchpoint_received_idx ON crm_touchpoint USING brin (received_at)",
        ):
            self.env.cr.execute(query)

    @api.depends("occurred_at", "received_at")
    def _compute_touched_at(self):
        for touchpoint in self:
            touchpoint.touched_at = touchpoint.occurred_at or touchpoint.received_at

    def name_get(self):
        names = {touchpoint.id: touchpoint.channel_id.name for touchpoint in self.sudo()}
        return [(touchpoint.id, "%s #%d" % (names[touchpoint.id], touchpoint.id)) for touchpoint in self]

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {
            "payload",
            "payload_original",
            "payload_raw",
            "remote_ip",
            "visitor_ip",
        }

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise CrmUserError(_("Submissions come in through a channel. Open one and use its address or “Send a test submission”."))
        return super().create(vals_list)

    def write(self, vals):
        """People correct what a dead letter says, nothing else; the first wording is kept."""
        if not self.env.su:
            if set(vals) - {"payload"} or any(touchpoint.state != "dead" for touchpoint in self):
                raise CrmUserError(_("Only the text of a dead letter can be corrected; then replay it."))
        if "payload" in vals:
            for touchpoint in self.filtered(lambda touchpoint: not touchpoint.payload_original):
                super(CrmTouchpoint, touchpoint.sudo()).write({"payload_original": touchpoint.sudo().payload})
        return super().write(vals)

    # ------------------------------------------------------------------
    # Dead letters
    # ------------------------------------------------------------------
    def action_replay(self):
        """Dead letters go back to the start of the pipeline; one that became a lead already is left alone.

        :return: how many were put back
        """
        self.check_access_rights("write")
        self.check_access_rule("write")
        self.flush()
        self.env.cr.execute(
            """
            UPDATE crm_touchpoint SET state = 'received', reason = NULL, write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
             WHERE id = ANY(%s) AND state = 'dead' AND lead_id IS NULL
            """,
            [self.env.uid, self.ids],
        )
        replayed = self.env.cr.rowcount
        self.invalidate_cache()
        if not replayed:
            raise CrmUserError(_("There is nothing to replay: only dead letters that have no lead yet can be."))
        self._wake_after_commit()
        return replayed

    def action_open_channel(self):
        """To the channel, whose mapping may be what has to be corrected."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "crm.intake.channel", "view_mode": "form", "res_id": self.channel_id.id}
