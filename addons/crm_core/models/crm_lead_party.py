# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from ..exceptions import OwnershipError


class CrmLead(models.Model):
    """Projects of several parties. Sub-teams: see :class:`crm.party`."""

    _inherit = "crm.lead"

    party_ids = fields.One2many("crm.party", "lead_id", string="Parties")
    party_count = fields.Integer(string="Number of Parties", compute="_compute_party_count")

    @property
    def _mail_post_access(self):
        """Members of a sub-team talk about their project and tick off tasks, though they cannot change it. Who is
        limited to own leads reads no others, but leaders read what lies in their teams' pools, where nobody works on it."""
        user = self.env.user
        return "read" if user._is_crm_limited() and user._get_project_ids() else "write"

    @api.depends("party_ids")
    def _compute_party_count(self):
        """One query for all."""
        rows = self.env["crm.party"].sudo().read_group([("lead_id", "in", self.ids)], ["lead_id"], ["lead_id"])
        counts = {row["lead_id"][0]: row["lead_id_count"] for row in rows}
        for lead in self:
            lead.party_count = counts.get(lead.id, 0)

    def check_access_rule(self, operation):
        """Say to a member of a sub-team who may do it."""
        try:
            return super().check_access_rule(operation)
        except AccessError:
            joined = self & self.browse(self.env.user._get_project_ids())
            for lead in joined.sudo() if operation == "write" else ():
                raise OwnershipError(
                    _(
                        "You work on a party of “%(lead)s”. Ask %(owner)s, whose project it is, to change this.",
                        lead=lead.name,
                        owner=lead.user_id.name or lead.team_id.user_id.name or _("your team leader"),
                    )
                ) from None
            raise
