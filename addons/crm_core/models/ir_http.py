# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models
from odoo.addons.base.models.ir_http import SignedIntConverter
from odoo.http import request
from werkzeug.wrappers import Response

from ..controllers.intake import INTAKE_PATH, PASSED, RETRY_AFTER, Door
from ..engine.intake import refused
from ..exceptions import ContactDetailsError


class RecordIdConverter(SignedIntConverter):
    """A number in an address is an id: one that no record can have is an address that does not exist."""

    def __init__(self, url_map, **options):
        super().__init__(url_map, **{"max": 2**31 - 1, "min": -(2**31), **options})


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_converters(cls):
        return {**super()._get_converters(), "int": RecordIdConverter}

    @classmethod
    def _dispatch(cls):
        """A submission that came while the server was starting, before the door was there."""
        if request.httprequest.path.startswith(INTAKE_PATH) and PASSED not in request.httprequest.environ:
            _status, content = refused("receipt", Door.get_busy())
            return Response(content, 503, [("Retry-After", str(RETRY_AFTER))], content_type="application/json")
        return super()._dispatch()

    @classmethod
    def _serve_fallback(cls, exception):
        """Odoo looks in the database for an address it does not know; no address with this character can be there."""
        return False if "\0" in request.httprequest.path else super()._serve_fallback(exception)

    def _binary_record_content(
        self,
        record,
        field="datas",
        filename=None,
        filename_field="name",
        default_mimetype="application/octet-stream",
    ):
        """/web/content serves any field, and takes the file's name from any other."""
        if record._hidden_contact_details({field, filename_field}):
            raise ContactDetailsError(_("Customers' contact details are hidden from you."))
        return super()._binary_record_content(
            record,
            field=field,
            filename=filename,
            filename_field=filename_field,
            default_mimetype=default_mimetype,
        )
