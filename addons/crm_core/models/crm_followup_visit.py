# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.followup import Position, distance, read_position
from ..exceptions import CrmUserError


class CrmFollowup(models.Model):
    """Checking in and out. The phone says where it is, the server says when."""

    _inherit = "crm.followup"

    check_in_date = fields.Datetime(string="Checked In", readonly=True, copy=False)
    check_in_latitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    check_in_longitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    check_in_accuracy = fields.Float(string="Accuracy (m)", readonly=True, copy=False)
    distance_m = fields.Integer(
        string="Distance (m)", readonly=True, copy=False, group_operator="avg", help="From the check-in to the customer's address."
    )
    distance_known = fields.Boolean(readonly=True, copy=False, help="Whether the customer's address had coordinates.")
    check_out_date = fields.Datetime(string="Checked Out", readonly=True, copy=False)
    check_out_latitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    check_out_longitude = fields.Float(digits=(10, 7), readonly=True, copy=False)
    check_out_accuracy = fields.Float(string="Accuracy at Check-out (m)", readonly=True, copy=False)
    keep_position = fields.Boolean(
        string="Keep this place as the customer's", copy=False, help="When the visit is verified and the address has no coordinates."
    )
    offers_position = fields.Boolean(compute="_compute_offers_position")

    def check_in(self, latitude, longitude, accuracy):
        """Note that the salesperson is there now.

        :param accuracy: metres, as the phone says
        :return: {"date", "distance_m" (False: not known)}
        :raise CrmUserError: checked in before, not one's own, or the coordinates are impossible
        """
        position = self._prepare_check(latitude, longitude, accuracy)
        if self.check_in_date:
            raise CrmUserError(_("You are checked in already."))
        there = self._get_customer_position()
        metres = round(distance(position, there)) if there else 0
        now = fields.Datetime.now()
        self.sudo().write({
            "date": now,
            "check_in_date": now,
            "check_in_latitude": position.latitude,
            "check_in_longitude": position.longitude,
            "check_in_accuracy": position.accuracy,
            "distance_m": metres,
            "distance_known": bool(there),
        })  # fmt: skip
        return {"date": fields.Datetime.to_string(now), "distance_m": metres if there else False}

    def check_out(self, latitude, longitude, accuracy):
        """Note that the salesperson leaves now.

        :return: {"date", "duration" (minutes)}
        :raise CrmUserError: not checked in, checked out before, or the coordinates are impossible
        """
        position = self._prepare_check(latitude, longitude, accuracy)
        if not self.check_in_date:
            raise CrmUserError(_("Check in first: there is no visit to check out of."))
        if self.check_out_date:
            raise CrmUserError(_("You are checked out already."))
        now = fields.Datetime.now()
        self.sudo().write({
            "check_out_date": now,
            "check_out_latitude": position.latitude,
            "check_out_longitude": position.longitude,
            "check_out_accuracy": position.accuracy,
            "duration": self._get_minutes(now),
        })  # fmt: skip
        return {"date": fields.Datetime.to_string(now), "duration": self.duration}

    def _prepare_check(self, latitude, longitude, accuracy):
        self.ensure_one()
        self.check_access_rights("write")
        self.check_access_rule("write")
        if self.user_id != self.env.user:
            raise CrmUserError(_("Only %s can check in and out here.", self.user_id.name))
        if self.state == "done":
            raise CrmUserError(_("This follow-up is finished. Log another one to check in."))
        try:
            return read_position(latitude, longitude, accuracy)
        except ValueError:
            raise CrmUserError(
                _("The phone reported a position that does not exist. Switch its location off and on, then check in again.")
            ) from None

    def _get_minutes(self, end):
        return max(0, min(1440, round((end - self.check_in_date).total_seconds() / 60)))

    def _finish_visits(self):
        """A visit that ends without check-out took until now; one without check-in is as long as its salesperson says."""
        now = fields.Datetime.now()
        for one in self.filtered(lambda one: one.check_in_date and not one.check_out_date and not one.duration):
            one.duration = one._get_minutes(now)

    def _keep_positions(self):
        for one in self.filtered(lambda one: one.keep_position and one.offers_position):
            one.action_set_customer_position()

    # ------------------------------------------------------------------
    # Where the customer is
    # ------------------------------------------------------------------
    def _get_place(self):
        """The partner whose address was visited: the contact's or customer's own if it has coordinates, else the company."""
        partners = self.sudo().contact_id | self.sudo().partner_id | self.sudo().commercial_partner_id
        return partners.filtered(lambda one: one.partner_latitude or one.partner_longitude)[:1] or self.sudo().commercial_partner_id

    def _get_customer_position(self):
        """The :class:`Position` of the customer's address, None if it is not known."""
        place = self._get_place()
        if place.partner_latitude or place.partner_longitude:
            return Position(place.partner_latitude, place.partner_longitude)
        return None

    @api.depends("verified", "check_in_date", "user_id", "partner_id.partner_latitude", "commercial_partner_id.partner_latitude")
    @api.depends_context("uid")
    def _compute_offers_position(self):
        for one in self:
            own = one.user_id == self.env.user
            one.offers_position = own and one.verified and one.check_in_date and bool(one._get_place()) and not one._get_customer_position()

    def action_set_customer_position(self):
        """Where this verified visit took place is where the customer is from now on."""
        self.ensure_one()
        self.check_access_rights("write")
        self.check_access_rule("write")
        if not self.offers_position:
            raise CrmUserError(_("Only a verified visit tells where a customer is, and only if that is not known yet."))
        place = self._get_place().with_env(self.env)
        place.write({"partner_latitude": self.check_in_latitude, "partner_longitude": self.check_in_longitude})
        return True
