# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

from ..engine.lead_file.columns import NAMES


class CrmIntakeChannel(models.Model):
    """Channels of kind ``file``: the file's columns were mapped before, a row's payload is ``{target: text}``."""

    _inherit = "crm.intake.channel"

    @api.model
    def _get_default_mapping(self, kind):
        if kind == "file":
            return [(self._get_file_path(target), target) for target in NAMES]
        return super()._get_default_mapping(kind)

    @api.model
    def _get_file_path(self, target):
        return '["%s"]' % target if "." in target else target

    def _ensure_file_mapping(self, targets):
        """Add the lines that a file with these ``targets`` needs and the channel lacks."""
        self.ensure_one()
        wanted = [(self._get_file_path(target), target) for target in targets]
        known = {(line.path, line.target) for line in self.mapping_ids}
        missing = [pair for pair in wanted if pair not in known]
        if missing:
            self.mapping_ids = [(0, 0, {"sequence": 500, "path": path, "target": target}) for path, target in missing]
