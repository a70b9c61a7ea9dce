# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from typing import Any, NamedTuple

from odoo import _, api, fields, models
from odoo.addons.crm_core.engine.gate import changed, tell

from ..exceptions import SalesOrderError


class ApprovalReason(NamedTuple):
    """Why a document needs a tier's approval, in one line with its figures; an empty tier: nobody is there to ask."""

    tier: Any
    text: str


class ApprovalStanding(NamedTuple):
    """Where a document stands: its reasons, the tiers that still have to agree in order, its newest valid request."""

    reasons: list
    missing: Any
    uncovered: bool
    latest: Any

    @property
    def state(self):
        if not self.reasons:
            return "none"
        if not self.missing and not self.uncovered:
            return "granted"
        return self.latest.state if self.latest.state in ("requested", "refused") else "needed"


class CrmApprovalMixin(models.AbstractModel):
    """A document that some people must agree to before it goes on.

    An inheriting model

    * adds to ``crm.approval`` a many2one to itself (``ondelete="cascade"``), and here the one2many ``approval_ids`` back
      (``copy=False``); it has ``user_id``, ``team_id``, ``partner_id``, ``company_id`` (record rules follow the first two);
    * adds itself to ``crm.approval.tier.model``, brings its tiers as data;
    * implements :meth:`_get_approval_reasons` and :meth:`_get_approval_facts`;
    * calls :meth:`_check_approved` wherever the document goes on, in create and write: not in buttons only.

    An approval is about the facts it was made on: when one of them is no longer what it was, it has expired.
    """

    _name = "crm.approval.mixin"
    _description = "Document That Needs Approval"

    approval_state = fields.Selection(
        [
            ("none", "No approval needed"),
            ("needed", "Approval needed"),
            ("requested", "Waits for approval"),
            ("granted", "Approved"),
            ("refused", "Refused"),
        ],
        string="Approval",
        compute="_compute_approval_state",
        groups="crm_sales_order.group_margins",
    )
    approval_text = fields.Text(
        string="Why Approval",
        compute="_compute_approval_state",
        groups="crm_sales_order.group_margins",
        help="What must be approved, and who is asked next.",
    )
    may_decide = fields.Boolean(compute="_compute_may_decide", groups="crm_sales_order.group_margins")

    # -- what a document brings ------------------------------------------------------------------------------------

    def _get_approval_reasons(self):
        """Hook: {record: [ApprovalReason]} of the records of ``self`` that need approval; others may be left out.

        Called for saved and new records; keep to a constant number of queries. Nothing of it may depend on the reader.
        """
        return {}

    def _get_approval_facts(self):
        """Hook: {record id: {name: value}} of what an approval is about, ready for JSON; amounts as numbers."""
        return {record.id: {} for record in self}

    @api.model
    def _get_approval_fact_labels(self):
        """Hook: {name of a fact: its label}."""
        return {}

    def _get_approval_amount(self):
        """Hook: the amount the deciders see, with the currency: (number, res.currency)."""
        self.ensure_one()
        return self.amount_total, self.currency_id

    # -- where it stands -------------------------------------------------------------------------------------------

    @api.depends("approval_ids.state")
    @api.depends_context("lang")
    def _compute_approval_state(self):
        standings = self._get_approval_standings()
        for record in self:
            standing = standings[record]
            record.approval_state = standing.state
            lines = [reason.text for reason in self._get_unique_reasons(standing)]
            record.approval_text = "\n".join(lines + record._tell_next_step(standing) if lines else [])

    @api.depends_context("uid")
    @api.depends("approval_ids.state")
    def _compute_may_decide(self):
        for record in self:
            record.may_decide = any(record.approval_ids.mapped("may_decide"))

    def _get_approval_standings(self):
        """{record: ApprovalStanding} as of now, nothing of it cached; a constant number of queries."""
        records = self.sudo()
        reasons = records._get_approval_reasons()
        needing = records.filtered(reasons.get)
        facts = needing._get_approval_facts()
        by_record = needing._get_valid_approvals(facts)
        standings = {}
        for record, origin in zip(records, self):
            wanted = reasons.get(record) or []
            valid = by_record.get(record, self.env["crm.approval"].sudo())
            granted = valid.filtered(lambda approval: approval.state == "granted").tier_id
            tiers = self.env["crm.approval.tier"].sudo().union(*(reason.tier for reason in wanted)).sorted()
            uncovered = any(not reason.tier for reason in wanted)
            standings[origin] = ApprovalStanding(wanted, tiers - granted, uncovered, valid[-1:])
        return standings

    def _get_valid_approvals(self, facts):
        """{record: its approvals about the present facts, the newest last}; one query."""
        field = self._fields["approval_ids"].inverse_name
        ids = {record._origin.id: record for record in self if record._origin.id}
        found = {}
        for approval in self.env["crm.approval"].sudo().search([(field, "in", list(ids))], order="id") if ids else ():
            record = ids[approval[field].id]
            if approval.state != "withdrawn" and not changed(json.loads(approval.facts or "{}"), facts[record.id]):
                found[record] = found.get(record, approval.browse()) + approval
        return found

    @api.model
    def _get_unique_reasons(self, standing):
        """The reasons without those that say the same for another tier."""
        return list({reason.text: reason for reason in standing.reasons}.values())

    def _tell_next_step(self, standing):
        """One line, as a list: who is asked, or what to do."""
        self.ensure_one()
        if standing.uncovered:
            return [_("No approval tier covers this: a sales director adds one under Configuration ▸ Approval Tiers.")]
        if standing.state == "granted":
            return []
        if standing.state == "requested":
            return [_("Waits for: %s.", standing.latest.tier_id.name)]
        if standing.state == "refused":
            return [_("Refused by %(user)s: %(reason)s", user=standing.latest.decider_id.name, reason=standing.latest.reason)]
        return [_("Request approval from: %s.", ", ".join(standing.missing.mapped("name")))]

    def _check_approved(self):
        """Raise when one of ``self`` needs approval that it does not have.

        :raise SalesOrderError: names document, reasons and next step; to people who do not see margins only the document
        """
        lacking = {
            record: standing
            for record, standing in self._get_approval_standings().items()
            if standing.state not in ("none", "granted")
        }
        if not lacking:
            return
        if not self.env.user._sees_margins():
            names = ", ".join(record.sudo().display_name for record in lacking)
            raise SalesOrderError(_("%s is being checked by us again and cannot go on as it is now. Please ask your salesperson.", names))
        moves = [
            (
                record.display_name,
                [reason.text for reason in self._get_unique_reasons(standing)] + record._tell_next_step(standing),
            )
            for record, standing in lacking.items()
        ]
        raise SalesOrderError(tell(_("Needs approval first:"), moves))

    # -- asking and answering --------------------------------------------------------------------------------------

    def action_ask_approval(self):
        """The dialog that tells what must be approved and takes a word to those who decide."""
        self.ensure_one()
        return self.env["crm.approval.reason"]._open("request", self)

    def action_request_approval(self, note=""):
        """Ask the first tier that has not agreed yet; tells those who decide. Returns True.

        :raise SalesOrderError: nothing to approve, asked already, or nobody to ask
        """
        self.check_access_rights("write")
        self.check_access_rule("write")
        for record, standing in self._get_approval_standings().items():
            if standing.uncovered:
                raise SalesOrderError(record._tell_next_step(standing)[0])
            if standing.state in ("none", "granted"):
                raise SalesOrderError(_("“%s” needs no approval as it is now.", record.display_name))
            if standing.state == "requested":
                raise SalesOrderError(
                    _("“%(name)s” waits for: %(tier)s.", name=record.display_name, tier=standing.latest.tier_id.name)
                )
            self.env["crm.approval"]._request(record, standing, note)
        return True

    def action_grant_approval(self):
        """Agree to what is requested now."""
        return self._get_open_approval().action_grant()

    def action_refuse_approval(self, reason=""):
        """Refuse what is requested now; asks for the reason when there is none."""
        request = self._get_open_approval()
        return request._decide("refused", reason) if reason else request.action_refuse()

    def _get_open_approval(self):
        self.check_access_rights("read")
        self.check_access_rule("read")
        requests = self.approval_ids.filtered(lambda approval: approval.state == "requested")
        if not requests:
            raise SalesOrderError(_("There is no open request for approval. Reload the page."))
        return requests
