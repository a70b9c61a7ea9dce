# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models, tools
from odoo.osv import expression

from ..exceptions import ContactDetailsError

#: Context keys with which Odoo puts address or e-mail into a partner's display name
_NAME_DETAILS = ("show_address", "show_address_only", "show_email")


class ResPartner(models.Model):
    _inherit = "res.partner"
    _contact_details_follow_ups = True
    _contact_details_guarded = True

    is_customer = fields.Boolean(
        string="Is a Customer",
        help="Customer-side partner: a customer, a contact of one, or who a lead is about. Contacts follow "
        "their company. Sales reps see only their own, and contact details are masked for some roles.",
    )
    wechat = fields.Char(string="WeChat")
    crm_lead_ids = fields.One2many(
        "crm.lead",
        "commercial_partner_id",
        string="Leads of the Company",
        context={"active_test": False},
    )

    def init(self):
        super().init()
        # Serves the record rule (customers of an owner); goes with the column when the addon is uninstalled.
        tools.create_index(
            self.env.cr, "res_partner_owner_is_customer_index", self._table, ["user_id", "is_customer"]
        )

    @api.model
    def _commercial_fields(self):
        return super()._commercial_fields() + ["is_customer"]

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_sales_customer(vals) for vals in vals_list])

    @api.model
    def _prepare_sales_customer(self, vals):
        """A company or person a sales rep or team leader enters is a customer, and theirs."""
        user = self.env.user
        if self.env.su or vals.get("parent_id") or not user._is_crm_limited():
            return vals
        vals = dict(vals)
        vals.setdefault("is_customer", self.env.context.get("default_is_customer", True))
        if vals["is_customer"]:
            vals.setdefault("user_id", self.env.context.get("default_user_id", user.id))
            vals.setdefault("team_id", self.env.context.get("default_team_id", user.sale_team_id.id))
        return vals

    def _mark_as_customer(self):
        """Make the companies of these partners (and so their contacts) customer-side.

        Internal users and the own companies never become customers. Called when a lead names a
        partner; addons above call it for their documents. One write for all that change.
        """
        partners = self.sudo().commercial_partner_id.filtered(lambda p: not p.is_customer and p.partner_share)
        if partners:
            own = self.env["res.company"].sudo().search([("partner_id", "in", partners.ids)]).partner_id
            (partners - own).write({"is_customer": True})

    # ------------------------------------------------------------------
    # Contact details (contract: contact_details.py)
    # ------------------------------------------------------------------
    @api.model
    def _get_contact_detail_fields(self):
        return super()._get_contact_detail_fields() | {
            "phone",
            "mobile",
            "phone_sanitized",
            "email",
            "email_normalized",
            "email_formatted",
            "wechat",
            "street",
            "street2",
            "zip",
            "contact_address",
            "partner_latitude",
            "partner_longitude",
            "comment",
            "activity_summary",
            "signup_url",
        }

    def _contact_details_hidden(self):
        """Customers, unless the user may see them; roles that know some of them otherwise extend this."""
        customers = self.filtered(
            lambda partner: partner.is_customer or (not partner._origin and partner.parent_id.is_customer)
        )
        user = self.env.user
        if not customers or not user._sees_contact_details():
            return customers
        domain = [("id", "in", customers._origin.ids)]
        visible = self.with_user(user).with_context(active_test=False).search(domain)
        return customers.filtered(lambda partner: partner._origin not in visible)

    def _get_name(self):
        if any(self.env.context.get(key) for key in _NAME_DETAILS) and self._details_hidden_from_user():
            self = self.with_context(**dict.fromkeys(_NAME_DETAILS, False))
        return super()._get_name()

    def _details_hidden_from_user(self):
        """Whether the contact details of this partner (ensure_one) are hidden from the current user."""
        return bool(self._hidden_contact_details(["phone"]))

    @api.model
    def name_search(self, name="", args=None, operator="ilike", limit=100):
        if self._masked_contact_details():
            # Odoo formats the names in sudo mode, where nothing is masked
            self = self.with_context(**dict.fromkeys(_NAME_DETAILS, False))
        return super().name_search(name=name, args=args, operator=operator, limit=limit)

    @api.model
    def _name_search(self, name, args=None, operator="ilike", limit=100, name_get_uid=None):
        """Odoo also looks into the e-mail: only for those whose e-mail the user may see."""
        if not name or not self._contact_details_unsearchable():
            return super()._name_search(
                name, args=args, operator=operator, limit=limit, name_get_uid=name_get_uid
            )
        others = expression.AND([args or [], [("is_customer", "=", False)]])
        ids = list(
            super()._name_search(name, args=others, operator=operator, limit=limit, name_get_uid=name_get_uid)
        )
        left = limit and limit - len(ids)
        if left is None or left > 0:
            customers = [("is_customer", "=", True), "|", ("display_name", operator, name), ("ref", operator, name)]
            ids += self._search(
                expression.AND([args or [], customers]), limit=left, access_rights_uid=name_get_uid
            )
        return ids

    @api.model
    def get_mention_suggestions(self, search, limit=8):
        if not self._contact_details_unsearchable():
            return super().get_mention_suggestions(search, limit=limit)
        partners = self.search_read([("name", "ilike", search)], ["id", "name", "email"], limit=limit)
        users = self.search([("id", "in", [vals["id"] for vals in partners]), ("user_ids.active", "=", True)])
        return [
            [vals for vals in partners if vals["id"] in users.ids],
            [vals for vals in partners if vals["id"] not in users.ids],
        ]

    @api.model
    def default_get(self, fields_list):
        """crm fills a new partner from the lead it is opened from."""
        return self._without_foreign_details(super().default_get(fields_list))

    def onchange_parent_id(self):
        result = super().onchange_parent_id()
        if result and result.get("value") and not self.env.su and self.parent_id._details_hidden_from_user():
            for name in self._get_contact_detail_fields() & set(result["value"]):
                result["value"][name] = self._mask_value(result["value"][name])
        return result

    def write(self, vals):
        self._check_stays_customer(vals)
        return super().write(vals)

    def _check_stays_customer(self, vals):
        """Whoever could take a partner off the customer side could unmask it."""
        if not self._contact_details_unsearchable():
            return
        customers = self.sudo().filtered("is_customer")
        unmasked = "is_customer" in vals and not vals["is_customer"]
        moved = "parent_id" in vals and customers.filtered(lambda c: c.parent_id.id != (vals["parent_id"] or False))
        if customers and (unmasked or moved):
            raise ContactDetailsError(
                _("This partner is a customer. Ask sales to change what it is or the company it belongs to.")
            )
