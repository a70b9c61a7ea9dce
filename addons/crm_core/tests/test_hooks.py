# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from ..hooks import post_init_hook
from .common import RolesCase


class TestInstallation(RolesCase):
    def test_customers_of_existing_leads_become_customers(self):
        company = self.env["res.partner"].create({"name": "Old customer", "is_company": True})
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": company.id})
        self._lead(self.ann, "Old lead", partner_id=contact.id)
        self._lead(self.ann, "Internal", partner_id=self.bob.partner_id.id)
        partners = company + contact + self.supplier + self.bob.partner_id
        partners.write({"is_customer": False})
        partners.flush()
        post_init_hook(self.env.cr, self.env.registry)
        partners.invalidate_cache()
        self.assertEqual(partners.filtered("is_customer"), company + contact)
