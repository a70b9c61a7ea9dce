# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

CHOP_GROUPS = "base.group_system,crm_core.group_sales_director"


class ResCompany(models.Model):
    _inherit = "res.company"

    paper_banner = fields.Image(
        "Printed Letterhead",
        max_width=2480,
        max_height=700,
        help="Across the top of the first page. Without it, logo, name and address are printed.",
    )
    # a chop binds the company: who could read the picture could put it under anything
    paper_chop = fields.Image(
        "Chop",
        max_width=1024,
        max_height=1024,
        groups=CHOP_GROUPS,
        help="Printed over the company's name on what was sent or signed; a PNG with a transparent background looks best.",
    )
