# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields

from .common import RolesCase

#: A Monday, 10:00 in Shanghai: working hours of the reps of :class:`AssignmentCase`
MONDAY = datetime(2031, 3, 3, 2, 0)


class AssignmentCase(RolesCase):
    """Reps in East (ann, abe) and South (bob) who work 9 to 17 in Shanghai from Monday to Friday; no rules yet,
    and no pools that would take what no rule takes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.assignment.rule"].search([]).active = False
        cls.env["crm.pool"].search([]).active = False
        cls.abe = cls._user("abe", "crm_core.group_sales_rep")
        cls.east.member_ids += cls.abe
        (cls.ann + cls.abe + cls.bob).tz = "Asia/Shanghai"
        cls.env.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {
                "name": "Shanghai",
                "tz": "Asia/Shanghai",
                "attendance_ids": [(5, 0, 0)]
                + [(0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 9, "hour_to": 17}) for day in range(5)],
            }
        )

    def setUp(self):
        super().setUp()
        self.set_now(MONDAY)

    def set_now(self, moment):
        """Let it be ``moment`` for everything that asks Odoo's fields."""
        if hasattr(self, "_clock"):
            self._clock.stop()
        else:
            self.addCleanup(lambda: self._clock.stop())
        self._clock = patch.object(fields.Datetime, "now", staticmethod(lambda *args: moment))
        self._clock.start()
        self.now = moment

    def later(self, **duration):
        self.set_now(self.now + timedelta(**duration))

    @classmethod
    def rule(cls, *reps, **vals):
        """A rule for these reps: users, or (user, member values)."""
        lines = [rep if isinstance(rep, tuple) else (rep, {}) for rep in reps]
        return cls.env["crm.assignment.rule"].create(
            {
                "name": "Rule",
                "company_id": False,
                "member_ids": [(0, 0, dict(member, user_id=user.id, sequence=number)) for number, (user, member) in enumerate(lines)],
                **vals,
            }
        )

    @classmethod
    def free(cls, number=1, **vals):
        """Leads nobody owns."""
        return cls.env["crm.lead"].create(
            [{"name": "Free %d" % one, "user_id": False, "team_id": False, "type": "lead", **vals} for one in range(number)]
        )

    def assign(self, leads):
        return self.env["crm.assignment.rule"]._assign(leads)
