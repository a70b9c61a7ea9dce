# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.addons.crm_core.tests.import_common import ImportCase, make_deals, make_files
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestImportProducts(ImportCase):
    def test_imported_products_are_kept_in_stock(self):
        self.importer().import_files(make_files(make_deals(4)))
        product = self.env["product.product"].search([("name", "=", "GTX Pro")])
        self.assertEqual(product.mapped("type"), ["product"])
