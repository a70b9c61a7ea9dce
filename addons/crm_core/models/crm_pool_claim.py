# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.tools import format_date
from psycopg2 import sql
from pytz import timezone

from ..engine.local_day import day_start, local_day


class CrmPool(models.Model):
    """Claiming: who may, how many, and which of two who want the same one gets it."""

    _inherit = "crm.pool"

    # ------------------------------------------------------------------
    # Claim
    # ------------------------------------------------------------------
    @api.model
    def _claim(self, model_name, record_ids):
        """Give the current user what lies in pools, in the given order, as far as limits allow.

        Two users at once: the row lock lets one through, the other's transaction fails with PostgreSQL's serialization
        error, is repeated by Odoo and then finds the record taken. One user twice at once: see ``crm.claim.guard``.
        A constant number of statements, whatever the number of records.

        :return: (ids claimed, list of why others were not, as texts for the user; one text per reason and record)
        """
        user = self.env.user
        self.env["crm.claim.guard"]._hold(user.ids)
        rows = self._lock_pooled(model_name, record_ids)
        pools = self._get_claimable()
        quotas = pools._get_quotas(user)
        waits = pools._get_cooldowns(model_name, record_ids, user)
        lost = self._get_lost_texts(model_name, [rid for rid in record_ids if rid not in rows], pools)
        taken, refusals = [], []
        for record_id in record_ids:
            pool = pools.browse(rows.get(record_id, {}).get("pool_id"))
            if pool not in pools or not pool:
                refusals.append(lost.get(record_id) or _("This is in none of the public pools you may claim from."))
                continue
            text = waits.get((pool.id, record_id)) or quotas[pool.id]._get_refusal(quotas[False])
            if text:
                refusals.append(text)
                continue
            for quota in (quotas[pool.id], quotas[False]):
                quota._take()
            taken.append(record_id)
        return self.env["crm.holding"]._transfer(model_name, dict.fromkeys(taken, user.id), "claimed"), refusals

    @api.model
    def _lock_pooled(self, model_name, record_ids):
        """{id: {"pool_id"}} of the records that lie in a pool, locked in id order."""
        self.env[model_name].flush()
        query = sql.SQL(
            "SELECT id, pool_id FROM {} WHERE id = ANY(%s) AND pool_id IS NOT NULL AND active"
            " ORDER BY id FOR NO KEY UPDATE"
        ).format(sql.Identifier(self.env[model_name]._table))
        self.env.cr.execute(query, (list(record_ids),))
        return {row["id"]: row for row in self.env.cr.dictfetchall()}

    @api.model
    def _get_claimable(self):
        """The pools from which the current user may claim; their leaders and directors may, too."""
        return self.search(self.env.user._crm_pool_domain("")).sudo()

    @api.model
    def _get_lost_texts(self, model_name, record_ids, pools):
        """{record id: text} for what has just left one of the pools: who got it."""
        key = self.env["crm.holding"]._record_field(model_name)
        holdings = self.env["crm.holding"].sudo().search(
            [(key, "in", list(record_ids)), ("from_pool_id", "in", pools.ids), ("to_user_id", "!=", False)],
            order="date, id",
        )
        yesterday = fields.Datetime.now() - timedelta(days=1)
        return {
            holding[key].id: _(
                "“%(record)s” was just claimed by a colleague, %(user)s. Choose another one.",
                record=holding.name,
                user=holding.to_user_id.name,
            )
            if holding.to_user_id != self.env.user
            else _("“%(record)s” is yours already.", record=holding.name)
            for holding in holdings
            if holding.date >= yesterday
        }

    # ------------------------------------------------------------------
    # Limits
    # ------------------------------------------------------------------
    def _get_quotas(self, user):
        """{pool id: :class:`Quota`}, and the user's own over all pools under ``False``. Three queries."""
        claimed = self._count_claimed_today(user)
        held, held_in_total = self._count_held(user)
        quotas = {
            pool.id: Quota(self.env, pool.name, pool.claim_limit_day, claimed.get(pool.id, 0),
                           pool.claim_limit_held, held.get(pool.id, 0))
            for pool in self
        }  # fmt: skip
        own = user.sudo()
        quotas[False] = Quota(
            self.env, None, own.crm_claim_limit_day, sum(claimed.values()), own.crm_claim_limit_held, held_in_total
        )
        return quotas

    @api.model
    def _count_claimed_today(self, user):
        zone = timezone(user.tz or "UTC")
        start = day_start(local_day(fields.Datetime.now(), zone), zone)
        self.env.cr.execute(
            """
            SELECT from_pool_id, count(*) FROM crm_holding
             WHERE to_user_id = %s AND date >= %s AND reason = 'claimed' GROUP BY from_pool_id
            """,
            (user.id, start),
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _count_held(self, user):
        """({pool id: open ones claimed there and still held}, open leads and customers held in total)."""
        self.env["crm.lead"].flush()
        self.env["res.partner"].flush()
        self.env.cr.execute(
            """
            SELECT claimed_pool_id, count(*) FROM crm_lead
             WHERE user_id = %(user)s AND active AND coalesce(probability, 0) < 100 GROUP BY claimed_pool_id
             UNION ALL
            SELECT claimed_pool_id, count(*) FROM res_partner
             WHERE user_id = %(user)s AND active AND is_customer AND parent_id IS NULL GROUP BY claimed_pool_id
            """,
            {"user": user.id},
        )
        held = {}
        for pool_id, number in self.env.cr.fetchall():
            held[pool_id] = held.get(pool_id, 0) + number
        return held, sum(held.values())

    def _get_cooldowns(self, model_name, record_ids, user):
        """{(pool id, record id): text} of what the user gave back, or lost to a rule, too short a time ago."""
        key = self.env["crm.holding"]._record_field(model_name)
        longest = max(self.mapped("cooldown_days"), default=0)
        now = fields.Datetime.now()
        domain = [
            (key, "in", list(record_ids)),
            ("from_user_id", "=", user.id),
            ("reason", "in", ["released", "recycled", "first_response"]),
            ("date", ">", now - timedelta(days=longest)),
        ]
        texts = {}
        for holding in self.env["crm.holding"].sudo().search(domain, order="date, id"):
            for pool in self:
                again = holding.date + timedelta(days=pool.cooldown_days)
                if again > now:
                    texts[pool.id, holding[key].id] = _(
                        "You had “%(record)s” until %(date)s. You may claim it again from %(again)s.",
                        record=holding.name,
                        date=format_date(self.env, holding.date),
                        again=format_date(self.env, again),
                    )
        return texts


class Quota:
    """How many may still be claimed: of one pool, or (without a name) by the person from all pools."""

    def __init__(self, env, name, day_limit, day, held_limit, held):
        self.env = env
        self.name = name
        self.day_limit, self.day = day_limit, day
        self.held_limit, self.held = held_limit, held

    def _get_refusal(self, overall):
        """Why nothing more may be claimed here, or by the person ``overall``; "" if it may."""
        for quota in (self, overall):
            if quota.day_limit and quota.day >= quota.day_limit:
                return quota._get_day_text()
            if quota.held_limit and quota.held >= quota.held_limit:
                return quota._get_held_text()
        return ""

    def _get_day_text(self):
        if self.name:
            return _("Today's limit of “%(pool)s” is %(limit)d claims. Come back tomorrow.", pool=self.name, limit=self.day_limit)
        return _("Your limit is %(limit)d claims a day. Come back tomorrow.", limit=self.day_limit)

    def _get_held_text(self):
        if self.name:
            return _(
                "You hold %(held)d of “%(pool)s”; the limit is %(limit)d. Close or release some first.",
                held=self.held,
                pool=self.name,
                limit=self.held_limit,
            )
        return _(
            "You hold %(held)d leads and customers; your limit is %(limit)d. Close or release some first.",
            held=self.held,
            limit=self.held_limit,
        )

    def _take(self):
        self.day += 1
        self.held += 1
