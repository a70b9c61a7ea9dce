# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from base64 import b64decode
from datetime import timedelta

from odoo import fields

from .common import RolesCase

#: The smallest picture there is
PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(20))
#: The customer's door
DOOR = (22.5431, 114.0579)
#: 0.001° of latitude north of it: 111 m
NEAR = (22.5441, 114.0579, 15.0)
#: 0.1° north: 11 km
FAR = (22.6431, 114.0579, 15.0)


class FollowupCase(RolesCase):
    """Ann's customer has coordinates, Bob's has none."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_ann.write({"partner_latitude": DOOR[0], "partner_longitude": DOOR[1]})
        cls.interested = cls.env.ref("crm_core.followup_outcome_interested")
        cls.agreed = cls.env.ref("crm_core.followup_outcome_agreed")
        cls.soon = fields.Date.today() + timedelta(days=5)

    def log(self, user=None, **vals):
        """A finished call of Ann with her customer, unless said otherwise."""
        user = user or self.ann
        if not {"partner_id", "lead_id"} & vals.keys():
            vals["partner_id"] = (self.customer_bob if user == self.bob else self.customer_ann).id
        defaults = {"kind": "call", "outcome_id": self.agreed.id}
        return self.env["crm.followup"].with_user(user).create({**defaults, **vals})

    def visit(self, user=None, **vals):
        """A visit that has begun."""
        return self.log(user, **{"kind": "visit", "state": "open", "outcome_id": False, **vals})

    def upload(self, user, content=PICTURE, name="door.png"):
        return self.env["ir.attachment"].with_user(user).create({"name": name, "raw": content, "res_model": "crm.followup", "res_id": 0})
