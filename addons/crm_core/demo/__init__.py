# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The demo company: masters in XML and CSV, its year of history told by `crm.demo`."""

from . import (
    crm_demo,
    crm_demo_assignment,
    crm_demo_customer,
    crm_demo_dedupe,
    crm_demo_file,
    crm_demo_followup,
    crm_demo_gate,
    crm_demo_intake,
    crm_demo_lead,
    crm_demo_pool,
    crm_demo_score,
    crm_demo_selling,
    crm_demo_target,
    crm_demo_visitor,
)
