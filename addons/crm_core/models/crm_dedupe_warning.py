# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import _, api, models
from odoo.tools.misc import html_escape

#: Lines of a warning
SHOWN = 5


class CrmDedupe(models.AbstractModel):
    """What people read about who is known already."""

    _inherit = "crm.dedupe"

    @api.model
    def _render_warning(self, hits):
        """HTML of what ``find`` returned, with links to the records the user may see; False if nobody is known."""
        if not hits:
            return False
        lines = "".join("<li>%s</li>" % line for line in self._get_hit_lines(hits[:SHOWN]))
        more = len(hits) - SHOWN
        if more > 0:
            lines += "<li>%s</li>" % html_escape(_("and %(number)s more", number=more))
        return "<strong>%s</strong><ul>%s</ul>" % (html_escape(_("Known already:")), lines)

    @api.model
    def _get_hit_lines(self, hits):
        for hit, text in zip(hits, self._get_hit_texts(hits)):
            text = html_escape(text)
            if hit["visible"]:
                link = '<a href="/web#id=%d&amp;model=%s&amp;view_type=form" target="_blank">%s</a>'
                name = html_escape(hit["name"])
                text = text.replace(name, link % (hit["res_id"], hit["model"], name), 1)
            yield text

    @api.model
    def _get_hit_texts(self, hits):
        """A line of text for each of what ``find`` returned."""
        kinds = dict(self.env["crm.dedupe.key"]._fields["kind"]._description_selection(self.env))
        return [self._get_hit_text(hit, kinds) for hit in hits]

    @api.model
    def _get_hit_text(self, hit, kinds):
        owner = self._get_owner_text(hit)
        what = self._get_record_text(hit)
        if hit["kind"] != "similar":
            return _("Same %(kind)s: %(what)s. %(owner)s", kind=kinds[hit["kind"]], what=what, owner=owner)
        if not hit["visible"]:
            return _("Similar company: %(what)s. %(owner)s", what=what, owner=owner)
        return _(
            "Similar company (%(score)s of 100: %(reason)s): %(what)s. %(owner)s",
            score=hit["score"],
            reason=hit["reason"],
            what=what,
            owner=owner,
        )

    @api.model
    def _get_record_text(self, hit):
        if not hit["visible"]:
            return _("a customer") if hit["model"] == "res.partner" else _("an open lead") if hit["open"] else _("a closed lead")
        if hit["model"] == "res.partner":
            return _("customer %(name)s", name=hit["name"])
        if hit["open"]:
            return _("open lead %(name)s", name=hit["name"])
        return _("closed lead %(name)s", name=hit["name"])

    @api.model
    def _get_owner_text(self, hit):
        if hit["owner"] and hit["team"]:
            return _("Belongs to %(owner)s, team %(team)s.", owner=hit["owner"], team=hit["team"])
        if hit["owner"]:
            return _("Belongs to %(owner)s.", owner=hit["owner"])
        if hit["team"]:
            return _("Belongs to team %(team)s, nobody works on it yet.", team=hit["team"])
        return _("Belongs to nobody yet.")


