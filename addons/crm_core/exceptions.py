# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError, UserError, ValidationError


class CrmUserError(UserError):
    """Something the user asked for cannot be done; the text says what to do instead."""


class CrmValidationError(ValidationError):
    """A record of the CRM Suite would break one of its rules."""


class ContactDetailsError(AccessError):
    """A user without the permission asked for customers' contact details."""


class OwnershipError(CrmUserError):
    """A lead or customer would change hands in a way that is not allowed, or that somebody else was faster in."""


class GateError(CrmUserError):
    """A lead would enter a stage whose gate asks for something that is still missing."""
