# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.osv import expression

#: Who sees what is planned with customers
READERS = "crm_core.group_contact_details"


class ResPartner(models.Model):
    """The next thing planned with a customer: on the company, one of its contacts, or one of its leads."""

    _inherit = "res.partner"

    next_step = fields.Char(string="Next Step", compute="_compute_next_step", groups=READERS)
    next_step_date = fields.Date(string="Next Step On", compute="_compute_next_step", groups=READERS)
    next_step_state = fields.Selection(
        [("overdue", "Overdue"), ("today", "Today"), ("planned", "Planned")],
        string="Next Step State",
        compute="_compute_next_step",
        groups=READERS,
    )

    @api.depends("activity_ids.date_deadline", "activity_ids.summary", "commercial_partner_id")
    @api.depends_context("uid")
    def _compute_next_step(self):
        """Of the activities the reader may see; a constant number of queries for all partners."""
        activities = self.env["mail.activity"].search(self._get_next_step_domain(), order="date_deadline, id")
        ids_by_model, companies, first = {}, {}, {}
        for activity in activities:
            ids_by_model.setdefault(activity.res_model, set()).add(activity.res_id)
        for name, ids in ids_by_model.items():
            companies.update({(name, record.id): record.commercial_partner_id.id for record in self.env[name].browse(ids)})
        for activity in activities:
            first.setdefault(companies[activity.res_model, activity.res_id], activity)
        for partner in self:
            activity = first.get(partner.commercial_partner_id.id)
            partner.next_step = activity and (activity.summary or activity.activity_type_id.name)
            partner.next_step_date = activity and activity.date_deadline
            partner.next_step_state = activity and activity.state

    def _get_next_step_domain(self):
        """Domain of the activities on these partners' companies, their contacts and leads."""
        tree = [("commercial_partner_id", "in", self.commercial_partner_id.ids)]
        branches = []
        for name in ("res.partner", "crm.lead"):
            model = self.env[name]
            if model.check_access_rights("read", raise_exception=False):
                branches.append([("res_model", "=", name), ("res_id", "in", model._search(tree, order="id"))])
        return expression.OR(branches)
