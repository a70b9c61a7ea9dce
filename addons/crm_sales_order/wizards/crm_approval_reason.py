# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class CrmApprovalReason(models.TransientModel):
    """Takes a word along: to those who are asked for approval, or why it is refused."""

    _name = "crm.approval.reason"
    _description = "Reason of an Approval"

    kind = fields.Selection([("request", "Request approval"), ("refuse", "Refuse")], required=True, readonly=True)
    document = fields.Reference(selection="_get_documents", readonly=True)
    approval_ids = fields.Many2many("crm.approval", string="Requests", readonly=True)
    text = fields.Text(string="What must be approved", compute="_compute_text")
    reason = fields.Text()

    @api.model
    def _get_documents(self):
        approval = self.env["crm.approval"]
        names = [approval._fields[name].comodel_name for name in approval._get_document_fields()]
        return [(name, self.env[name]._description) for name in names]

    @api.depends("document", "approval_ids")
    def _compute_text(self):
        for wizard in self:
            lines = wizard.approval_ids.mapped(lambda approval: approval.reasons or "")
            wizard.text = wizard.document.approval_text if wizard.document else "\n".join(lines)

    @api.model
    def _open(self, kind, records):
        """The dialog: to request approval of one document, or to refuse requests."""
        vals = {"kind": kind}
        if kind == "request":
            vals["document"] = "%s,%d" % (records._name, records.id)
        else:
            vals["approval_ids"] = [(6, 0, records.ids)]
        return {
            "type": "ir.actions.act_window",
            "name": _("Request Approval") if kind == "request" else _("Refuse"),
            "res_model": self._name,
            "res_id": self.create(vals).id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def action_apply(self):
        """Do what was asked for; the methods called check who may."""
        self.ensure_one()
        if self.kind == "request":
            self.document.action_request_approval(self.reason or "")
        else:
            self.approval_ids._decide("refused", self.reason or "")
        return {"type": "ir.actions.act_window_close"}
