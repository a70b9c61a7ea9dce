# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, format_date, html_escape

from ..engine.merge_fields import Table
from ..exceptions import SalesOrderError
from .crm_contract import IN_FORCE_STATES, SIGNED_STATES


class CrmContract(models.Model):
    """Amendments: contracts that change a signed one, old → new, when they are signed themselves.

    An amendment holds what is to be in effect from then on: start, end and amount; orders of its own are added, and
    ``withdrawn_order_ids`` given up. What it changed is kept in ``changes_sent``, as the customer read it.
    """

    _inherit = "crm.contract"

    amendment_ids = fields.One2many("crm.contract", "amends_id", string="Amendments", readonly=True)
    amendment_count = fields.Integer(compute="_compute_amendment_count")
    withdrawn_order_ids = fields.Many2many(
        "sale.order",
        "crm_contract_withdrawn_order_rel",
        "contract_id",
        "order_id",
        string="Orders Withdrawn",
        copy=False,
        help="Orders of the amended contract that are cancelled when the amendment is signed.",
    )
    changes_sent = fields.Text(readonly=True, copy=False, groups="base.group_user", help="What it changes, as it was sent; JSON.")
    changes_html = fields.Html(string="What Changes", compute="_compute_changes_html", sanitize=False, compute_sudo=True)

    def _compute_amendment_count(self):
        groups = self.read_group([("amends_id", "in", self.ids)], ["amends_id"], ["amends_id"])
        counts = {group["amends_id"][0]: group["amends_id_count"] for group in groups}
        for contract in self:
            contract.amendment_count = counts.get(contract.id, 0)

    @api.depends("amends_id", "changes_sent", "date_start", "date_end", "amount_total", "order_ids", "withdrawn_order_ids")
    @api.depends_context("lang")
    def _compute_changes_html(self):
        for contract in self:
            rows = contract._get_shown_changes() if contract.amends_id else []
            cells = "".join(
                "<tr><td>%s</td><td class='text-muted'>%s</td><td>→</td><td><b>%s</b></td></tr>" % tuple(map(html_escape, row))
                for row in rows
            )
            contract.changes_html = "<table class='table table-sm'>%s</table>" % cells if rows else False

    @api.constrains("amends_id", "partner_id", "currency_id", "company_id", "framework")
    def _check_amends(self):
        for contract in self.filtered("amends_id"):
            first = contract.amends_id.sudo()
            same = ("commercial_partner_id", "currency_id", "company_id", "framework")
            if first.amends_id or first == contract or any(first[name] != contract[name] for name in same):
                raise ValidationError(
                    _("An amendment has the customer, company, currency and kind of the contract it changes. Start it there.")
                )

    @api.constrains("amends_id", "withdrawn_order_ids")
    def _check_withdrawn(self):
        for contract in self:
            strange = contract.withdrawn_order_ids - contract.amends_id._get_orders_in_effect()
            if strange:
                raise ValidationError(
                    _("%(order)s is no order of the contract that is amended, and so not withdrawn.", order=strange[0].name)
                )

    def action_amend(self):
        """Start an amendment, from what is in effect now."""
        self.ensure_one()
        self._check_may_write()
        if self.amends_id or self.state not in IN_FORCE_STATES:
            raise SalesOrderError(_("Only a signed contract that is not over is amended. %(contract)s is not.", contract=self.name))
        amendment = self.create(self._prepare_amendment())
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": amendment.id,
            "view_mode": "form",
        }

    def _prepare_amendment(self):
        text = _("The contract {{ amended.number }} is changed as follows:\n{{ amended.changes }}\nAll else stays as agreed.")
        return {
            "amends_id": self.id,
            "title": _("Amendment of %(contract)s", contract=self.name),
            "partner_id": self.partner_id.id,
            "signatory_id": self.signatory_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "user_id": self.user_id.id,
            "team_id": self.team_id.id,
            "framework": self.framework,
            "amount_total": self.amount_total,
            "date_start": self.date_start,
            "date_end": self.date_end,
            "article_ids": [(0, 0, {"name": _("Changes"), "text": text})],
        }

    # ------------------------------------------------------------------ what is in effect

    def _is_in_force(self):
        """Whether orders under it may be confirmed; an amendment's while the contract it changes is in force."""
        self.ensure_one()
        first = self.amends_id or self
        return self.state in SIGNED_STATES and first.state in IN_FORCE_STATES

    def _get_signed_amendments(self):
        """In the order they took effect."""
        return self.amendment_ids.filtered(lambda contract: contract.state in SIGNED_STATES).sorted("signed_on")

    def _get_orders_in_effect(self):
        """The orders under a contract and its signed amendments, without those cancelled."""
        return (self | self._get_signed_amendments()).order_ids.filtered(lambda order: order.state != "cancel")

    def _get_changes(self):
        """[[label, old, new]] in the customer's words; [] for what is no amendment."""
        self.ensure_one()
        contract = self.sudo().with_context(lang=self._get_text_lang())
        first = contract.amends_id
        if not first:
            return []
        rows = [
            [_("Start"), contract._say_date(first.date_start), contract._say_date(contract.date_start)],
            [_("End"), contract._say_date(first.date_end), contract._say_date(contract.date_end)],
            [_("Amount"), contract._say_amount(first.amount_total), contract._say_amount(contract.amount_total)],
            [_("Orders added"), "", ", ".join(contract._get_text_orders().mapped("name"))],
            [_("Orders withdrawn"), ", ".join(contract.withdrawn_order_ids.mapped("name")), ""],
        ]
        return [row for row in rows if row[1] != row[2]]

    def _get_shown_changes(self):
        return json.loads(self.changes_sent) if self.changes_sent else self._get_changes()

    def _say_date(self, date):
        return format_date(self.env, date) if date else _("none")

    def _say_amount(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    def _merge_changes(self):
        return Table((_("What"), _("Until now"), _("From now on")), tuple(map(tuple, self._get_changes())))

    # ------------------------------------------------------------------ taking effect

    def _apply_amendment(self):
        """The signed amendment changes dates, amount and orders of its contract.

        :raise SalesOrderError: when an order to withdraw was delivered meanwhile
        """
        first = self.amends_id
        if not first:
            return
        first._lock()
        if first.state not in IN_FORCE_STATES:
            raise SalesOrderError(_("%(contract)s is over and cannot be amended any more.", contract=first.name))
        for order in self.withdrawn_order_ids:
            if any(line.qty_delivered for line in order.order_line):
                raise SalesOrderError(_("%(order)s was delivered in part and cannot be withdrawn.", order=order.name))
        self.withdrawn_order_ids.with_context(disable_cancel_warning=True).action_cancel()
        first._write_guarded({name: self[name] for name in ("date_start", "date_end", "amount_total")})
        first.message_post(body=_("Changed by amendment %(contract)s.", contract=self.name))
