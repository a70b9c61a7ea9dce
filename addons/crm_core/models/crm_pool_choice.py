# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What lies in the public pools, as it may be shown to those who choose from it.

Pooled leads and customers themselves are hidden from sales reps by record rules. These read-only views show what helps
to choose, and hold no contact detail: not masked, but absent. Phone numbers and e-mail addresses that somebody typed
into a name are blotted out in SQL.
"""
from odoo import _, api, fields, models, tools

from ..exceptions import OwnershipError

#: SQL that blots out what looks like an e-mail address or a telephone number in the text {0}
BLOT = (
    r"regexp_replace(regexp_replace({0}, '[[:alnum:]._%+-]+@[[:alnum:].-]+', '******', 'g'),"
    r" '[+＋]?[0-9０-９][0-9０-９ ()-]{{5,}}[0-9０-９]', '******', 'g')"
)


class CrmPoolChoice(models.AbstractModel):
    _name = "crm.pool.choice"
    _description = "In a Public Pool"
    _order = "pooled_since desc, id desc"

    name = fields.Char(string="Subject", readonly=True)
    pool_id = fields.Many2one("crm.pool", string="Public Pool", readonly=True)
    company_id = fields.Many2one("res.company", string="Company", readonly=True)
    city = fields.Char(string="City", readonly=True)
    state_id = fields.Many2one("res.country.state", string="State", readonly=True)
    country_id = fields.Many2one("res.country", string="Country", readonly=True)
    pooled_since = fields.Datetime(string="In the Pool Since", readonly=True)
    create_date = fields.Datetime(string="Created on", readonly=True)
    age = fields.Integer(string="Age (Days)", readonly=True, group_operator="avg")
    times_held = fields.Integer(string="Holders Before", readonly=True, group_operator="avg")
    last_reason = fields.Char(string="Why It Is Here", compute="_compute_last_reason")

    #: The model behind the view
    _pool_model = None

    @api.depends_context("lang")
    def _compute_last_reason(self):
        """The reason given, or the kind of change, of the last time it came into a pool. One query."""
        key = self.env["crm.holding"]._record_field(self._pool_model)
        domain = [(key, "in", self.ids), ("to_pool_id", "!=", False)]
        holdings = self.env["crm.holding"].sudo().search(domain, order="date, id")
        kinds = dict(holdings._fields["reason"]._description_selection(self.env))
        texts = {holding[key].id: holding.release_reason_id.name or kinds[holding.reason] for holding in holdings}
        for entry in self:
            entry.last_reason = texts.get(entry.id)

    # ------------------------------------------------------------------
    # The view
    # ------------------------------------------------------------------
    def init(self):
        if self._auto or self._abstract:
            return
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute('CREATE VIEW "%s" AS (%s)' % (self._table, self._get_view_query()))

    @api.model
    def _get_view_columns(self):
        """{field: SQL over the alias ``record``}; models and addons add theirs. No contact details here."""
        key = self.env["crm.holding"]._record_field(self._pool_model)
        plain = ("id", "pool_id", "company_id", "city", "state_id", "country_id", "pooled_since", "create_date")
        return {
            **{name: "record." + name for name in plain},
            "name": BLOT.format("record.name"),
            "age": "(now() AT TIME ZONE 'UTC')::date - record.create_date::date",
            "times_held": "(SELECT count(*) FROM crm_holding AS held WHERE held.%s = record.id"
            " AND held.from_user_id IS NOT NULL)" % key,
        }

    @api.model
    def _get_view_query(self):
        columns = ", ".join('%s AS "%s"' % (query, name) for name, query in self._get_view_columns().items())
        return "SELECT %s FROM %s AS record WHERE record.pool_id IS NOT NULL AND record.active%s" % (
            columns,
            self.env[self._pool_model]._table,
            self._get_view_condition(),
        )

    @api.model
    def _get_view_condition(self):
        return ""

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_claim(self):
        """Claim the selected ones. One: opens it. Several: as many as limits allow, and says what became of them.

        :raise OwnershipError: saying why, when none could be claimed
        """
        if not self.env.user.has_group("crm_core.group_sales_rep"):
            raise OwnershipError(_("Claiming is for sales people."))
        claimed, refusals = self.env["crm.pool"]._claim(self._pool_model, self.ids)
        if not claimed:
            raise OwnershipError("\n".join(dict.fromkeys(refusals)) or _("Select what you want to claim."))
        if len(self) == 1:
            return self._open_claimed(claimed[0])
        return self._notify_claimed(claimed, refusals)

    def _open_claimed(self, record_id):
        return {
            "type": "ir.actions.act_window",
            "name": _("Claimed"),
            "res_model": self._pool_model,
            "res_id": record_id,
            "views": [(False, "form")],
            "context": {"form_view_initial_mode": "readonly"},
        }

    @api.model
    def _notify_claimed(self, claimed, refusals):
        text = " ".join(dict.fromkeys(refusals))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": _("%(claimed)d claimed, %(refused)d not", claimed=len(claimed), refused=len(refusals)),
                "message": text.replace("%", "%%"),
                "type": "warning" if refusals else "success",
                "sticky": bool(refusals),
                "next": {"type": "ir.actions.client", "tag": "reload"},
            },
        }

    def action_assign(self):
        """Open the leader's batch assignment of the selected ones."""
        return self.env["crm.pool.assign"]._open(self._pool_model, self.ids)
