# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests.common import tagged

from ..exceptions import FapiaoError, VoucherError
from .at_once import AtOnceCase

#: A month nobody else has entries in
FIRST, LAST, PERIOD = "2018-05-01", "2018-05-31", "2018-05"


@tagged("post_install", "-at_install")
class TestFapiaoAtOnce(AtOnceCase):
    """Two users, two transactions: committed data, cleaned up afterwards."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self._clean_up)
        with self._transaction() as env:
            self.partner_id = env["res.partner"].create({"name": "Customer At Once"}).id
            line = {"name": "Seat", "quantity": 1.0, "price_unit": 100.0, "tax_ids": [(5, 0, 0)]}
            values = {"move_type": "out_invoice", "partner_id": self.partner_id, "invoice_date": "2018-05-10", "date": "2018-05-10"}
            moves = env["account.move"].create([{**values, "invoice_line_ids": [(0, 0, line)]} for _number in range(2)])
            moves.action_post()
            self.move_ids = moves.ids
            known = env["crm.voucher.account"].search([])
            env["crm.voucher.account"].create(
                [{"account_id": account.id, "code": account.code, "name": account.name}
                 for account in moves.line_ids.account_id - known.account_id]
            )  # fmt: skip
            self.map_ids = (env["crm.voucher.account"].search([]) - known).ids

    def _clean_up(self):
        with self._transaction() as env:
            cr = env.cr
            cr.execute("SELECT DISTINCT fapiao_id FROM crm_fapiao_move_rel WHERE move_id = ANY(%s)", [self.move_ids])
            fapiao_ids = [row[0] for row in cr.fetchall()]
            cr.execute("UPDATE account_move SET voucher_id = NULL, fapiao_state = 'none' WHERE id = ANY(%s)", [self.move_ids])
            cr.execute("DELETE FROM crm_voucher WHERE move_id = ANY(%s) RETURNING export_id", [self.move_ids])
            export_ids = [row[0] for row in cr.fetchall()]
            cr.execute("DELETE FROM crm_voucher_counter WHERE period = %s", [PERIOD])
            cr.execute("DELETE FROM crm_fapiao_move_rel WHERE fapiao_id = ANY(%s)", [fapiao_ids])
            cr.execute("DELETE FROM crm_fapiao WHERE id = ANY(%s)", [fapiao_ids])
            env["base"].invalidate_cache()
            env["mail.message"].search([("model", "=", "crm.fapiao"), ("res_id", "in", fapiao_ids)]).unlink()
            env["crm.voucher.export"].browse(export_ids).exists().unlink()
            moves = env["account.move"].browse(self.move_ids)
            moves.button_draft()
            moves.with_context(force_delete=True).unlink()
            env["crm.voucher.account"].browse(self.map_ids).unlink()
            env["res.partner"].browse(self.partner_id).unlink()

    def test_an_invoice_gets_one_fapiao_and_one_red_one(self):
        def request(env):
            move = env["account.move"].browse(self.move_ids[0])
            move._check_fapiao_request()
            return env["crm.fapiao"]._make(move, {"kind": "normal", "buyer_name": "Customer At Once"})

        with self._transaction() as loser:
            self.assertEqual(loser["account.move"].browse(self.move_ids[0]).fapiao_state, "none")
            with self._transaction() as winner:
                request(winner)
            self._lose(loser, lambda: request(loser))
            with self.assertRaisesRegex(FapiaoError, "has a fapiao already"):
                request(loser)
            loser.cr.rollback()
        with self._transaction() as env:
            fapiao = env["account.move"].browse(self.move_ids[0]).fapiao_ids
            number = "18%018d" % fapiao.id
            fapiao._issue({fapiao: (number, "2018-05-12")})

        def reverse(env):
            found = env["crm.fapiao"].browse(fapiao.id)
            found._check_reversible()
            found._make_red(found._get_left(), "wrong", False)

        with self._transaction() as loser:
            loser["crm.fapiao"].browse(fapiao.id)._check_reversible()
            with self._transaction() as winner:
                reverse(winner)
            self._lose(loser, lambda: reverse(loser))
            with self.assertRaisesRegex(FapiaoError, "taken back wholly already"):
                reverse(loser)
            loser.cr.rollback()
        with self._transaction() as env:
            env.cr.execute("DELETE FROM crm_fapiao WHERE original_id = %s", [fapiao.id])

    def test_two_exports_at_once_number_each_entry_once(self):
        def export(env):
            layout = env.ref("crm_sales_order.voucher_layout_kingdee")
            return env["crm.voucher.export"]._make(layout, env.company, FIRST, LAST, env["account.journal"])

        with self._transaction() as loser:
            self.assertTrue(loser["account.move"].browse(self.move_ids[0]).name)
            with self._transaction() as winner:
                self.assertEqual(export(winner).voucher_ids.mapped("number"), [2, 1])
            self._lose(loser, lambda: export(loser))
            with self.assertRaisesRegex(VoucherError, "is exported already"):
                export(loser)
            loser.cr.rollback()
