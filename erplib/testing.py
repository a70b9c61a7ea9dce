# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``./erp test``: parts, run two at a time, each on a database of its own, summed up in pytest's closing line."""

import os
import re
import shlex
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from erplib import server
from erplib.environments import newest_python, set_up_engines
from erplib.layout import SUITE
from erplib.system import free_port
from erplib.ui import ErpError, say

#: Parts that take minutes, the longest first: started first, so that no long one runs alone at the end
LONGEST = ("e2e", "addon crm_core", "faults", "security", "packaging", "addon crm_sales_order", "integration")
#: What fails in one run fails in all; new examples with --hypothesis-profile=default
SAME_EXAMPLES = "--hypothesis-profile=ci"


@dataclass
class Result:
    """What a part came to; *counts* are tests, or one for a check that isn't pytest's."""

    name: str
    seconds: float
    log: Path
    failed: int = 0
    passed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)


@dataclass
class Part:
    """One process that tests something.

    :param command: what to run; for pytest without the *tests*
    :param tests: pytest's targets; empty for a check that isn't pytest's
    :param paths: folders (from the root) whose naming on the command line selects this part
    :param source: callable that gives the template to clone as the part's database
    :param serve: start a server on that database and tell the tests its address
    """

    name: str
    command: tuple
    tests: tuple = ()
    paths: tuple = ()
    source: object = None
    serve: bool = False
    cwd: Path = None


class Suite:
    """All parts of one run."""

    def __init__(self, context, arguments):
        self.context, self.layout = context, context.layout
        self.selected = [a.rstrip("/") for a in arguments if not a.startswith("-") and (self.layout.root / a.split("::")[0]).exists()]
        self.extra = [a for a in arguments if a.rstrip("/") not in self.selected]
        self.reports = self.layout.state / "reports"
        self.reports.mkdir(exist_ok=True)

    def parts(self):
        """Every part: quick checks, then the tests of each addon, then what crosses addons."""
        databases = self.context.databases
        in_odoo = (
            *(self.layout.venv / "bin/pytest", "-p", "no:cacheprovider"),
            *(f"--odoo-config={self.context.config}", "--odoo-database={database}", SAME_EXAMPLES),
        )
        outside = (self.layout.tools_python, "-m", "pytest", "-p", "no:cacheprovider", "-s")

        def with_demo():
            return databases.template_all(demo=True)

        yield from self._static_parts()
        for name in SUITE:
            yield Part(f"addon {name}", in_odoo, (f"addons/{name}/tests",), source=lambda name=name: databases.template_of(name))
        yield Part("integration", in_odoo, ("tests/integration",), source=with_demo)
        yield Part("e2e", outside, ("tests/e2e",), source=with_demo, serve=True)
        yield Part("security", outside, ("tests/security",), source=with_demo, serve=True)
        yield Part("outbound", outside, ("tests/outbound",), source=with_demo, serve=True)
        yield Part("packaging", outside, ("tests/packaging",), source=databases.template_all)
        yield Part("faults", outside, ("tests/faults",), source=databases.template_all)

    def _static_parts(self):
        tools, python = self.layout.tools / "bin", self.layout.tools_python
        addons = tuple(f"addons/{name}" for name in SUITE)
        yield Part("lint: ruff", (tools / "ruff", "check", "--no-cache", "."), paths=(*addons, "erplib", "tests"))
        yield Part("lint: OCA checks", (python, "-m", "erplib.lint"), paths=addons)
        yield Part("lint: pylint-odoo", (tools / "pylint", "--rcfile=config/pylintrc", *addons), paths=addons)
        engines = [path for path in sorted(self.layout.addons.glob("*/engine")) if len(list(path.rglob("*.py"))) > 1]
        for path in engines:
            command = (tools / "mypy", "--strict", "--no-incremental", "-p", "engine")
            yield Part(f"typing {path.parent.name}", command, paths=(f"addons/{path.parent.name}",), cwd=path.parent)
        newest = set_up_engines(self.layout, newest_python())
        yield Part("engines' examples on the newest Python", (newest, "-m", "erplib.doctests"), paths=addons)
        for path in sorted(self.layout.addons.glob("*/tests/engine")):
            # The folder is its own root: above it lie packages that import Odoo.
            command = (newest, "-m", "pytest", "-p", "no:cacheprovider", f"--rootdir={path}", SAME_EXAMPLES)
            yield Part(f"engine {path.parts[-3]}", command, (str(path.relative_to(self.layout.root)),))
        yield Part("erplib", (python, "-m", "pytest", "-p", "no:cacheprovider", "--doctest-modules"), ("erplib",))

    def chosen(self):
        """Parts, narrowed to the paths named: those at or below a named path, or whose tests hold a named file or test."""
        for part in self.parts():
            around = [a for a in self.selected for p in (*part.paths, *part.tests) if f"{p}/".startswith(f"{a}/")]
            inside = [a for a in self.selected for t in part.tests if a.startswith(f"{t}/")]
            if not self.selected or around:
                yield part
            elif inside:
                part.tests = tuple(inside)
                yield part

    def run(self, part):
        start = time.monotonic()
        result = Result(part.name, 0, self.layout.logs / f"test-{re.sub(r'[^a-z0-9]+', '-', part.name.lower())}.log")
        try:
            self._run(part, result)
        except ErpError as error:
            result.failed += 1
            result.failures.append(str(error))
        result.seconds = time.monotonic() - start
        verdict = "FAILED" if result.failed else "ok"
        counts = f"{result.passed} passed, {result.failed} failed, {result.skipped} skipped"
        say(f"  {verdict:<7} {part.name:<30} {counts}  {result.seconds:.0f} s")
        for failure in result.failures[:20]:
            say(f"            {failure}")
        return result

    def _run(self, part, result):
        database, running = None, None
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.layout.root), "ERP_ROOT": str(self.layout.root)}
        if part.source:
            database = "test_" + re.sub(r"[^a-z0-9]+", "_", part.name.lower())
            self.context.databases.scratch(database, part.source())
            environment |= self._environment(database)
        try:
            if part.serve:
                running = self._serve(database)
                environment |= {"ERP_URL": running.url, "ERP_TRACE": str(running.trace), "ERP_SERVER_LOG": str(running.log)}
            self._execute(part, result, environment, database)
        finally:
            if running:
                running.stop()
                self._check_trace(running, result)
            if database and not result.failed:
                self.context.cluster.drop(database)

    def _environment(self, database):
        secrets, cluster = self.layout.secrets(), self.context.cluster
        libpq = {k: v for k, v in cluster.environment().items() if k.startswith("PG")}
        return libpq | {
            "ERP_DB": database,
            "ERP_CONFIG": str(self.context.config),
            "ERP_ADMIN_PASSWORD": secrets["admin"],
            "ERP_DEMO_PASSWORD": secrets["demo"],
            "ERP_SCREENSHOTS": str(self.layout.screenshots),
        }

    def _serve(self, database):
        port = free_port()
        running = server.Server(self.layout, self.context.config, database, port)
        running.trace = self.layout.logs / f"connects-{database}.log"
        running.prefix = [*server.TRACER, str(running.trace)]
        return running.start()

    def _check_trace(self, running, result):
        """A server that tried to reach anything but this machine fails its part."""
        found = strangers(running.trace)
        result.failed += bool(found)
        result.failures += [f"the server tried to connect to the outside: {stranger}" for stranger in found]

    def _execute(self, part, result, environment, database):
        command = [str(word).replace("{database}", database or "") for word in (*part.command, *part.tests)]
        report = self.reports / f"{result.log.stem}.xml"
        report.unlink(missing_ok=True)
        if part.tests:
            command += [f"--junitxml={report}", "-q", *self.extra]
        with open(result.log, "w", encoding="utf-8") as log:
            log.write(f"$ {shlex.join(command)}\n")
            log.flush()
            done = subprocess.run(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, cwd=part.cwd or self.layout.root
            )
        if not part.tests:
            result.passed, result.failed = int(done.returncode == 0), int(done.returncode != 0)
            result.failures += _tail(result.log) if done.returncode else []
            return
        _read_report(report, result)
        # pytest's 5: no test was there, which is right only when a selection (-k, -m) left none.
        if done.returncode not in (0, 1, 5) or (done.returncode == 1 and not result.failed) or (done.returncode == 5 and not self.extra):
            result.failed += 1
            result.failures += [f"pytest ended with code {done.returncode}", *_tail(result.log)]


