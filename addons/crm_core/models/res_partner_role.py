# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models

from ..engine.org_chart import find_loop, forest
from ..exceptions import CrmValidationError

ATTITUDES = [("supporter", "For us"), ("neutral", "Neutral"), ("opponent", "Against us")]
ROLES = [("decision", "Decision Maker"), ("influencer", "Influencer"), ("user", "End User"), ("finance", "Finance")]
#: How many people a chart shows; a company with more of them is better searched than looked at
CHART = 200


class ResPartner(models.Model):
    """Who a contact is in the customer's company: role, attitude, superior."""

    _inherit = "res.partner"

    contact_role = fields.Selection(ROLES, string="Role", help="What this person is in the customer's buying.")
    attitude = fields.Selection(ATTITUDES, help="How this person stands to us.")
    # Serves the org chart.
    reports_to_id = fields.Many2one(
        "res.partner",
        string="Reports To",
        index=True,
        ondelete="set null",
        domain="[('commercial_partner_id', '=', commercial_partner_id), ('is_company', '=', False), ('id', '!=', id)]",
        help="Their superior in the same company.",
    )
    org_chart = fields.Text(string="Org Chart", compute="_compute_org_chart", help="Who reports to whom, as JSON for the widget.")
    # Serves the record rule of res.partner.
    crm_party_ids = fields.One2many(
        "crm.party",
        "partner_id",
        string="Roles in Projects",
        groups="sales_team.group_sale_salesman,crm_core.group_marketing,crm_core.group_executive",
    )

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"contact_role", "attitude", "reports_to_id", "org_chart"}

    # -- reporting lines -----------------------------------------------------------------------------------------------

    @api.constrains("reports_to_id")
    def _check_reports_to(self):
        people = self.sudo().filtered("reports_to_id")
        for person in people:
            superior = person.reports_to_id
            if superior.commercial_partner_id != person.commercial_partner_id:
                raise CrmValidationError(
                    _(
                        "%(person)s cannot report to %(superior)s, who is in another company. Choose somebody of the same company.",
                        person=person.name,
                        superior=superior.name,
                    )
                )
        superiors = people._get_superiors()
        for person in people:
            loop = find_loop(superiors, person.id)
            if loop:
                raise CrmValidationError(people._get_loop_message(loop))

    def _get_superiors(self):
        """{contact id: id of the superior} of everybody in the companies of these contacts. One query."""
        self.flush(["reports_to_id", "commercial_partner_id"])
        self.env.cr.execute(
            "SELECT id, reports_to_id FROM res_partner WHERE reports_to_id IS NOT NULL AND commercial_partner_id = ANY(%s)",
            [self.commercial_partner_id.ids],
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _get_loop_message(self, loop):
        names = [person.name or "" for person in self.browse(loop)]
        if len(names) == 1:
            return _("%(person)s cannot report to themselves. Choose somebody else, or nobody.", person=names[0])
        return _(
            "%(person)s cannot report to %(superior)s: the way up would lead back to them (%(way)s). "
            "Choose another superior, or change the others' first.",
            person=names[0],
            superior=names[1],
            way=" → ".join([*names, names[0]]),
        )

    def write(self, vals):
        """Whoever moves to another company leaves its reporting lines."""
        result = super().write(vals)
        if {"parent_id", "is_company"} & vals.keys():
            lines = (
                self.sudo()
                .with_context(active_test=False)
                .search([("reports_to_id", "!=", False), "|", ("id", "in", self.ids), ("reports_to_id", "in", self.ids)])
            )
            lines.filtered(lambda one: one.commercial_partner_id != one.reports_to_id.commercial_partner_id).write({"reports_to_id": False})
        return result

    # -- chart ---------------------------------------------------------------------------------------------------------

    @api.depends("child_ids.reports_to_id", "child_ids.contact_role", "child_ids.attitude", "child_ids.name", "child_ids.function")
    @api.depends_context("lang")
    def _compute_org_chart(self):
        """The people of the company who have a role, an attitude or a line to somebody; "" if there are none."""
        for company in self:
            people = company._get_charted_people()
            by_id = {person.id: person for person in people}
            nodes = forest({person.id: person.reports_to_id.id or None for person in people})
            company.org_chart = json.dumps([_as_json(node, by_id) for node in nodes], ensure_ascii=False) if nodes else ""

    def _get_charted_people(self):
        """Contacts who have a role, an attitude or a line, of those the reader may see: the first :data:`CHART` by name."""
        self.flush(["name", "active", "is_company", "commercial_partner_id", "contact_role", "attitude", "reports_to_id"])
        self.env.cr.execute(
            "SELECT person.id FROM res_partner AS person WHERE commercial_partner_id = %s AND active AND NOT is_company"
            "   AND (reports_to_id IS NOT NULL OR contact_role IS NOT NULL OR attitude IS NOT NULL"
            "        OR EXISTS (SELECT FROM res_partner AS below WHERE below.reports_to_id = person.id))"
            " ORDER BY name, id LIMIT %s",
            [self._origin.commercial_partner_id.id or None, CHART],
        )
        return self.search([("id", "in", [person_id for (person_id,) in self.env.cr.fetchall()])], order="name, id")


def _as_json(node, by_id):
    """What the widget draws of one person and those below."""
    person = by_id[node.person]
    return {
        "id": person.id,
        "name": person.name or "",
        "function": person.function or "",
        "role": person.contact_role or "",
        "attitude": person.attitude or "",
        "below": [_as_json(one, by_id) for one in node.below],
    }
