# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.addons.crm_core.exceptions import CrmValidationError


class CrmApprovalTier(models.Model):
    """Who must agree to what, as data: the tiers a document needs are asked one after the other, in their order.

    A model that needs approval adds itself to ``model`` and its causes to ``kind`` (``selection_add``), and names the tiers
    in :meth:`crm.approval.mixin._get_approval_reasons`.
    """

    _name = "crm.approval.tier"
    _description = "Approval Tier"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, help="Lower tiers are asked first.")
    model = fields.Selection([("sale.order", "Quotation or order")], string="Document", required=True, default="sale.order")
    kind = fields.Selection(
        [("concession", "Price conceded"), ("loss", "Price below cost")],
        string="Needed For",
        required=True,
        default="concession",
        help="Price conceded: below the floor, or beyond the discount the salesperson may give.",
    )
    share_from = fields.Float(
        string="From (%)", digits=(5, 1), help="Asked when a line lies this much below its floor or beyond the allowed discount."
    )
    amount_from = fields.Float(
        string="From Amount", digits="Product Price", help="Asked for documents of at least this untaxed amount, in the company's currency."
    )
    group_id = fields.Many2one("res.groups", string="Decided by", required=True, ondelete="restrict")
    own_team = fields.Boolean(
        string="Leader of the Team",
        help="Only those of the role who lead the salesperson's team, or one above it; sales directors may, too.",
    )
    company_id = fields.Many2one("res.company", string="Company", ondelete="cascade", help="Empty: all companies.")

    @api.constrains("share_from", "amount_from")
    def _check_thresholds(self):
        for tier in self:
            if tier.share_from < 0 or tier.amount_from < 0:
                raise CrmValidationError(_("“%s” begins at zero or above: give no negative percentage or amount.", tier.name))

    @api.model
    def _get_tiers(self, model):
        """All active tiers of documents of ``model``, in their order, in sudo mode; one query."""
        return self.sudo().search([("model", "=", model)])

    def _covers(self, kind, company, share=0.0, amount=0.0):
        """Whether this tier is asked.

        :param share: how much is conceded, in percent
        :param amount: untaxed, in the company's currency
        """
        self.ensure_one()
        return (
            self.kind == kind
            and self.company_id <= company
            and round(share, 1) >= round(self.share_from, 1)
            and amount >= self.amount_from
        )

    def _may_be_decided_by(self, user, record):
        """Whether ``user`` is one of those who decide about ``record`` in this tier (own requests apart)."""
        if self.group_id not in user.sudo().groups_id:
            return False
        return not self.own_team or user._is_gate_director() or user._leads_owner(record.sudo())

    def _get_deciders(self, record):
        """Those to be told that ``record`` waits for this tier, in sudo mode; sales directors when there is nobody else."""
        users = self.group_id.sudo().users.filtered(lambda user: user.active and record.company_id <= user.company_ids)
        if self.own_team:
            leaders = self.env["crm.assignment.notice"]._get_leaders_above(
                record.user_id, record.user_id.sale_team_id or record.team_id
            )
            users &= leaders
        return users - self.env.user or self.env.ref("crm_core.group_sales_director").sudo().users.filtered("active") - self.env.user
