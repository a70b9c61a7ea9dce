# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.osv import expression

from ..exceptions import OwnershipError


class ResUsers(models.Model):
    """Nobody is archived, or deleted, while they hold open work."""

    _inherit = "res.users"

    def _crm_handover_limit_domain(self, path):
        """Global rule of handovers: leaders those of themselves and of the people in their teams.

        :param path: field path to the handover with its dot, or "" for the handovers themselves
        """
        if not self._is_crm_limited():
            return []
        own = [(path + "from_user_id", "=", self.id)]
        if not self._crm_leads_teams():
            return own
        teams = self._get_led_teams()
        return expression.OR(
            [
                own,
                [(path + "from_user_id.sale_team_id", "in", teams.ids)],
                [(path + "from_user_id", "in", teams.user_id.ids)],
            ]
        )

    def action_archive(self):
        """Of one person with open work, open the handover instead."""
        if len(self) == 1 and self.active and self._get_open_work():
            return self.env["crm.handover"]._open_for(self, archive=True)
        return super().action_archive()

    def action_hand_over(self):
        """Open a new handover of this person."""
        self.ensure_one()
        return self.env["crm.handover"]._open_for(self)

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self.filtered("active")._check_nothing_open()
        return super().write(vals)

    def unlink(self):
        self._check_nothing_open()
        return super().unlink()

    def _get_open_work(self):
        """{key of the kind: number} of what this person works on; see ``crm.handover._get_kinds``."""
        return self.env["crm.handover"]._count_open_of(self)

    def _check_nothing_open(self):
        """The system itself (clean-ups, synchronised directories) is not held up: recycle rules find what is left.

        :raise OwnershipError: naming the first person with open work, and how much it is
        """
        if self.env.su:
            return
        labels = dict(self.env["crm.handover"]._get_kind_selection())
        for user in self:
            numbers = user._get_open_work()
            if numbers:
                raise OwnershipError(
                    _(
                        "%(user)s still works on: %(work)s. Hand it over first (CRM, Handovers), then archive the user.",
                        user=user.name,
                        work=", ".join("%s: %d" % (labels[key], number) for key, number in numbers.items()),
                    )
                )
