# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..exceptions import SalesOrderError


class CrmDunningNotice(models.Model):
    """A customer was reminded, or is to be: one level, one day, all amounts that came to it. The history of reminding.

    Written by the daily run (crm_dunning_run.py) and :meth:`action_send` only. A letter is put into Odoo's mail queue in the
    transaction that marks it as sent: it goes once, whatever dies when.
    """

    _name = "crm.dunning.notice"
    _description = "Reminder"
    _order = "date desc, id desc"

    name = fields.Char(compute="_compute_name")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, index=True, readonly=True, ondelete="cascade")
    recipient_id = fields.Many2one("res.partner", "Sent to", readonly=True, ondelete="set null")
    level_id = fields.Many2one("crm.dunning.level", "Level", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    amount = fields.Monetary(readonly=True, help="Open on that day, in the currency of the company.")
    line_ids = fields.One2many("crm.dunning.notice.line", "notice_id", "Amounts", readonly=True)
    open_line_ids = fields.Many2many("crm.dunning.notice.line", compute="_compute_open_line_ids", string="Still Open")
    state = fields.Selection(
        [
            ("to_send", "Letter to Send"),
            ("sent", "Letter Sent"),
            ("no_address", "No E-Mail Address"),
            ("settled", "Paid Before Sending"),
            ("internal", "Told Inside Only"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    sent_on = fields.Datetime(readonly=True)
    body = fields.Html("Letter", readonly=True, sanitize=False)

    @api.depends("partner_id", "level_id")
    def _compute_name(self):
        for notice in self:
            notice.name = "%s · %s" % (notice.level_id.name, notice.partner_id.name)

    @api.depends("line_ids.move_line_id.reconciled")
    def _compute_open_line_ids(self):
        """Without accounting rights, too: whether something was paid is no secret to those who may see the reminder."""
        for notice in self:
            notice.open_line_ids = notice.line_ids.filtered(lambda line: not line.sudo().move_line_id.reconciled)

    def action_send(self):
        """Send the letters that wait; finance only. Those paid meanwhile are not sent.

        :raise SalesOrderError: when none of them waits
        """
        if not self.env.user.has_group("crm_sales_order.group_finance"):
            raise SalesOrderError(_("Letters to customers are sent by finance. Ask them, or call the customer."))
        self.check_access_rule("read")
        notices = self.sudo()
        lost = notices.filtered(lambda notice: notice.state == "no_address")
        recipients = lost.partner_id._get_dunning_recipients()
        for notice in lost.filtered(lambda notice: recipients[notice.partner_id].email):
            notice.write({"recipient_id": recipients[notice.partner_id].id, "state": "to_send"})
        waiting = notices.filtered(lambda notice: notice.state == "to_send")
        if not waiting:
            raise SalesOrderError(
                _("None of these letters waits to be sent. One without an e-mail address can be sent once the customer has one.")
            )
        waiting._send()
        return True

    def _send(self):
        """Queue the letters in self (sudo, waiting) as mails, each in the customer's language.

        The UPDATE comes first: of two that send the same letter, one fails on it and is repeated to find it sent.
        """
        settled = self.filtered(lambda notice: not notice.open_line_ids)
        settled.write({"state": "settled"})
        waiting = self - settled
        waiting.write({"state": "sent", "sent_on": fields.Datetime.now()})
        waiting.flush()
        mails = []
        for level in waiting.level_id:
            letters = waiting.filtered_domain([("level_id", "=", level.id)])
            rendered = level.template_id.generate_email(letters.ids, ["subject", "body_html", "email_from", "reply_to"])
            for letter in letters:
                values = rendered[letter.id]
                letter.body = values.get("body_html")
                mails.append(letter._prepare_mail(values))
        self.env["mail.mail"].create(mails)

    def _prepare_mail(self, values):
        """``values`` as a template renders them."""
        self.ensure_one()
        names = ("subject", "body_html", "body", "email_from", "mail_server_id", "model", "res_id")
        mail = {name: values[name] for name in names if values.get(name)}
        if values.get("reply_to"):
            mail["reply_to"] = values["reply_to"]
        return {**mail, "recipient_ids": [(4, self.recipient_id.id)], "auto_delete": True, "message_type": "email"}

    @api.model
    def _workbench_dunning(self):
        """Letters that wait for finance. Contract: crm_core, crm_workbench_tile.py."""

        def describe(notice):
            return {"title": notice.partner_id.name, "text": notice.level_id.name, "amount": notice.amount, "status": "attention"}

        domain = [("state", "in", ("to_send", "no_address"))]
        return self.env["crm.workbench"]._list(self, domain, describe, order="amount desc, id")