def strangers(trace):
    """Addresses beyond this machine in a trace of connect() calls (strace's format), each once."""
    found = set()
    for line in trace.read_text(errors="replace").splitlines():
        local = 'inet_addr("127.' in line or '"::1"' in line or '"::ffff:127.' in line
        if "sa_family=AF_INET" in line and "connect(" in line and not local:
            found.add(line.split("connect(")[1][:160])
    return sorted(found)


def _tail(log, lines=12):
    return log.read_text(errors="replace").strip().splitlines()[-lines:]


def _read_report(report, result):
    """Counts and names of failures out of a JUnit file."""
    if not report.exists():
        return
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            result.failed += 1
            problem = case.find("failure") if case.find("failure") is not None else case.find("error")
            message = (problem.get("message") or "").splitlines() or [""]
            result.failures.append(f"{case.get('classname')}::{case.get('name')}: {message[0][:160]}")
        elif case.find("skipped") is not None:
            result.skipped += 1
        else:
            result.passed += 1


def longest_first(parts):
    """The parts named in :data:`LONGEST` in that order, then the others as they came."""
    return sorted(parts, key=lambda part: LONGEST.index(part.name) if part.name in LONGEST else len(LONGEST))


def main(context, arguments):
    """Run the parts; returns the exit code."""
    start = time.monotonic()
    suite = Suite(context, arguments)
    parts = list(suite.chosen())
    if not parts:
        raise ErpError("Nothing to test there.", "Name a folder such as addons/crm_core or tests/e2e.", 2)
    say(f"{len(parts)} parts, two at a time; logs in {context.layout.logs}")
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(suite.run, longest_first(parts)))
    failed, passed, skipped = (sum(getattr(r, name) for r in results) for name in ("failed", "passed", "skipped"))
    for result in results:
        if result.failed:
            say(f"FAILED {result.name}: see {result.log}")
    counts = [f"{count} {word}" for count, word in ((failed, "failed"), (passed, "passed"), (skipped, "skipped")) if count]
    say(f"{'=' * 10} {', '.join(counts)} in {time.monotonic() - start:.2f}s {'=' * 10}")
    return 1 if failed else 0
