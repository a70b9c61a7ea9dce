# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import FapiaoError
from ..models.crm_fapiao import KINDS, TITLE

GROUPS = ("sales_team.group_sale_salesman", "crm_sales_order.group_finance")


class CrmFapiaoRequest(models.TransientModel):
    """Asking for fapiao: for which invoices, in whose name, together or one by one."""

    _name = "crm.fapiao.request"
    _description = "Request Fapiao"
    _contact_details_path = "partner_id"

    move_ids = fields.Many2many("account.move", string="Invoices", required=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    mode = fields.Selection(
        [("together", "One for All Invoices"), ("each", "One per Invoice")], "Fapiao", required=True, default="together"
    )
    kind = fields.Selection(KINDS, required=True, default="normal")
    buyer_name = fields.Char("Buyer Title", required=True)
    buyer_tax_id = fields.Char("Tax Number")
    buyer_address = fields.Char("Registered Address")
    buyer_phone = fields.Char("Registered Phone")
    buyer_bank = fields.Char("Bank")
    buyer_account = fields.Char("Bank Account")
    buyer_email = fields.Char("Send To")
    keep_title = fields.Boolean("Remember This Title", default=True)
    note = fields.Text("Remarks", help="Printed on the fapiao.")
    amount_total = fields.Monetary("Total", compute="_compute_plan")
    plan = fields.Char("Makes", compute="_compute_plan")

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"buyer_email"}

    @api.model
    def _open(self, moves):
        """:raise FapiaoError: unless one can be requested for these invoices together"""
        moves = self._check_may(moves)
        wanted = moves._get_fapiao_candidates() or moves
        wanted._check_fapiao_request()
        wizard = self.create({"move_ids": [(6, 0, wanted.ids)]})
        return {
            "type": "ir.actions.act_window",
            "name": _("Request Fapiao"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _check_may(self, moves):
        """The invoices with the reader's rights.

        :raise FapiaoError: for a user who requests no fapiao; AccessError for others' invoices
        """
        if not (self.env.su or any(self.env.user.has_group(group) for group in GROUPS)):
            raise FapiaoError(_("Fapiao are requested by sales and finance."))
        moves.check_access_rights("read")
        moves.check_access_rule("read")
        return moves

    @api.model_create_multi
    def create(self, vals_list):
        """Fill in the title the customer had last time."""
        return super().create([self._prepare(vals) for vals in vals_list])

    @api.model
    def _prepare(self, vals):
        moves = self.new({"move_ids": vals.get("move_ids") or []}).move_ids._origin
        self._check_may(moves)._check_fapiao_request()
        partner = moves.commercial_partner_id.sudo()
        title = partner._get_fapiao_title()
        kind = partner.fapiao_kind or ("special" if partner.vat else "normal")
        return {"kind": kind, **title, **vals, "partner_id": partner.id, "company_id": moves.company_id.id}

    @api.depends("move_ids", "mode")
    @api.depends_context("lang")
    def _compute_plan(self):
        for wizard in self:
            groups = wizard._get_groups()
            try:
                fapiao = [lines for moves in groups for lines in self.env["crm.fapiao"]._plan(moves.sudo())]
            except FapiaoError as error:
                wizard.plan, wizard.amount_total = error.args[0], 0.0
                continue
            total = sum(line.untaxed + line.tax for lines in fapiao for line in lines) / 100
            wizard.amount_total = total
            texts = [_("%d fapiao", len(fapiao))]
            if len(fapiao) > len(groups):
                texts.append(_("split: at most %(limit).2f without tax on one", limit=wizard.company_id.fapiao_limit))
            wizard.plan = " · ".join(texts)

    def _get_groups(self):
        """Invoices that go on one fapiao, as far as the limit lets them: credit notes with the invoice they credit."""
        self.ensure_one()
        moves = self._check_may(self.move_ids._origin)
        if self.mode == "together":
            return [moves]
        invoices = moves.filtered(lambda move: move.move_type == "out_invoice")
        groups = [invoice | moves.filtered(lambda move, to=invoice: move.reversed_entry_id == to) for invoice in invoices]
        alone = moves - self.env["account.move"].concat(*groups)
        return groups + ([alone] if alone else [])

    def action_request(self):
        """Make the requests; finance finds them on its workbench.

        :raise FapiaoError: when an invoice got a fapiao meanwhile, or the title is not complete
        """
        self.ensure_one()
        moves = self._check_may(self.move_ids)
        moves._check_fapiao_request()
        values = {name: self.sudo()[name] for name in (*TITLE, "kind", "note")}
        fapiao = self.env["crm.fapiao"].sudo().browse()
        for group in self._get_groups():
            fapiao |= self.env["crm.fapiao"]._make(group, values)
        if self.keep_title:
            self._keep_title(moves.commercial_partner_id)
        return self.env["crm.fapiao"]._open_list(fapiao.with_env(self.env))

    def _keep_title(self, customer):
        """Remember the title on ``customer``, who was invoiced; it has only those fields of it that were asked for here."""
        wizard, partner = self.sudo(), customer.sudo()
        vals = {source: wizard[name] for name, source in TITLE.items() if wizard[name] and partner[source] != wizard[name]}
        if vals.get("fapiao_name") == partner.name:
            del vals["fapiao_name"]
        if partner.vat:
            vals.pop("vat", None)  # a customer's tax number is changed on the customer, not in passing
        partner.write({**vals, "fapiao_kind": wizard.kind})
