# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import FapiaoError
from ..models.crm_fapiao import RED_REASONS
from .crm_fapiao_request import GROUPS


class CrmFapiaoReverse(models.TransientModel):
    """Taking a fapiao back in red: wholly, some lines, or as much as a credit note credits."""

    _name = "crm.fapiao.reverse"
    _description = "Take Fapiao Back in Red"

    fapiao_id = fields.Many2one("crm.fapiao", "Fapiao", required=True, ondelete="cascade")
    credit_note_id = fields.Many2one("account.move", "Credit Note", readonly=True, ondelete="cascade")
    candidate_ids = fields.Many2many("crm.fapiao", compute="_compute_candidates")
    reason = fields.Selection(RED_REASONS, required=True, default="wrong")
    part = fields.Selection([("whole", "All of It"), ("part", "Some Lines")], "Take Back", required=True, default="whole")
    note = fields.Text("Remarks")
    line_ids = fields.One2many("crm.fapiao.reverse.line", "wizard_id", string="Lines")

    @api.model
    def _open(self, fapiao):
        self._check_may(fapiao)
        fapiao._check_reversible()
        lines = [(0, 0, {"fapiao_line_id": line.key, "amount": line.untaxed / 100}) for line in fapiao.sudo()._get_left()]
        return self._open_form(self.create({"fapiao_id": fapiao.id, "line_ids": lines}))

    @api.model
    def _open_for_credit_note(self, credit_note):
        """:raise FapiaoError: where the credit note credits no invoice with an issued fapiao"""
        credit_note.check_access_rights("read")
        credit_note.check_access_rule("read")
        candidates = self._get_candidates(credit_note)
        if not candidates:
            raise FapiaoError(
                _("%s credits no invoice with an issued fapiao, or it is taken back for it already.", credit_note.display_name)
            )
        self._check_may(candidates)
        return self._open_form(self.create({"fapiao_id": candidates[0].id, "credit_note_id": credit_note.id, "reason": "returned"}))

    @api.model
    def _open_form(self, wizard):
        return {
            "type": "ir.actions.act_window",
            "name": _("Take Fapiao Back in Red"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _get_candidates(self, credit_note):
        if credit_note.move_type != "out_refund" or credit_note.state != "posted" or credit_note.fapiao_state in ("requested", "issued"):
            return self.env["crm.fapiao"]
        issued = credit_note.reversed_entry_id.fapiao_ids.filtered(lambda one: one.state == "issued" and not one.is_red)
        return issued.filtered(lambda one: one.red_state != "whole")

    @api.model
    def _check_may(self, fapiao):
        if not (self.env.su or any(self.env.user.has_group(group) for group in GROUPS)):
            raise FapiaoError(_("Fapiao are requested by sales and finance."))
        fapiao.check_access_rights("read")
        fapiao.check_access_rule("read")

    @api.depends("credit_note_id")
    def _compute_candidates(self):
        for wizard in self:
            wizard.candidate_ids = self._get_candidates(wizard.credit_note_id) if wizard.credit_note_id else wizard.fapiao_id

    def action_reverse(self):
        """Request the red fapiao."""
        self.ensure_one()
        fapiao, credit_note = self.fapiao_id, self.credit_note_id
        self._check_may(fapiao)
        original = fapiao.sudo()
        original._check_reversible()
        if credit_note:
            credit_note.check_access_rule("read")
            if fapiao not in self._get_candidates(credit_note):
                raise FapiaoError(_("%(fapiao)s is not of the invoice %(credit)s credits.",
                                    fapiao=fapiao.display_name, credit=credit_note.name))  # fmt: skip
            planned = original._plan_credit(credit_note.sudo())
        elif self.part == "whole":
            planned = original._get_left()
        else:
            amounts = {line.fapiao_line_id: line.amount for line in self.sudo().line_ids if line.fapiao_line_id.fapiao_id == original}
            planned = original._plan_parts(amounts)
        red = original._make_red(planned, self.reason, self.note, credit_note)
        return self.env["crm.fapiao"]._open_list(red.with_env(self.env))


class CrmFapiaoReverseLine(models.TransientModel):
    _name = "crm.fapiao.reverse.line"
    _description = "Take Fapiao Back in Red, One Line"

    wizard_id = fields.Many2one("crm.fapiao.reverse", required=True, ondelete="cascade")
    fapiao_line_id = fields.Many2one("crm.fapiao.line", "Line", required=True, ondelete="cascade")
    name = fields.Char(related="fapiao_line_id.name")
    currency_id = fields.Many2one(related="fapiao_line_id.currency_id")
    most = fields.Monetary("Untaxed", related="fapiao_line_id.amount_untaxed")
    amount = fields.Monetary("Taken Back, Untaxed")
