# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The demo company's chapter on vendors, purchases and tenders."""

from . import crm_demo_purchase, crm_demo_tender
