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
    growth = fields.Boolean(readonly=True, help="About a confirmed order that is to grow.")
    currency_id = fields.Many2one("res.currency", "Currency", compute="_compute_message")
    total = fields.Monetary("New Total", help="What the order may come to, tax included.")
    reason = fields.Text()

    @api.depends("document", "kind", "growth")
    @api.depends_context("lang", "tz")
    def _compute_message(self):
        """Of documents the reader may see."""
        releases = self.env["crm.credit.release"].sudo()
        for wizard in self:
            wizard.document.check_access_rights("read")
            wizard.document.check_access_rule("read")
            held = wizard.document.sudo()
            if not wizard.growth:
                held = held._get_held()
            found = releases.concat(*releases._get_open(dict.fromkeys(held)).values())
            asked = [release.note for release in found if release.note]
            wizard.currency_id = wizard.document.company_id.currency_id
            wizard.message = wizard.document.credit_message
            if wizard.growth:
                wizard.currency_id = wizard.document.currency_id
                wizard.message = wizard.document._explain_growth() if wizard.kind == "request" else found.with_env(self.env).situation
            wizard.asked = "\n".join(asked)

    @api.model
    def _open(self, kind, document, growth=False):
        values = {"kind": kind, "document": "%s,%d" % (document._name, document.id), "growth": growth}
        if growth:
            values["total"] = document.amount_total if kind == "request" else document.credit_growth_total
        wizard = self.create(values)
        ask = _("Ask to Add More") if growth else _("Ask for Release")
        titles = {"request": ask, "release": _("Release Once"), "refuse": _("Do Not Release")}
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
        state = "granted" if self.kind == "release" else "refused"
        if self.kind == "request" and self.growth:
            self.document._request_growth(self.total, self.reason)
        elif self.kind == "request":
            self.document._request_release(self.reason)
        elif self.growth:
            self.document._decide_growth(state, self.reason)
        else:
            self.document._decide_release(state, self.reason)
        return {"type": "ir.actions.act_window_close"}
