# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from psycopg2 import sql

from .crm_credit import AMOUNT_GROUPS

FINANCE = "crm_sales_order.group_finance"
OPEN_STATES = ("requested", "granted")


class CrmCreditRelease(models.Model):
    """Finance lets one order be confirmed, or one transfer leave, though the customer's credit does not allow it; once.

    Asked for by who needs it, given by finance with a reason, used up by the step it is about. It is about the customer
    and the amount it was given for. Written by the documents' methods only (``crm.credit.mixin``).
    """

    _name = "crm.credit.release"
    _description = "Credit Release"
    _order = "id desc"
    _rec_name = "document_name"

    order_id = fields.Many2one("sale.order", "Order", readonly=True, index=True, ondelete="cascade")
    picking_id = fields.Many2one("stock.picking", "Transfer", readonly=True, index=True, ondelete="cascade")
    sale_id = fields.Many2one("sale.order", "Of Order", readonly=True, ondelete="cascade", help="Whose salesperson may read this.")
    document_name = fields.Char("Document", readonly=True, required=True)
    purpose = fields.Selection([("confirm", "To Confirm"), ("ship", "To Ship"), ("grow", "To Grow")], readonly=True, default="confirm")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", "Company", readonly=True, required=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(readonly=True, groups=AMOUNT_GROUPS, help="What is released; more needs another release.")
    state = fields.Selection(
        [("requested", "To Decide"), ("granted", "Released"), ("used", "Used"), ("refused", "Refused"), ("lapsed", "No Longer Needed")],
        readonly=True,
        required=True,
    )
    situation = fields.Text("Why It Was Held", readonly=True, groups=AMOUNT_GROUPS)
    requester_id = fields.Many2one("res.users", "Requested by", readonly=True)
    note = fields.Text("Why It Should Go", readonly=True)
    decider_id = fields.Many2one("res.users", "Decided by", readonly=True)
    date_decided = fields.Datetime("Decided on", readonly=True)
    reason = fields.Text(readonly=True)
    date_used = fields.Datetime("Used on", readonly=True)
    may_decide = fields.Boolean(compute="_compute_may_decide")

    _sql_constraints = [
        ("one_document", "CHECK ((order_id IS NULL) != (picking_id IS NULL))", "A release is about one order or one transfer."),
    ]

    def init(self):
        super().init()
        # one open release per document: who asks twice, or at once, gets the same one
        for name in ("order_id", "picking_id"):
            index = sql.Identifier("crm_credit_release_open_%s_idx" % name)
            self.env.cr.execute(
                sql.SQL(
                    """CREATE UNIQUE INDEX IF NOT EXISTS {index}
                           ON crm_credit_release ({name}) WHERE state IN ('requested', 'granted')"""
                ).format(index=index, name=sql.Identifier(name))
            )

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        finance = self.env.user.has_group(FINANCE)
        for release in self:
            release.may_decide = finance and release.state in OPEN_STATES

    def _get_document(self):
        self.ensure_one()
        return self.order_id or self.picking_id

    # -- buttons of finance's list -------------------------------------------------------------------------------------

    def action_release(self):
        return self._decide("release") or self._get_document().action_release()

    def action_refuse(self):
        return self._decide("refuse") or self._get_document().action_refuse_release()

    def _decide(self, kind):
        """The dialog about an order that is to grow; what else is held is decided on where it stands."""
        document = self._get_document()
        document._check_finance()
        return self.purpose == "grow" and self.env["crm.credit.decision"]._open(kind, document, growth=True)

    def action_open_document(self):
        document = self._get_document()
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "views": [(document.get_formview_id(), "form")],
        }

    # -- by the documents, as superuser --------------------------------------------------------------------------------

    @api.model
    def _get_open(self, documents):
        """{document: its open release, or an empty one}; one query for each kind of document."""
        found = {document: self.browse() for document in documents}
        for name, field in (("sale.order", "order_id"), ("stock.picking", "picking_id")):
            own = {document.id: document for document in documents if document and document._name == name}
            if own:
                for release in self.search([(field, "in", list(own)), ("state", "in", OPEN_STATES)]):
                    found[own[release[field].id]] = release
        return found

    @api.model
    def _use(self, documents, blocked):
        """The documents go on now: what finance granted them is used up, needed or not, and what was asked for lapses.

        Leave to grow is for one time it is needed.

        :param blocked: those of ``documents`` whose customers' credit does not allow them
        :returns: {document: its granted release or an empty one}
        """
        found = {document: self.browse() for document in documents}
        lapsed = self.browse()
        for document, release in self._get_open(documents).items():
            if release.purpose == "grow" and document not in blocked:
                continue
            if release.state == "granted":
                found[document] = release
            elif release.purpose != "grow":
                lapsed |= release
        used = self.browse().concat(*found.values())
        if used:
            used.write({"state": "used", "date_used": fields.Datetime.now()})
        if lapsed:
            lapsed.write({"state": "lapsed"})
        return found

    @api.model
    def _lapse(self, documents):
        """What the documents, which were cancelled or ask anew, were granted or asked for counts no longer."""
        releases = self.browse().concat(*self._get_open(documents).values())
        if releases:
            releases.write({"state": "lapsed"})
            releases.flush(["state"])  # one open release per document: the next one may be made

    def _covers(self, document, verdicts):
        """Whether this release lets ``document`` go; none covers nothing.

        :param verdicts: {pair that is blocked: verdict}
        """
        if not self:
            return False
        same_customer = all(pair == (self.partner_id.id, self.company_id.id) for pair in verdicts)
        return same_customer and self.currency_id.compare_amounts(document.sudo()._get_credit_amount(), self.amount) <= 0

    def _tell_decision(self):
        """Who asked, and whose order it is, hear what finance decided."""
        notifications = []
        for release in self:
            sale = release.sale_id
            people = {release.requester_id: release._get_document(), sale.user_id: sale}
            for user, record in people.items():
                if user and user != self.env.user:
                    speaker = release.with_context(lang=user.lang)
                    label = {"granted": speaker._say_granted, "refused": speaker._say_refused}[release.state]()
                    notifications.append({"users": user, "subject": label, "body": release.reason or label, "record": record})
        self.env["crm.notification"].sudo()._notify_batch(notifications)

    def _say_granted(self):
        return _("%(document)s was released by finance, once", document=self.document_name)

    def _say_refused(self):
        return _("%(document)s was not released by finance", document=self.document_name)
