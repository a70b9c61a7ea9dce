# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Leads and customers have one owner, or lie in one pool, or neither; who holds them changes by the rules only.

Ways to an owner:

* in a pool: claim (:mod:`crm_pool_claim`), or a leader's batch assignment. Both are one UPDATE in
  ``crm.holding._transfer``. Writing the owner is refused to everybody, the superuser included;
* without owner and without pool: directors and leaders of its team, by writing it;
* owned: the owner gives it back with a reason, the leader hands it over within the teams led, directors to anybody.

Every change is logged in ``crm.holding``.
"""
from odoo import _, api, fields, models

from ..exceptions import OwnershipError

#: Fields that say whose a record is
OWNERSHIP = frozenset({"user_id", "pool_id", "claimed_pool_id"})


class CrmHeldMixin(models.AbstractModel):
    _name = "crm.held.mixin"
    _description = "Record with an Owner"

    pool_id = fields.Many2one(
        "crm.pool",
        string="Public Pool",
        index=True,
        copy=False,
        readonly=True,
        ondelete="restrict",
        help="The pool in which it waits to be claimed. What lies in a pool has no owner.",
    )
    claimed_pool_id = fields.Many2one(
        "crm.pool",
        string="Claimed From",
        copy=False,
        readonly=True,
        help="The pool from which the owner claimed it; counts towards the owner's limit there.",
    )
    pooled_since = fields.Datetime(string="In the Pool Since", copy=False, readonly=True)
    date_last_follow_up = fields.Datetime(
        string="Last Follow-up",
        index=True,
        copy=False,
        readonly=True,
        help="When the owner last wrote, called, met, finished an activity or moved the stage.",
    )
    recycle_protected = fields.Boolean(
        string="Never Recycle",
        copy=False,
        help="Recycle rules leave it with its owner. Set by leaders and directors.",
    )
    holding_ids = fields.One2many(
        "crm.holding",
        string="Ownership History",
        compute="_compute_holding_ids",
        groups="crm_core.group_sales_rep,crm_core.group_executive",
    )

    # ------------------------------------------------------------------
    # Contract of the models that have it
    # ------------------------------------------------------------------
    @api.model
    def _owned_since_field(self):
        """Name of the stored field that says since when the present owner has it."""
        raise NotImplementedError

    def _filter_owned(self):
        """Those of the records to which the rules of ownership apply."""
        return self

    def _compute_holding_ids(self):
        key = self.env["crm.holding"]._record_field(self._name)
        holdings = self.env["crm.holding"].search([(key, "in", self.ids)])
        by_record = {}
        for holding in holdings:
            by_record[holding[key].id] = by_record.get(holding[key].id, holdings.browse()) | holding
        for record in self:
            record.holding_ids = by_record.get(record.id, holdings.browse())

    # ------------------------------------------------------------------
    # Guard
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_owner_of_new(vals) for vals in vals_list])

    @api.model
    def _prepare_owner_of_new(self, vals):
        """What is created in a pool has no owner; only directors and the system put something there."""
        if vals.get("claimed_pool_id"):
            raise OwnershipError(_("What is claimed is said by claiming only."))
        if vals.get("pool_id"):
            if not (self.env.su or self.env.user._may_own_for_all()):
                raise OwnershipError(_("New records are yours. Release them with a reason to put them into a pool."))
            if vals.get("user_id"):
                raise OwnershipError(_("What lies in a public pool has no owner. Leave the owner or the pool empty."))
            vals = dict(vals, user_id=False)
        return vals

    def write(self, vals):
        if not OWNERSHIP & vals.keys() and "recycle_protected" not in vals:
            return super().write(vals)
        owned = self._filter_owned()
        owned._check_ownership(vals)
        if "user_id" not in vals:
            return super().write(vals)
        moves = owned._prepare_written_moves(vals["user_id"] or False)
        result = super().write(vals)
        self.env["crm.holding"]._log_moves(self._name, moves, "manual")
        return result

    def _prepare_written_moves(self, user_id):
        """Rows for ``crm.holding._log_moves``, of the records whose owner changes."""
        since = self._owned_since_field()
        return [
            {
                "id": record.id,
                "from_user_id": record.user_id.id or None,
                "from_pool_id": record.pool_id.id or None,
                "to_user_id": user_id or None,
                "to_pool_id": record.pool_id.id or None,
                "held_since": record[since] or None,
            }
            for record in self.sudo()
            if record.user_id.id != user_id
        ]

    def _check_ownership(self, vals):
        """Refuse a write of who owns the records unless the current user is entitled to it.

        :raise OwnershipError: saying what to do instead
        """
        records = self.sudo()
        for name in ("pool_id", "claimed_pool_id"):
            if name in vals and any(record[name].id != (vals[name] or False) for record in records):
                raise OwnershipError(
                    _("Public pools are filled by releasing and recycling, and emptied by claiming and assigning.")
                )
        if "recycle_protected" in vals and not self.env.su and not self.env.user._may_assign():
            raise OwnershipError(_("Only team leaders and directors keep records out of recycling."))
        if "user_id" in vals:
            changed = records.filtered(lambda record: record.user_id.id != (vals["user_id"] or False))
            if changed:
                self._check_new_owner(changed, self.env["res.users"].sudo().browse(vals["user_id"] or []))

    @api.model
    def _check_new_owner(self, records, user):
        """Whether the current user may make ``user`` (or nobody) the owner of ``records``, which are in sudo mode.

        :raise OwnershipError: saying who may
        """
        pooled = records.filtered("pool_id")
        if pooled and user:
            raise OwnershipError(
                _(
                    "“%(record)s” lies in the public pool “%(pool)s”. Claim it there, or let a team leader assign it.",
                    record=pooled[0].display_name,
                    pool=pooled[0].pool_id.name,
                )
            )
        actor = self.env.user
        if self.env.su or actor._may_own_for_all():
            return
        if not actor._may_assign():
            raise OwnershipError(
                _("Whose this is changes by releasing and claiming. Ask your team leader to hand it over.")
            )
        if not user:
            raise OwnershipError(_("Release it with a reason: it goes into a public pool, where it can be claimed."))
        if not actor._leads_user(user):
            raise OwnershipError(
                _("%(user)s is in none of your teams. Ask a sales director to hand it over.", user=user.name)
            )
        foreign = records.filtered(lambda record: not actor._leads_owner(record))
        if foreign:
            name = foreign[0].display_name
            raise OwnershipError(_("“%(record)s” is in none of your teams. Ask a sales director.", record=name))
