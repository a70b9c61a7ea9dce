# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from urllib.parse import quote

from odoo import _, api, fields, models
from odoo.addons.crm_core.engine.enrich.fetch import check_url

from ..exceptions import SalesOrderValidationError


class DeliveryCarrier(models.Model):
    """A carrier's page and service for following what it carries."""

    _inherit = "delivery.carrier"

    tracking_page = fields.Char(help="The carrier's page for people; {number} stands for the tracking number.")
    tracking_provider_id = fields.Many2one("crm.tracking.provider", string="Tracking Service", ondelete="set null")
    tracking_code = fields.Char(help="What the tracking service calls this carrier.")

    @api.constrains("tracking_page")
    def _check_tracking_page(self):
        for carrier in self.filtered("tracking_page"):
            try:
                check_url(carrier.tracking_page)
            except ValueError as error:
                raise SalesOrderValidationError(
                    _("%(carrier)s: the tracking page is no web address (%(error)s).", carrier=carrier.name, error=error)
                ) from None

    def get_tracking_link(self, picking):
        """The link of Odoo's “Tracking” button; from the carrier's page where no connector has its own."""
        link = super().get_tracking_link(picking)
        if link or not self.tracking_page or not picking.carrier_tracking_ref:
            return link
        return self.tracking_page.replace("{number}", quote(picking.carrier_tracking_ref, safe=""))
