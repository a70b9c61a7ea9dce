# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.osv import expression


class ResUsers(models.Model):
    """What members of a project's sub-teams see.

    Odoo evaluates a rule's domain once per user and keeps it; so the projects stand in it as ids, which the indexes
    serve beside those of the owner. Changes of sub-teams make Odoo forget the domains (crm.party).
    """

    _inherit = "res.users"

    def _get_project_ids(self):
        """Ids of the leads in one of whose sub-teams this user is. One query."""
        return self._get_of_own_parties("party.lead_id")

    def _get_of_own_parties(self, expressions):
        self.env["crm.party"].flush(["lead_id", "partner_id", "contact_id", "member_ids"])
        self.env.cr.execute(
            "SELECT DISTINCT unnest(ARRAY[%s]) FROM crm_party_member_rel AS member"
            "  JOIN crm_party AS party ON party.id = member.party_id WHERE member.user_id = %%s" % expressions,
            [self.id],
        )
        return sorted(row[0] for row in self.env.cr.fetchall() if row[0])

    def _crm_own_or_project_domain(self, team_path, user_path, lead_path):
        """Own records and those of own projects; without projects as before."""
        own, ids = self._crm_own_domain(team_path, user_path), self._get_project_ids()
        return expression.OR([own, [(lead_path, "in", ids)]]) if ids else own

    def _crm_lead_limit_domain(self):
        """Own leads, and projects in whose sub-teams one is, unless they lie in a pool."""
        domain = super()._crm_lead_limit_domain()
        ids = self._get_project_ids() if self._is_crm_limited() else []
        return expression.OR([domain, [("pool_id", "=", False), ("id", "in", ids)]]) if ids else domain

    def _crm_partner_limit_domain(self):
        """Owners of a project see its parties; members of a sub-team the company and the contact of theirs."""
        domain = super()._crm_partner_limit_domain()
        if not self._is_crm_limited():
            return domain
        parties = "commercial_partner_id.crm_party_ids.lead_id."
        led = expression.AND([[("pool_id", "=", False)], self._crm_own_domain(parties + "team_id", parties + "user_id")])
        ids = self._get_of_own_parties("party.partner_id, party.contact_id")
        return expression.OR([domain, led, [("id", "in", ids)]]) if ids else expression.OR([domain, led])

    def _crm_party_limit_domain(self):
        """Global rule of crm.party: those of leads one may see."""
        if not self._sees_contact_details():
            return expression.FALSE_DOMAIN
        if self._is_crm_limited():
            return self._crm_own_or_project_domain("lead_id.team_id", "lead_id.user_id", "lead_id")
        return [] if self._reads_all_leads() else [("lead_id.pool_id", "=", False)]
