# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from collections import Counter

from odoo import _, api, fields, models
from odoo.exceptions import AccessError

from ..engine.migration import IssueLog, Known, Planner, mapping, read_files
from ..exceptions import CrmUserError

_logger = logging.getLogger(__name__)


class CrmImportError(CrmUserError):
    """The import cannot go on; the text says why and what to do."""


class CrmImportRun(models.Model):
    """A migration from another CRM, in steps: files → columns → check → import → result.

    Everything is read anew from the files at each step; what people corrected (kind of table, columns, stages) is
    kept in the records below this one. Running :mod:`crm_import_execution` carries it out.
    """

    _name = "crm.import.run"
    _inherit = ["mail.thread"]
    _description = "Import from another CRM"
    _order = "id desc"

    name = fields.Char(required=True, default=lambda self: _("Import of %s", fields.Date.context_today(self)))
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, readonly=True)
    user_id = fields.Many2one("res.users", string="Imported by", default=lambda self: self.env.user, readonly=True)
    state = fields.Selection(
        [
            ("draft", "Files"),
            ("map", "Columns"),
            ("check", "Check"),
            ("running", "Import"),
            ("done", "Result"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Files", copy=False)
    all_or_nothing = fields.Boolean("All or nothing", help="Import nothing as long as a single row is rejected.")
    table_ids = fields.One2many("crm.import.table", "run_id", string="File", copy=False)
    column_ids = fields.One2many("crm.import.column", "run_id", string="Columns", copy=False)
    stage_ids = fields.One2many("crm.import.stage", "run_id", string="Stages", copy=False)
    issue_ids = fields.One2many("crm.import.issue", "run_id", string="Report", copy=False)
    account_count = fields.Integer(string="Accounts", readonly=True, copy=False)
    product_count = fields.Integer(string="Products", readonly=True, copy=False)
    rep_count = fields.Integer(string="Sales reps", readonly=True, copy=False)
    deal_count = fields.Integer(string="Opportunities", readonly=True, copy=False)
    rejected_count = fields.Integer(string="Rejected", readonly=True, copy=False)
    repaired_count = fields.Integer(string="Repaired", readonly=True, copy=False)
    note_count = fields.Integer(string="Notes", readonly=True, copy=False)

    # -- rights ------------------------------------------------------------------------------------------------------

    @api.model
    def _check_importer(self):
        """An import writes users, products and everybody's opportunities: for directors and administrators only."""
        user = self.env.user
        groups = ("crm_core.group_sales_director", "base.group_system")
        if not self.env.su and not any(user.has_group(group) for group in groups):
            raise AccessError(_("Only sales directors and administrators may import from another CRM."))

    def _lock(self, *states):
        """Take the run for this transaction, in one of ``states``: a second click or a second user is told so."""
        self.ensure_one()
        self._check_importer()
        self.flush()
        self.env.cr.execute("SELECT id FROM crm_import_run WHERE id = %s FOR UPDATE SKIP LOCKED", [self.id])
        if not self.env.cr.fetchone():
            raise CrmImportError(_("This import is being worked on right now. Wait a moment, then reload the page."))
        self.invalidate_cache()
        if self.state not in states:
            raise CrmImportError(
                _("This import is already at the step “%s”. Reload the page to go on from there.", self._get_state_label())
            )

    def _get_state_label(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    # -- steps -------------------------------------------------------------------------------------------------------

    def action_read(self):
        """Files → columns: read the files and guess what they hold."""
        self._lock("draft", "map", "check", "failed", "cancelled")
        if not self.attachment_ids:
            raise CrmImportError(_("Upload the files first: CSV, XLSX, or a zip of them."))
        log = IssueLog()
        tables = self._read_tables(log)
        known = self._get_known()
        mapping.guess(tables, {"account": known.accounts, "product": set(known.products), "rep": known.reps})
        (self.table_ids | self.env["crm.import.table"]).unlink()
        self.stage_ids.unlink()
        table_model = self.env["crm.import.table"]
        for table in tables:
            record = table_model.create({"run_id": self.id, **table_model._prepare_from_engine(table)})
            record._assign(table.columns)
        self._sync_stages(tables)
        self._write_issues(log)
        if not tables:
            raise CrmImportError(_("None of the files can be read:\n%s", self._get_issue_summary()))
        self.state = "map"
        return True

    def action_check(self):
        """Columns → check: read every row, say what would be rejected or repaired. Nothing is imported."""
        self._lock("map", "check")
        self._write_plan(self._plan())
        self.state = "check"
        return True

    def action_back(self):
        """Back to the columns, to correct the mapping."""
        self._lock("check", "failed", "cancelled", "done")
        self.state = "map" if self.table_ids else "draft"
        return True

    # -- reading -----------------------------------------------------------------------------------------------------

    def _read_tables(self, log):
        return read_files([(file.name, file.raw or b"") for file in self.attachment_ids.sorted("id")], log)

    def _plan(self):
        """The engine's plan for the files as mapped now."""
        log = IssueLog()
        tables = self._read_tables(log)
        mapped = {table.name: table for table in self.table_ids}
        for table in tables:
            if table.name in mapped:
                mapped[table.name]._apply(table)
        self._sync_stages(tables)
        known = self._get_known()
        known.stages = self.stage_ids._get_slots()
        return Planner(tables, known, log).plan()

    def _sync_stages(self, tables):
        """One line per stage word in the files; those already there keep what people chose."""
        words = Counter()
        for table in tables:
            if table.kind == "deal" and "stage" in table.columns:
                words.update(" ".join(cell.split()) for cell in table.cells(table.columns["stage"]) if cell)
        stage_model = self.env["crm.import.stage"]
        self.stage_ids.filtered(lambda line: line.name not in words).unlink()
        for line in self.stage_ids:
            line.row_count = words.pop(line.name)
        stage_model.create(
            [
                {"run_id": self.id, "name": word, "row_count": count, **stage_model._prepare_guess(word)}
                for word, count in words.most_common(200)
            ]
        )

    def _get_known(self):
        """What the database holds already, for the engine to match names with."""
        loader = self._get_loader()
        countries = {}
        # Exports name countries in English (the source terms) even where English is not installed.
        for lang in [None] + [code for code, _name in self.env["res.lang"].get_installed()]:
            countries.update((country.name, country.code) for country in self.env["res.country"].with_context(lang=lang).search([]))
        return Known(
            accounts={name for _id, name, _ref in loader._get_accounts()},
            products={name: price for _id, name, _code, price in loader._get_products()},
            reps={user.name for user in loader._get_users()},
            countries=countries,
            industries=set(self.env["res.partner.industry"].search([]).mapped("name")),
        )

    def _get_loader(self):
        """The writer, as superuser: users, teams and products are not a director's to create one by one."""
        self._check_importer()
        return self.env["crm.import.loader"].sudo().with_company(self.company_id)

    # -- report ------------------------------------------------------------------------------------------------------

    def _write_plan(self, plan):
        self._write_issues(plan.log)
        self.write({
            "account_count": len(plan.accounts),
            "product_count": len(plan.products),
            "rep_count": len(plan.reps),
            "deal_count": len(plan.deals),
        })

    def _write_issues(self, log):
        self.issue_ids.unlink()
        issue_model = self.env["crm.import.issue"]
        issue_model.create([{"run_id": self.id, **issue_model._prepare_from_engine(issue)} for issue in log])
        self.write({"%s_count" % severity: log.count(severity) for severity in ("rejected", "repaired", "note")})

    def _get_issue_summary(self, limit=10):
        """The first rejections in words: file, line, column, why."""
        rejected = self.issue_ids.filtered(lambda issue: issue.severity == "rejected")
        return "\n".join(issue._get_sentence() for issue in rejected[:limit])
