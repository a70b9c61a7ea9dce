# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.osv import expression

from ..exceptions import DealerError


class CrmDealerTask(models.Model):
    """A task or promotion that dealers are asked to carry out by a day, with or without proof."""

    _name = "crm.dealer.task"
    _description = "Dealer Task"
    _order = "date_due desc, id desc"

    name = fields.Char(required=True)
    kind = fields.Selection([("task", "Task"), ("promotion", "Promotion")], required=True, default="task")
    description = fields.Text(string="What to Do", help="Dealers read this at the portal.")
    date_start = fields.Date(string="Begins")
    date_due = fields.Date(string="Due", required=True)
    needs_proof = fields.Boolean(string="With Proof", default=True, help="Dealers add a photo or PDF when they hand it in.")
    region_ids = fields.Many2many("crm.dealer.region", string="Regions")
    level_ids = fields.Many2many("crm.dealer.level", string="Levels")
    dealer_ids = fields.Many2many("res.partner", "crm_dealer_task_dealer_rel", string="Dealers", domain=[("is_dealer", "=", True)])
    state = fields.Selection(
        [("draft", "Draft"), ("issued", "Issued"), ("closed", "Closed")], required=True, readonly=True, default="draft", copy=False
    )
    user_id = fields.Many2one("res.users", string="Issued by", required=True, index=True, default=lambda self: self.env.user)
    team_id = fields.Many2one(related="user_id.sale_team_id", string="Sales Team", store=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    line_ids = fields.One2many("crm.dealer.task.line", "task_id", string="Dealers' Work")
    number = fields.Integer(string="Dealers Asked", compute="_compute_progress")
    accepted = fields.Integer(compute="_compute_progress")
    to_review = fields.Integer(string="To Review", compute="_compute_progress")

    _sql_constraints = [
        ("dates_in_order", "CHECK (date_start IS NULL OR date_start <= date_due)", "It cannot be due before it begins. Correct the dates.")
    ]

    @api.depends("line_ids.state")
    @api.depends_context("uid")
    def _compute_progress(self):
        """Of the dealers the reader may see."""
        groups = self.env["crm.dealer.task.line"].read_group(
            [("task_id", "in", self.ids)], ["task_id"], ["task_id", "state"], lazy=False
        )
        counts = {(group["task_id"][0], group["state"]): group["__count"] for group in groups}
        for task in self:
            found = {state: count for (task_id, state), count in counts.items() if task_id == task.id}
            task.number = sum(found.values())
            task.accepted = found.get("accepted", 0)
            task.to_review = found.get("submitted", 0)

    def _find_dealers(self):
        """Dealers of the list, and those of the regions and levels; all when nothing is chosen. Those the user may see.

        :rtype: res.partner
        """
        self.ensure_one()
        ways = []
        if self.region_ids or self.level_ids:
            chosen = [("dealer_region_id", "in", self.region_ids.ids)] if self.region_ids else []
            ways.append(chosen + ([("dealer_level_id", "in", self.level_ids.ids)] if self.level_ids else []))
        if self.dealer_ids:
            ways.append([("id", "in", self.dealer_ids.ids)])
        dealers = [("is_dealer", "=", True), ("company_id", "in", (False, self.company_id.id))]
        return self.env["res.partner"].search(expression.AND([dealers, expression.OR(ways) if ways else []]))

    def action_issue(self):
        """Give it to the dealers it is for; once more for dealers that came later. Nobody gets it twice."""
        self.check_access_rights("write")
        self.check_access_rule("write")
        for task in self:
            if task.state == "closed":
                raise DealerError(_("“%s” is closed. Duplicate it to issue it again.", task.name))
            dealers = task._find_dealers()
            if not dealers:
                raise DealerError(_("“%s” is for no dealer of yours. Choose other regions, levels or dealers.", task.name))
            missing = dealers - task.sudo().line_ids.dealer_id
            lines = self.env["crm.dealer.task.line"].sudo().create(
                [{"task_id": task.id, "dealer_id": dealer.id, "company_id": task.company_id.id} for dealer in missing]
            )
            task.state = "issued"
            lines._tell_dealers()
        return True

    def action_close(self):
        """No more work is handed in."""
        self.write({"state": "closed"})

    def action_open_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_dealer_task_line_action")
        return {**action, "domain": [("task_id", "=", self.id)], "context": {}}
