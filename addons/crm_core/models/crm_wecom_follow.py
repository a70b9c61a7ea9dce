# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class CrmWecomFollow(models.Model):
    """One colleague's relation to an external contact: what the colleague noted, since when, and whether it is over."""

    _name = "crm.wecom.follow"
    _description = "WeCom Contact of a Colleague"
    _rec_name = "remark"
    _order = "added_at desc, id desc"
    _contact_details_guarded = True

    contact_id = fields.Many2one("crm.wecom.contact", string="Contact", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="contact_id.company_id", store=True, index=True)
    wecom_user_id = fields.Many2one("crm.wecom.user", string="Colleague", required=True, ondelete="restrict", index=True)
    user_id = fields.Many2one(related="wecom_user_id.user_id", store=True, index=True)
    remark = fields.Char(readonly=True)
    corp_remark = fields.Char(string="Company Remark", readonly=True)
    phone = fields.Char(readonly=True)
    description = fields.Text(string="Notes", readonly=True)
    state_code = fields.Char(string="Contact Way", readonly=True, help="The state of the QR code or link the contact came through.")
    tag_ids = fields.Many2many("crm.tag", string="Tags", readonly=True)
    added_at = fields.Datetime(string="Since", readonly=True)
    lost_at = fields.Datetime(string="Lost", readonly=True)
    touchpoint_id = fields.Many2one("crm.touchpoint", string="Submission", readonly=True, ondelete="set null", index=True)
    lead_id = fields.Many2one(related="touchpoint_id.lead_id", string="Lead")

    _sql_constraints = [
        ("colleague_unique", "UNIQUE (contact_id, wecom_user_id)", "A colleague follows a contact once."),
    ]

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"phone", "remark", "description"}

    def _get_idempotency_key(self):
        """Names one gaining of a contact: gained again after a loss is another."""
        self.ensure_one()
        since = self.added_at and int(self.added_at.timestamp())
        return "%s:%s:%s" % (self.contact_id.external_userid, self.wecom_user_id.userid, since or 0)

    def _update(self, contact, wecom_user, follow):
        """Write what WeCom says about the relation (an empty ``self``: create it), and hand changes on to the lead."""
        tags = self._get_tags(follow.tags)
        vals = {
            "remark": follow.remark or False,
            "corp_remark": follow.company or False,
            "phone": follow.phone or False,
            "description": follow.description or False,
            "state_code": follow.state or False,
            "added_at": follow.added_at or False,
            "lost_at": False,
            "tag_ids": [(6, 0, tags.ids)],
        }
        if not self:
            return self.create({"contact_id": contact.id, "wecom_user_id": wecom_user.id, **vals})
        removed = self.tag_ids - tags
        self.write(vals)
        self._apply_to_leads(removed)
        return self

    @api.model
    def _get_tags(self, names):
        """The lead tags of these names; missing ones are made."""
        model = self.env["crm.tag"]
        tags = model.search([("name", "in", list(names))])
        missing = sorted(set(names) - set(tags.mapped("name")))
        return tags + model.create([{"name": name} for name in missing])

    def _mark_lost(self):
        """The contact has left these colleagues, or they it: noted once, on lead and customer."""
        gone = self.filtered(lambda follow: not follow.lost_at)
        gone.write({"lost_at": fields.Datetime.now()})
        for follow in gone:
            for record in follow._get_documents():
                record.message_post(
                    body=_(
                        "%(contact)s is no longer a WeCom contact of %(colleague)s.",
                        contact=follow.contact_id.name or follow.remark or _("The customer"),
                        colleague=follow.user_id.name or follow.wecom_user_id.userid,
                    )
                )

    def _get_documents(self):
        """The lead this relation led to and its customer, as a list of records."""
        touchpoint = self.touchpoint_id.sudo()
        return [record for record in (touchpoint.lead_id, touchpoint.partner_id or touchpoint.lead_id.partner_id) if record]

    def _apply_to_leads(self, removed=None):
        """Tags and what is still empty on the lead and its customer; called when the submission is processed, and on edits.

        :param removed: crm.tag records taken off in WeCom since the last time
        """
        removed = removed or self.env["crm.tag"]
        for follow in self:
            for record in follow._get_documents():
                vals = follow._prepare_fill_vals(record)
                vals.update(follow._prepare_tag_vals(record, removed))
                if vals:
                    record.write(vals)

    def _prepare_fill_vals(self, record):
        """What WeCom knows and the lead or customer does not: nothing anybody typed is overwritten."""
        if record._name == "crm.lead":
            known = {
                "phone": self.phone,
                "contact_name": self.contact_id.name,
                "partner_name": self.contact_id.corp_name or self.corp_remark,
                "function": self.contact_id.position,
            }
        else:
            known = {"phone": self.phone, "function": self.contact_id.position}
        return {name: value for name, value in known.items() if value and not record[name]}

    def _prepare_tag_vals(self, record, removed):
        """Commands that put WeCom's tags on a lead (crm.tag) or a customer (category of the same name)."""
        if record._name == "crm.lead":
            field, added = "tag_ids", self.tag_ids
        else:
            field = "category_id"
            added, removed = (self._get_categories(tags) for tags in (self.tag_ids, removed))
        commands = [(4, tag.id) for tag in added - record[field]] + [(3, tag.id) for tag in removed & record[field]]
        return {field: commands} if commands else {}

    def _get_categories(self, tags):
        model = self.env["res.partner.category"]
        found = model.search([("name", "in", tags.mapped("name"))])
        missing = sorted(set(tags.mapped("name")) - set(found.mapped("name")))
        return found + model.create([{"name": name} for name in missing])
