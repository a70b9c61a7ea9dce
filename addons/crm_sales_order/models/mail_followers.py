# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from ..tools.bulk import get_memo, is_bulk


class MailFollowers(models.Model):
    _inherit = "mail.followers"

    def _insert_followers(
        self, res_model, res_ids, partner_ids, partner_subtypes, channel_ids, channel_subtypes, **kwargs
    ):
        """In bulk, partners who follow with the default subtypes wait for :meth:`_insert_waiting`."""
        if not is_bulk(self) or partner_subtypes or channel_ids or not res_ids:
            return super()._insert_followers(
                res_model, res_ids, partner_ids, partner_subtypes, channel_ids, channel_subtypes, **kwargs
            )
        documents = get_memo(self, self._name).setdefault(res_model, {})
        for res_id in res_ids:
            documents.setdefault(res_id, set()).update(partner_ids)

    def _insert_waiting(self):
        """Insert the followers bulk work has collected: a few queries per model for all documents."""
        waiting = get_memo(self, self._name)
        values_list = []
        for res_model, documents in waiting.items():
            partner_ids = list(set().union(*documents.values()))
            new, _existing = self._add_default_followers(res_model, list(documents), partner_ids)
            values_list += [
                dict(values, res_id=res_id)
                for res_id, candidates in new.items()
                for values in candidates
                if values["partner_id"] in documents[res_id]
            ]
        waiting.clear()
        self.sudo().with_context(default_partner_id=False, default_channel_id=False).create(values_list)
