# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.fapiao import clean
from ..exceptions import FapiaoError
from ..models.account_move_fapiao import COVERED
from ..models.crm_fapiao import RED_REASONS
from .crm_fapiao_request import GROUPS


class CrmFapiaoReverse(models.TransientModel):
    """Taking fapiao back in red, each by one of its own: wholly, some lines, or as much as a credit note credits."""

    _name = "crm.fapiao.reverse"
    _description = "Take Fapiao Back in Red"

    original_ids = fields.One2many("crm.fapiao.reverse.original", "wizard_id", string="Fapiao to Take Back")
    credit_note_id = fields.Many2one("account.move", "Credit Note", readonly=True, ondelete="cascade")
    candidate_ids = fields.Many2many("crm.fapiao", compute="_compute_candidates")
    reason = fields.Selection(RED_REASONS, required=True, default="wrong")
    part = fields.Selection([("whole", "All of It"), ("part", "Some Lines")], "Take Back", required=True, default="whole")
    note = fields.Text("Remarks")
    line_ids = fields.One2many("crm.fapiao.reverse.line", "wizard_id", string="Lines")

    # ------------------------------------------------------------------ opening

    @api.model
    def _open(self, fapiao):
        self._check_may(fapiao)
        if not fapiao:
            raise FapiaoError(_("Choose the issued fapiao that are taken back first."))
        for one in fapiao:
            one._check_reversible()
        left = [line for one in fapiao.sudo() for line in one._get_left()]
        return self._open_form(
            fapiao, {"line_ids": [(0, 0, {"fapiao_line_id": line.key, "amount": line.untaxed / 100}) for line in left]}
        )

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
        chosen = candidates.sudo()._choose_for_credit(credit_note.sudo())
        return self._open_form(chosen, {"credit_note_id": credit_note.id, "reason": "returned"})

    @api.model
    def _open_form(self, fapiao, values):
        wizard = self.create({**values, "original_ids": [(0, 0, {"fapiao_id": one.id}) for one in fapiao]})
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
        """Issued fapiao of what the credit note credits, with the reader's rights, the oldest first."""
        fapiao = self.env["crm.fapiao"]
        if credit_note.move_type != "out_refund" or credit_note.state != "posted" or credit_note.fapiao_state in COVERED:
            return fapiao
        issued = credit_note.sudo()._get_credited_invoices().fapiao_ids.filtered(lambda one: one.state == "issued" and not one.is_red)
        return fapiao.browse(issued.filtered(lambda one: one._get_left()).sorted("id").ids)

    @api.model
    def _check_may(self, fapiao):
        if not (self.env.su or any(self.env.user.has_group(group) for group in GROUPS)):
            raise FapiaoError(_("Fapiao are requested by sales and finance."))
        fapiao.check_access_rights("read")
        fapiao.check_access_rule("read")

    @api.depends("credit_note_id", "original_ids.fapiao_id")
    def _compute_candidates(self):
        """Without a credit note: what is left of the same customers' fapiao."""
        for wizard in self:
            if wizard.credit_note_id:
                wizard.candidate_ids = wizard._get_candidates(wizard.credit_note_id)
            else:
                domain = [("state", "=", "issued"), ("is_red", "=", False), ("red_state", "!=", "whole")]
                partners = wizard.original_ids.fapiao_id.partner_id
                wizard.candidate_ids = self.env["crm.fapiao"].search([("partner_id", "in", partners.ids), *domain])

    @api.constrains("credit_note_id")
    def _check_credit_note(self):
        self.credit_note_id.check_access_rule("read")

    # ------------------------------------------------------------------ taking back

    def action_reverse(self):
        """Request a red fapiao for each one that something is taken back of: all of them, or none."""
        self.ensure_one()
        fapiao = self.original_ids.fapiao_id.sorted("id")
        self._check_may(fapiao)
        if not fapiao:
            raise FapiaoError(_("Choose the issued fapiao that are taken back first."))
        confirmations = self._get_confirmations()
        reds = self.env["crm.fapiao"].sudo()
        for original, lines in self._plan(fapiao).items():
            reds |= original._make_red(lines, self.reason, self.note, self.credit_note_id, confirmations[original.id])
        return self.env["crm.fapiao"]._open_list(reds.with_env(self.env))

    def _plan(self, fapiao):
        """{fapiao in sudo mode: [lines to take back]}"""
        originals = fapiao.sudo()
        for original in originals:
            original._check_reversible()
        if self.credit_note_id:
            self.credit_note_id.check_access_rule("read")
            strange = fapiao - self._get_candidates(self.credit_note_id)
            if strange:
                raise FapiaoError(_("%(fapiao)s is not of the invoice %(credit)s credits.",
                                    fapiao=strange[0].display_name, credit=self.credit_note_id.name))  # fmt: skip
            return originals._plan_credit(self.credit_note_id.sudo())
        if self.part == "whole":
            return {original: original._get_left() for original in originals}
        lines = self.sudo().line_ids.filtered(lambda line: line.fapiao_line_id.fapiao_id in originals)
        return originals._plan_parts({line.fapiao_line_id: line.amount for line in lines})

    def _get_confirmations(self):
        """{id of the original: number of its confirmation, or None}

        :raise FapiaoError: for a number that stands on two
        """
        numbers = {original.fapiao_id.id: clean(original.red_confirmation or None) or None for original in self.original_ids}
        given = [number for number in numbers.values() if number]
        domain = [("red_confirmation", "in", given), ("state", "!=", "cancel")]
        used = self.env["crm.fapiao"].sudo().search(domain, limit=1).red_confirmation
        twice = used or next((number for number in given if given.count(number) > 1), None)
        if twice:
            raise FapiaoError(_("Confirmation %s is for one red fapiao: each has a confirmation of its own.", twice))
        return numbers


