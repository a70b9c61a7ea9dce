# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import SUPERUSER_ID, api


def post_init_hook(cr, registry):
    """Whom existing leads are about is customer-side from the start: one UPDATE, contacts included."""
    cr.execute(
        """
        UPDATE res_partner AS partner
           SET is_customer = TRUE
          FROM res_partner AS company
         WHERE company.id = partner.commercial_partner_id
           AND company.partner_share
           AND NOT EXISTS (SELECT FROM res_company WHERE res_company.partner_id = company.id)
           AND EXISTS (SELECT FROM crm_lead WHERE crm_lead.commercial_partner_id = company.id)
        """
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["crm.dedupe.key"]._rebuild()


def uninstall_hook(cr, registry):
    """The database as it was: without the extension, if it came with this addon and nobody else uses it."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["crm.dedupe.key"]._drop_trigrams()
    # What managers built: columns, views and actions that belong to no module
    env["crm.no.code"]._forget([one.model for one in env["crm.no.code"]._get_models()])
    # Odoo does not delete a kind of activity that is in use
    kind = env.ref("crm_core.mail_activity_first_response", raise_if_not_found=False)
    env["mail.activity"].search([("activity_type_id", "in", kind.ids if kind else [])]).unlink()
    # deals in a stage that goes begin again in the first one that stays
    cr.execute(
        """
        WITH own AS (SELECT res_id FROM ir_model_data WHERE module = 'crm_core' AND model = 'crm.stage')
        UPDATE crm_lead SET stage_id = (SELECT id FROM crm_stage WHERE team_id IS NULL AND is_won IS NOT TRUE
                                           AND id NOT IN (SELECT res_id FROM own) ORDER BY sequence, id LIMIT 1)
         WHERE stage_id IN (SELECT res_id FROM own)
        """
    )
    # Odoo keeps indexes on other addons' columns
    cr.execute(
        "DROP INDEX IF EXISTS mailing_trace_email_index, mailing_trace_record_idx, queue_job_running_idx,"
        " crm_lead_date_closed_idx, crm_lead_open_idx"
    )
