# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What intake adds to a lead without asking anybody: places of phones and IP addresses."""
import time
from unittest.mock import patch

from odoo.tests.common import SavepointCase

from ..engine.enrich import IpPlaces
from ..models import crm_enrichment


class TestFillOffline(SavepointCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.china = cls.env.ref("base.cn")
        cls.jiangsu = cls.env.ref("base.state_cn_JS")
        cls.guangdong = cls.env.ref("base.state_cn_GD")

    def fill(self, vals, ip=False):
        (filled,) = self.env["crm.enrichment"]._fill_offline([dict(vals)], [ip])
        return filled

    def test_a_mobile_number_tells_province_city_and_carrier(self):
        filled = self.fill({"mobile": "+86 139 1234 5678"})
        self.assertEqual(
            filled,
            {
                "mobile": "+86 139 1234 5678",
                "phone_location": "江苏 常州市",
                "phone_carrier": "中国移动",
                "country_id": self.china.id,
                "state_id": self.jiangsu.id,
                "city": "常州市",
            },
        )

    def test_a_landline_tells_its_city(self):
        filled = self.fill({"phone": "0755-26000000"})
        self.assertEqual((filled["state_id"], filled["city"]), (self.guangdong.id, "深圳市"))

    def test_an_ip_address_serves_where_the_phone_says_nothing(self):
        filled = self.fill({"phone": "19912345678"}, "114.114.114.114")
        self.assertEqual((filled["ip_location"], filled["city"]), ("江苏 南京市", "南京市"))
        self.assertEqual(filled["phone_carrier"], "中国电信")

    def test_the_phone_counts_more_than_the_ip_address(self):
        filled = self.fill({"phone": "0755-26000000"}, "114.114.114.114")
        self.assertEqual((filled["city"], filled["ip_location"]), ("深圳市", "江苏 南京市"))

    def test_what_the_lead_says_itself_stays(self):
        said = {"city": "广州市", "state_id": self.guangdong.id, "country_id": self.china.id}
        filled = self.fill({"phone": "0755-26000000", **said}, "114.114.114.114")
        self.assertEqual({name: filled[name] for name in said}, said)

    def test_a_province_is_not_added_to_a_city_elsewhere(self):
        self.assertNotIn("state_id", self.fill({"phone": "0755-26000000", "city": "武汉"}))
        self.assertEqual(self.fill({"phone": "0755-26000000", "city": "深圳"})["state_id"], self.guangdong.id)

    def test_addresses_abroad_and_of_known_customers_stay(self):
        germany = self.env.ref("base.de")
        self.assertNotIn("state_id", self.fill({"phone": "0755-26000000", "country_id": germany.id}))
        self.assertNotIn("state_id", self.fill({"phone": "0755-26000000", "partner_id": self.env.company.partner_id.id}))

    def test_odd_numbers_and_addresses_add_nothing(self):
        for phone in ("", False, "call me", "1" * 500, "+1 650 253 0000", "１３", "'; DROP TABLE"):
            for ip in (False, "", "::1", "2001:db8::1", "8.8.8.8", "10.0.0.1", "999.1.1.1", "x"):
                self.assertEqual(self.fill({"phone": phone}, ip), {"phone": phone})

    def test_a_batch_is_one_query(self):
        rows = [{"phone": "139%08d" % number} for number in range(500)]
        self.fill({"phone": "13912345678"})
        with self.assertQueryCount(2):
            self.env["crm.enrichment"]._fill_offline(rows, ["114.114.114.%d" % (number % 250) for number in range(500)])

    def test_a_batch_is_fast(self):
        rows = [{"phone": "1391234%04d" % (number % 10000)} for number in range(20000)]
        self.env["crm.enrichment"]._fill_offline(rows[:10])
        start = time.process_time()  # of the processor, however busy the machine is
        self.env["crm.enrichment"]._fill_offline(rows)
        self.assertLess(time.process_time() - start, 2.0)  # 20,000/s is asked for; measured about 200,000/s

    def test_without_the_address_file_the_rest_works(self):
        crm_enrichment.get_ip_places.cache_clear()
        self.addCleanup(crm_enrichment.get_ip_places.cache_clear)
        with patch.object(crm_enrichment, "IP_FILE", "lib/none.xdb"), self.assertLogs(crm_enrichment.__name__, "WARNING") as log:
            filled = self.fill({"phone": "0755-26000000"}, "114.114.114.114")
            self.fill({"phone": "0755-26000000"}, "114.114.114.114")
        self.assertEqual(filled["city"], "深圳市")
        self.assertNotIn("ip_location", filled)
        self.assertEqual(len(log.records), 1)

    def test_a_broken_address_file_is_refused(self):
        with self.assertRaises(ValueError):
            IpPlaces(crm_enrichment.Path(__file__))


class TestPhoneFacts(SavepointCase):
    def test_records_say_where_their_phone_is_from(self):
        for model, vals in (("crm.lead", {"name": "Pump"}), ("res.partner", {"name": "Pump"})):
            record = self.env[model].create({**vals, "phone": "0755-26000000"})
            self.assertEqual(record.phone_location, "广东 深圳市")
            record.phone = "13912345678"
            self.assertEqual((record.phone_location, record.phone_carrier), ("江苏 常州市", "中国移动"))
            record.mobile = "13510000000"
            self.assertEqual(record.phone_location, "广东 深圳市")
            record.write({"phone": False, "mobile": False})
            self.assertEqual((record.phone_location, record.phone_carrier), (False, False))

    def test_a_hand_made_lead_keeps_its_address_as_typed(self):
        lead = self.env["crm.lead"].create({"name": "Pump", "phone": "0755-26000000"})
        self.assertFalse(lead.state_id or lead.city)

    def test_a_customer_made_from_the_lead_keeps_the_facts(self):
        lead = self.env["crm.lead"].create(
            {"name": "Pump", "partner_name": "华强电子", "contact_name": "王伟", "legal_person": "李强", "registered_capital": 5e6}
        )
        lead.handle_partner_assignment(create_missing=True)
        company = lead.partner_id.commercial_partner_id
        self.assertEqual((company.legal_person, company.registered_capital), ("李强", 5e6))
        self.assertFalse(lead.partner_id.legal_person)

    def test_merged_leads_keep_the_facts(self):
        leads = self.env["crm.lead"].create([{"name": "Pump"}, {"name": "Pump", "legal_person": "李强", "phone": "0755-26000000"}])
        merged = leads.merge_opportunity()
        self.assertEqual((merged.legal_person, merged.phone_location), ("李强", "广东 深圳市"))