class CrmFapiaoReverseOriginal(models.TransientModel):
    _name = "crm.fapiao.reverse.original"
    _description = "Take Fapiao Back in Red, One Fapiao"
    _order = "id"

    wizard_id = fields.Many2one("crm.fapiao.reverse", required=True, ondelete="cascade")
    fapiao_id = fields.Many2one("crm.fapiao", "Fapiao", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="fapiao_id.currency_id")
    left = fields.Monetary("Left of It", compute="_compute_left", help="Tax included; requested red fapiao are taken off.")
    red_confirmation = fields.Char("Confirmation Number", help="Of the tax platform (红字信息确认单). It can be entered later, too.")

    _sql_constraints = [("fapiao_uniq", "UNIQUE (wizard_id, fapiao_id)", "This fapiao is in the list already.")]

    @api.depends("fapiao_id")
    def _compute_left(self):
        for original in self:
            lines = original.fapiao_id._get_left() if original.fapiao_id else []
            original.left = sum(line.untaxed + line.tax for line in lines) / 100

    @api.constrains("fapiao_id")
    def _check_fapiao(self):
        self.env["crm.fapiao.reverse"]._check_may(self.fapiao_id)


class CrmFapiaoReverseLine(models.TransientModel):
    _name = "crm.fapiao.reverse.line"
    _description = "Take Fapiao Back in Red, One Line"

    wizard_id = fields.Many2one("crm.fapiao.reverse", required=True, ondelete="cascade")
    fapiao_line_id = fields.Many2one("crm.fapiao.line", "Line", required=True, ondelete="cascade")
    fapiao_id = fields.Many2one(related="fapiao_line_id.fapiao_id")
    name = fields.Char(related="fapiao_line_id.name")
    currency_id = fields.Many2one(related="fapiao_line_id.currency_id")
    most = fields.Monetary("Untaxed", related="fapiao_line_id.amount_untaxed")
    amount = fields.Monetary("Taken Back, Untaxed")

    @api.constrains("fapiao_line_id")
    def _check_line(self):
        self.env["crm.fapiao.reverse"]._check_may(self.fapiao_line_id.sudo().fapiao_id.with_env(self.env))
