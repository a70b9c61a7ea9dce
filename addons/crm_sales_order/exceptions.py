# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import UserError, ValidationError


class SalesOrderError(UserError):
    """A step from quotation to money cannot be taken; the message says what to do next."""


class InstalmentError(SalesOrderError):
    """An instalment plan does not add up, or an instalment cannot take this step."""


class SalesOrderValidationError(ValidationError):
    """What was entered cannot be; the message names it and says what would do."""
class DealerError(SalesOrderError):
    """Something a dealer or a dealer's rep asked for cannot be done; the message says what to do instead."""


class PriceRuleError(SalesOrderValidationError):
    """A price rule, or a figure a rule needs, cannot be as it is written."""


class ContractError(SalesOrderError):
    """What stands between a customer and a contract, in words for the customer."""
class CallOffError(SalesOrderError):
    """A call-off goes beyond what its framework order agreed."""


class SubscriptionError(SalesOrderError):
    """A subscription cannot take this step."""


class CreditError(SalesOrderError):
    """Credit control holds something back; the message says why and who can release it."""


class CreditRuleError(SalesOrderValidationError):
    """A credit limit, or a rule that gives one, cannot be as it is written."""
class FapiaoError(SalesOrderError):
    """A fapiao cannot be requested, issued or taken back as asked; the message says what to do instead."""


class FapiaoValidationError(SalesOrderValidationError):
    """A fapiao, its title or its number cannot be as it is written."""


class VoucherError(SalesOrderError):
    """Entries cannot be exported as vouchers as asked, or are exported already; the message names them."""
class BankPostingError(SalesOrderError):
    """A payment cannot be booked as proposed; the message says which and why."""
class StatementImportError(SalesOrderError):
    """A bank's file cannot be imported; the text names row and column and says what to do."""
