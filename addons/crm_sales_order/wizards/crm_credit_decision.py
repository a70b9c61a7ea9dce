# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class CrmCreditDecision(models.TransientModel):
    """Takes a reason along: to finance, why something should go though credit is used up; or from finance, why it may or not."""

    _name = "crm.credit.decision"
    _description = "Reason of a Credit Release"

    kind = fields.Selection(
        [("request", "Ask for Release"), ("release", "Release Once"), ("refuse", "Do Not Release")], required=True, readonly=True
    )
    document = fields.Reference([("sale.order", "Order"), ("stock.picking", "Transfer")], required=True, readonly=True)
    message = fields.Text("Why It Is Held", compute="_compute_message")
    asked = fields.Text("Asked For", compute="_compute_message")
    reason = fields.Text()

    @api.depends("document")
    def _compute_message(self):
        """Of documents the reader may see."""
        releases = self.env["crm.credit.release"].sudo()
        for wizard in self:
            wizard.document.check_access_rights("read")
            wizard.document.check_access_rule("read")
            held = wizard.document.sudo()._get_held()
            notes = [release.note for release in releases._get_open(dict.fromkeys(held)).values() if release.note]
            wizard.message = wizard.document.credit_message
            wizard.asked = "\n".join(notes)

    @api.model
    def _open(self, kind, document):
        wizard = self.create({"kind": kind, "document": "%s,%d" % (document._name, document.id)})
        titles = {"request": _("Ask for Release"), "release": _("Release Once"), "refuse": _("Do Not Release")}
        return {
            "type": "ir.actions.act_window",
            "name": titles[kind],
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_apply(self):
        """The document's methods check who may."""
        self.ensure_one()
        if self.kind == "request":
            self.document._request_release(self.reason)
        else:
            self.document._decide_release("granted" if self.kind == "release" else "refused", self.reason)
        return {"type": "ir.actions.act_window_close"}
