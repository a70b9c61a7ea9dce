# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Several people at the same moment: real threads and transactions, committed data that the test takes away again."""

import threading
from contextlib import contextmanager
from unittest.mock import patch

import odoo
from odoo import SUPERUSER_ID, api
from odoo.service.model import execute_kw
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger
from psycopg2 import OperationalError, errorcodes


def press(user_id, model, method, *args):
    """A call with its own cursor and commit, as the web server makes it. Who loses a race presses again until it is decided."""
    while True:
        try:
            with api.Environment.manage():
                return execute_kw(get_db_name(), user_id, model, method, args, {"context": {"lang": "en_US"}})
        except OperationalError:
            continue


def race(jobs):
    """Run each of ``jobs`` in a thread of its own; all end, or it is an error.

    :param jobs: callables that take a barrier for all of them: to wait at it where they should be at the same point
    """
    barrier = threading.Barrier(len(jobs))
    threads = [threading.Thread(target=job, args=(barrier,), daemon=True) for job in jobs]
    quick = patch("odoo.service.model.random.uniform", return_value=0.01)
    with quick, mute_logger("odoo.sql_db", "odoo.service.model"):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"


class AtOnceCase(BaseCase):
    """Two users, two transactions."""

    def setUp(self):
        super().setUp()
        self.registry = odoo.registry(get_db_name())

    @contextmanager
    def _transaction(self):
        with api.Environment.manage(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "disable_cancel_warning": True})
            yield env
            env["base"].flush()

    def _lose(self, loser, step):
        """The second of two waits for the first and fails on serialization: what the web layer then starts again."""
        with self.assertRaises(OperationalError) as refused, mute_logger("odoo.sql_db"):
            step()
        self.assertEqual(refused.exception.pgcode, errorcodes.SERIALIZATION_FAILURE)
        loser.cr.rollback()
        loser.clear()
