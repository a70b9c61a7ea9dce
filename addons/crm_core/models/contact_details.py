# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Masking of customers' contact details on every way out of the ORM.

Internal users without ``crm_core.group_contact_details`` get :data:`MASK` instead of a customer's phone, mobile,
e-mail, WeChat, street or notes. Values are masked in what the public methods *return*: the record cache
keeps the real value, so code that runs for such a user (the mail of an invoice, a stored related field)
still works with it, and ``sudo()`` is never masked.

To protect a model, an addon overrides up to three hooks::

    class HelpdeskTicket(models.Model):
        _inherit = "helpdesk.ticket"
        _contact_details_path = "partner_id"

        @api.model
        def _get_contact_detail_fields(self):
            return super()._get_contact_detail_fields() | {"partner_email"}

Related fields that end in a masked field (also through ``_inherits``) are masked without being named.
Searching, ordering and grouping by these fields: see contact_details_search.py.
"""
from odoo import api, models, tools

MASK = "******"


class Base(models.AbstractModel):
    _inherit = "base"

    #: Path to the partner (or other protected record) that decides; None: the details are hidden on every record
    _contact_details_path = None
    #: Whether messages, activities and attachments of a hidden record are hidden, too
    _contact_details_follow_ups = False
    #: Whether record rules keep sales reps and leaders from other people's records, so that these need no masks
    _contact_details_guarded = False

    # ------------------------------------------------------------------
    # Contract
    # ------------------------------------------------------------------
    @api.model
    def _get_contact_detail_fields(self):
        """Names of this model's fields that hold contact details (a set; unknown names are ignored)."""
        return set()

    def _contact_details_hidden(self):
        """The records of ``self`` whose contact details ``self.env.user`` may not see.

        Called with ``self`` in sudo mode, and only for users to whom masking applies at all. ``self`` may be
        a new record of an onchange. Must not search per record.
        """
        if not self._contact_details_path:
            return self
        hidden = self.mapped(self._contact_details_path)._contact_details_hidden()
        return self.filtered(lambda record: record.mapped(self._contact_details_path) & hidden)

    @api.model
    @tools.ormcache()
    def _contact_detail_paths(self):
        """{field name: path to the record that decides ("" is the record itself)} of this model."""
        paths = {name: self._contact_detail_path(name) for name in self._fields}
        return {name: path for name, path in paths.items() if path is not None}

    @api.model
    def _contact_detail_path(self, name):
        """Path to the record that decides about a field; None: no contact detail.

        Follows related fields. A record that is named after a contact detail must not be named elsewhere either.
        """
        if name in self._get_contact_detail_fields():
            return ""
        field = self._fields.get(name)
        if name == "display_name" and self._rec_name:
            return self._contact_detail_path(self._rec_name)
        if field is None or not (field.related or field.type == "many2one"):
            return None
        *steps, last = field.related or (name, "display_name")
        model = self
        for step in steps:
            model = self.env[model._fields[step].comodel_name]
        rest = model._contact_detail_path(last)
        return None if rest is None else ".".join([*steps, rest] if rest else steps)

    # ------------------------------------------------------------------
    # Decision
    # ------------------------------------------------------------------
    @api.model
    def _masked_contact_details(self, unsaved=False):
        """:meth:`_contact_detail_paths` as far as they may be hidden from the current user, mostly {}.

        :param unsaved: for the values of an onchange, which no record rule has judged
        """
        paths = self._contact_detail_paths()
        if not paths or self.env.su:
            return {}
        user = self.env.user
        if not user._sees_contact_details():
            return paths
        if user._is_crm_limited():
            guarded = self._contact_details_guarded and not unsaved
            return {name: path for name, path in paths.items() if path or not guarded}
        return {}

    def _hidden_contact_details(self, names, unsaved=False):
        """{field name: ids of the records on which it is hidden from the current user}."""
        masked = self._masked_contact_details(unsaved=unsaved)
        wanted = {name: masked[name] for name in names if name in masked}
        ids_by_path = {path: self._ids_with_hidden_details(path) for path in set(wanted.values())}
        return {name: ids_by_path[path] for name, path in wanted.items() if ids_by_path[path]}

    def _ids_with_hidden_details(self, path):
        records = self.sudo()
        if not path:
            return set(records._contact_details_hidden()._ids)
        hidden = records.mapped(path)._contact_details_hidden()
        return {record.id for record in records if record.mapped(path) & hidden}

    @api.model
    def _hidden_follow_ups(self, ids_by_model):
        """Which documents' messages, activities and attachments are hidden from the current user.

        :param ids_by_model: {model name: ids of documents}
        :return: set of (model name, id); one call of the model's decision per model
        """
        hidden = set()
        for model_name, ids in ids_by_model.items():
            model = self.env.get(model_name)
            if model is not None and model._contact_details_follow_ups:
                records = model.sudo().browse(ids).exists()
                hidden.update((model_name, record.id) for record in records._contact_details_hidden())
        return hidden

    @api.model
    def _mask_value(self, value):
        """Text and names become the mask, an empty value stays empty, anything else becomes empty."""
        if not value or isinstance(value, str):
            return value and MASK
        if isinstance(value, tuple):
            return (value[0], MASK)
        return [] if isinstance(value, list) else False

    # ------------------------------------------------------------------
    # Ways out
    # ------------------------------------------------------------------
    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load=load)
        self._mask_read(result, fnames)
        return result

    def _mask_read(self, vals_list, fnames):
        """Mask what :meth:`read` returns, in place."""
        hidden = self.browse(vals["id"] for vals in vals_list)._hidden_contact_details(fnames)
        for name, ids in hidden.items():
            for vals in vals_list:
                if vals["id"] in ids:
                    vals[name] = self._mask_value(vals[name])

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        if not self.env.su:
            # Odoo exports computed fields to people whose groups do not have them
            self.check_field_access_rights("read", [path[0] for path in fields if path and path[0] in self._fields])
        hidden = self._hidden_contact_details({path[0] for path in fields if path})
        if not hidden:
            return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)
        # one more column tells the rows of the records themselves from those of their lines
        rows = super()._export_rows([*fields, [".id"]], _is_toplevel_call=_is_toplevel_call)
        for row in rows:
            record_id = row.pop()
            for column, path in enumerate(fields):
                if record_id and path and int(record_id) in hidden.get(path[0], ()):
                    row[column] = self._mask_value(row[column])
        return rows

    def name_get(self):
        hidden = self._hidden_contact_details(["display_name"]).get("display_name", ())
        return [(record_id, MASK if record_id in hidden else name) for record_id, name in super().name_get()]

    @api.model
    def name_search(self, name="", args=None, operator="ilike", limit=100):
        result = super().name_search(name=name, args=args, operator=operator, limit=limit)
        if "display_name" in self._masked_contact_details():
            return self.browse([record_id for record_id, _name in result]).name_get()
        return result

    def copy_data(self, default=None):
        result = super().copy_data(default=default)
        hidden = self._hidden_contact_details(self._masked_contact_details())
        for record, vals in zip(self, result):
            for name, ids in hidden.items():
                if record.id in ids and name not in (default or {}):
                    vals.pop(name, None)
        return result

    @api.model
    def default_get(self, fields_list):
        return self._without_foreign_details(super().default_get(fields_list))

    @api.model
    def _without_foreign_details(self, defaults):
        """Defaults without the contact details that do not come from the caller."""
        for name in self._masked_contact_details():
            if name in defaults and defaults[name] != self.env.context.get("default_" + name):
                del defaults[name]
        return defaults

    def onchange(self, values, field_name, field_onchange):
        if not self.env.su:
            self._check_may_fill_in()
            field_onchange = {path: spec for path, spec in field_onchange.items() if self._may_see_field(path)}
        result = super().onchange(values, field_name, field_onchange)
        if not self.env.su and result.get("value"):
            self._mask_onchange(values, result["value"])
        return result

    @api.model
    def _check_may_fill_in(self):
        """Odoo's onchange computes for whoever asks; related fields then tell what the user has no right to.

        :raise AccessError: the user may neither read nor create such records, so has no form of them
        """
        if not self.check_access_rights("create", raise_exception=False):
            self.check_access_rights("read")

    @api.model
    def _may_see_field(self, path):
        """Whether the current user's groups have all fields on a path; Odoo's onchange does not ask."""
        model = self
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            if field is None:
                return True
            if field.groups and not self.user_has_groups(field.groups):
                return False
            model = self.env.get(field.comodel_name) if field.comodel_name else None
        return True

    def _mask_onchange(self, values, changes):
        """Mask what :meth:`onchange` returns for the record and its lines, in place."""
        names = [name for name in self._masked_contact_details(unsaved=True) if changes.get(name)]
        if names:
            record = self.new({**values, **changes}, origin=self)
            for name in record._hidden_contact_details(names, unsaved=True):
                changes[name] = self._mask_value(changes[name])
        for name, commands in changes.items():
            field = self._fields.get(name)
            if field is not None and field.type in ("one2many", "many2many"):
                lines = self.env[field.comodel_name]
                for command in commands or []:
                    if command[0] in (0, 1) and command[2]:
                        line = lines.browse(command[1]) if command[0] == 1 else lines
                        line._mask_onchange({}, command[2])

    # ------------------------------------------------------------------
    # Way back in: a mask that was read is never stored
    # ------------------------------------------------------------------
    @api.model
    def _without_masks(self, vals_list):
        """``vals_list`` as it is, or copies without the masks in it."""
        masked = self._masked_contact_details()
        if not any(vals.get(name) == MASK for name in masked for vals in vals_list):
            return vals_list
        return [
            {name: value for name, value in vals.items() if name not in masked or value != MASK} for vals in vals_list
        ]

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._without_masks(vals_list))

    def write(self, vals):
        return super().write(self._without_masks([vals])[0])
