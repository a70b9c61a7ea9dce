# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import _, api, models

from ..exceptions import ContactDetailsError


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {"datas", "db_datas", "raw", "index_content"}

    def _contact_details_hidden(self):
        """Files on hidden leads and customers: recordings, business cards. Images of records stay visible.

        A file without a document (an invitation that was mailed) is its author's only: Odoo shows it to all.
        """
        by_model = defaultdict(set)
        files = self.filtered(lambda file: not file.res_field and not file.public)
        for file in files.filtered("res_id"):
            by_model[file.res_model].add(file.res_id)
        hidden = self.env["base"]._hidden_follow_ups(by_model)
        return files.filtered(
            lambda file: (file.res_model, file.res_id) in hidden
            if file.res_id
            else file.create_uid != self.env.user
        )

    def check(self, mode, values=None):
        result = super().check(mode, values=values)
        if self._hidden_contact_details(["index_content"]):
            raise ContactDetailsError(
                _("Files on leads and customers are hidden from you. Ask sales for what you need.")
            )
        return result

    @api.model
    def _search(self, args, offset=0, limit=None, order=None, count=False, access_rights_uid=None):
        hides = self._masked_contact_details()
        found = super()._search(
            args,
            offset=offset,
            limit=limit,
            order=order,
            count=count and not hides,
            access_rights_uid=access_rights_uid,
        )
        if hides:
            hidden = self.browse(found)._hidden_contact_details(["index_content"]).get("index_content", ())
            found = [file_id for file_id in found if file_id not in hidden]
            return len(found) if count else found
        return found
