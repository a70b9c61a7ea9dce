# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The commands of ``./erp``."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from erplib import backup, lan, odoo, server, wheels, workers
from erplib.cluster import Cluster
from erplib.databases import Databases, code_key
from erplib.environments import make_locks, set_up
from erplib.layout import SUITE, Layout
from erplib.ui import ErpError, say, step

DEFAULT_DB = "demo"
DEFAULT_PORT = 8069
CODE_PARAMETER = "erp.code_state"


class Context:
    """A set-up installation: layout, running cluster, configuration, databases."""

    def __init__(self, tests=False, proxy=False):
        self.layout = set_up(Layout(), tests=tests)
        self.cluster = Cluster(self.layout)
        self.cluster.ensure()
        self.config = odoo.write_config(self.layout, self.cluster)
        self.server_config = odoo.write_config(self.layout, self.cluster, proxy=True) if proxy else self.config
        self.databases = Databases(self.layout, self.cluster, self.config)

    def stamp_code(self, database):
        """Remember in the database which state of the code it was made or upgraded for."""
        value = code_key(self.layout, SUITE)
        self.cluster.query(
            "INSERT INTO ir_config_parameter (key, value, create_date, write_date, create_uid, write_uid) "
            f"VALUES ('{CODE_PARAMETER}', '{value}', now() at time zone 'utc', now() at time zone 'utc', 1, 1) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            database,
        )

    def code_is_current(self, database):
        rows = self.cluster.query(f"SELECT value FROM ir_config_parameter WHERE key = '{CODE_PARAMETER}'", database)
        return bool(rows) and rows[0][0] == code_key(self.layout, SUITE)


def logins(cluster, database):
    """Demo users as (login, name, role), in the order of the suite's roles."""
    sql = """
        SELECT u.login, p.name, string_agg(g.name, ', ' ORDER BY g.id)
          FROM ir_model_data d JOIN res_users u ON u.id = d.res_id JOIN res_partner p ON p.id = u.partner_id
          JOIN res_groups_users_rel r ON r.uid = u.id JOIN res_groups g ON g.id = r.gid
          JOIN ir_model_data gd ON gd.model = 'res.groups' AND gd.res_id = g.id
           AND (gd.module LIKE 'crm_%' OR (gd.module, gd.name) = ('base', 'group_portal'))
         WHERE d.model = 'res.users' AND d.name LIKE 'demo\\_user\\_%'
           AND NOT EXISTS (SELECT FROM res_groups_implied_rel i JOIN res_groups_users_rel o ON o.gid = i.gid
                            WHERE o.uid = u.id AND i.hid = g.id)
         GROUP BY u.id, u.login, p.name ORDER BY min(d.id)"""
    return cluster.query(sql, database)


def banner(context, running, proxy):
    secrets = context.layout.secrets()
    say(f"\n  Ready: {running.url}    (database {running.database})")
    if proxy:
        say(f"  For phones: {proxy.url}")
        say(f"  Trust it once: open {proxy.url}/ca.crt on the phone, install it as a CA certificate (iOS: then switch it on")
        say("  under Settings → General → About → Certificate Trust Settings).")
    demo = logins(context.cluster, running.database)
    if demo:
        say(f"\n  Demo logins, password for all: {secrets['demo']}")
        for login, name, role in demo:
            say(f"    {login:<12} {name:<10} {role}")
    say(f"    {'admin':<12} {'':<10} everything; password {secrets['admin']}")
    say(f"\n  Logs: {running.log}\n        {context.cluster.home}/postgres.log")


def cmd_run(options):
    context = Context(proxy=options.lan)
    running = server.Server(context.layout, context.server_config, options.db, options.port)
    with server.alone(context.layout, options.port):
        if running.runs_already():
            say(f"Running already: {running.url} (database {options.db}). ./erp stop ends it.")
            return 0
        running.check_port()
        if not context.cluster.exists(options.db):
            context.databases.create(options.db, demo=not options.no_demo)
            context.stamp_code(options.db)
        elif not context.code_is_current(options.db):
            say("The addons' code changed since this database was made or upgraded:")
            upgrade(context, options.db)
        jobs = start_workers(context, options, running)
        try:
            with step("server"):
                running.start()
        except ErpError:
            if jobs:
                jobs.stop()
            raise
    proxy = None
    try:
        if options.lan:
            proxy = lan.Proxy(context.layout, options.port, options.lan_port).start(options.detach)
        banner(context, running, proxy)
        if options.detach:
            return 0
        say("  Ctrl-C stops it.\n")
        return running.wait_for_end()
    finally:
        if not options.detach:
            running.stop()
            if jobs:
                jobs.stop()
            if proxy:
                proxy.stop()


