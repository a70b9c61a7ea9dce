# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..engine.migration import STAGE_SLOTS, normalise

OPEN_SLOTS = ("new", "qualified", "proposition")


class CrmImportStage(models.Model):
    """A stage as the other CRM calls it, and what it is here."""

    _name = "crm.import.stage"
    _description = "Import Stage"
    _order = "run_id, id"

    run_id = fields.Many2one("crm.import.run", required=True, ondelete="cascade", index=True)
    name = fields.Char(string="In the File", required=True, readonly=True)
    row_count = fields.Integer(string="Rows", readonly=True)
    outcome = fields.Selection(
        [("open", "Open"), ("won", "Won"), ("lost", "Lost")], help="Empty: rows in this stage are rejected."
    )
    stage_id = fields.Many2one("crm.stage", ondelete="cascade")

    @api.onchange("outcome")
    def _onchange_outcome(self):
        stages = self._get_stage_by_slot()
        self.stage_id = stages.get(self.outcome) or stages.get("new") if self.outcome else False

    @api.model
    def _get_stage_by_slot(self):
        """Slot of the engine → stage: the open ones by their order, since anyone may have renamed them."""
        stages = self.env["crm.stage"].search([("team_id", "=", False)], order="sequence, id")
        opened = stages.filtered(lambda stage: not stage.is_won)
        won = stages - opened
        found = {slot: opened[min(number, len(opened) - 1)] for number, slot in enumerate(OPEN_SLOTS) if opened}
        found["won"] = won[:1]
        found["lost"] = found.get("qualified", opened)
        return found

    @api.model
    def _prepare_guess(self, word):
        """Outcome and stage for ``word``: a stage of that name here, else what the word usually means."""
        stages = self.env["crm.stage"].search([])
        named = stages.filtered(lambda stage: normalise(stage.name) == normalise(word))[:1]
        slot = STAGE_SLOTS.get(normalise(word))
        stage = named or self._get_stage_by_slot().get(slot)
        if not stage:
            return {"outcome": False, "stage_id": False}
        outcome = "won" if stage.is_won else "lost" if slot == "lost" and not named else "open"
        return {"outcome": outcome, "stage_id": stage.id}

    def _get_slots(self):
        """Word → slot, as the engine's stage map wants it. A word without an outcome maps to nothing: rejected."""
        slots = {}
        for line in self:
            is_open = line.outcome == "open" and line.stage_id
            slots[line.name] = "stage:%d" % line.stage_id.id if is_open else (line.outcome or "")
        return slots
