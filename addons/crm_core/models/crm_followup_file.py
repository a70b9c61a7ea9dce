# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import os

from odoo import _, api, fields, models

from ..engine.followup import mimetype_of
from ..exceptions import CrmUserError

#: Largest file, in MB, by field; the system parameters crm_core.<field>_mb say otherwise
LIMITS = {"photo_ids": 20, "recording_ids": 50}
WANTED = {"photo_ids": "image/", "recording_ids": "audio/"}
HEAD = 16


class CrmFollowup(models.Model):
    """Photos and recordings: whose they are, how large, and that they are what they are called."""

    _inherit = "crm.followup"

    photo_ids = fields.Many2many("ir.attachment", "crm_followup_photo_rel", string="Photos", copy=False)
    recording_ids = fields.Many2many("ir.attachment", "crm_followup_recording_rel", string="Recordings", copy=False)

    @api.model
    def _get_file_limit(self, name):
        """Bytes a file of the field ``name`` may have."""
        value = self.env["ir.config_parameter"].sudo().get_param("crm_core.followup_%s_mb" % name[:-4], "")
        return (int(value) if value.isdecimal() else LIMITS[name]) * 1024 * 1024

    @api.model
    def get_file_limits(self):
        """{field: bytes} for the form, which refuses larger files before it sends them."""
        return {name: self._get_file_limit(name) for name in LIMITS}

    @api.model
    def _check_file(self, name, file_name, size, head):
        """:raise CrmUserError: unless a file suits the field ``name``: how large it is, and how it begins"""
        limit = self._get_file_limit(name)
        if size > limit:
            raise CrmUserError(
                _("“%(file)s” has %(size)d MB, and at most %(limit)d MB are taken. What you typed is still there: "
                  "save without it, or choose a smaller file.",
                  file=file_name, size=size >> 20, limit=limit >> 20)
            )  # fmt: skip
        if not mimetype_of(head).startswith(WANTED[name]):
            text = (
                _("“%s” is no photo. Choose a picture (JPEG, PNG, HEIC, WebP).")
                if name == "photo_ids"
                else _("“%s” is no recording. Choose a sound file (MP3, M4A, WAV, AMR, OGG, WebM).")
            )
            raise CrmUserError(text % file_name)

    def _link_files(self):
        """Files just uploaded become the follow-ups' own, so that whoever may read these may read them, and nobody else.

        :raise CrmUserError: a file is too large, no photo or recording, or somebody else's
        """
        for one in self:
            for name in LIMITS:
                for file in one.sudo()[name]:
                    one._check_own(file)
                    one._link_file(name, file)

    def _link_file(self, name, file):
        head = _read_head(file)
        self._check_file(name, file.name, file.file_size, head)
        if not file.res_id:
            file.write({"res_model": self._name, "res_id": self.id, "mimetype": mimetype_of(head)})

    def _check_own(self, file):
        mine = self.env.su or file.create_uid == self.env.user
        uploaded = file.res_model == self._name and not file.res_field and not file.public
        if not uploaded or not (file.res_id == self.id or (mine and not file.res_id)):
            raise CrmUserError(_("“%s” is not a file of this follow-up. Upload it here.", file.name))


def _read_head(file):
    """The first bytes of an attachment, without reading all of it."""
    if not file.store_fname:
        return (file.raw or b"")[:HEAD]
    path = file._full_path(file.store_fname)
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as content:
        return content.read(HEAD)
