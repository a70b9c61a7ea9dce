# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from ..engine.recycle import Columns


class CrmHeldMixin(models.AbstractModel):
    """What recycle rules need to know of a model, as SQL over its table."""

    _inherit = "crm.held.mixin"

    @api.model
    def _get_recycle_exclusions(self):
        """SQL conditions; where one of them is true, no rule takes the record from its owner.

        Written over the model's own table (``crm_lead.id``). Addons add theirs: an order, a quote, an open ticket.

        :return: {what it is, for the log: SQL}
        """
        return {"protected": "%s.recycle_protected" % self._table}

    @api.model
    def _get_recycle_scope(self):
        """SQL condition of the records that can be recycled at all."""
        return "{0}.user_id IS NOT NULL AND {0}.pool_id IS NULL AND {0}.active".format(self._table)

    @api.model
    def _get_last_order_sql(self):
        """SQL for the moment of the last order of a record; NULL without one."""
        raise NotImplementedError

    @api.model
    def _get_recycle_columns(self):
        """:class:`engine.recycle.Columns` of the model."""
        table = self._table
        return Columns(
            created=table + ".create_date",
            owner_active="(SELECT owner.active FROM res_users AS owner WHERE owner.id = %s.user_id)" % table,
            owned_since="%s.%s" % (table, self._owned_since_field()),
            followed_up=table + ".date_last_follow_up",
            ordered=self._get_last_order_sql(),
            warned=table + ".recycle_warned_at",
        )