def start_workers(context, options, running):
    """The processes ``--job-workers`` asks for, started and made known to the server to come; None without."""
    workers.stop_left_over(context.layout, options.port)
    if not options.job_workers:
        return None
    jobs = workers.JobWorkers(context.layout, context.server_config, options.db, options.job_workers, options.port)
    running.environment = jobs.runner
    with step(f"{options.job_workers} workers for jobs"):
        return jobs.start()


def cmd_stop(options):
    layout = Layout()
    for note in server.recorded(layout) if layout.run_dir.exists() else ():
        what = "workers" if "jobs_of" in note else "server"
        say(f"Stopping the {what} on port {note['port']} (database {note['database']}).")
        server.end_process(note["pid"])
    lan.stop_detached(layout)
    if layout.state.exists():
        Cluster(layout).stop()
    return 0


def cmd_test(options, arguments):
    from erplib import testing

    if options.upstream:
        from erplib import upstream

        return upstream.main(Context(tests=True))
    return testing.main(Context(tests=True), arguments)


def cmd_bench(options, arguments):
    from erplib import benches

    return benches.main(Context(), options.name, options.json, arguments)


def cmd_shell(options):
    context = Context()
    line = odoo.command(context.layout, context.config, "shell", "-d", options.db, "--no-http", "--log-level=warn")
    return subprocess.call(line)


def cmd_db(options):
    context = Context()
    if options.action == "list":
        for name, size in context.cluster.databases().items():
            say(f"{name:<34} {size}")
    elif options.action == "create":
        context.databases.create(options.name, demo=not options.no_demo)
        context.stamp_code(options.name)
        say(f"Start it with ./erp run --db {options.name}")
    else:
        if not context.cluster.exists(options.name):
            raise ErpError(f"There is no database {options.name}.", "See ./erp db list.", 2)
        context.cluster.drop(options.name)
    return 0


def upgrade(context, database, modules=()):
    """Back up, then update *modules* (the suite's installed addons unless named) to the code."""
    archive = backup.backup(context.layout, context.cluster, database)
    installed = [row[0] for row in context.cluster.query("SELECT name FROM ir_module_module WHERE state = 'installed'", database)]
    modules = modules or [name for name in SUITE if name in installed]
    try:
        with step(f"update of {', '.join(modules)}"):
            context.databases.update(database, modules)
    except ErpError as error:
        error.hint = f"Nothing is lost: ./erp restore {archive} <new name> gives the state before."
        raise
    context.stamp_code(database)


def cmd_upgrade(options):
    upgrade(Context(), options.db, options.modules.split(",") if options.modules else ())
    return 0


def cmd_backup(options):
    context = Context()
    backup.backup(context.layout, context.cluster, options.db, options.file)
    return 0


def cmd_restore(options):
    context = Context()
    backup.restore(context.layout, context.cluster, options.file, options.db)
    return 0


def cmd_import_crm(options):
    context = Context()
    from erplib import crm_import

    return crm_import.main(context, options)


def cmd_parse_statement(options):
    from erplib import statements

    return statements.main(set_up(Layout()), options.file)


def cmd_wheels(options):
    return wheels.main(set_up(Layout()), Path(options.folder))


def cmd_lock(_options):
    layout = set_up(Layout())
    make_locks(layout)
    return 0


