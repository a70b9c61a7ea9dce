# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError
from .crm_contract import IN_FORCE_STATES


class CrmContract(models.Model):
    """The other steps of a contract's life: taken back, cancelled, terminated."""

    _inherit = "crm.contract"

    next_action = fields.Selection(
        [
            ("write", "Complete and send"),
            ("approve", "Wait for approval"),
            ("send", "Send for signature"),
            ("sign", "Customer signs"),
            ("countersign", "Sign and chop"),
            ("carry_out", "Deliver and collect"),
            ("none", "Nothing left to do"),
        ],
        compute="_compute_next_action",
        help="What takes this contract further.",
    )
    end_reason = fields.Text(string="Why It Ended", readonly=True, copy=False, tracking=True)
    ended_by_id = fields.Many2one("res.users", string="Ended by", readonly=True, copy=False, ondelete="restrict")
    ended_on = fields.Date(readonly=True, copy=False)

    @api.depends("state", "approval_ids.state")
    def _compute_next_action(self):
        steps = {"sent": "sign", "signed": "countersign", "executing": "carry_out"}
        for contract in self:
            if contract.state in ("draft", "approval"):
                approval = contract.sudo().approval_state
                contract.next_action = {"requested": "approve", "granted": "send"}.get(approval, "write")
            else:
                contract.next_action = steps.get(contract.state, "none")

    def action_back_to_draft(self):
        """Take a contract back that was not signed yet: the link stops working, the text may be changed."""
        self._check_may_write()
        self._lock()
        for contract in self:
            if contract.state not in ("approval", "sent", "cancel"):
                raise SalesOrderError(contract._explain_frozen())
            contract._withdraw_document()
            contract._write_guarded(
                {
                    "state": "draft",
                    "body_html": False,
                    "document_facts": False,
                    "changes_sent": False,
                    "sent_on": False,
                    "access_token": False,
                    "link_expires_on": False,
                    "company_signer_id": False,
                    "company_signed_on": False,
                }
            )
        return True

    def _withdraw_document(self):
        """The PDF stays among the files, marked as withdrawn."""
        document = self.sudo().document_id
        if document:
            self._write_guarded({"document_id": False, "document_sha256": False})
            document.name = _("Withdrawn %(date)s %(name)s", date=fields.Date.context_today(self), name=document.name)

    def action_cancel(self):
        """Give up a contract that was not signed. Its quotations are free again."""
        self._check_may_write()
        self._lock()
        for contract in self:
            if contract.state not in ("draft", "approval", "sent"):
                raise SalesOrderError(contract._explain_frozen())
        self._write_guarded({"state": "cancel", "access_token": False})
        return True

    def action_terminate(self):
        """Ask for the reason, then end it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": _("Terminate %(contract)s", contract=self.name),
            "res_model": "crm.contract.terminate",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id},
        }

    def _terminate(self, reason):
        self._check_may_write()
        self._lock()
        for contract in self:
            if contract.state not in IN_FORCE_STATES:
                raise SalesOrderError(_("Only a contract in force is terminated. %(contract)s is not.", contract=contract.name))
        today = fields.Date.context_today(self)
        self._write_guarded({"state": "terminated", "end_reason": reason, "ended_by_id": self.env.uid, "ended_on": today})

    def _lock(self):
        """A step waits for whoever takes one at the same time, and then sees what became of it."""
        if self.ids:
            self.flush(["state"])
            self.env.cr.execute("SELECT id FROM crm_contract WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [self.ids])
            self.invalidate_cache(["state"], self.ids)
