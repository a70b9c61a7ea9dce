# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..exceptions import OwnershipError


class CrmHeldMixin(models.AbstractModel):
    """Giving back, and a leader's giving out."""

    _inherit = "crm.held.mixin"

    #: The view that shows what lies in pools
    _pool_choice = None

    # ------------------------------------------------------------------
    # Contract of the models that have it
    # ------------------------------------------------------------------
    def _check_open(self):
        """:raise OwnershipError: when one of the records cannot change hands, because its story is over"""

    # ------------------------------------------------------------------
    # Release
    # ------------------------------------------------------------------
    def action_release(self):
        """Open the dialog that asks for the reason."""
        return self.env["crm.pool.release"]._open(self._name, self.ids)

    def _release(self, reason, note=""):
        """Put the records into the public pools that take them.

        :param reason: crm.release.reason
        :return: {record id: pool id}
        :raise OwnershipError: unless all of them may be released by the current user and find a pool
        """
        if not reason:
            raise OwnershipError(_("Say why you release it."))
        records = self.sudo()
        records._check_open()
        for record in records:
            if not (record.user_id == self.env.user or record._is_run_by(self.env.user)):
                raise OwnershipError(_("“%(record)s” is not yours to release.", record=record.display_name))
        pools = self.env["crm.pool"]._get_pools_for(self._name, self.ids)
        homeless = records.filtered(lambda record: record.id not in pools)
        if homeless:
            raise OwnershipError(
                _(
                    "No public pool takes “%(record)s”. Ask a sales director to set one up for it.",
                    record=homeless[0].display_name,
                )
            )
        details = {"release_reason_id": reason.id, "note": note}
        owners = dict.fromkeys(self.ids, False)
        self.env["crm.holding"]._transfer(self._name, owners, "released", pool_id=pools, details=details)
        return pools

    def _is_run_by(self, user):
        """Whether the user decides about this record (in sudo mode): directors, or leaders of its team."""
        if user._may_own_for_all():
            return True
        return user._may_assign() and user._leads_owner(self)

    # ------------------------------------------------------------------
    # Assignment by leaders
    # ------------------------------------------------------------------
    def action_assign_batch(self):
        """Open the leader's batch assignment."""
        return self.env["crm.pool.assign"]._open(self._name, self.ids)

    def _assign_batch(self, users):
        """Share the records out to the users in turn: numbers differ by one at most.

        What lies in a pool is assigned by directors and by leaders who may claim there, other records by directors
        and leaders of their teams; leaders assign to people of their teams.

        :return: {user id: number of records got}
        :raise OwnershipError: when the current user may not do this
        """
        self.sudo()._check_assignable(users)
        order = users.ids
        owners = {record_id: order[number % len(order)] for number, record_id in enumerate(self.ids)}
        pooled = self.sudo().filtered(lambda record: not record.user_id).ids
        holding = self.env["crm.holding"]
        for reason, ids in (("batch", set(pooled)), ("handed_over", set(self.ids) - set(pooled))):
            if ids:
                holding._transfer(self._name, {rid: uid for rid, uid in owners.items() if rid in ids}, reason)
        return {user_id: list(owners.values()).count(user_id) for user_id in order}

    def _check_assignable(self, users):
        actor = self.env.user
        if not users:
            raise OwnershipError(_("Choose who gets them."))
        if not actor._may_assign():
            raise OwnershipError(_("Only team leaders and sales directors assign to others."))
        self._check_open()
        outside = users.filtered(lambda user: user.share or not user.active)
        if not actor._may_own_for_all():
            outside |= users.filtered(lambda user: not actor._leads_user(user))
        if outside:
            raise OwnershipError(_("%(user)s is in none of your teams.", user=outside[0].name))
        for record in self:
            if not (record._is_run_by(actor) or record._is_pooled_for(actor)):
                raise OwnershipError(_("“%(record)s” is in none of your teams.", record=record.display_name))

    def _is_pooled_for(self, user):
        """Whether the record lies in a pool from which this leader may claim: then the leader assigns from it, too."""
        return self.pool_id in self.env["crm.pool"].with_user(user)._get_claimable()

    @api.model
    def _get_manageable(self, ids):
        """The records of ``ids`` the current user sees, or may choose in a pool, in the given order."""
        seen = set(self.search([("id", "in", ids)]).ids)
        seen.update(self.env[self._pool_choice].search([("id", "in", ids)]).ids)
        return self.browse([record_id for record_id in ids if record_id in seen])
