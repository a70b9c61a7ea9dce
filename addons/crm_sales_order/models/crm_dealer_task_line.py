# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.addons.crm_core.engine.followup import mimetype_of
from odoo.exceptions import AccessError

from ..exceptions import DealerError

#: Of one hand-in
MOST_FILES = 6
MAX_MB = 10
HEAD = 16


class CrmDealerTaskLine(models.Model):
    """What one dealer did about a task: handed in with proof, accepted or returned by the rep."""

    _name = "crm.dealer.task.line"
    _inherit = "crm.dealer.base"
    _description = "Dealer's Work on a Task"
    _order = "date_due, id"
    _rec_name = "task_id"

    task_id = fields.Many2one("crm.dealer.task", string="Task", required=True, readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection(related="task_id.kind", store=True)
    date_due = fields.Date(related="task_id.date_due", store=True, index=True)
    state = fields.Selection(
        [("open", "To Do"), ("submitted", "Handed In"), ("returned", "Returned"), ("accepted", "Accepted")],
        required=True,
        readonly=True,
        default="open",
    )
    note = fields.Text(string="Dealer's Words", readonly=True)
    proof_ids = fields.Many2many("ir.attachment", "crm_dealer_task_line_proof_rel", string="Proof", readonly=True, copy=False)
    date_submitted = fields.Datetime(string="Handed In on", readonly=True)
    review_note = fields.Text(string="Answer to the Dealer", help="What is missing, when you return it; the dealer reads it.")
    reviewer_id = fields.Many2one("res.users", string="Reviewed by", readonly=True)
    date_reviewed = fields.Datetime(string="Reviewed on", readonly=True)

    _sql_constraints = [("dealer_unique", "UNIQUE (task_id, dealer_id)", "This dealer has the task already.")]

    def init(self):
        super().init()
        # serve the timeline of a dealer, and what waits for a rep's review
        self.env.cr.execute(
            """CREATE INDEX IF NOT EXISTS crm_dealer_task_line_date_idx ON crm_dealer_task_line (dealer_id, date_submitted);
               CREATE INDEX IF NOT EXISTS crm_dealer_task_line_review_idx ON crm_dealer_task_line (user_id) WHERE state = 'submitted'"""
        )

    def write(self, vals):
        """Whoever may review writes the answer; everything else follows from handing in, accepting and returning."""
        if not self.env.su and set(vals) - {"review_note"}:
            raise AccessError(_("Accept or return what was handed in; the rest is written by the portal."))
        return super().write(vals)

    @api.constrains("state", "review_note")
    def _check_reason(self):
        for line in self:
            if line.state == "returned" and not (line.review_note or "").strip():
                raise DealerError(_("Say in the answer what is missing, so that %s can do better.", line.sudo().dealer_id.name))

    # -- dealer --------------------------------------------------------------------------------------------------------

    def _hand_in(self, user, note, files):
        """The dealer's work, from the portal, in sudo mode.

        :param files: [(name, bytes)]
        :raise DealerError: it is not open any more, or a file is too large, too many or no photo or PDF
        """
        self.ensure_one()
        if self.task_id.state != "issued":
            raise DealerError(_("“%s” is closed. Ask your sales contact if you have done it all the same.", self.task_id.name))
        if self.state not in ("open", "returned"):
            raise DealerError(_("“%s” is handed in already. You will read here when it is reviewed.", self.task_id.name))
        if self.task_id.needs_proof and not files:
            raise DealerError(_("Add a photo or a PDF that shows it."))
        if len(files) > MOST_FILES:
            raise DealerError(_("At most %d files are taken at once. Choose the best ones.", MOST_FILES))
        kinds = [self._check_proof(name, content) for name, content in files]
        proof = self.env["ir.attachment"].create([
            {"name": name, "raw": content, "mimetype": kind, "res_model": self._name, "res_id": self.id}
            for (name, content), kind in zip(files, kinds)
        ])  # fmt: skip
        self.write({
            "state": "submitted",
            "note": (note or "").strip()[:2000] or False,
            "proof_ids": [(4, file.id) for file in proof],
            "date_submitted": fields.Datetime.now(),
        })  # fmt: skip
        subject = _("%(dealer)s handed in “%(task)s”", dealer=self.dealer_id.name, task=self.task_id.name)
        body = _("Look at the proof, then accept it or return it with an answer.")
        stamp = fields.Datetime.to_string(self.date_submitted)
        self.env["crm.notification"]._notify(
            self.user_id or self.task_id.user_id, subject, body, record=self, key="dealer-task-%d-%s" % (self.id, stamp)
        )

    @api.model
    def _check_proof(self, name, content):
        """The kind of a file that may be proof, by its content.

        :raise DealerError: too large, or no photo or PDF
        """
        if len(content) > MAX_MB << 20:
            raise DealerError(
                _("“%(file)s” has %(size)d MB, and at most %(limit)d MB are taken. Choose a smaller one.",
                  file=name, size=len(content) >> 20, limit=MAX_MB)
            )  # fmt: skip
        kind = "application/pdf" if content.startswith(b"%PDF-") else mimetype_of(content[:HEAD])
        if kind != "application/pdf" and not kind.startswith("image/"):
            raise DealerError(_("“%s” is no photo and no PDF. Choose a picture (JPEG, PNG, HEIC, WebP) or a PDF.", name))
        return kind

    def _tell_dealers(self):
        """Tell the dealers' people by e-mail that there is something to do."""
        self._mail_dealers(
            lambda self: _("New task: %s", self.task_id.name),
            lambda self: _("Due on %s.", fields.Date.to_string(self.date_due)),
            "issued",
        )

    def _mail_dealers(self, subject, body, event):
        """:param subject: line → text in the reader's language; so is ``body``; one message for each person and ``event``"""
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url")
        users = self.dealer_id._get_dealer_users()
        messages = []
        for line in self.sudo():
            mine = users.filtered(lambda user, line=line: user.commercial_partner_id == line.dealer_id)
            line = line.with_context(lang=mine[:1].lang or self.env.lang)
            text = "%s\n%s/my/dealer/tasks/%d" % (body(line), base, line.id)
            key = "dealer-task-%s-%d-%s" % (event, line.id, line.date_submitted or "")
            messages.append({"users": mine, "subject": subject(line), "body": text, "channels": ["mail"], "key": key})
        self.env["crm.notification"]._notify_batch(messages)

    # -- rep -----------------------------------------------------------------------------------------------------------

    def action_accept(self):
        """The work is done as it should be."""
        self._review("accepted")
        self._mail_dealers(lambda self: _("Accepted: %s", self.task_id.name), lambda self: self.review_note or _("Thank you."), "accepted")

    def action_return(self):
        """The dealer is to do it again; the answer says what is missing."""
        self._review("returned")
        self._mail_dealers(lambda self: _("Returned: %s", self.task_id.name), lambda self: self.review_note, "returned")

    def _review(self, state):
        """:raise DealerError: nothing is handed in; :raise AccessError: for others than the rep, leader or director"""
        self.check_access_rights("write")
        self.check_access_rule("write")
        for line in self:
            if line.state != "submitted":
                raise DealerError(
                    _("%s has handed in nothing that waits for a review. Reload the page.", line.sudo().dealer_id.name)
                )
        self.sudo().write({"state": state, "reviewer_id": self.env.uid, "date_reviewed": fields.Datetime.now()})

    @api.model
    def _workbench_dealer_review(self):
        """What was handed in and waits for the reader, the oldest first."""

        def describe(line):
            day = line.date_submitted.date()
            return {"title": line.dealer_id.name, "text": line.task_id.name, "date": day, "status": "attention"}

        return self.env["crm.workbench"]._list(self, [("state", "=", "submitted")], describe, order="date_submitted, id")