def parser():
    top = argparse.ArgumentParser(prog="./erp", description="The CRM-to-cash suite: run it, test it, keep its data.")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")

    def add(name, function, text, database=False):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(function=function)
        if database:
            command.add_argument("--db", default=DEFAULT_DB, help="database (default: %(default)s)")
        return command

    run = add("run", cmd_run, "Set up on first use, then start the server and print address and logins.", database=True)
    run.add_argument("--port", type=int, default=DEFAULT_PORT, help="port on 127.0.0.1 (default: %(default)s)")
    run.add_argument("--no-demo", action="store_true", help="make the database without the demo company")
    run.add_argument("--detach", action="store_true", help="return once the server answers")
    run.add_argument(
        "--job-workers", type=int, default=0, metavar="N", help="run background jobs in N further processes (default: in the server)"
    )
    run.add_argument("--lan", action="store_true", help="also serve HTTPS to this network, for phones")
    run.add_argument("--lan-port", type=int, default=lan.PORT, help="port of HTTPS (default: %(default)s)")
    test = add("test", cmd_test, "Lint, typing and all tests; or the parts named by paths, with pytest's arguments.")
    test.add_argument("--upstream", action="store_true", help="Odoo's own suites with and without ours, compared")
    bench = add("bench", cmd_bench, "Run a benchmark beside what a user would have instead.")
    bench.add_argument("name", nargs="?", help="which one (default: list them)")
    bench.add_argument("--json", action="store_true", help="print one JSON object of metric → value")
    add("shell", cmd_shell, "Odoo's Python shell on a database.", database=True)
    add("stop", cmd_stop, "Stop servers and PostgreSQL of this checkout.")
    add("upgrade", cmd_upgrade, "Back up a database, then update its modules to the code.", database=True).add_argument(
        "modules", nargs="?", help="comma-separated (default: the suite's installed addons)"
    )
    add("backup", cmd_backup, "Write database and files to one archive, proved by restoring it.", database=True).add_argument(
        "file", nargs="?", help="archive to write (default: in the state folder)"
    )
    restore = add("restore", cmd_restore, "Restore an archive as a new database.")
    restore.add_argument("file")
    restore.add_argument("db", help="name of the database to make")
    database = add("db", cmd_db, "Make, drop or list databases.")
    actions = database.add_subparsers(dest="action", required=True, metavar="create|drop|list")
    create = actions.add_parser("create", help="make a database")
    create.add_argument("name")
    create.add_argument("--no-demo", action="store_true", help="without the demo company")
    actions.add_parser("drop", help="drop a database and its files").add_argument("name")
    actions.add_parser("list", help="list databases with their size")
    importer = add("import-crm", cmd_import_crm, "Import another CRM's export (a folder of CSV or XLSX files).", database=True)
    importer.add_argument("folder")
    importer.add_argument("--check", action="store_true", help="only say what would be done")
    importer.add_argument("--all-or-nothing", action="store_true", help="import nothing if a row is rejected")
    importer.add_argument("--report", default="", help="write rejected and repaired rows to this XLSX file")
    add("parse-statement", cmd_parse_statement, "Print what is read in a bank statement (any usual file) as JSON.").add_argument("file")
    packing = add("wheels", cmd_wheels, "Build each addon's wheel for other Odoo 14.0 databases.")
    packing.add_argument("folder", nargs="?", default="dist", help="where to (default: %(default)s)")
    add("lock", cmd_lock, "Resolve the Python requirements anew and write the locks (maintainers).")
    commands.add_parser("help", help="this text").set_defaults(function=lambda _options: top.print_help() or 0)
    return top


def main(arguments):
    """Run a command; returns the exit code (0 fine, 1 failed, 2 wrong use, 3 this machine can't, 4 network, 130 Ctrl-C)."""
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    options, rest = parser().parse_known_args(arguments or ["help"])
    takes_more = options.function in (cmd_test, cmd_bench)
    if rest and not takes_more:
        parser().parse_args(arguments)
    try:
        return options.function(options, rest) if takes_more else options.function(options)
    except ErpError as error:
        print(f"\nerp: {error}", file=sys.stderr)
        if error.hint:
            print(f"     → {error.hint}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print("\nerp: interrupted; run the same command again to continue.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"\nerp: {error}", file=sys.stderr)
        if error.errno == 28:
            print("     → The disk is full: free some space and run the same command again; it continues.", file=sys.stderr)
            return 3
        raise
