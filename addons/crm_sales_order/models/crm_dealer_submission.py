# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import secrets

from odoo import api, fields, models


class CrmDealerSubmission(models.Model):
    """What a dealer has sent: each is taken once, however often it is sent.

    Two transactions that claim the same at once: the second waits for the first, then fails on serialization and is retried by
    the web layer, which finds it claimed.
    """

    _name = "crm.dealer.submission"
    _description = "Dealer Submission"
    _order = "id desc"
    _rec_name = "key"

    dealer_id = fields.Many2one("res.partner", string="Dealer", required=True, readonly=True, ondelete="cascade")
    kind = fields.Selection(
        [("order", "Order"), ("file", "XLSX File"), ("api", "API")], required=True, readonly=True
    )
    key = fields.Char(required=True, readonly=True)
    digest = fields.Char(readonly=True, help="Of what was sent: the same key with something else is refused.")
    res_id = fields.Integer(string="Document", readonly=True)
    number = fields.Integer(string="Figures", readonly=True, help="How many figures were stored.")

    _sql_constraints = [("key_unique", "UNIQUE (dealer_id, kind, key)", "This was sent before.")]

    @api.model
    def _claim(self, dealer, kind, key, digest=None):
        """:return: (submission in sudo mode, whether it is new). Cost: one query, two for a known one."""
        self.env.cr.execute(
            """INSERT INTO crm_dealer_submission (dealer_id, kind, key, digest, create_uid, create_date, write_uid, write_date)
               VALUES (%(dealer)s, %(kind)s, %(key)s, %(digest)s, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC')
               ON CONFLICT DO NOTHING RETURNING id""",
            {"dealer": dealer.id, "kind": kind, "key": key, "digest": digest, "uid": self.env.uid},
        )
        found = self.env.cr.fetchone()
        submissions = self.sudo()
        if found:
            return submissions.browse(found[0]), True
        return submissions.search([("dealer_id", "=", dealer.id), ("kind", "=", kind), ("key", "=", key)], limit=1), False

    @api.model
    def _new_key(self):
        """For a page that sends something once."""
        return secrets.token_urlsafe(24)
