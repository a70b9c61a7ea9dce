# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The demo company's chapter on tickets, installed products and work orders."""

from . import crm_demo_service, crm_demo_ticket
