# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models

from ..engine.handover import HandoverKind
from ..exceptions import CrmUserError, OwnershipError

#: What only the steps below write
STEPS = frozenset({"state", "date_preview", "date_done", "user_id", "move_ids", "share_ids"})


class CrmHandover(models.Model):
    """What one person works on goes to others: by rules, previewed, in one transaction.

    ``draft`` → ``previewed`` (every record and its receiver are written down in ``crm.handover.move``) → ``done`` (the
    same rows are the log). The plan: crm_handover_plan.py; the moving: crm_handover_moving.py.
    """

    _name = "crm.handover"
    _description = "Handover"
    _order = "id desc"
    _rec_name = "from_user_id"

    from_user_id = fields.Many2one(
        "res.users",
        string="Who Hands Over",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
        context={"active_test": False},
    )
    state = fields.Selection(
        [("draft", "Draft"), ("previewed", "Preview"), ("done", "Handed Over")],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    kind_ids = fields.One2many("crm.handover.kind", "handover_id", string="What Goes Along", copy=True)
    rule_ids = fields.One2many("crm.handover.rule", "handover_id", string="To Whom", copy=True)
    share_ids = fields.One2many("crm.handover.share", "handover_id", string="Who Gets What", readonly=True)
    move_ids = fields.One2many("crm.handover.move", "handover_id", string="Records", readonly=True)
    note = fields.Char(string="Reason", help="Goes into the ownership history of every customer and lead.")
    archive_user = fields.Boolean(string="Archive Afterwards", help="The person has left: archive the user in the same step.")
    can_archive = fields.Boolean(compute="_compute_can_archive")
    hint = fields.Text(compute="_compute_hint", help="What to know before handing over.")
    date_preview = fields.Datetime(string="Previewed On", readonly=True, copy=False)
    date_done = fields.Datetime(string="Handed Over On", readonly=True, copy=False)
    user_id = fields.Many2one("res.users", string="Handed Over By", readonly=True, copy=False, ondelete="restrict")

    # ------------------------------------------------------------------
    # Contract
    # ------------------------------------------------------------------
    @api.model
    def _get_kinds(self):
        """The kinds of records that are handed over, in the order in which they move; activities come last.

        Addons insert theirs before the last one.

        :return: list of :class:`HandoverKind`; labels in the current language
        """
        salesman = "sales_team.group_sale_salesman"
        return [
            HandoverKind(
                "customer",
                _("Customers"),
                "res.partner",
                [("is_customer", "=", True), ("active", "=", True), "|", ("is_company", "=", True), ("parent_id", "=", False)],
                group=salesman,
                mover="_move_held",
            ),
            HandoverKind(
                "lead",
                _("Leads and Opportunities"),
                "crm.lead",
                [("active", "=", True), "|", ("probability", "=", False), ("probability", "<", 100)],
                group=salesman,
                mover="_move_held",
            ),
            HandoverKind("activity", _("Activities"), "mail.activity", mover="_move_activities"),
        ]

    @api.model
    def _get_kind_selection(self):
        return [(kind.key, kind.label) for kind in self._get_kinds()]

    # ------------------------------------------------------------------
    # Defaults and computed fields
    # ------------------------------------------------------------------
    @api.model
    def default_get(self, fields_list):
        """Every kind goes along."""
        values = super().default_get(fields_list)
        if "kind_ids" in fields_list:
            values["kind_ids"] = self._prepare_kinds()
        return values

    @api.model
    def _prepare_kinds(self):
        return [(0, 0, {"kind": kind.key, "sequence": number}) for number, kind in enumerate(self._get_kinds())]

    @api.depends_context("uid")
    def _compute_can_archive(self):
        self.can_archive = self.env["res.users"].check_access_rights("write", raise_exception=False)

    @api.depends("state", "share_ids", "archive_user")
    @api.depends_context("lang")
    def _compute_hint(self):
        for handover in self:
            handover.hint = "\n".join(handover._get_hints()) if handover.state == "previewed" else False

    def _get_hints(self):
        """What the preview does not say by itself (texts)."""
        shares = self.sudo().share_ids
        staying = sum(shares.filtered(lambda share: not share.to_user_id).mapped("number"))
        hints = []
        if not shares:
            hints.append(_("%s has nothing open of what you chose.", self.from_user_id.name))
        if staying:
            hints.append(
                _(
                    "%d records stay: no rule takes them (a last rule without conditions takes what is left), or they are "
                    "activities on something the receiver may not see.",
                    staying,
                )
            )
        return hints + self._get_limit_hints(shares)

    def _get_limit_hints(self, shares):
        """Receiving is never limited, but whoever then holds more than their limit claims nothing for a while."""
        hints = []
        for user in shares.to_user_id.filtered("crm_claim_limit_held"):
            got = sum(share.number for share in shares if share.to_user_id == user and share.kind in ("customer", "lead"))
            held = self.env["crm.pool"]._count_held(user)[1] + got
            if held > user.crm_claim_limit_held:
                hints.append(
                    _(
                        "%(user)s will hold %(held)d leads and customers (limit %(limit)d) and can claim none for now.",
                        user=user.name,
                        held=held,
                        limit=user.crm_claim_limit_held,
                    )
                )
        return hints

    # ------------------------------------------------------------------
    # Guard
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_steps(vals)
        return super().create([{"kind_ids": self._prepare_kinds(), **vals} for vals in vals_list])

    def write(self, vals):
        self._check_steps(vals)
        self._check_not_done()
        return super().write(vals)

    def unlink(self):
        self._check_not_done()
        return super().unlink()

    @api.model
    def _check_steps(self, vals):
        if not self.env.su and any(vals.get(name) for name in STEPS & vals.keys()):
            raise CrmUserError(_("Use the buttons: Preview, then Hand Over."))

    def _check_not_done(self):
        if not self.env.su and any(handover.state == "done" for handover in self.sudo()):
            raise CrmUserError(_("This has been handed over. What happened stays written; hand over anew to change it."))

    def _check_allowed(self):
        """Directors hand over everybody's, leaders that of their teams' people.

        :raise OwnershipError: saying who may
        """
        actor, giver = self.env.user, self.sudo().from_user_id
        if not actor._may_assign():
            raise OwnershipError(_("Only team leaders and sales directors hand over the work of others."))
        if actor._may_own_for_all():
            return
        for user in giver | self.sudo().rule_ids.receiver_ids:
            if not actor._leads_user(user):
                raise OwnershipError(_("%(user)s is in none of your teams. Ask a sales director to hand it over.", user=user.name))

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------
    @api.model
    def _open_for(self, user, archive=False):
        """The form of a new handover of this user."""
        return {
            "type": "ir.actions.act_window",
            "name": _("Hand Over: %s", user.name),
            "res_model": self._name,
            "views": [(False, "form")],
            "context": {"default_from_user_id": user.id, "default_archive_user": archive},
        }

    def action_open_moves(self):
        """All records, by kind and receiver."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": _("Records of the Handover: %s", self.from_user_id.name),
            "res_model": "crm.handover.move",
            "views": [(False, "list")],
            "domain": [("handover_id", "=", self.id)],
            "context": {"group_by": ["to_user_id", "kind"]},
        }
