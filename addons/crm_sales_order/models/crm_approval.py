# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models
from odoo.addons.crm_core.engine.gate import changed
from psycopg2 import sql

from ..exceptions import SalesOrderError


class CrmApproval(models.Model):
    """A tier's word on a document, and what it was asked for. Written by the methods below only; nobody has the right to.

    The document is in one of the many2ones that models with ``crm.approval.mixin`` add here; record rules follow it.
    """

    _name = "crm.approval"
    _description = "Approval"
    _order = "id desc"
    _rec_name = "document_name"

    order_id = fields.Many2one("sale.order", string="Quotation", readonly=True, index=True, ondelete="cascade")
    tier_id = fields.Many2one("crm.approval.tier", string="Tier", required=True, readonly=True, ondelete="restrict")
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
    changes = fields.Char(compute="_compute_status", help="What has changed since it was requested.")
    reasons = fields.Text(readonly=True, help="What it is asked for, as it was then.")
    facts = fields.Text(readonly=True, help="What the document was when it was requested, as JSON.")
    requester_id = fields.Many2one("res.users", string="Requested by", required=True, readonly=True, ondelete="restrict")
    date = fields.Datetime(string="Requested on", readonly=True)
    note = fields.Text(string="Why", readonly=True)
    decider_id = fields.Many2one("res.users", string="Decided by", readonly=True, ondelete="restrict")
    date_decided = fields.Datetime(string="Decided on", readonly=True)
    reason = fields.Text(string="Why Refused", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    document_name = fields.Char(string="Document", compute="_compute_document")
    partner_id = fields.Many2one("res.partner", string="Customer", compute="_compute_document")
    user_id = fields.Many2one("res.users", string="Salesperson", compute="_compute_document")
    amount = fields.Monetary(compute="_compute_document")
    currency_id = fields.Many2one("res.currency", compute="_compute_document")
    may_decide = fields.Boolean(compute="_compute_may_decide", compute_sudo=False)

    def init(self):
        # one open request per document, also when two people ask at once
        for name in self._get_document_fields():
            query = sql.SQL("CREATE UNIQUE INDEX IF NOT EXISTS {index} ON crm_approval ({name}) WHERE state = 'requested'")
            index = "crm_approval_open_%s_idx" % name
            self.env.cr.execute(query.format(index=sql.Identifier(index), name=sql.Identifier(name)))

    @api.model
    def _get_document_fields(self):
        """Names of the many2ones of which one holds the document."""
        mixin = self.env.registry["crm.approval.mixin"]
        many2ones = (field for field in self._fields.values() if field.type == "many2one")
        return sorted(field.name for field in many2ones if issubclass(self.env.registry[field.comodel_name], mixin))

    def _get_document(self):
        """The record that is to be approved."""
        self.ensure_one()
        return next(self[name] for name in self._get_document_fields() if self[name])

    def _compute_document(self):
        for approval in self:
            record = approval._get_document()
            approval.document_name = record.display_name
            approval.partner_id = record.partner_id
            approval.user_id = record.user_id
            approval.amount, approval.currency_id = record._get_approval_amount()

    def action_open_document(self):
        """Open what is to be approved."""
        return self._get_document().get_formview_action()

    @api.depends("state", "facts")
    def _compute_status(self):
        found = self._get_statuses()
        for approval in self:
            approval.status, approval.changes = found.get(approval.id, (approval.state, ""))

    def _get_statuses(self):
        """{id: (status, labels of the facts that changed since the request)} as of now: nothing of it is cached.

        Cost: one round of facts per kind of document.
        """
        found = {}
        for name in self._get_document_fields():
            approvals = self.sudo().filtered(name)
            documents = approvals[name]
            present, labels = documents._get_approval_facts(), documents._get_approval_fact_labels()
            for approval in approvals:
                names = changed(json.loads(approval.facts or "{}"), present[approval[name].id])
                expired = names and approval.state in ("requested", "granted")
                text = ", ".join(labels.get(fact, fact) for fact in names)
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
        document = approval._get_document()
        if user in (approval.requester_id, document.user_id):
            return _("Nobody approves an own request. Somebody else of “%s” decides.", approval.tier_id.name)
        if not approval.tier_id._may_be_decided_by(user, document):
            return _("This is decided by: %s.", approval.tier_id.name)
        return False

    # -- asking ----------------------------------------------------------------------------------------------------

    @api.model
    def _request(self, record, standing, note="", requester=None):
        """Ask the first tier that is missing. What was open before is withdrawn.

        :param standing: the record's ApprovalStanding
        :param requester: the user in whose name; the current one
        :return: the request, in sudo mode
        """
        field = record._fields["approval_ids"].inverse_name
        earlier = self.sudo().search([(field, "=", record.id), ("state", "=", "requested")])
        earlier.write({"state": "withdrawn"})
        self.flush()
        tier = standing.missing[:1]
        texts = {reason.text: True for reason in standing.reasons if reason.tier == tier}
        vals = {
            field: record.id,
            "tier_id": tier.id,
            "requester_id": (requester or self.env.user).id,
            "date": fields.Datetime.now(),
            "note": (note or "").strip(),
            "reasons": "\n".join(texts),
            "facts": json.dumps(record.sudo()._get_approval_facts()[record.id]),
            "company_id": record.company_id.id,
        }
        request = self.sudo().create(vals)
        request._tell_deciders()
        return request

    def _tell_deciders(self):
        document, requester = self._get_document(), self.requester_id
        for decider in self.tier_id._get_deciders(document) - requester - document.user_id:
            told = self.with_context(lang=decider.lang)
            subject = _("%(user)s asks for your approval: %(document)s", user=requester.name, document=document.display_name)
            body = "\n".join(filter(None, [told.reasons, told.note]))
            told.env["crm.notification"]._notify(
                decider, subject, body, record=document, key="crm.approval,%d,requested" % self.id
            )

    # -- deciding --------------------------------------------------------------------------------------------------

    def action_grant(self):
        """Agree. The next tier is asked, or those who asked are told that their document can go on."""
        self._decide("granted")
        return True

    def action_refuse(self):
        """Ask for the reason, then refuse."""
        return self.env["crm.approval.reason"]._open("refuse", self)

    def _decide(self, state, reason=""):
        """:raise SalesOrderError: when the current user may not, or when it is no longer to be decided"""
        self.check_access_rights("read")
        self.check_access_rule("read")
        self.env.cr.execute("SELECT id FROM crm_approval WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [self.ids])
        self.invalidate_cache(["state"])
        if state == "refused" and not (reason or "").strip():
            raise SalesOrderError(_("Say why: others will read it."))
        statuses = self._get_statuses()
        for request in self:
            request._check_decidable(state, statuses[request.id][1])
        now = fields.Datetime.now()
        self.sudo().write({"state": state, "decider_id": self.env.uid, "date_decided": now, "reason": (reason or "").strip()})
        for request in self.sudo():
            request._go_on() if state == "granted" else request._tell_requester(_("Refused: %s"))

    def _check_decidable(self, state, changes):
        name = self.sudo().document_name
        if self.state != "requested":
            raise SalesOrderError(_("“%s” was decided already. Reload the page.", name))
        objection = self._get_objection(self.env.user)
        if objection:
            raise SalesOrderError(objection)
        if state == "granted" and changes:
            raise SalesOrderError(
                _("“%(name)s” changed since it was requested: %(changes)s. Have it requested again.", name=name, changes=changes)
            )

    def _go_on(self):
        """After it was granted: the next tier has its turn. Who may decide there, too, has decided."""
        document = self._get_document()
        standing = document._get_approval_standings()[document]
        if not standing.missing:
            return self._tell_requester(_("Approved: %s"))
        request = self._request(document, standing, self.note, self.requester_id)
        if not request._get_objection(self.env.user):
            return request.with_user(self.env.user)._decide("granted")

    def _tell_requester(self, text):
        """:param text: the subject, with a place for the document's name"""
        requester, user = self.requester_id, self.env.user
        if requester == user:
            return
        body = "%s: %s" % (user.name, self.reason) if self.reason else user.name
        key = "crm.approval,%d,%s" % (self.id, self.state)
        self.env["crm.notification"]._notify(requester, text % self.document_name, body, record=self._get_document(), key=key)
