# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _name_rate(self, other, rate):
        """A rate as people say it, one unit of the dearer: 1 USD = 7.0932 CNY.

        :param rate: units of ``other`` for one of ``self``
        """
        one, many = (self, other) if rate >= 1 else (other, self)
        return "1 %s = %.4f %s" % (one.name, rate if rate >= 1 else 1 / rate, many.name)
