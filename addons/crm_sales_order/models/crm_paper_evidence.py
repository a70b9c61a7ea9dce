# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
from datetime import datetime, time

import pytz
from odoo import _, fields, models

from ..exceptions import SalesOrderError
from ..tools import scan as scans


class CrmPaperEvidence(models.AbstractModel):
    """What a colleague enters of a paper the customer signed: who, when, and the scan. Wizards build on it."""

    _name = "crm.paper.evidence"
    _description = "Signed on Paper"

    #: Whether it is worth nothing without the scan
    _scan_required = True

    signer_name = fields.Char(string="Signed for Customer by")
    date_signed = fields.Date(string="Signed on", default=fields.Date.context_today)
    scan = fields.Binary(string="Scan or Photo", attachment=False)
    scan_name = fields.Char()

    def _check_evidence(self):
        """(name of the signer, moment of signing).

        :raise SalesOrderError: naming what is missing or wrong
        """
        self.ensure_one()
        if not (self.signer_name or "").strip():
            raise SalesOrderError(_("Enter who signed for the customer."))
        today = fields.Date.context_today(self)
        if not self.date_signed or self.date_signed > today:
            raise SalesOrderError(_("Enter the day it was signed, as it is written on the paper: today or before."))
        texts = {
            scans.MISSING: _("Upload the scan or a photo of the signed paper: it is kept as evidence."),
            scans.TOO_LARGE: _("The file is larger than 20 MB. Scan the paper with a lower resolution."),
            scans.NO_SCAN: _("This file is no scan. Upload a PDF, or a photo as JPEG or PNG."),
        }
        # base64 of the wizard's row, whatever the reader's context says of sizes
        problem = scans.check(self.with_context(bin_size=False).scan)
        if problem and (problem != scans.MISSING or self._scan_required):
            raise SalesOrderError(texts[problem])
        return self.env["sale.order"]._check_signer(self.signer_name), self._get_moment()

    def _get_moment(self):
        """Noon of that day where the colleague is, or now: a paper tells no hour."""
        zone = pytz.timezone(self.env.user.tz or "Asia/Shanghai")
        noon = zone.localize(datetime.combine(self.date_signed, time(12))).astimezone(pytz.utc).replace(tzinfo=None)
        return min(noon, fields.Datetime.now())

    def _prepare_scan(self):
        """Values of the file to keep."""
        raw = base64.b64decode(self.with_context(bin_size=False).scan)
        mimetype, ending = scans.describe(raw)
        name = _("Signed %(date)s by %(name)s", date=self.date_signed, name=self.signer_name.strip())
        return {"raw": raw, "mimetype": mimetype, "name": "%s.%s" % (name, ending)}
