# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models


class StockLocation(models.Model):
    """Places of goods that are ours and not free: with a customer, or back and not yet checked.

    They are internal locations, so what lies there keeps its value in the books, and outside of every warehouse,
    so nobody is promised it.
    """

    _inherit = "stock.location"

    custody = fields.Selection(
        [
            ("rental", "Rented Out"),
            ("loan", "On Loan"),
            ("consignment", "On Consignment"),
            ("check", "Returned, to Check"),
        ],
        readonly=True,
        copy=False,
        help="Why goods are here that are ours but cannot be promised to anybody.",
    )
    custodian_id = fields.Many2one(
        "res.partner", "With Customer", readonly=True, copy=False, index=True, ondelete="restrict"
    )

    def init(self):
        super().init()
        # one place per customer and kind, whoever looks for it first
        self.env.cr.execute(
            """
            CREATE UNIQUE INDEX IF NOT EXISTS stock_location_custody_uniq
                ON stock_location (company_id, custody, COALESCE(custodian_id, 0)) WHERE custody IS NOT NULL
            """
        )

    @api.model
    def _get_custody_location(self, company, custody, partner=None):
        """The place of the company's goods of that kind with the partner's company; made when first needed.

        :param custody: one value of the field
        :param partner: who has them; none for what is back to be checked
        :rtype: stock.location, in superuser mode
        """
        places = self.sudo().with_context(active_test=False)
        holder = partner.commercial_partner_id if partner else self.env["res.partner"]
        domain = [("company_id", "=", company.id), ("custody", "=", custody), ("custodian_id", "=", holder.id)]
        place = places.search(domain, limit=1)
        if not place:
            # two who need the same first place both write the company's row: the later one is retried and finds it
            self.env.cr.execute("UPDATE res_company SET id = id WHERE id = %s", [company.id])
            place = places.create(self._prepare_custody_location(company, custody, holder))
        return place

    @api.model
    def _prepare_custody_location(self, company, custody, holder):
        label = dict(self._fields["custody"]._description_selection(self.env))[custody]
        return {
            "name": _("%(kind)s: %(customer)s", kind=label, customer=holder.name) if holder else label,
            "usage": "internal",
            "location_id": self.env.ref("stock.stock_location_locations").id,
            "company_id": company.id,
            "custody": custody,
            "custodian_id": holder.id,
        }
