# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..engine.vendor.wecom import submission


class CrmWecomContact(models.Model):
    """An external contact of WeCom, known by its `external_userid`, as it was when last fetched."""

    _name = "crm.wecom.contact"
    _description = "WeCom Contact"
    _order = "id desc"

    channel_id = fields.Many2one("crm.intake.channel", string="Channel", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="channel_id.company_id", store=True, index=True)
    external_userid = fields.Char(string="WeCom ID", required=True, readonly=True)
    unionid = fields.Char(string="Union ID", readonly=True)
    name = fields.Char(readonly=True)
    corp_name = fields.Char(string="Company Name", readonly=True)
    position = fields.Char(readonly=True)
    synced_at = fields.Datetime(string="Last Fetched", readonly=True, index=True)
    follow_ids = fields.One2many("crm.wecom.follow", "contact_id", string="Followed By")

    _sql_constraints = [
        ("external_userid_unique", "UNIQUE (channel_id, external_userid)", "This WeCom contact is already known."),
    ]

    @api.model
    def _upsert(self, channel, person):
        """The record of an external contact, in a way that two workers at once cannot both create it.

        The loser waits and gets a serialization error; its job is tried again. A contact lost to everybody keeps its name.
        """
        self.flush()
        self.env.cr.execute(
            """
            INSERT INTO crm_wecom_contact AS contact (channel_id, company_id, external_userid, unionid, name, corp_name,
                                                      position, synced_at, create_uid, create_date, write_uid, write_date)
            VALUES (%(channel)s, %(company)s, %(key)s, NULLIF(%(unionid)s, ''), NULLIF(%(name)s, ''), NULLIF(%(corp)s, ''),
                    NULLIF(%(position)s, ''), %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s)
            ON CONFLICT (channel_id, external_userid) DO UPDATE
               SET unionid = COALESCE(excluded.unionid, contact.unionid),
                   name = COALESCE(excluded.name, contact.name),
                   corp_name = COALESCE(excluded.corp_name, contact.corp_name),
                   position = COALESCE(excluded.position, contact.position),
                   synced_at = excluded.synced_at, write_uid = excluded.write_uid, write_date = excluded.write_date
            RETURNING id
            """,
            {
                "channel": channel.id,
                "company": channel.company_id.id or None,
                "key": person.external_userid,
                "unionid": person.unionid,
                "name": person.name,
                "corp": person.company,
                "position": person.position,
                "now": fields.Datetime.now(),
                "uid": self.env.uid,
            },
        )
        contact = self.browse(self.env.cr.fetchone()[0])
        contact.invalidate_cache(ids=contact.ids)
        return contact

    def _sync_follows(self, person):
        """Bring who follows this contact in line with what WeCom says now: whatever the event was, and however often it came.

        Gained colleagues submit a touchpoint, edited ones update the lead, lost ones leave a note on it.
        """
        self.ensure_one()
        users = self.env["crm.wecom.user"]._ensure(self.channel_id, {follow.userid for follow in person.follows})
        known = {record.wecom_user_id.userid: record for record in self.follow_ids}
        gained = []
        for follow in person.follows:
            record = known.pop(follow.userid, self.env["crm.wecom.follow"])
            is_new = not record or record.lost_at or record.added_at != (follow.added_at or False)
            record = record._update(self, users[follow.userid], follow)
            if is_new:
                gained.append((record, follow))
        self.env["crm.wecom.follow"].union(*known.values())._mark_lost()
        self._submit(person, gained)

    def _submit(self, person, gained):
        """One touchpoint for each colleague who gained this contact; the same gain never makes two."""
        if not gained:
            return
        touchpoints = self.env["crm.touchpoint"]
        rows = {
            record._get_idempotency_key(): {
                "idempotency_key": record._get_idempotency_key(),
                "payload": submission(person, follow),
                "occurred_at": follow.added_at or fields.Datetime.now(),
            }
            for record, follow in gained
        }
        touchpoints._accept_rows(self.channel_id, list(rows.values()))
        found = touchpoints.search([("channel_id", "=", self.channel_id.id), ("idempotency_key", "in", list(rows))])
        by_key = {touchpoint.idempotency_key: touchpoint for touchpoint in found}
        for record, _follow in gained:
            record.touchpoint_id = by_key[record._get_idempotency_key()]
