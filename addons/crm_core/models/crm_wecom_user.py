# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class CrmWecomUser(models.Model):
    """Who a WeCom account is in this database. Accounts seen for the first time wait here without a user."""

    _name = "crm.wecom.user"
    _description = "WeCom Colleague"
    _rec_name = "userid"
    _order = "channel_id, userid"

    channel_id = fields.Many2one("crm.intake.channel", string="Channel", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="channel_id.company_id", store=True, index=True)
    userid = fields.Char(string="WeCom Account", required=True)
    user_id = fields.Many2one(
        "res.users", string="User", domain=[("share", "=", False)], help="Owns the contacts this account gains."
    )

    _sql_constraints = [
        ("userid_unique", "UNIQUE (channel_id, userid)", "This WeCom account is already in the list."),
    ]

    @api.model
    def _ensure(self, channel, userids):
        """{WeCom account: record} for all the accounts; new ones are added without a user."""
        known = self.search([("channel_id", "=", channel.id), ("userid", "in", list(userids))])
        missing = sorted(set(userids) - set(known.mapped("userid")))
        known += self.create([{"channel_id": channel.id, "userid": userid} for userid in missing])
        return {record.userid: record for record in known}
