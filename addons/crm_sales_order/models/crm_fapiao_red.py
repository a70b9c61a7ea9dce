# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..engine.fapiao import Item, Line, reverse, take
from ..exceptions import FapiaoError


class CrmFapiao(models.Model):
    """Red-letter fapiao (红字): one that takes another back, wholly or in part, never more than is left of it."""

    _inherit = "crm.fapiao"

    def _check_reversible(self):
        """:raise FapiaoError: unless something of this fapiao can be taken back"""
        self.ensure_one()
        if self.is_red or self.state != "issued":
            raise FapiaoError(_("%s is not an issued fapiao: only those are taken back. Cancel the request instead.", self.display_name))
        if not self._get_left():
            raise FapiaoError(_("%s is taken back wholly already, or that is requested.", self.display_name))

    def _get_left(self):
        """What is left of each line, requested red fapiao counted: [:class:`engine.fapiao.Line`], keys are our lines."""
        self.ensure_one()
        reds = self.red_ids.filtered(lambda red: red.state != "cancel").line_ids
        left = []
        for line in self.line_ids:
            mine = reds.filtered(lambda red, line=line: red.original_line_id == line)
            untaxed = self._to_fen(line.amount_untaxed + sum(mine.mapped("amount_untaxed")))
            tax = self._to_fen(line.amount_tax + sum(mine.mapped("amount_tax")))
            quantity = round(line.quantity + sum(mine.mapped("quantity")), 6)
            if untaxed > 0:
                left.append(Line(line.id, line.tax_rate, untaxed, max(tax, 0), quantity))
        return left

    def _to_fen(self, amount):
        return int(round(amount * 100))

    def _plan_credit(self, credit_note):
        """What of these fapiao ``credit_note`` takes back, the first of them first; the rest stays valid.

        :return: {fapiao: [:class:`engine.fapiao.Line`]} of those something is taken from
        :raise FapiaoError: where the credit note is more than is left
        """
        groups = {line.id: line.product_id.id for line in self.line_ids}
        items = [Item(i.key, i.rate, -i.untaxed, -i.tax, i.quantity) for i in credit_note._get_fapiao_items()]
        sources = self.env["account.move.line"].sudo().browse([item.key for item in items])
        left = [line for fapiao in self for line in fapiao._get_left()]
        try:
            lines = reverse(left, items, groups, {line.id: line.product_id.id for line in sources})
        except ValueError as error:
            raise FapiaoError(
                _("%(credit)s takes more back at %(rate)s %% than is left of fapiao %(fapiao)s. "
                  "Take it back line by line, from the fapiao.",
                  credit=credit_note.name, rate="%g" % error.args[0], fapiao=", ".join(self.mapped("display_name")))
            ) from error  # fmt: skip
        return self._by_fapiao(lines)

    def _choose_for_credit(self, credit_note):
        """The fewest of these fapiao that have what ``credit_note`` takes back: one, or the first ones; all where none have."""
        for some in [*self, *(self[:number] for number in range(2, len(self) + 1))]:
            try:
                return self.browse([fapiao.id for fapiao in some._plan_credit(credit_note)])
            except FapiaoError:
                continue
        return self

    def _plan_parts(self, amounts):
        """What of these fapiao is taken back where ``amounts`` ({line: untaxed amount}) were entered.

        :return: as :meth:`_plan_credit`
        :raise FapiaoError: for an amount that is none, or more than is left of its line
        """
        left = {line.key: line for fapiao in self for line in fapiao._get_left()}
        planned = []
        for line, amount in amounts.items():
            fen, most = self._to_fen(amount), left[line.id].untaxed if line.id in left else 0
            if not 0 <= fen <= most:
                raise FapiaoError(
                    _("%(item)s: enter an amount from 0 to %(most).2f, that is what is left of it.", item=line.name, most=most / 100)
                )
            if fen:
                planned.append(left[line.id] if fen == most else take(left[line.id], fen))
        if not planned:
            raise FapiaoError(_("Enter for at least one line what is taken back of it."))
        return self._by_fapiao(planned)

    def _by_fapiao(self, lines):
        """``lines`` of these fapiao, by the fapiao they are of."""
        found = {}
        owners = {line.id: fapiao for fapiao in self for line in fapiao.line_ids}
        for line in lines:
            found.setdefault(owners[line.key], []).append(line)
        return found

    def _make_red(self, lines, reason, note, credit_note=None, confirmation=None):
        """A requested red fapiao over ``lines``, as :meth:`_plan_credit` gives them.

        ``confirmation``: number of the tax platform's confirmation (红字信息确认单), where it is known already.

        The fapiao's own row is written with it: of two that take the same back at once, the later one starts again.

        :return: crm.fapiao in sudo mode
        """
        self.ensure_one()
        self.env.cr.execute("UPDATE crm_fapiao SET write_date = now() AT TIME ZONE 'UTC' WHERE id = %s", [self.id])
        original = self.sudo()
        title = {name: original[name] for name in ("kind", "buyer_name", "buyer_tax_id", "buyer_address", "buyer_phone",
                                                   "buyer_bank", "buyer_account", "buyer_email")}  # fmt: skip
        by_id = {line.id: line for line in original.line_ids}
        red = original.create(
            {
                **title,
                "is_red": True,
                "original_id": original.id,
                "company_id": original.company_id.id,
                "partner_id": original.partner_id.id,
                "requested_by_id": self.env.uid,
                "red_reason": reason,
                "red_confirmation": confirmation,
                "note": note,
                "move_ids": [(6, 0, credit_note.ids if credit_note else [])],
                "line_ids": [(0, 0, by_id[line.key]._prepare_red(line)) for line in lines],
            }
        )
        red.flush()
        return red

    def _check_red_left(self):
        """Before a red fapiao is issued: what it takes back is still there."""
        if self.is_red and self.original_id.state != "issued":
            raise FapiaoError(_("%s takes back a fapiao that is not issued.", self.display_name))
