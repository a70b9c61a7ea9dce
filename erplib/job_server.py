# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo as erplib.workers starts it, under Odoo's own Python: its workers, without the process for long polling."""

import os

# As Odoo's own start script does, before anything imports the time module.
os.environ["TZ"] = "UTC"


def main():
    import odoo
    from odoo.service.server import PreforkServer

    PreforkServer.long_polling_spawn = lambda self: None
    odoo.cli.main()


if __name__ == "__main__":
    main()
