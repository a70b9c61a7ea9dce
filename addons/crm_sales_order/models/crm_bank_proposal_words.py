# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models


class CrmBankProposal(models.Model):
    """The matcher's reasons in the reader's language. Codes: :mod:`..engine.bank_match.evidence`."""

    _inherit = "crm.bank.proposal"

    @api.model
    def _get_reason_words(self):
        """{code: sentence with %(name)s places for the reason's values}"""
        return {
            # who pays
            "account": _("The bank account %(account)s is known as this customer's."),
            "partner": _("The customer stands on the payment."),
            "name": _("“%(name)s” is this customer's name."),
            "name_core": _("“%(name)s” is this customer's name without place and legal form."),
            "name_part": _("“%(name)s” is part of this customer's name, and of no other's."),
            "name_memo": _("The memo names the customer: “%(name)s”."),
            "pinyin": _("“%(name)s” is this customer's name in pinyin."),
            "name_like": _("“%(name)s” resembles this customer's name."),
            "contact": _("“%(name)s” is a contact of this customer."),
            # what is paid
            "number": _("The memo has the number %(numbers)s."),
            "number_cut": _("The memo has part of the number %(numbers)s."),
            "number_end": _("The memo has the end of the number %(numbers)s."),
            "number_short": _("The memo has the last digits of the number %(numbers)s."),
            "number_near": _("The memo has a number much like %(numbers)s."),
            "amount_unique": _("No other open item has this amount."),
            "amount": _("It is exactly what is open."),
            "amount_named": _("The %(count)s items it names are exactly this amount."),
            "amount_all": _("It is exactly all this customer owes: %(count)s items."),
            "amount_sum": _("%(count)s items together are exactly this amount, and no others are."),
            "amount_rate": _("At about the rate of the day it is exactly what is open."),
            "rate": _("%(paid)s, changed by the bank at %(rate)s; the rate of the day is %(day)s."),
            "amount_fee": _("It is what is open less a bank fee."),
            "amount_part": _("It pays a part of what is open."),
            "amount_over": _("It is more than that: what is left over stays the customer's advance."),
            "advance": _("Nothing is owed for this order yet: the money stays the customer's advance."),
            # what speaks against it
            "against_name": _("But the payer is named “%(name)s”."),
            "against_account": _("But the bank account is known as another customer's."),
            "against_number": _("But the memo names %(numbers)s."),
            "against_unknown": _("But the memo names %(numbers)s, which is not open."),
            "against_end": _("But the memo has the end of another item's number."),
            "against_date": _("But the money came before the invoice was written."),
            "against_fee": _("But so high or odd a difference is hardly a bank's fee."),
            "against_word": _("But the memo says “%(word)s”: that is seldom a whole invoice."),
            "against_round": _("But an amount so round may be a part of something larger, by chance the same."),
            "guess": _("The oldest items are taken, as it does not say which."),
            "rivals": _("But it fits other items just as well."),
            "refused": _("But something else was refused for this payment."),
            "contested": _("But another payment asks for the same items."),
            # decided
            "person": _("%(user)s chose it."),
        }
