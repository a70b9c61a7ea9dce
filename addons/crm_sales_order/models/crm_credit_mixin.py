# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import SUPERUSER_ID, _, api, fields, models, registry
from odoo.tools import html_escape

from ..engine import credit
from ..exceptions import CreditError
from .crm_credit_release import FINANCE

#: Computed on the spot, and anew after each decision
STANDING = ["credit_hold", "credit_message", "may_release"]


class CrmCreditMixin(models.AbstractModel):
    """A document that credit control may hold back, and finance releases once: an order, a transfer.

    An inheriting model has a many2one to itself in ``crm.credit.release``, implements the hooks, and calls
    ``crm.credit._hold`` on every door.
    """

    _name = "crm.credit.mixin"
    _description = "Document under Credit Control"

    credit_hold = fields.Selection(
        [
            ("blocked", "Blocked by Credit"),
            ("requested", "Waits for Finance"),
            ("released", "Released by Finance"),
        ],
        "Credit Control",
        compute="_compute_credit_hold",
        groups="base.group_user",
        help="Empty: credit lets it go.",
    )
    credit_message = fields.Text("Why Blocked", compute="_compute_credit_hold", groups="base.group_user")
    may_release = fields.Boolean(compute="_compute_credit_hold", groups="base.group_user")

    # -- hooks ---------------------------------------------------------------------------------------------------------

    def _get_credit_pairs(self):
        """Hook: {record: {(commercial partner id, company id)}} whose credit the next step of each record needs."""
        raise NotImplementedError

    def _get_credit_amount(self):
        """Hook: what the next step is worth, in the company's currency; called in superuser mode."""
        raise NotImplementedError

    def _get_credit_more(self):
        """Hook: {pair: minor units} the next step of this record adds to what its customer owes."""
        self.ensure_one()
        return {}

    def _get_credit_order(self):
        """Hook: the order whose salesperson is told."""
        raise NotImplementedError

    def _get_held(self):
        """Hook: what of this record is released: itself, or the documents that take it further."""
        self.ensure_one()
        return self

    def _prepare_release_document(self):
        """Hook: {field of crm.credit.release: id} that names this record."""
        raise NotImplementedError

    # -- where it stands -----------------------------------------------------------------------------------------------

    @api.depends_context("uid", "lang", "tz")
    def _compute_credit_hold(self):
        """As of now; nothing of it stored."""
        finance = self.env.user.has_group(FINANCE)
        verdicts = self._get_credit_verdicts()
        held = {record: record.sudo()._get_held() for record in self if record.id}
        releases = self.env["crm.credit.release"].sudo()._get_open({one: None for own in held.values() for one in own})
        for record in self:
            blocked = {pair: verdict for pair, verdict in verdicts.get(record, {}).items() if verdict.state == credit.BLOCKED}
            states = {releases[one].state for one in held.get(record, ())}
            if states == {"granted"}:
                record.credit_hold = "released"
            elif blocked:
                record.credit_hold = "blocked" if False in states else "requested"
            else:
                record.credit_hold = False
            record.credit_message = blocked and self.env["crm.credit"]._explain_pairs(blocked)
            record.may_release = finance and bool(blocked) and record.credit_hold != "released"

    def _get_credit_verdicts(self):
        """{record: {pair: verdict}}; records under no control are left out."""
        service = self.env["crm.credit"].sudo()
        pairs = {record: own for record, own in self.sudo()._get_credit_pairs().items() if own}
        more = {record: record._get_credit_more() for record in pairs}
        plain = service._get_verdicts(set().union(*(own for record, own in pairs.items() if not more[record])))
        result = {}
        for record, own in pairs.items():
            found = service._get_verdicts(own, more[record]) if more[record] else plain
            result[record.with_env(self.env)] = {pair: found[pair] for pair in sorted(own)}
        return result

    # -- asking and deciding -------------------------------------------------------------------------------------------

    def action_request_release(self):
        """Ask finance to let this go once."""
        self.ensure_one()
        return self.env["crm.credit.decision"]._open("request", self)

    def action_release(self):
        """Finance lets this go once."""
        self.ensure_one()
        self._check_finance()
        return self.env["crm.credit.decision"]._open("release", self)

    def action_refuse_release(self):
        self.ensure_one()
        self._check_finance()
        return self.env["crm.credit.decision"]._open("refuse", self)

    def _check_finance(self):
        if not self.env.user.has_group(FINANCE):
            raise CreditError(_("Only finance releases what credit control holds back: press “Ask for Release”."))

    def _request_release(self, note):
        """:param note: why finance should let it go; not empty"""
        self.check_access_rights("write")
        self.check_access_rule("write")
        note = self._check_reason(note)
        held = self.sudo()._get_held().filtered(lambda record: record.credit_hold == "blocked")
        if not held:
            raise CreditError(_("Nothing of %(document)s waits for a release.", document=self.display_name))
        values = [dict(record._prepare_release(), state="requested", note=note, requester_id=self.env.uid) for record in held]
        releases = self.env["crm.credit.release"].sudo().create(values)
        held._post_credit_note(_("Release asked for: %(note)s", note=html_escape(note)), self.env.user)
        held._tell_finance("request", self.env.user, note)
        self.invalidate_cache(STANDING)
        return releases

    def _decide_release(self, state, reason):
        """Finance says yes or no.

        :param state: granted or refused
        :param reason: not empty; who asked reads it
        """
        self._check_finance()
        self.check_access_rights("read")
        self.check_access_rule("read")
        reason = self._check_reason(reason)
        held = self.sudo()._get_held()
        releases = self.env["crm.credit.release"].sudo()
        now = {"state": state, "reason": reason, "decider_id": self.env.uid, "date_decided": fields.Datetime.now()}
        for record, release in releases._get_open(dict.fromkeys(held)).items():
            if release:
                release.write({**record._prepare_release(), **now})
            elif state == "granted" and record.credit_hold == "blocked":
                release = releases.create({**record._prepare_release(), **now})
            releases |= release
        if not releases:
            raise CreditError(_("Nothing of %(document)s waits for a release.", document=self.display_name))
        told = html_escape(reason)
        granted = _("Released once by finance: %(reason)s", reason=told)
        held._post_credit_note(granted if state == "granted" else _("Not released by finance: %(reason)s", reason=told), self.env.user)
        releases._tell_decision()
        self.invalidate_cache(STANDING)
        return releases

    @api.model
    def _check_reason(self, reason):
        reason = (reason or "").strip()
        if not reason:
            raise CreditError(_("Say why: it stays with the document."))
        return reason

    def _prepare_release(self):
        """Values of a release of this record as it is now."""
        self.ensure_one()
        verdicts = self._get_credit_verdicts().get(self, {})
        blocked = {pair: verdict for pair, verdict in verdicts.items() if verdict.state == credit.BLOCKED}
        partner_id, company_id = next(iter(blocked or verdicts), (False, False))
        if len(blocked) > 1:
            raise CreditError(_("%(document)s is for several customers: split it, and release each part.", document=self.display_name))
        return {
            **self._prepare_release_document(),
            "sale_id": self._get_credit_order().id,
            "document_name": self.display_name,
            "partner_id": partner_id,
            "company_id": company_id,
            "amount": self._get_credit_amount(),
            "situation": self.env["crm.credit"]._explain_pairs(blocked, amounts=True),
        }

    # -- telling -------------------------------------------------------------------------------------------------------

    def _post_credit_note(self, body, user):
        for record in self:
            record.message_post(body=body, author_id=user.partner_id.id, subtype_xmlid="mail.mt_note")

    def _tell_finance(self, what, actor, body="", key=None, record=None):
        """Finance hears, each in their language, of the first of ``self``, which are held back together.

        :param what: request or held
        :param actor: res.users who asked or was held back, and needs no message
        :param record: what the message opens; default: the first of ``self``
        """
        if not self:
            return
        company = self[0].company_id
        people = (self.env.ref(FINANCE).sudo().users - actor).filtered(lambda user: company in user.company_ids)
        messages = []
        for user in people:
            subject = self[0].with_context(lang=user.lang)._get_credit_notice(what, actor)
            messages.append({"users": user, "subject": subject, "body": body or subject, "record": record or self[0], "key": key})
        self.env["crm.notification"].sudo()._notify_batch(messages)

    def _get_credit_notice(self, what, actor):
        values = {"user": actor.name, "document": self.display_name}
        if what == "request":
            return _("%(user)s asks to release %(document)s", **values)
        return _("%(document)s is held back by credit control: %(user)s could not go on", **values)

    def _tell_held(self):
        """Tell finance that somebody was held back: after the transaction, which is most often undone, and once a day."""
        self.ensure_one()
        name, record_id, user_id, database = self._name, self.id, self.env.uid, self.env.cr.dbname
        key = "credit_held_%s_%d_%s" % (name, record_id, fields.Date.context_today(self))

        def tell():
            with api.Environment.manage(), registry(database).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env[name].browse(record_id).exists()._tell_finance("held", env["res.users"].browse(user_id), key=key)

        self.env.cr.postrollback.add(tell)
        self.env.cr.postcommit.add(tell)  # who caught the error goes on
