# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An addon leaves nothing behind: the database after installing and removing it equals the one before.

Not compared: translations. Odoo 14 keeps those of every module it removes, its own included, for when it comes back.
"""

import re

import pytest

from erplib.cli import Context
from erplib.layout import SUITE

#: What is compared: a name for the report → the rows, as text.
SNAPSHOT = {
    "columns": """SELECT table_name, column_name, data_type, is_nullable, column_default
                    FROM information_schema.columns WHERE table_schema = 'public'""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """SELECT conrelid::regclass, conname, pg_get_constraintdef(oid)
                        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "relations": "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    "triggers": "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname NOT LIKE '%trgm%'",
    "models": "SELECT model FROM ir_model",
    "fields": "SELECT model, name, ttype FROM ir_model_fields",
    "selections": "SELECT f.model, f.name, s.value FROM ir_model_fields_selection s JOIN ir_model_fields f ON f.id = s.field_id",
    "external ids": "SELECT module, name, model FROM ir_model_data",
    "rules": "SELECT m.model, r.name, r.domain_force, r.active FROM ir_rule r JOIN ir_model m ON m.id = r.model_id",
    "rules' groups": "SELECT r.name, d.module, d.name FROM rule_group_rel x JOIN ir_rule r ON r.id = x.rule_group_id "
    "JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = x.group_id",
    "access": "SELECT name, active, perm_read, perm_write, perm_create, perm_unlink FROM ir_model_access",
    "groups": "SELECT d.module, d.name, g.name FROM res_groups g LEFT JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = g.id",
    "implied groups": """SELECT a.module, a.name, b.module, b.name FROM res_groups_implied_rel i
        LEFT JOIN ir_model_data a ON a.model = 'res.groups' AND a.res_id = i.gid
        LEFT JOIN ir_model_data b ON b.model = 'res.groups' AND b.res_id = i.hid""",
    "members": """SELECT u.login, d.module, d.name FROM res_groups_users_rel r JOIN res_users u ON u.id = r.uid
        LEFT JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = r.gid""",
    "categories": "SELECT name FROM ir_module_category",
    "views": "SELECT model, name, key, type, mode, priority, active, md5(coalesce(arch_db, '')) FROM ir_ui_view",
    "menus": "SELECT name, action, active, sequence FROM ir_ui_menu",
    "actions": "SELECT type, name, binding_model_id FROM ir_actions",
    "crons": "SELECT cron_name, active FROM ir_cron",
    "sequences": "SELECT code, prefix FROM ir_sequence",
    "defaults": "SELECT field_id, json_value FROM ir_default",
    "parameters": "SELECT key FROM ir_config_parameter",
    "mail templates": "SELECT name FROM mail_template",
    "message subtypes": "SELECT name, res_model FROM mail_message_subtype",
    "activity types": "SELECT name FROM mail_activity_type",
    "stages": "SELECT name, sequence FROM crm_stage",
    "languages": "SELECT code, date_format, grouping, active FROM res_lang",
}
#: Odoo's own doing: while it loads any module that extends the base model it drops an index whose name it mistakes for
#: that of an "id" field, and it writes the view of users' groups anew from the groups, which are compared above.
NOT_OURS = re.compile(r"mail_message_subtype_id_index|helpdesk_ticket_stage_id_index|'res\.users\.groups'")
UNINSTALL = """
env['ir.module.module'].search([('name', '=', {addon!r})]).button_immediate_uninstall()
"""


@pytest.fixture(scope="module")
def context():
    return Context(tests=True)


def snapshot(cluster, database):
    return {name: {tuple(row) for row in cluster.query(sql, database)} for name, sql in SNAPSHOT.items()}


@pytest.mark.parametrize("addon", SUITE)
def test_leaves_nothing_behind(context, addon):
    databases, cluster = context.databases, context.cluster
    before = snapshot(cluster, databases.scratch("test_before", databases.template_below(addon)))
    cluster.drop("test_before")
    databases.scratch("test_uninstall", databases.template_of(addon))
    with_addon = snapshot(cluster, "test_uninstall")
    assert with_addon["models"] - before["models"], "the addon brought nothing: the comparison would say nothing"
    databases._shell("test_uninstall", UNINSTALL.format(addon=addon))
    after = snapshot(cluster, "test_uninstall")
    cluster.drop("test_uninstall")
    report = [f"left in {name}: {row}" for name in SNAPSHOT for row in sorted(after[name] - before[name])]
    report += [f"lost from {name}: {row}" for name in SNAPSHOT for row in sorted(before[name] - after[name])]
    report = [line for line in report if not NOT_OURS.search(line)]
    assert not report, "\n".join(report[:60])
