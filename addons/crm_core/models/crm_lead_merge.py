# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..exceptions import CrmUserError

#: Values a merged lead keeps besides those Odoo knows of; the best lead's first
KEPT = ("wechat", "credit_code", "product_id", "external_ref", "function", "lang_id", "date_deadline", "referred")


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def merge_opportunity(self, user_id=False, team_id=False, auto_unlink=True):
        """Odoo's merge, for who may write all of the leads; nothing that hangs on them is lost.

        :raise CrmUserError: if one of the leads is gone (a double click), or two are won
        """
        self.check_access_rights("write")
        self.check_access_rule("write")
        merge = self.env["crm.dedupe.merge"]
        merge._lock(self)
        if len(self.filtered("stage_id.is_won")) > 1:
            raise CrmUserError(_("Two won leads stay two, each with its revenue. Merge open leads, or open ones into a won one."))
        keys = merge._read_keys(self)
        head = super().merge_opportunity(user_id=user_id, team_id=team_id, auto_unlink=auto_unlink)
        merge._keep_keys(head, keys)
        return head

    def _merge_data(self, fields):
        return super()._merge_data([*fields, *(name for name in KEPT if name not in fields)])

    def merge_dependences(self, opportunities):
        result = super().merge_dependences(opportunities)
        self.env["crm.dedupe.merge"]._move(opportunities, self)
        return result

    @api.model
    def _get_merge_preview_fields(self):
        """Fields shown before a merge, where the leads differ."""
        return [
            "name",
            "type",
            "stage_id",
            "user_id",
            "team_id",
            "partner_id",
            "partner_name",
            "contact_name",
            "phone",
            "mobile",
            "email_from",
            "wechat",
            "credit_code",
            "product_id",
            "expected_revenue",
            "source_id",
            "campaign_id",
        ]
