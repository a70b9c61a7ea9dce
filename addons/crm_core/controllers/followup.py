# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
import os

from odoo import _, http
from odoo.exceptions import AccessError
from odoo.http import request

from ..engine.followup import mimetype_of
from ..exceptions import CrmUserError
from ..models.crm_followup_file import HEAD, LIMITS


class FollowupFiles(http.Controller):
    @http.route("/crm/followup/upload", type="http", auth="user", methods=["POST"])
    def upload(self, field, ufile):
        """Store one photo or recording until its follow-up is saved.

        What is too large stays on the disk, where the web server has put it, and is never read into memory.

        :param field: "photo_ids" or "recording_ids"
        :return: JSON: {"id", "name", "mimetype"}, or {"error": what to do}
        """
        try:
            answer = self._store(field, ufile)
        except (CrmUserError, AccessError) as error:
            answer = {"error": error.args[0]}
        return request.make_response(json.dumps(answer), [("Content-Type", "application/json")])

    def _store(self, field, ufile):
        followups = request.env["crm.followup"]
        followups.check_access_rights("create")
        if field not in LIMITS or not hasattr(ufile, "stream"):
            raise CrmUserError(_("Choose a photo or a recording."))
        head = ufile.stream.read(HEAD)
        size = ufile.stream.seek(0, os.SEEK_END)
        size = ufile.stream.tell() if size is None else size
        ufile.stream.seek(0)
        name = ufile.filename or _("File")
        followups._check_file(field, name, size, head)
        file = request.env["ir.attachment"].create({
            "name": name,
            "raw": ufile.stream.read(),
            "mimetype": mimetype_of(head),
            "res_model": followups._name,
            "res_id": 0,
        })  # fmt: skip
        return {"id": file.id, "name": file.name, "mimetype": file.mimetype}
