# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import Counter, defaultdict

from odoo import _, api, fields, models
from odoo.osv import expression
from psycopg2 import sql

from ..engine.handover import Anchor, share_out
from ..exceptions import CrmUserError


class CrmHandover(models.Model):
    """Who would get what: worked out from the database, at a number of queries that does not grow with the records."""

    _inherit = "crm.handover"

    def action_preview(self):
        """Work out who gets what and write it down; nothing moves yet."""
        self.ensure_one()
        self._check_not_done()
        self._check_allowed()
        handover = self.sudo()
        plan = handover._get_plan()
        handover._check_receivers(plan)
        self.env["crm.handover.move"].sudo()._replace(handover, handover._prepare_rows(plan))
        handover.write({"state": "previewed", "date_preview": fields.Datetime.now()})
        return True

    def _prepare_rows(self, plan):
        """Rows of ``crm.handover.move._replace``."""
        rows = []
        for kind in self._get_kinds():
            receivers = plan.get(kind.key, {})
            records = self.env[kind.model].browse(receivers)
            rows += [(kind.key, kind.model, record_id, name, receivers[record_id]) for record_id, name in records.name_get()]
        return rows

    # ------------------------------------------------------------------
    # What is open
    # ------------------------------------------------------------------
    def _get_open_domain(self, kind, user, companies=None):
        """Domain of the records of a kind on which the user works; companies: of these only, and of none."""
        domain = expression.AND([[(kind.owner, "=", user.id)], list(kind.domain)])
        if companies is not None and "company_id" in self.env[kind.model]._fields:
            domain = expression.AND([[("company_id", "in", [False, *companies.ids])], domain])
        return domain

    @api.model
    def _count_open_of(self, user):
        """{key of the kind: number} of what the user works on, in all companies; kinds without any are left out."""
        numbers = {}
        for kind in self._get_kinds():
            model = self.env[kind.model].sudo().with_context(active_test=False)
            numbers[kind.key] = model.search_count(self._get_open_domain(kind, user))
        return {key: number for key, number in numbers.items() if number}

    def _count_open(self):
        """:meth:`_count_open_of` of this handover, if the current user may know."""
        try:
            self._check_allowed()
        except CrmUserError:
            return {}
        return self._count_open_of(self.from_user_id)

    # ------------------------------------------------------------------
    # The plan
    # ------------------------------------------------------------------
    def _get_plan(self):
        """{key of the kind: {record id: user id, or None where no rule matches}}, in sudo mode.

        Records of companies in which the current user does not work are left out.
        """
        open_ids = self._get_open_ids()
        anchors = self._get_anchors(open_ids)
        weights = Counter(anchor for by_id in anchors.values() for anchor in by_id.values())
        shares = [rule._get_share(weights) for rule in self.rule_ids.sorted()]
        receivers = share_out(weights, shares)
        plan = {key: {rid: receivers.get(anchor) for rid, anchor in by_id.items()} for key, by_id in anchors.items()}
        self._settle_activities(plan)
        return plan

    def _is_included(self, key):
        return key in self.kind_ids.filtered("included").mapped("kind")

    def _get_open_ids(self):
        """{key of the kind: ids} of the chosen kinds, and of the activities, which go along with what moves."""
        open_ids = {}
        for kind in self._get_kinds():
            if kind.key == "activity" or self._is_included(kind.key):
                model = self.env[kind.model].with_context(active_test=False)
                domain = self._get_open_domain(kind, self.from_user_id, self.env.user.company_ids)
                open_ids[kind.key] = model.search(domain, order="id").ids
        return open_ids

    def _settle_activities(self, plan):
        """Activities on what moves go with it. Others go too if that kind is chosen, but to nobody who could not see
        the record they are about: these stay. One query per receiver and model."""
        models_by_key = {kind.key: kind.model for kind in self._get_kinds() if kind.key != "activity"}
        moving = {(models_by_key[key], rid): user_id for key in models_by_key for rid, user_id in plan.get(key, {}).items()}
        included, receivers = self._is_included("activity"), plan["activity"]
        others = defaultdict(list)
        for activity in self.env["mail.activity"].browse(receivers):
            user_id = receivers[activity.id]
            if user_id and moving.get((activity.res_model, activity.res_id)) == user_id:
                continue
            if not included:
                del receivers[activity.id]
            elif user_id:
                others[user_id, activity.res_model].append(activity)
        for (user_id, model_name), activities in others.items():
            seen = self._get_readable(user_id, model_name, {activity.res_id for activity in activities})
            receivers.update({activity.id: None for activity in activities if activity.res_id not in seen})

    def _get_readable(self, user_id, model_name, ids):
        """Those of the records that the user may read."""
        model = self.env.get(model_name)
        if model is None:
            return set()
        model = model.with_user(user_id).with_context(active_test=False)
        return set(model.search([("id", "in", list(ids))]).ids) if model.check_access_rights("read", False) else set()

    def _get_anchors(self, open_ids):
        """{key of the kind: {record id: :class:`Anchor`}}; one query per kind, and per model that has activities."""
        anchors = {}
        for kind in self._get_kinds():
            if kind.key in open_ids and kind.model != "mail.activity":
                anchors[kind.key] = self._get_anchors_of(kind.model, open_ids[kind.key])
        by_model = defaultdict(list)
        activities = self.env["mail.activity"].browse(open_ids["activity"])
        for activity in activities:
            by_model[activity.res_model].append(activity.res_id)
        of_documents = {name: self._get_anchors_of(name, ids) for name, ids in by_model.items() if name in self.env}
        anchors["activity"] = {
            activity.id: of_documents.get(activity.res_model, {}).get(activity.res_id) or Anchor("mail.activity", activity.id)
            for activity in activities
        }
        return anchors

    def _get_anchors_of(self, model_name, ids):
        """{id: :class:`Anchor`} of records: the company of the partner they name, or themselves. One query."""
        model = self.env[model_name]
        partner = "id" if model_name == "res.partner" else "partner_id"
        if not ids or (partner != "id" and not self._has_partner_column(model)):
            return {record_id: Anchor(model_name, record_id) for record_id in ids}
        model.flush()
        query = sql.SQL(
            "SELECT record.id, partner.commercial_partner_id FROM {table} AS record"
            " LEFT JOIN res_partner AS partner ON partner.id = record.{partner} WHERE record.id = ANY(%s)"
        ).format(table=sql.Identifier(model._table), partner=sql.Identifier(partner))
        self.env.cr.execute(query, (list(ids),))
        return {
            record_id: Anchor("res.partner", company_id) if company_id else Anchor(model_name, record_id)
            for record_id, company_id in self.env.cr.fetchall()
        }

    def _has_partner_column(self, model):
        field = model._fields.get("partner_id")
        return model._auto and field is not None and field.comodel_name == "res.partner" and bool(field.column_type) and field.store

    # ------------------------------------------------------------------
    # Whether they can take it
    # ------------------------------------------------------------------
    def _check_receivers(self, plan):
        """:raise CrmUserError: when somebody could not work on what the plan gives them"""
        rules = self.rule_ids
        if not rules.receiver_ids:
            raise CrmUserError(_("Choose who gets it: one person, or several who share it."))
        if self.from_user_id in rules.receiver_ids:
            raise CrmUserError(_("%s cannot get their own work. Choose somebody else.", self.from_user_id.name))
        for user in rules.with_context(active_test=False).receiver_ids:
            if user.share or not user.active:
                raise CrmUserError(_("%s is no active colleague. Choose somebody else.", user.name))
        for kind in self._get_kinds():
            receivers = plan.get(kind.key, {})
            self._check_group(kind, self.env["res.users"].browse(set(receivers.values()) - {None}))
            self._check_companies(kind, receivers)

    def _check_group(self, kind, users):
        for user in users:
            if kind.group and not user.with_user(user).has_group(kind.group):
                raise CrmUserError(
                    _(
                        "%(user)s cannot work on %(kind)s. Leave that kind out, or choose somebody with the role for it.",
                        user=user.name,
                        kind=kind.label,
                    )
                )

    def _check_companies(self, kind, receivers):
        model = self.env[kind.model]
        if "company_id" not in model._fields or not model._fields["company_id"].store:
            return
        by_user = defaultdict(list)
        for record_id, user_id in receivers.items():
            if user_id:
                by_user[user_id].append(record_id)
        for user in self.env["res.users"].browse(by_user):
            domain = [("id", "in", by_user[user.id]), ("company_id", "not in", [False, *user.company_ids.ids])]
            outside = model.with_context(active_test=False).search(domain, limit=1)
            if outside:
                raise CrmUserError(
                    _(
                        "“%(record)s” belongs to %(company)s, where %(user)s does not work. Choose somebody else.",
                        record=outside.display_name,
                        company=outside.company_id.name,
                        user=user.name,
                    )
                )
