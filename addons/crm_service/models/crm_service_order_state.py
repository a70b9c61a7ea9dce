# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, fields, models

from ..exceptions import ServiceError

#: Proves that a write comes from the methods below. Compared by identity, so no RPC caller can forge it.
_TRANSITION = object()
_STATE_FIELDS = {"state", "planned_on", "departed_on", "started_on", "done_on", "cancelled_on", "signed_on"}
#: A step of the work: state → (the state it leads to, where the moment is kept).
_NEXT = {
    "draft": ("planned", "planned_on"),
    "planned": ("on_way", "departed_on"),
    "on_way": ("in_progress", "started_on"),
    "in_progress": ("done", "done_on"),
}


class CrmServiceOrder(models.Model):
    """The states of a work order. They change through the actions only, one step at a time."""

    _inherit = "crm.service.order"

    state = fields.Selection(
        [
            ("draft", "To Plan"),
            ("planned", "Planned"),
            ("on_way", "On the Way"),
            ("in_progress", "In Progress"),
            ("done", "Done"),
            ("cancel", "Cancelled"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        readonly=True,
    )
    planned_on = fields.Datetime(readonly=True, copy=False)
    departed_on = fields.Datetime(readonly=True, copy=False)
    started_on = fields.Datetime(readonly=True, copy=False)
    done_on = fields.Datetime(readonly=True, copy=False)
    cancelled_on = fields.Datetime(readonly=True, copy=False)
    signed_on = fields.Datetime(readonly=True, copy=False)

    # Steps -----------------------------------------------------------------------------------------------------

    def action_plan(self):
        """To plan → planned; needs a technician and a start."""
        self._move_from("draft")

    def action_depart(self):
        """Planned → on the way."""
        self._move_from("planned")

    def action_start(self):
        """On the way → in progress: the technician has arrived."""
        self._move_from("on_way")

    def action_done(self):
        """In progress → done; needs the result and every step ticked."""
        self._move_from("in_progress")

    def action_cancel(self):
        """Cancel work that has not begun; cancelling twice is harmless."""
        orders = self.filtered(lambda order: order.state != "cancel")
        late = orders.filtered(lambda order: order.state not in ("draft", "planned", "on_way"))
        if late:
            raise ServiceError(
                _(
                    "Work that has begun cannot be cancelled: %s. Finish it and say in the result what happened.",
                    ", ".join(late.mapped("name")),
                )
            )
        orders._write_state({"state": "cancel", "cancelled_on": fields.Datetime.now()})

    def action_reopen(self):
        """Cancelled → to plan, or planned where technician and start are known."""
        orders = self.filtered(lambda order: order.state == "cancel")
        orders._write_state({"state": "draft", "cancelled_on": False})
        orders._plan_when_ready()

    def _move_from(self, state):
        """Take the step that leaves ``state``. Orders that took it already are left alone (double click).

        Two users at once write the same row: the later one is retried by Odoo and finds the step taken.
        """
        target, moment = _NEXT[state]
        orders = self.filtered(lambda order: order.state != target)
        wrong = orders.filtered(lambda order: order.state != state)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise ServiceError(
                _(
                    "%(numbers)s: this step is for work orders in the state “%(wanted)s”, but it is “%(actual)s”.",
                    numbers=", ".join(wrong.mapped("name")),
                    wanted=labels[state],
                    actual=labels[wrong[0].state],
                )
            )
        getattr(orders, "_check_%s" % target, lambda: None)()
        orders._write_state({"state": target, moment: fields.Datetime.now()})

    def _check_planned(self):
        for order in self:
            if not order.technician_id or not order.planned_start:
                raise ServiceError(_("%s: choose a technician and a start first.", order.name))

    def _check_done(self):
        for order in self:
            if not (order.result or "").strip():
                raise ServiceError(_("%s: write down the result first.", order.name))
            if order.step_done_count < order.step_count:
                raise ServiceError(_("%s: tick every step of the checklist first.", order.name))

    def _plan_when_ready(self):
        """Follow the planning: complete makes it planned, taken back makes it to plan again."""
        ready = self.filtered(lambda order: order.technician_id and order.planned_start)
        ready.filtered(lambda order: order.state == "draft")._move_from("draft")
        undone = (self - ready).filtered(lambda order: order.state == "planned")
        undone._write_state({"state": "draft", "planned_on": False})

    # Guards ----------------------------------------------------------------------------------------------------

    def _write_state(self, vals):
        if self:
            self.with_context(crm_service_transition=_TRANSITION).write(vals)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("signature"):
            self._write_state({"signed_on": fields.Datetime.now()})
        return result

    def _get_protected_fields(self):
        return _STATE_FIELDS

    def _check_protected_fields(self, names):
        """Refuse states and moments that do not come from the steps above."""
        if self.env.context.get("crm_service_transition") is _TRANSITION:
            return
        forged = _STATE_FIELDS & set(names)
        if forged:
            raise ServiceError(_("The state of a work order changes with its buttons only: Plan, Start, Arrive, Done."))

    def _check_plannable(self):
        """Refuse to re-plan what has begun or is over."""
        fixed = self.filtered(lambda order: order.state not in ("draft", "planned", "cancel"))
        if fixed:
            raise ServiceError(
                _("%s: the work has begun, so technician and time stay as they are.", ", ".join(fixed.mapped("name")))
            )

    def _check_reportable(self):
        """Refuse to change the report of closed work; a dispatcher may still correct it."""
        if self.env.su or self.env.user.has_group("crm_service.group_dispatcher"):
            return
        closed = self.filtered(lambda order: order.state in ("done", "cancel"))
        if closed:
            raise ServiceError(
                _("%s: the work order is closed. Ask the dispatcher to correct it.", ", ".join(closed.mapped("name")))
            )
