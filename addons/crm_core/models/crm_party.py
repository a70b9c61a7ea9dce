# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import CrmValidationError
from .res_partner_role import ATTITUDES

#: Fields whose change shows a project, a company or a contact to other people
SHOWN = frozenset({"lead_id", "partner_id", "contact_id", "member_ids"})


class CrmParty(models.Model):
    """One of the parties of a project: a company in a role, whom we talk to there, and who of us does.

    The people named (``member_ids``, the sub-team) see the project, its parties, and of the customers only this
    party's company and contact; they keep their party up to date and tick off their tasks. Everything else is the
    owner's. Tasks are activities of the lead that name the party, so they are in everybody's list of what is to do.
    """

    _name = "crm.party"
    _description = "Party of a Project"
    _order = "lead_id, sequence, id"

    lead_id = fields.Many2one("crm.lead", string="Project", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    role_id = fields.Many2one("crm.party.role", string="Role", required=True, ondelete="restrict")
    # Serves the record rule of res.partner, and the projects of a company.
    partner_id = fields.Many2one(
        "res.partner",
        string="Company",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("parent_id", "=", False)],
        context={"default_is_customer": True, "default_is_company": True},
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Contact",
        index=True,
        ondelete="set null",
        domain="[('id', 'child_of', partner_id)]",
        help="Whom we talk to.",
    )
    contact_name = fields.Char(related="contact_id.name", string="Contact's Name")
    attitude = fields.Selection(ATTITUDES, help="How this party stands to our offer.")
    member_ids = fields.Many2many(
        "res.users",
        "crm_party_member_rel",
        "party_id",
        "user_id",
        string="Sub-Team",
        domain=[("share", "=", False)],
        help="Who works on this party. They see the project, and of its customers this party only.",
    )
    note = fields.Text(string="Notes")
    activity_ids = fields.One2many("mail.activity", "crm_party_id", string="Tasks")
    task_count = fields.Integer(string="Open Tasks", compute="_compute_tasks")
    task_deadline = fields.Date(string="Next Deadline", compute="_compute_tasks")
    task_state = fields.Selection(
        [("overdue", "Overdue"), ("today", "Today"), ("planned", "Planned")], string="Tasks Are", compute="_compute_tasks"
    )

    _sql_constraints = [
        ("once", "unique (lead_id, role_id, partner_id)", "This company has this role in the project already. Change that line instead.")
    ]

    def name_get(self):
        return [(party.id, "%s (%s)" % (party.sudo().partner_id.name, party.role_id.name)) for party in self]

    @api.depends("activity_ids.date_deadline")
    @api.depends_context("tz")
    def _compute_tasks(self):
        """One query for all."""
        rows = self.env["mail.activity"].sudo().read_group([("crm_party_id", "in", self.ids)], ["date_deadline:min"], ["crm_party_id"])
        known = {row["crm_party_id"][0]: row for row in rows}
        today = fields.Date.context_today(self)
        for party in self:
            row = known.get(party.id, {})
            deadline = row.get("date_deadline") or False
            party.task_count = row.get("crm_party_id_count", 0)
            party.task_deadline = deadline
            party.task_state = deadline and ("planned" if deadline > today else "today" if deadline == today else "overdue")

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.contact_id.commercial_partner_id != self.partner_id.commercial_partner_id:
            self.contact_id = False

    @api.constrains("partner_id", "contact_id")
    def _check_contact(self):
        for party in self.sudo().filtered("contact_id"):
            if party.contact_id.commercial_partner_id != party.partner_id.commercial_partner_id:
                raise CrmValidationError(
                    _(
                        "%(contact)s does not belong to %(company)s. Choose one of its contacts, or add the contact there first.",
                        contact=party.contact_id.name,
                        company=party.partner_id.name,
                    )
                )

    # -- who may change what -------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_partners_visible(vals_list)
        parties = super().create(vals_list)
        parties._parties_changed()
        return parties

    def write(self, vals):
        if SHOWN & vals.keys():
            self._check_may_lead()
            self._check_partners_visible([vals])
        result = super().write(vals)
        if SHOWN & vals.keys():
            self._parties_changed()
        return result

    def unlink(self):
        self._check_may_lead()
        self.sudo().activity_ids.unlink()
        result = super().unlink()
        self.env["ir.rule"].clear_caches()
        return result

    def _parties_changed(self):
        """Parties are on the customers' side; who is in a sub-team is known to the record rules."""
        self.sudo().partner_id._mark_as_customer()
        self._check_may_lead()
        self.env["ir.rule"].clear_caches()

    def _check_may_lead(self):
        """Companies, contacts and sub-teams decide who sees what: the project's owner and leaders say that.

        :raise AccessError: for others, as for a member of a sub-team
        """
        self.lead_id.check_access_rights("write")
        self.lead_id.check_access_rule("write")

    @api.model
    def _check_partners_visible(self, vals_list):
        """Nobody comes to see a colleague's customer by making it a party."""
        names = ("partner_id", "contact_id")
        self.env["crm.lead"]._check_customers_visible(vals.get(name) for vals in vals_list for name in names)

    def _join(self, user_id):
        """The person works on the party from now on, unless it is the project's owner, who does anyway."""
        if user_id not in (self.sudo().member_ids | self.sudo().lead_id.user_id).ids:
            self.write({"member_ids": [(4, user_id)]})

    # -- doing -----------------------------------------------------------------------------------------------------------

    def action_plan_task(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": _("Plan task"),
            "res_model": "mail.activity",
            "view_mode": "form",
            "views": [(self.env.ref("mail.mail_activity_view_form_popup").id, "form")],
            "target": "new",
            "context": {
                "default_res_model": "crm.lead",
                "default_res_id": self.lead_id.id,
                "default_crm_party_id": self.id,
                "default_user_id": self.member_ids[:1].id or self.lead_id.user_id.id or self.env.uid,
            },
        }
