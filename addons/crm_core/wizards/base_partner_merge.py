# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, models

from ..exceptions import CrmUserError


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Customers are merged by who leads all of their owners; keys, activities and every pair (model, id) move, too.

        Odoo lets only the administrator merge partners with different e-mails; leaders and directors may merge
        customers, for that is what their list of duplicates is for.

        :raise CrmUserError: if one of the partners is gone (a double click), or belongs to somebody else
        """
        partners = self.env["res.partner"].browse(partner_ids)
        merge = self.env["crm.dedupe.merge"]
        merge._lock(partners)
        customers = partners.sudo().filtered("is_customer")
        if not customers:
            return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        self._check_may_merge(partners)
        keys = merge._read_keys(partners)
        target = dst_partner or self._get_ordered_partner(partner_ids)[-1]
        wizard = self
        if len(customers) == len(partners) and self.env.user.has_group("crm_core.group_team_leader"):
            self._check_books(partners - target)
            wizard = self.sudo()  # who may not delete contacts, and whose e-mails differ
        merge._move_pairs(partners - target, target)
        result = super(MergePartnerAutomatic, wizard)._merge(partner_ids, dst_partner=target, extra_checks=extra_checks)
        merge._keep_keys(target, keys)
        return result

    def _check_may_merge(self, partners):
        """A leader merges customers of the teams led, not those of others."""
        partners.check_access_rights("write")
        visible = partners.with_context(active_test=False).search([("id", "in", partners.ids)])
        if partners - visible:
            raise CrmUserError(_("One of these customers belongs to somebody else. Ask your director to merge them."))
        partners.check_access_rule("write")

    def _check_books(self, sources):
        """Odoo's own check: only the administrator moves what is in the books."""
        lines = self.env.get("account.move.line")
        if lines is None or self.env.is_admin():
            return
        if lines.sudo().search_count([("partner_id", "in", sources.ids)]):
            raise CrmUserError(
                _("Some of these customers have entries in the books. Keep the one that has them, or ask the administrator.")
            )
