# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models

from ..exceptions import ContactDetailsError


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    @api.model
    def _render_template_jinja(self, template_txt, model, res_ids, add_context=None):
        """A template's expressions reach every field. Stored templates are written by trusted users only.

        (By ir.rule.) Text that a composer hands in comes from the user: without the permission to see contact
        details it must be plain.
        """
        from_user = self._name == "mail.render.mixin"
        if from_user and self._contact_details_unsearchable() and self._has_expressions(template_txt):
            raise ContactDetailsError(
                _("You may not use expressions in a text. Write it in plain words, or choose a template.")
            )
        return super()._render_template_jinja(template_txt, model, res_ids, add_context=add_context)

    @api.model
    def _has_expressions(self, text):
        return any(mark in (text or "") for mark in ("${", "<%")) or any(
            line.lstrip().startswith("%") for line in (text or "").splitlines()
        )
