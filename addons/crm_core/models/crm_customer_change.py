# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

import psycopg2
from odoo import api, fields, models

_logger = logging.getLogger(__name__)

#: Customers noted in a transaction and not written yet, among its cursor's data
_PENDING = "crm_core.customer_change"


class CrmCustomerChange(models.Model):
    """Customers to whom something happened, until their lifecycle, grade and tags are brought up to date.

    Only ever appended to: transactions never wait for each other here.
    """

    _name = "crm.customer.change"
    _description = "Customer to Bring up to Date"
    _log_access = False

    partner_id = fields.Integer(required=True)  # no foreign key, so that noting one locks no customer

    @api.model
    def _note(self, partner_ids):
        """Something happened to these customers (or contacts, or others, which are sorted out later).

        One INSERT for all a transaction notes, at its end or at its next savepoint.
        """
        ids = {partner_id for partner_id in partner_ids if partner_id}
        if ids:
            precommit = self.env.cr.precommit
            if _PENDING not in precommit.data:
                precommit.add(self._write_noted)
            precommit.data.setdefault(_PENDING, set()).update(ids)

    @api.model
    def _write_noted(self):
        ids = self.env.cr.precommit.data.pop(_PENDING, None)
        if ids:
            self.env.cr.execute("INSERT INTO crm_customer_change (partner_id) SELECT unnest(%s)", [sorted(ids)])

    @api.model
    def _cron_work_off(self, limit=20000):
        """Bring those customers up to date. Where somebody saves one of them just then, the notes stay for the next minute."""
        try:
            with self.env.cr.savepoint():
                self._work_off(limit)
        except psycopg2.OperationalError as error:
            self.invalidate_cache()
            _logger.info("Customers changed while they were brought up to date; next time: %s", error)

    @api.model
    def _work_off(self, limit):
        self._write_noted()
        self.env.cr.execute(
            """
            DELETE FROM crm_customer_change
             WHERE id IN (SELECT id FROM crm_customer_change ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING partner_id
            """,
            [limit],
        )
        ids = {partner_id for (partner_id,) in self.env.cr.fetchall()}
        self.env["res.partner"].sudo().browse(sorted(ids)).exists()._update_customer_state()
