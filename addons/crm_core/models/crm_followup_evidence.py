# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models

from ..engine.followup import Facts, Position, judge

RADIUS = 500
MISSING = {
    "check_in": "Check in at the customer's.",
    "fake": "The phone's position looks made up: no receiver is that sure of its place.",
    "inaccurate": "The phone did not know its place well enough. Check in outdoors.",
    "far": "Checked in too far from the customer's address.",
    "photo": "The customer's address has no coordinates: add a photo taken there.",
    "recording": "Add the call's recording.",
    "picture_or_recording": "Check in at the customer's, or add a photo or a recording.",
    "picture": "Add a screenshot of the chat.",
    "message": "Send the mail from the customer's or lead's page, or add a screenshot.",
}


class CrmFollowup(models.Model):
    """Evidence makes a follow-up verified; unverified ones (虚假跟进) are counted."""

    _inherit = "crm.followup"

    verified = fields.Boolean(compute="_compute_verified", store=True, readonly=True)
    unverified = fields.Integer(
        string="Unverified", compute="_compute_verified", store=True, readonly=True, group_operator="sum",
        help="1 for a finished follow-up without enough evidence, so that they can be counted.",
    )  # fmt: skip
    evidence = fields.Char(compute="_compute_verified", store=True, readonly=True)
    missing = fields.Selection(
        [(key, text) for key, text in MISSING.items()],
        string="To Verify It",
        compute="_compute_verified",
        store=True,
        readonly=True,
    )

    @api.depends(
        "kind", "state", "user_id", "lead_id", "partner_id", "date", "check_in_date", "check_in_accuracy", "distance_m", "distance_known",
        "photo_ids", "recording_ids",
    )  # fmt: skip
    def _compute_verified(self):
        photos, recordings = self._count_own_files("photo_ids"), self._count_own_files("recording_ids")
        messages = self._count_messages()
        radius = self._get_radius()
        for one in self:
            verdict = judge(one._get_facts(photos[one.id], recordings[one.id], messages[one.id]), radius)
            one.verified = one.state == "done" and one.kind != "note" and not verdict.missing
            one.unverified = int(one.state == "done" and bool(verdict.missing))
            one.evidence = ",".join(verdict.evidence)
            one.missing = verdict.missing or False

    def _get_facts(self, photos, recordings, messages):
        position = None
        if self.check_in_date:
            position = Position(self.check_in_latitude, self.check_in_longitude, self.check_in_accuracy)
        return Facts(self.kind, position, self.distance_m if self.distance_known else None, photos, recordings, messages)

    @api.model
    def _get_radius(self):
        """Metres from the customer's address within which a check-in is at the customer's."""
        value = self.env["ir.config_parameter"].sudo().get_param("crm_core.followup_radius", "")
        return int(value) if value.isdecimal() else RADIUS

    def _count_own_files(self, name):
        """{id: number of files that no earlier follow-up shows}: a photo proves one visit. One query for all."""
        files = self.sudo()[name]
        sums = [checksum for checksum in files.mapped("checksum") if checksum]
        first = {}
        if sums:
            domain = [("res_model", "=", self._name), ("res_id", "!=", 0), ("checksum", "in", sums), ("res_field", "=", False)]
            for file in self.env["ir.attachment"].sudo().search(domain, order="res_id desc"):
                first[file.checksum] = file.res_id
        return Counter({
            one.id: sum(first.get(file.checksum, one._origin.id) == one._origin.id for file in one.sudo()[name]) for one in self
        })  # fmt: skip

    def _count_messages(self):
        """{id: number of mails the salesperson sent to the customer or lead within a day of the follow-up}."""
        mails = self.sudo().filtered(lambda one: one.kind == "email" and one.date)
        if not mails:
            return Counter()
        day = timedelta(days=1)
        sent = self.env["mail.message"].sudo().search([
            ("model", "in", ("crm.lead", "res.partner")),
            ("res_id", "in", mails.lead_id.ids + mails.partner_id.ids + mails.contact_id.ids),
            ("author_id", "in", mails.user_id.partner_id.ids),
            ("message_type", "in", ("comment", "email")),
            ("notification_ids.res_partner_id.partner_share", "=", True),
            ("date", ">=", min(mails.mapped("date")) - day),
        ])  # fmt: skip
        about = {(message.model, message.res_id, message.author_id, message.date) for message in sent}
        return Counter({
            one.id: sum(
                author == one.user_id.partner_id and abs(date - one.date) <= day and one._is_about(model, res_id)
                for model, res_id, author, date in about
            )
            for one in mails
        })  # fmt: skip

    def _is_about(self, model, res_id):
        return res_id in (self.lead_id.ids if model == "crm.lead" else (self.partner_id | self.contact_id).ids)
