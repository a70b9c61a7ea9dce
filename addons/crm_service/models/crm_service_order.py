# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..exceptions import ServiceError

#: What a technician may write on own work orders; everything else is the office's.
REPORT_FIELDS = {"fault", "result", "checklist_ids", "signature", "signed_by", "photo_ids"}
#: Who goes where and when: the dispatcher's.
PLANNING_FIELDS = {"technician_id", "planned_start", "planned_end"}
#: Fields of the mail mixins that messages and activities write by themselves.
MAIL_FIELDS = {"message_follower_ids", "message_ids", "activity_ids", "message_main_attachment_id"}


class CrmServiceOrder(models.Model):
    """Work to do for a customer: who, where, when, what was found and what was done."""

    _name = "crm.service.order"
    _description = "Work Order"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "planned_start, priority desc, id"

    name = fields.Char(string="Number", readonly=True, copy=False, default="/", index=True)
    kind = fields.Selection(
        [
            ("on_site", "On-site"),
            ("in_store", "In-store"),
            ("depot", "Return to Depot"),
            ("installation", "Installation"),
            ("inspection", "Inspection"),
        ],
        required=True,
        default="on_site",
        tracking=True,
    )
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], default="0")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, tracking=True)
    address_id = fields.Many2one(
        "res.partner",
        string="Address",
        compute="_compute_address_id",
        store=True,
        readonly=False,
        help="Where the work is done; the customer's own address if empty.",
    )
    site_name = fields.Char(compute="_compute_site", compute_sudo=True, string="Site")
    site_address = fields.Char(compute="_compute_site", compute_sudo=True, string="Site Address")
    site_phone = fields.Char(compute="_compute_site", compute_sudo=True, string="Phone")
    asset_id = fields.Many2one("crm.service.asset", string="Installed Product", index=True)
    product_id = fields.Many2one(
        "product.product", compute="_compute_from_asset", store=True, readonly=False, index=True
    )
    lot_id = fields.Many2one(
        "stock.production.lot", compute="_compute_from_asset", store=True, readonly=False, string="Lot/Serial Number"
    )
    in_warranty = fields.Boolean(compute="_compute_in_warranty", compute_sudo=True)
    ticket_id = fields.Many2one("helpdesk.ticket", index=True, copy=False)
    sale_order_id = fields.Many2one("sale.order", string="Sales Order", index=True, copy=False)
    picking_id = fields.Many2one("stock.picking", string="Delivery", index=True, copy=False)
    from_delivery = fields.Boolean(readonly=True, copy=False, help="Opened by the delivery of the product.")
    technician_id = fields.Many2one(
        "res.users",
        index=True,
        tracking=True,
        copy=False,
        group_expand="_group_expand_technician_id",
        domain=lambda self: [("groups_id", "in", self.env.ref("crm_service.group_technician").ids)],
    )
    planned_start = fields.Datetime(index=True, tracking=True, copy=False)
    planned_end = fields.Datetime(compute="_compute_planned_end", store=True, readonly=False, copy=False)
    planned_window = fields.Char(compute="_compute_planned_window", string="When", help="In the reader's time zone.")
    checklist_ids = fields.One2many("crm.service.checklist.line", "order_id", string="Steps", copy=True)
    step_count = fields.Integer(compute="_compute_steps")
    step_done_count = fields.Integer(compute="_compute_steps")
    fault = fields.Text(help="What the customer reports, and what was found.")
    result = fields.Text(help="What was done. Needed to finish the work order.")
    signature = fields.Image(max_width=1024, max_height=1024, copy=False, attachment=True)
    signed_by = fields.Char(copy=False)
    photo_ids = fields.Many2many("ir.attachment", string="Photos", copy=False)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)

    _sql_constraints = [
        (
            "planned_order",
            "CHECK (planned_end IS NULL OR planned_start IS NULL OR planned_end >= planned_start)",
            "A work order cannot end before it starts. Correct the planned times.",
        ),
    ]

    def init(self):
        # a delivered product opens one work order, also when two transactions look at the delivery
        self.env.cr.execute(
            """
            CREATE UNIQUE INDEX IF NOT EXISTS crm_service_order_delivery_uniq
                ON crm_service_order (asset_id) WHERE from_delivery
            """
        )

    # Computed --------------------------------------------------------------------------------------------------

    @api.depends("partner_id", "asset_id")
    def _compute_address_id(self):
        for order in self:
            if order.asset_id and order.asset_id.partner_id == order.partner_id:
                order.address_id = order.asset_id.address_id
            elif order.address_id.commercial_partner_id != order.partner_id.commercial_partner_id:
                order.address_id = order.partner_id

    @api.depends("address_id", "partner_id")
    def _compute_site(self):
        """What a technician needs of the customer. Only who may read the work order reads it."""
        for order in self:
            site = order.address_id or order.partner_id
            place = (site.state_id.name, site.city, site.street, site.street2)
            order.site_name = site.display_name
            order.site_address = " ".join(filter(None, place))
            order.site_phone = site.mobile or site.phone or order.partner_id.mobile or order.partner_id.phone

    @api.depends("asset_id")
    def _compute_from_asset(self):
        for order in self.filtered("asset_id"):
            order.product_id = order.asset_id.product_id
            order.lot_id = order.asset_id.lot_id

    @api.depends("asset_id.warranty_until")
    def _compute_in_warranty(self):
        for order in self:
            order.in_warranty = order.asset_id.warranty_state == "in"

    @api.depends("planned_start")
    def _compute_planned_end(self):
        for order in self:
            if order.planned_start and (not order.planned_end or order.planned_end < order.planned_start):
                order.planned_end = fields.Datetime.add(order.planned_start, hours=2)

    @api.depends("planned_start", "planned_end")
    @api.depends_context("tz")
    def _compute_planned_window(self):
        for order in self:
            start, end = (
                fields.Datetime.context_timestamp(order, moment) if moment else None
                for moment in (order.planned_start, order.planned_end)
            )
            window = start.strftime("%m-%d %H:%M") if start else ""
            if start and end:
                window += end.strftime("–%H:%M" if end.date() == start.date() else " – %m-%d %H:%M")
            order.planned_window = window

    @api.depends("checklist_ids.done")
    def _compute_steps(self):
        for order in self:
            order.step_count = len(order.checklist_ids)
            order.step_done_count = len(order.checklist_ids.filtered("done"))

    @api.model
    def _group_expand_technician_id(self, users, domain, order):
        """Show every technician on the dispatch board, busy or not."""
        if not self.env.user.has_group("crm_service.group_dispatcher"):
            return users
        return users | users.search([("groups_id", "in", self.env.ref("crm_service.group_technician").ids)])

    @api.onchange("asset_id")
    def _onchange_asset_id(self):
        if self.asset_id:
            self.partner_id = self.asset_id.partner_id

    @api.constrains("technician_id")
    def _check_technician_id(self):
        for order in self:
            if order.technician_id and not order.technician_id.has_group("crm_service.group_technician"):
                raise ValidationError(
                    _(
                        "%s is no technician. Give the user the role Technician, or choose somebody else.",
                        order.technician_id.name,
                    )
                )

    def name_get(self):
        """Name the customer as well where the context asks for it, as the calendar does."""
        if not self.env.context.get("crm_service_show_site"):
            return super().name_get()
        return [(order.id, "%s · %s" % (order.site_name, order.name)) for order in self]

    # Create and write ------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        given = {name for vals in vals_list for name, value in vals.items() if value}
        given |= {key[len("default_") :] for key in self.env.context if key.startswith("default_")}
        self._check_protected_fields(given)
        self._check_role_fields(given)
        numbers = self._next_numbers(len(vals_list))
        orders = super().create([dict(vals, name=number) for vals, number in zip(vals_list, numbers)])
        orders._adopt_photos()
        orders._plan_when_ready()
        return orders

    def write(self, vals):
        self._check_protected_fields(vals)
        self._check_role_fields(vals)
        if PLANNING_FIELDS & set(vals):
            self._check_plannable()
        if REPORT_FIELDS & set(vals):
            self._check_reportable()
        result = super().write(vals)
        if "photo_ids" in vals:
            self._adopt_photos()
        if PLANNING_FIELDS & set(vals):
            self._plan_when_ready()
        return result

    def _check_role_fields(self, names):
        """Keep each role to its fields, whatever the route. Group membership is checked, not the view."""
        if self.env.su or self.env.user.has_group("crm_service.group_dispatcher"):
            return
        names = {name for name in names if name in self._fields} - MAIL_FIELDS - self._get_protected_fields()
        if self.env.user.has_group("crm_service.group_service_agent"):
            forbidden = names & PLANNING_FIELDS
        else:
            forbidden = names - REPORT_FIELDS
        if forbidden:
            labels = self.fields_get(forbidden, ["string"]).values()
            raise AccessError(
                _(
                    "Ask the dispatcher to change this on the work order: %s",
                    ", ".join(sorted(label["string"] for label in labels)),
                )
            )

    def _adopt_photos(self):
        """Tie freshly uploaded photos to their work order, so that whoever may read it sees them."""
        for order in self.filtered("photo_ids"):
            photos = order.sudo().photo_ids.filtered(
                lambda photo: not photo.res_id and photo.create_uid == self.env.user
            )
            photos.write({"res_model": self._name, "res_id": order.id})

    @api.model
    def _next_numbers(self, count):
        """Return ``count`` new numbers in two queries (a gapless or dated sequence takes more)."""
        sequence = self.env.ref("crm_service.sequence_service_order").sudo()
        if sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence.next_by_id() for _index in range(count)]
        self.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", ["ir_sequence_%03d" % sequence.id, count])
        return [sequence.get_next_char(number) for (number,) in self.env.cr.fetchall()]

    def unlink(self):
        if any(order.state not in ("draft", "cancel") for order in self):
            raise ServiceError(_("Cancel the work order before you delete it."))
        return super().unlink()

    # From deliveries and tickets -------------------------------------------------------------------------------

    @api.model
    def _create_from_assets(self, assets):
        """Open one work order for each of these delivered products that asks for service and has none yet.

        :param assets: ``crm.service.asset`` in superuser mode, made from deliveries
        """
        wanted = assets.filtered("product_id.service_required")
        known = self.search([("asset_id", "in", wanted.ids), ("from_delivery", "=", True)]).asset_id
        return self.create([self._prepare_from_asset(asset) for asset in wanted - known])

    @api.model
    def _prepare_from_asset(self, asset):
        return {
            "kind": asset.product_id.service_kind or "installation",
            "partner_id": asset.partner_id.id,
            "address_id": asset.address_id.id,
            "asset_id": asset.id,
            "product_id": asset.product_id.id,
            "lot_id": asset.lot_id.id,
            "picking_id": asset.move_id.picking_id.id,
            "sale_order_id": asset.sale_order_id.id,
            "company_id": asset.company_id.id,
            "from_delivery": True,
            "checklist_ids": [
                (0, 0, {"sequence": number, "name": step})
                for number, step in enumerate(asset.product_id.product_tmpl_id._get_service_steps(), 1)
            ],
        }
