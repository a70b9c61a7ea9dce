# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import FapiaoError
from .crm_fapiao import OPEN_STATES


class CrmFapiao(models.Model):
    """Steps of a fapiao: issued, cancelled, told about."""

    _inherit = "crm.fapiao"

    # ------------------------------------------------------------------ steps people take

    def action_issue(self):
        """Issue with the number and date that finance has typed."""
        self._check_finance()
        for fapiao in self:
            if not fapiao.number:
                raise FapiaoError(_("Type the number of %s first, or read the tax platform's file in.", fapiao.name))
        self._issue({fapiao: (fapiao.number, fapiao.date_issued) for fapiao in self})

    def action_cancel(self):
        """Take a request back that has no number yet; who asked may, and finance."""
        self.check_access_rights("read")
        self.check_access_rule("read")
        for fapiao in self:
            if fapiao.state == "cancel":
                continue
            if fapiao.state not in OPEN_STATES:
                raise FapiaoError(_("%s is issued: it cannot be cancelled any more. Take it back in red.", fapiao.display_name))
            if not self._is_finance() and (fapiao.state != "requested" or self.env.user not in fapiao.user_id | fapiao.requested_by_id):
                raise FapiaoError(_("%s is with the tax platform, or another's request: ask finance to cancel it.", fapiao.name))
        self.sudo().write({"state": "cancel", "number": False})

    def action_reverse(self):
        """Open the taking back in red of these fapiao."""
        return self.env["crm.fapiao.reverse"]._open(self)

    def action_open_invoices(self):
        moves = self.move_ids
        action = self.env["ir.actions.actions"]._for_xml_id("account.action_move_out_invoice_type")
        action.update(domain=[("id", "in", moves.ids)], context={"create": False}, view_mode="tree,form")
        if len(moves) == 1:
            action.update(views=[(self.env.ref("account.view_move_form").id, "form")], res_id=moves.id)
        return action

    @api.model
    def _open_list(self, fapiao):
        """Action that shows ``fapiao``: the form of one, the list of several."""
        action = self.env["ir.actions.actions"]._for_xml_id("crm_sales_order.crm_fapiao_action")
        action.update(domain=[("id", "in", fapiao.ids)], context={"create": False})
        if len(fapiao) == 1:
            action.update(views=[(False, "form")], res_id=fapiao.id)
        return action

    # ------------------------------------------------------------------ rights

    @api.model
    def _is_finance(self):
        return self.env.su or self.env.user.has_group("crm_sales_order.group_finance")

    def _check_finance(self):
        """:raise FapiaoError: unless finance asks, for fapiao it may see"""
        if not self._is_finance():
            raise FapiaoError(_("Fapiao are issued by finance. Ask them to do it."))
        self.check_access_rights("write")
        self.check_access_rule("write")

    # ------------------------------------------------------------------ issuing

    def _issue(self, numbers):
        """Give open fapiao their numbers: invoices, orders and timeline show them, their salespeople are told.

        :param numbers: {crm.fapiao: (number, date or None for today)}
        :return: those issued now, in sudo mode
        """
        issued = self.sudo().browse()
        for fapiao, (number, day) in numbers.items():
            fapiao = fapiao.sudo()
            if fapiao.state not in OPEN_STATES:
                raise FapiaoError(_("%s is issued or cancelled already.", fapiao.display_name))
            fapiao._check_red_left()
            day = day or fields.Date.context_today(self)
            fapiao.write({"number": number, "date_issued": day, "state": "issued"})
            issued |= fapiao
        (issued | issued.original_id).move_ids._set_fapiao_numbers()
        issued._tell_salespeople()
        issued.filtered("buyer_email")._mail_buyer()
        return issued

    def action_mail_buyer(self):
        """Announce an issued fapiao to its buyer (again), with the files attached to it here."""
        self.check_access_rights("read")
        self.check_access_rule("read")
        for fapiao in self.sudo():
            if fapiao.state != "issued":
                raise FapiaoError(_("%s has no number yet: it is announced when it is issued.", fapiao.name))
            if not fapiao.buyer_email:
                raise FapiaoError(_("Nobody is named whom %s is sent to. Request the next one with an e-mail address.", fapiao.name))
        self.sudo()._mail_buyer()

    def _mail_buyer(self):
        """Put a mail into the queue, in the customer's language. Its address is read past the masks, as invoice mails do."""
        template = self.env.ref("crm_sales_order.mail_template_fapiao")
        for fapiao in self:
            files = self.env["ir.attachment"].search([("res_model", "=", self._name), ("res_id", "=", fapiao.id)])
            template.send_mail(fapiao.id, email_values={"attachment_ids": [(6, 0, files.ids)]})

    def _tell_salespeople(self):
        """One message per salesperson, however many were issued at once."""
        messages = []
        for user in self.user_id - self.env.user:
            own = self.filtered(lambda fapiao, user=user: fapiao.user_id == user)
            subject = _("Fapiao issued: %s", own[0].buyer_name) if len(own) == 1 else _("%d fapiao issued", len(own))
            body = "\n".join("%s · %s · %s" % (one.buyer_name, one.number, one._format_total()) for one in own[:20])
            key = "fapiao:%s" % ",".join(str(each) for each in own.ids)
            messages.append({"users": user, "subject": subject, "body": body, "record": own[0], "key": key[:200]})
        self.env["crm.notification"]._notify_batch(messages)

    def _format_total(self):
        return "%s %.2f" % (self.currency_id.name, self.amount_total)

    # ------------------------------------------------------------------ workbench

    @api.model
    def _workbench_fapiao(self):
        """Requests that wait for finance, the oldest first."""
        domain = [("state", "in", OPEN_STATES)]

        def describe(fapiao):
            return {
                "title": fapiao.buyer_name,
                "text": " · ".join([fapiao.name, fapiao._get_label("state")]),
                "amount": fapiao.amount_total,
                "status": "attention" if fapiao.state == "requested" else "on_track",
            }

        return self.env["crm.workbench"]._list(self, domain, describe, order="id")

    def _get_label(self, name):
        return dict(self._fields[name]._description_selection(self.env))[self[name]]
