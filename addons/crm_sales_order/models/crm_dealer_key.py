# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
import secrets

from odoo import _, api, fields, models

from ..exceptions import DealerError

#: Calls a minute with one key
RATE = 60


class CrmDealerKey(models.Model):
    """With what a dealer's own program proves who it is. Only a hash of it is kept: it is shown once, when it is made."""

    _name = "crm.dealer.key"
    _description = "Dealer API Key"
    _order = "id desc"
    _rec_name = "hint"

    dealer_id = fields.Many2one("res.partner", string="Dealer", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    hint = fields.Char(string="Begins with", required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, groups="base.group_system")
    active = fields.Boolean(default=True, help="An archived key is refused.")
    date_last_use = fields.Datetime(string="Last Used", readonly=True)
    minute = fields.Integer(readonly=True, help="Minutes since 1970: those of the count.")
    calls = fields.Integer(readonly=True, help="Calls in that minute.")

    _sql_constraints = [("digest_unique", "UNIQUE (digest)", "This key is taken. Make a new one.")]

    @api.model
    def _hash(self, key):
        """A random key of 256 bits needs no slow hash: there is nothing to guess."""
        return hashlib.sha256(key.encode()).hexdigest()

    @api.model
    def _make(self, dealer, company):
        """A new key for the dealer in place of the one before; the only time it can be read. In sudo mode.

        :rtype: str
        """
        self.search([("dealer_id", "=", dealer.id)]).write({"active": False})
        key = "dk_" + secrets.token_urlsafe(32)
        self.create({"dealer_id": dealer.id, "company_id": company.id, "hint": key[:7], "digest": self._hash(key)})
        return key

    @api.model
    def _find(self, key):
        """The active key with this value, in sudo mode; empty for any other text."""
        return self.sudo().search([("digest", "=", self._hash(key)), ("dealer_id.is_dealer", "=", True)], limit=1)

    def _count_call(self):
        """Count one call, in a transaction of its own: it stands whatever becomes of the call.

        :return: seconds to wait; 0 if the call may go on
        """
        self.ensure_one()
        with self.env.registry.cursor() as cr:
            cr.execute(
                """
                WITH clock AS (SELECT extract(epoch FROM clock_timestamp())::bigint AS second)
                UPDATE crm_dealer_key AS one
                   SET minute = clock.second / 60, date_last_use = now() AT TIME ZONE 'UTC',
                       calls = CASE WHEN one.minute = clock.second / 60 THEN one.calls + 1 ELSE 1 END
                  FROM clock WHERE one.id = %s
             RETURNING one.calls, 60 - clock.second %% 60
                """,
                [self.id],
            )
            calls, seconds = cr.fetchone()
        return seconds if calls > RATE else 0

    def action_revoke(self):
        """Refuse the key from now on; the dealer makes a new one at the portal."""
        self.check_access_rights("write")
        if not self:
            raise DealerError(_("Choose the keys to revoke."))
        self.write({"active": False})
