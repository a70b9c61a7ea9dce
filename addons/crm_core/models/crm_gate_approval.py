# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models

from ..engine.gate import changed
from ..exceptions import GateError


class CrmGateApproval(models.Model):
    """A request to let an opportunity through a gate, and the answer to it.

    It is about the facts it was made on (:meth:`crm.lead._get_gate_facts`): when one of them is no longer what it was, the
    request, or what was granted, has expired. Written by the actions below only; nobody has the right to write it.
    """

    _name = "crm.gate.approval"
    _description = "Approval of a Stage Move"
    _order = "id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", string="Opportunity", required=True, readonly=True, index=True, ondelete="cascade")
    line_id = fields.Many2one("crm.gate.line", string="Requirement", required=True, readonly=True, ondelete="cascade")
    stage_id = fields.Many2one(related="line_id.gate_id.stage_id", string="To Stage")
    state = fields.Selection(
        [("requested", "Requested"), ("granted", "Granted"), ("refused", "Refused"), ("withdrawn", "Withdrawn")],
        required=True,
        readonly=True,
        default="requested",
    )
    status = fields.Selection(
        [("requested", "Requested"), ("granted", "Granted"), ("refused", "Refused"), ("withdrawn", "Withdrawn"), ("expired", "Expired")],
        compute="_compute_status",
    )
    requester_id = fields.Many2one("res.users", string="Requested by", required=True, readonly=True, ondelete="restrict")
    date = fields.Datetime(string="Requested on", readonly=True)
    note = fields.Text(string="Why", readonly=True)
    decider_id = fields.Many2one("res.users", string="Decided by", readonly=True, ondelete="restrict")
    date_decided = fields.Datetime(string="Decided on", readonly=True)
    reason = fields.Text(readonly=True, help="Why it was refused.")
    facts = fields.Text(readonly=True, help="What the opportunity was when it was requested, as JSON.")
    changes = fields.Char(compute="_compute_status", help="What has changed since it was requested.")
    user_id = fields.Many2one(related="lead_id.user_id", string="Salesperson")
    team_id = fields.Many2one(related="lead_id.team_id", string="Sales Team")
    partner_id = fields.Many2one(related="lead_id.partner_id", string="Customer")
    expected_revenue = fields.Monetary(related="lead_id.expected_revenue", currency_field="currency_id")
    currency_id = fields.Many2one(related="lead_id.company_currency")
    company_id = fields.Many2one(related="lead_id.company_id", store=True)
    may_decide = fields.Boolean(compute="_compute_may_decide", compute_sudo=False)

    def init(self):
        # one open request per opportunity and requirement, also when two people ask at once
        self.env.cr.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS crm_gate_approval_open_idx ON crm_gate_approval (lead_id, line_id)"
            " WHERE state = 'requested'"
        )

    @api.depends("state", "facts")
    def _compute_status(self):
        found = self._get_statuses()
        for approval in self:
            approval.status, approval.changes = found.get(approval.id, (approval.state, ""))

    def _get_statuses(self):
        """{id: (status, labels of the facts that changed since the request)} as of now: nothing of it is cached.

        A constant number of queries.
        """
        present = self.sudo().lead_id._get_gate_facts()
        labels = self.env["crm.lead"]._get_gate_fact_labels()
        found = {}
        for approval in self.sudo():
            names = changed(json.loads(approval.facts or "{}"), present[approval.lead_id.id])
            expired = names and approval.state in ("requested", "granted")
            text = ", ".join(labels.get(name, name) for name in names)
            found[approval.id] = ("expired" if expired else approval.state, text)
        return found

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_may_decide(self):
        for approval in self:
            approval.may_decide = approval.state == "requested" and not approval._get_objection(self.env.user)

    def _get_objection(self, user):
        """Why ``user`` may not decide, in words; False if they may."""
        approval = self.sudo()
        if approval.requester_id == user and not user._is_gate_director():
            return _("Nobody approves an own request. Your team leader or a sales director decides.")
        if not approval.line_id._may_be_approved_by(user, approval.lead_id):
            who = dict(approval.line_id._fields["approver"]._description_selection(self.env))[approval.line_id.approver]
            return _("This is decided by: %s.", who)
        return False

    # -- asking ----------------------------------------------------------------------------------------------------

    @api.model
    def _request(self, lead, line, note):
        """Ask for approval in the current user's name; tells those who decide. Returns the request."""
        earlier = self.sudo().search([("lead_id", "=", lead.id), ("line_id", "=", line.id)], limit=1)
        status, _changes = earlier._get_statuses().get(earlier.id, (False, ""))
        if status == "requested":
            raise GateError(_("“%(label)s” was requested already for “%(lead)s”.", label=line.label, lead=lead.display_name))
        if status == "granted":
            raise GateError(_("“%(label)s” is granted already for “%(lead)s”.", label=line.label, lead=lead.display_name))
        if earlier.state == "requested":
            earlier.state = "withdrawn"
            earlier.flush()
        vals = {
            "lead_id": lead.id,
            "line_id": line.id,
            "requester_id": self.env.uid,
            "date": fields.Datetime.now(),
            "note": (note or "").strip(),
            "facts": json.dumps(lead.sudo()._get_gate_facts()[lead.id]),
        }
        request = self.sudo().create(vals).with_env(self.env)
        request._tell_deciders()
        return request

    def _tell_deciders(self):
        lead, user = self.lead_id.sudo(), self.env.user
        directors = self.env.ref("crm_core.group_sales_director").sudo().users.filtered("active")
        deciders = directors
        if self.line_id.approver == "leader":
            deciders = self.env["crm.assignment.notice"]._get_leaders(lead, lead.user_id) - user or directors
        for decider in deciders - user:
            request = self.with_context(lang=decider.lang).sudo()
            subject = _("%(user)s asks for your approval: %(lead)s", user=user.name, lead=lead.name)
            body = _("To “%(stage)s”. %(note)s", stage=request.stage_id.name, note=request.note or "")
            request.env["crm.notification"]._notify(
                decider, subject, body.strip(), record=request.lead_id, key="crm.gate.approval,%d,requested" % self.id
            )

    # -- deciding --------------------------------------------------------------------------------------------------

    def action_grant(self):
        """Let the opportunities through. Those who asked are told."""
        self._decide("granted")
        return True

    def action_refuse(self):
        """Ask for the reason, then refuse."""
        return self.env["crm.gate.reason"]._open("refuse", approval_ids=[(6, 0, self.ids)])

    def _decide(self, state, reason=False):
        """:raise GateError: when the current user may not, or when it is no longer to be decided"""
        self.check_access_rights("read")
        self.check_access_rule("read")
        self.env.cr.execute("SELECT id FROM crm_gate_approval WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [self.ids])
        self.invalidate_cache(["state"])
        statuses = self._get_statuses()
        for request in self:
            if request.state != "requested":
                raise GateError(_("“%s” was decided already. Reload the page.", request.sudo().lead_id.name))
            objection = request._get_objection(self.env.user)
            if objection:
                raise GateError(objection)
            _status, changes = statuses[request.id]
            if state == "granted" and changes:
                raise GateError(
                    _(
                        "“%(lead)s” changed since it was requested: %(changes)s. Have it requested again.",
                        lead=request.sudo().lead_id.name,
                        changes=changes,
                    )
                )
        now = fields.Datetime.now()
        self.sudo().write({"state": state, "decider_id": self.env.uid, "date_decided": now, "reason": reason})
        self._tell_requesters()

    def _tell_requesters(self):
        user = self.env.user
        for request in self.sudo():
            requester = request.requester_id
            if requester == user:
                continue
            told = request.with_context(lang=requester.lang)
            if request.state == "granted":
                subject = _("Approved: %(lead)s may go to “%(stage)s”", lead=request.lead_id.name, stage=told.stage_id.name)
            else:
                subject = _("Refused: %(lead)s to “%(stage)s”", lead=request.lead_id.name, stage=told.stage_id.name)
            body = "%s: %s" % (user.name, request.reason) if request.reason else user.name
            key = "crm.gate.approval,%d,%s" % (request.id, request.state)
            told.env["crm.notification"]._notify(requester, subject, body, record=request.lead_id, key=key)
