# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, fields, models
from odoo.tools.misc import html_escape


class CrmMergeOpportunity(models.TransientModel):
    _inherit = "crm.merge.opportunity"

    preview = fields.Html(
        string="What Stays", compute="_compute_preview", sanitize=False, help="Where the leads differ; bold is what stays."
    )

    @api.depends("opportunity_ids", "user_id", "team_id")
    def _compute_preview(self):
        for wizard in self:
            leads = wizard.opportunity_ids._origin._sort_by_confidence_level(reverse=True)
            wizard.preview = len(leads) > 1 and wizard._render_preview(leads)

    def _render_preview(self, leads):
        """A table: a row a field that differs, a column a lead, the best first."""
        kept = leads._merge_data(leads._get_merge_preview_fields())
        kept.update({name: self[name].id for name in ("user_id", "team_id") if self[name]})
        kept["stage_id"] = leads[0].stage_id.id
        fields_info = leads.fields_get(leads._get_merge_preview_fields())
        head = "".join("<th>%s</th>" % html_escape(lead.name) for lead in leads)
        rows = []
        for name in leads._get_merge_preview_fields():
            cells = [self._get_preview_cell(lead, name, kept[name]) for lead in leads]
            if len({text for text, _stays in cells}) > 1:
                label = html_escape(fields_info[name]["string"])
                row = "".join("<td>%s</td>" % (stays and "<b>%s</b>" % text or text) for text, stays in cells)
                rows.append("<tr><th>%s</th>%s</tr>" % (label, row))
        title = html_escape(_("Stays: %(lead)s", lead=leads[0].name))
        return "<p>%s</p><table class='table table-sm'><tr><th></th>%s</tr>%s</table>" % (title, head, "".join(rows))

    @api.model
    def _get_preview_cell(self, lead, name, kept):
        """(text, does it stay) of one value."""
        field = lead._fields[name]
        value = lead[name]
        if field.relational:
            return html_escape(value.sudo().display_name or ""), bool(value) and value.id == kept
        text = field.convert_to_export(value, lead) or ""
        return html_escape(str(text)), bool(value) and value == kept
