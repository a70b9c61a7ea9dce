# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta
from uuid import uuid4

from odoo import _, api, fields, models, tools

from ..exceptions import CrmUserError, CrmValidationError

#: Seconds a clock may be ahead
TOLERANCE = 300
#: What only this model's own methods write: whoever could set it would prove what did not happen
STAMPED = frozenset({
    "check_in_date", "check_in_latitude", "check_in_longitude", "check_in_accuracy", "distance_m", "distance_known",
    "check_out_date", "check_out_latitude", "check_out_longitude", "check_out_accuracy",
    "verified", "unverified", "evidence", "missing", "activity_id",
})  # fmt: skip
#: What a finished follow-up keeps
FIXED = frozenset({"partner_id", "lead_id", "user_id", "kind", "date", "state", "form_key"})


class CrmFollowup(models.Model):
    """Something a colleague did for a customer or lead, with whom, what came of it and what comes next.

    It is ``open`` from the check-in of a visit to its end, and ``done`` then: outcome and next action are given. Whether it
    is verified follows from its evidence (:mod:`crm_followup_evidence`); the next action becomes an activity
    (:mod:`crm_followup_plan`); recordings are transcribed (:mod:`crm_followup_transcript`).
    """

    _name = "crm.followup"
    _description = "Follow-up"
    _order = "date desc, id desc"
    _contact_details_follow_ups = True
    _contact_details_guarded = True

    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="restrict", domain=[("is_customer", "=", True)])
    lead_id = fields.Many2one("crm.lead", string="Lead/Opportunity", ondelete="restrict")
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer Company", compute="_compute_commercial_partner_id", store=True, ondelete="restrict"
    )
    contact_id = fields.Many2one("res.partner", string="Contact", index=True, ondelete="set null", help="Whom it was with.")
    user_id = fields.Many2one("res.users", string="Salesperson", required=True, default=lambda self: self.env.user, ondelete="restrict")
    team_id = fields.Many2one("crm.team", string="Team", index=True, default=lambda self: self.env.user.sale_team_id)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    kind = fields.Selection(
        [
            ("call", "Call"),
            ("wechat", "WeChat"),
            ("visit", "Visit"),
            ("meeting", "Meeting"),
            ("email", "E-mail"),
            ("note", "Note"),
        ],
        required=True,
        default="call",
    )
    state = fields.Selection([("open", "In progress"), ("done", "Done")], required=True, default="done", index=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    duration = fields.Integer(string="Minutes", group_operator="avg")
    outcome_id = fields.Many2one("crm.followup.outcome", string="Outcome", index=True, ondelete="restrict")
    summary = fields.Text(string="What Was Said")
    form_key = fields.Char(
        default=lambda self: uuid4().hex, copy=False, readonly=True, help="Of the form that was filled in: it is saved once."
    )

    _sql_constraints = [
        ("form_once", "UNIQUE (user_id, form_key)", "This follow-up is saved already."),
        ("about_somebody", "CHECK (partner_id IS NOT NULL OR lead_id IS NOT NULL)", "Say which customer or lead it is about."),
        ("duration_range", "CHECK (duration BETWEEN 0 AND 1440)", "A follow-up takes from 0 minutes to a day (1440 minutes)."),
    ]

    def init(self):
        super().init()
        # Newest first: the timeline of a customer (by contact) and of a lead, a company's and a rep's list
        for name in ("partner_id", "lead_id", "commercial_partner_id", "user_id"):
            tools.create_index(self.env.cr, "crm_followup_%s_date_idx" % name, self._table, [name, "date", "id"])

    @api.depends("partner_id.commercial_partner_id", "lead_id.partner_id.commercial_partner_id")
    def _compute_commercial_partner_id(self):
        for followup in self:
            followup.commercial_partner_id = (followup.partner_id or followup.lead_id.partner_id).commercial_partner_id

    def name_get(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        names = {one.id: one.partner_id.display_name or one.lead_id.display_name for one in self.sudo()}
        return [(one.id, "%s · %s" % (kinds.get(one.kind, ""), names[one.id] or "")) for one in self]

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        """A form is saved once: what it made already is returned, not made again."""
        saved = self._get_saved(vals_list)
        new = [self._complete_vals(vals) for vals in vals_list if vals.get("form_key") not in saved]
        self._check_visible(new)
        created = super().create(new)
        created.sudo().partner_id._mark_as_customer()
        created._link_files()
        created.filtered(lambda one: one.state == "done")._finished()
        made = iter(created)
        return self.browse(saved[vals["form_key"]] if vals.get("form_key") in saved else next(made).id for vals in vals_list)

    @api.model
    def _get_saved(self, vals_list):
        """{form key: id} of what the current user saved from the same forms before.

        Of two requests at once the second fails when both write the user's guard row, and is repeated by Odoo.
        """
        keys = [vals["form_key"] for vals in vals_list if vals.get("form_key")]
        if not keys:
            return {}
        self.env["crm.claim.guard"].sudo()._hold([self.env.uid])
        found = self.sudo().search([("user_id", "=", self.env.uid), ("form_key", "in", keys)])
        return {one.form_key: one.id for one in found}

    @api.model
    def _complete_vals(self, vals):
        """``vals`` with the lead's customer."""
        self._check_stamps(vals)
        if vals.get("lead_id") and not vals.get("partner_id"):
            lead = self.env["crm.lead"].sudo().browse(vals["lead_id"])
            vals = dict(vals, partner_id=lead.partner_id.id)
        return vals

    def write(self, vals):
        self._check_stamps(vals)
        if not self.env.su and any(one.state == "done" and one._changes(vals) for one in self):
            raise CrmUserError(
                _("This follow-up is finished: when, with whom and how it took place stays. Log another one for what is new.")
            )
        ending = self.filtered(lambda one: one.state == "open") if vals.get("state") == "done" else self.browse()
        ending._finish_visits()
        self._check_visible([vals])
        result = super().write(vals)
        if {"photo_ids", "recording_ids"} & vals.keys():
            self._link_files()
        ending._finished()
        done = (self - ending).filtered(lambda one: one.state == "done")
        if {"next_action_type_id", "next_action_date", "next_action_note"} & vals.keys():
            done._plan_next_action()
        if "recording_ids" in vals:
            done._transcribe()
        return result

    def _changes(self, vals):
        """Whether ``vals`` would change what a finished follow-up keeps."""
        current = {name: self._fields[name].convert_to_write(self[name], self) for name in FIXED & vals.keys()}
        return any(fields.Datetime.to_string(value) != vals[name] if name == "date" else (value or False) != (vals[name] or False)
                   for name, value in current.items())  # fmt: skip

    @api.model
    def _check_stamps(self, vals):
        if not self.env.su and STAMPED & vals.keys():
            raise CrmUserError(_("Check-in, distance and evidence are noted by the server. Use the buttons of the follow-up."))

    @api.model
    def _check_visible(self, vals_list):
        """A rep must not reach another rep's customer or lead by logging a follow-up on it.

        :raise CrmUserError: when the current user may not see one of those that ``vals_list`` names
        """
        if self.env.su:
            return
        leads = self.env["crm.lead"].with_context(active_test=False)
        leads._check_customers_visible(vals[name] for vals in vals_list for name in ("partner_id", "contact_id") if vals.get(name))
        wanted = {vals["lead_id"] for vals in vals_list if vals.get("lead_id")}
        if wanted - set(leads.search([("id", "in", list(wanted))]).ids):
            raise CrmUserError(_("This lead belongs to somebody else. Ask your team leader to hand it over."))

    @api.constrains("date")
    def _check_date(self):
        latest = fields.Datetime.now() + timedelta(seconds=TOLERANCE)
        if any(one.date > latest for one in self):
            raise CrmValidationError(
                _("A follow-up is logged when it took place, and this one lies in the future. "
                  "Correct the date, or plan it as the next action.")
            )  # fmt: skip

    @api.constrains("partner_id", "contact_id", "lead_id")
    def _check_customer(self):
        for one in self.sudo():
            archived = (one.partner_id | one.contact_id | one.partner_id.commercial_partner_id).filtered(lambda p: not p.active)
            if archived:
                raise CrmValidationError(
                    _("“%s” is archived. Restore the customer first, or log this on the one that took its place.", archived[0].name)
                )
            companies = (one.partner_id | one.contact_id | one.lead_id.partner_id).commercial_partner_id
            if len(companies) > 1:
                first, second = companies[:2].mapped("name")
                raise CrmValidationError(
                    _("“%(first)s” and “%(second)s” are two customers. A follow-up is about one.", first=first, second=second)
                )

    # ------------------------------------------------------------------
    # The end
    # ------------------------------------------------------------------
    @api.constrains("state", "outcome_id", "next_action_date")
    def _check_complete(self):
        """Outcome and next action are asked for."""
        for one in self:
            if one.state != "done" or one.kind == "note":
                continue
            if not one.outcome_id:
                raise CrmValidationError(_("What came of it? Choose an outcome, then save again."))
            if one.outcome_id.next_required and not one.next_action_date:
                raise CrmValidationError(_("What comes next, and when? Enter the date of the next action, then save again."))

    def action_finish(self):
        """Finish follow-ups; a second time changes nothing. Closes the form."""
        self.check_access_rights("write")
        self.check_access_rule("write")
        self.filtered(lambda one: one.state == "open").write({"state": "done"})
        return {"type": "ir.actions.act_window_close"}

    def _finished(self):
        """What follows when follow-ups are done: last contact, first response, next action, transcripts."""
        self._note_followed_up()
        self._plan_next_action()
        self._keep_positions()
        self._transcribe()

    def _note_followed_up(self):
        """Last contact of lead and customer, and the first response to a lead."""
        rows = self.sudo()
        self.env["crm.lead"].sudo()._followed_up([(one.lead_id.id, one.user_id.id, one.date) for one in rows if one.lead_id])
        self.env["res.partner"].sudo()._followed_up([(one.partner_id.id, one.user_id.id, one.date) for one in rows if one.partner_id])
        self.env["crm.assignment"].sudo()._note_answers(
            [(one.lead_id.id, one.user_id.partner_id.id, one.date) for one in rows if one.lead_id and one.kind != "note"]
        )

    # ------------------------------------------------------------------
    # Contact details (contract: contact_details.py)
    # ------------------------------------------------------------------
    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"summary", "transcript", "next_action_note"}

    def _contact_details_hidden(self):
        """All without the permission; of a limited user those that no rule shows."""
        user = self.env.user
        if not user._sees_contact_details():
            return self
        visible = self.with_user(user).search([("id", "in", self._origin.ids)])
        return self.filtered(lambda one: one._origin and one._origin not in visible)
