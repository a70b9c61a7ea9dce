# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.condition import parse, read, say
from ..engine.flow_chart import Box, draw


class CrmAutomation(models.Model):
    """An automation in the reader's words, and drawn."""

    _inherit = "crm.automation"

    summary = fields.Text(compute="_compute_words")
    flow_chart = fields.Html(compute="_compute_words", sanitize=False)

    @api.depends(
        "name", "model", "trigger", "trigger_field_id", "date_field_id", "delay", "delay_unit", "delay_side", "or_created",
        "condition", "step_ids.words",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_words(self):
        for automation in self:
            when, condition = automation._say_when(), automation._say_condition()
            steps = [step.words for step in automation.step_ids if step.words]
            automation.summary = automation._say_all(when, condition, steps)
            automation.flow_chart = automation._draw(when, condition, steps)

    def _say_all(self, when, condition, steps):
        done = "\n".join("%d. %s" % numbered for numbered in enumerate(steps, 1)) or _("nothing yet: add a step")
        lines = [_("When: %s", when)]
        lines += [_("If: %s", condition)] if condition else []
        return "\n".join([*lines, _("Then:"), done])

    def _draw(self, when, condition, steps):
        boxes = [Box("when", _("When"), when)]
        boxes += [Box("if", _("If"), condition)] if condition else []
        for number, step in enumerate(steps, 1):
            boxes.append(Box("then", _("Then %s", number), step))
        return draw(boxes, _("Yes"), _("No"), self.name or _("Automation"))

    # -- when --------------------------------------------------------------------------------------------------------

    def _say_when(self):
        what = dict(self._get_model_choices()).get(self.model, "")
        if self.trigger == "created":
            return _("%s: created", what)
        if self.trigger == "changed":
            return _("%(what)s: “%(field)s” is changed", what=what, field=self.trigger_field_id.field_description or "…")
        if self.trigger == "moved":
            return _("%s: moves to another stage", what)
        return self._say_time(what)

    def _say_time(self, what):
        unit = dict(self._fields["delay_unit"]._description_selection(self.env)).get(self.delay_unit)
        parts = {"what": what, "delay": self.delay, "unit": unit, "date": self.date_field_id.field_description or "…"}
        if self.delay_side == "before":
            said = _("%(what)s: %(delay)s %(unit)s before “%(date)s”", **parts)
        else:
            said = _("%(what)s: %(delay)s %(unit)s after “%(date)s”", **parts)
        return said + (_(" (where it is empty: after creation)") if self.or_created else "")

    # -- if ----------------------------------------------------------------------------------------------------------

    def _say_condition(self):
        """The condition in words, "" if there is none."""
        try:
            domain = parse(self.condition)
        except ValueError:
            return _("cannot be read")
        words = {"and": _(" and "), "or": _(" or "), "not": _("not (%s)")}
        return say(read(domain), self._say_leaf, words) if domain else ""

    def _say_leaf(self, leaf):
        field, label = self._follow(leaf.field)
        operator, value = leaf.operator, leaf.value
        if value in (False, None, []) and operator in ("=", "!=") and not (field is not None and field.type == "boolean"):
            return _("“%s” is empty", label) if operator == "=" else _("“%s” is filled in", label)
        if field is not None and field.type == "boolean":
            return _("“%s”: yes", label) if bool(value) == (operator == "=") else _("“%s”: no", label)
        return self._get_operator_words(operator) % {"field": label, "value": self._say_value(field, value)}

    @api.model
    def _get_operator_words(self, operator):
        words = {
            "=": _("“%(field)s” is %(value)s"),
            "!=": _("“%(field)s” is not %(value)s"),
            "in": _("“%(field)s” is one of %(value)s"),
            "not in": _("“%(field)s” is none of %(value)s"),
            ">": _("“%(field)s” is above %(value)s"),
            ">=": _("“%(field)s” is at least %(value)s"),
            "<": _("“%(field)s” is below %(value)s"),
            "<=": _("“%(field)s” is at most %(value)s"),
            "not like": _("“%(field)s” does not contain %(value)s"),
            "not ilike": _("“%(field)s” does not contain %(value)s"),
            "child_of": _("“%(field)s” is %(value)s or below"),
        }
        return words.get(operator, _("“%(field)s” contains %(value)s"))

    def _follow(self, path):
        """(last field or None, labels of the path)."""
        model_name, field, labels = self.model, None, []
        for name in path.split("."):
            field = self.env[model_name]._fields.get(name) if model_name else None
            if field is None:
                return None, path
            labels.append(field._description_string(self.env))
            model_name = field.comodel_name
        return field, " › ".join(labels)

    def _say_value(self, field, value):
        if isinstance(value, (list, tuple)):
            return ", ".join(self._say_value(field, one) for one in value)
        if field is not None and field.type == "selection":
            value = dict(field._description_selection(self.env)).get(value, value)
        elif field is not None and field.relational and isinstance(value, int):
            record = self.env[field.comodel_name].search([("id", "=", value)])
            value = record.display_name or value
        return str(value)


class CrmAutomationStep(models.Model):
    """A step in the reader's words."""

    _inherit = "crm.automation.step"

    words = fields.Char(string="What Happens", compute="_compute_words")

    @api.depends(
        "kind", "who", "user_id", "activity_type_id", "days", "subject", "channel_id", "template_id", "field_id", "value_text",
        "value_number", "value_yes_no", "value_days", "value_choice_id", "value_ref",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_words(self):
        for step in self:
            step.words = getattr(step, "_say_" + step.kind)() if step.kind else ""

    def _say_person(self):
        if self.who == "user":
            return self.user_id.name or "…"
        return {"owner": _("the owner"), "leader": _("the team's leader")}.get(self.who, "…")

    def _say_activity(self):
        what = self.activity_type_id.name or "…"
        return _(
            "Plan “%(what)s” for %(who)s, due in %(days)s days",
            what=": ".join(filter(None, (what, self.subject))),
            who=self._say_person(),
            days=self.days,
        )

    def _say_notify(self):
        return _("Tell %(who)s: %(text)s", who=self._say_person(), text=self.subject or "…")

    def _say_robot(self):
        return _("Post to “%(robot)s”: %(text)s", robot=self.channel_id.name or "…", text=self.subject or "…")

    def _say_assign(self):
        return _("Give it to %s", self._say_person())

    def _say_tag(self):
        return _("Add the tag “%s”", self.value_ref.display_name if self.value_ref else "…")

    def _say_set(self):
        return _("Set “%(field)s” to %(value)s", field=self.field_id.field_description or "…", value=self._say_set_value())

    def _say_set_value(self):
        kind = self.field_type
        if kind in ("date", "datetime"):
            return _("%s days from then", self.value_days)
        if kind == "boolean":
            return _("yes") if self.value_yes_no == "yes" else _("no")
        if kind == "selection":
            return self.value_choice_id.name or "…"
        if kind == "many2one":
            return self.value_ref.display_name if self.value_ref else "…"
        if kind in ("integer", "float", "monetary"):
            return "%g" % self.value_number
        return self.value_text or "…"

    def _say_mail(self):
        return _("Send the e-mail “%s”", self.template_id.name or "…")
