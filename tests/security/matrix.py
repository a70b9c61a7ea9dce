# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who must not see what: the table of the suite's roles, in the words of the tests.

Every row is a role, the groups it has (skipped on a database that has not all of them), whether it sees customers'
contact details, and whose customers and leads it reaches: its own, its team's, or all. ``None`` for leads: none at all.
"""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    name: str
    groups: tuple[str, ...]
    details: bool
    customers: str
    leads: str | None
    writes_leads: bool = False

    def __str__(self) -> str:
        return self.name


ROLES = (
    Role("sales rep", ("crm_core.group_sales_rep",), True, "own", "own", writes_leads=True),
    Role("team leader", ("crm_core.group_team_leader",), True, "team", "team", writes_leads=True),
    Role("sales director", ("crm_core.group_sales_director",), True, "all", "all", writes_leads=True),
    Role("marketing", ("crm_core.group_marketing",), True, "all", "all"),
    Role("executive", ("crm_core.group_executive",), True, "all", "all"),
    Role("finance", ("crm_sales_order.group_finance", "base.group_allow_export"), False, "all", None),
    Role("warehouse", ("crm_sales_order.group_warehouse", "base.group_allow_export"), False, "all", None),
    Role("buyer", ("crm_procurement.group_buyer", "base.group_allow_export"), False, "all", None),
    Role("purchasing manager", ("crm_procurement.group_purchasing_manager", "base.group_allow_export"), False, "all", None),
    Role("service agent", ("crm_service.group_service_agent",), True, "all", None),
    Role("dispatcher", ("crm_service.group_dispatcher",), True, "all", None),
    Role("employee", ("base.group_user", "base.group_allow_export"), False, "all", None),
    # Odoo's "Contact Creation" opens all leads to read: the hardest case for the masks
    Role(
        "contact creator",
        ("base.group_user", "base.group_partner_manager", "base.group_allow_export"),
        False,
        "all",
        "all",
    ),
)

MASKED = tuple(role for role in ROLES if not role.details)
#: Their rights contain those of the other masked roles: the costly doors of every model are tried by these
WIDEST = tuple(role for role in MASKED if role.name in ("finance", "warehouse", "purchasing manager", "contact creator"))
LIMITED = tuple(role for role in ROLES if role.customers != "all")
READERS = tuple(role for role in ROLES if role.leads == "all" and not role.writes_leads)

#: Fields of contact details by model; the fixture gives each a value of its own that is found in no other place
DETAILS = {
    "res.partner": ("phone", "mobile", "email", "wechat", "street", "street2", "zip", "comment"),
    "crm.lead": ("phone", "mobile", "email_from", "email_cc", "wechat", "street", "street2", "zip", "description"),
}

#: Fields computed from them by Odoo
DERIVED = {
    "res.partner": ("email_normalized", "email_formatted", "phone_sanitized", "contact_address"),
    "crm.lead": ("email_normalized", "phone_sanitized", "phone_mobile_search"),
}

#: (model, path): ways to a customer's or lead's details in more steps than the generated ones have
PATHS = (
    ("res.partner", "parent_id.email"),
    ("res.partner", "commercial_partner_id.mobile"),
    ("res.users", "login"),
    ("res.users", "email"),
    ("res.users", "partner_id.child_ids.phone"),
    ("mail.message", "body"),
    ("mail.activity", "summary"),
    ("ir.attachment", "index_content"),
    ("sale.order", "partner_id.child_ids.email"),
    ("sale.order.line", "order_id.partner_id.street"),
    ("account.move.line", "move_id.partner_id.mobile"),
    ("stock.move", "picking_id.partner_id.zip"),
    ("mail.followers", "partner_id.parent_id.email"),
)
