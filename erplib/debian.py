# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Debian packages: those the machine gets from its own suites, and Debian 11's, extracted into the runtime.

Odoo 14.0 and Python 3.9 are Debian 11's. They are read through a private apt configuration, verified by apt's
signature check and again by the hashes of ``config/apt/debian11.lock``, and extracted: the system never sees them.
"""

import hashlib
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from erplib.system import as_root, run
from erplib.ui import ErpError, step

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
#: Extension modules that need a library of Debian 11 (OpenSSL 1.1, libffi 7, mpdecimal 3).
PATCHED = ("_ssl", "_hashlib", "_ctypes", "_decimal")


def host_packages(layout, kinds):
    """Names in ``config/apt/host.txt`` of the given kinds (``run``, ``test``)."""
    lines = (layout.config / "apt" / "host.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [name for kind, name in rows if kind in kinds]


def missing_packages(names):
    query = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names], capture_output=True, text=True)
    there = {line.split()[0] for line in query.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in there]


def install_host_packages(layout, kinds):
    """Install what is missing of the machine's own suite; nothing is asked, nothing is done when all is there."""
    missing = missing_packages(host_packages(layout, kinds))
    if not missing:
        return
    log = layout.logs / "setup.log"
    # An interrupted run may have left apt at work (wait for it) or dpkg half-way (finish that first).
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
    with step(f"Debian packages ({len(missing)} missing: {', '.join(missing[:4])}{' …' if len(missing) > 4 else ''})"):
        run(as_root([*apt, "update"]), log)
        if missing_packages(missing):
            _finish_configuration(log)
            run(as_root([*apt, "install", "--no-install-recommends", *missing]), log)


def _finish_configuration(log):
    """``dpkg --configure -a``, waiting for the lock, which dpkg itself doesn't."""
    for attempt in range(60):
        try:
            run(as_root(["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--configure", "-a"]), log)
            return
        except ErpError as error:
            if "lock" not in str(error) or attempt == 59:
                raise
            time.sleep(5)


def read_lock(layout):
    """``config/apt/debian11.lock`` as {package: (version, sha256)}."""
    lines = (layout.config / "apt" / "debian11.lock").read_text().splitlines()
    return {name: (version, digest) for name, version, digest in (line.split() for line in lines if line and line[0] != "#")}


def _sha256(path):
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _mirrors(env=os.environ):
    """(main, security) mirror addresses: the settings, else the ones the machine itself uses."""
    main, security = env.get("ERP_DEBIAN_MIRROR"), env.get("ERP_DEBIAN_SECURITY_MIRROR")
    if main and security:
        return main, security
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages", "Origin: Debian"],
        capture_output=True,
        text=True,
    ).stdout
    found = {label: address for address, _, label in (line.partition(" ") for line in listing.splitlines())}
    main, security = main or found.get("Debian"), security or found.get("Debian-Security")
    if main and not security:  # mirrors carry the security archive beside the main one
        security = re.sub(r"/debian/?$", "/debian-security/", main)
    if not main:
        raise ErpError(
            "No Debian mirror is known to this machine's apt.",
            "Run `apt-get update`, or set ERP_DEBIAN_MIRROR and ERP_DEBIAN_SECURITY_MIRROR, or give the files with ERP_DEBS.",
            4,
        )
    return main, security


def _apt_options(layout):
    """Write the private apt configuration and return its options."""
    home = layout.runtime / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / "status").touch()
    main, security = _mirrors()
    stanza = "Types: deb\nURIs: {}\nSuites: {}\nComponents: main\nSigned-By: " + KEYRING + "\n"
    (home / "debian11.sources").write_text(stanza.format(main, "bullseye") + "\n" + stanza.format(security, "bullseye-security"))
    settings = {
        "Dir::State::status": home / "status",
        "Dir::State::Lists": home / "lists",
        "Dir::Cache": home / "cache",
        "Dir::Etc::sourcelist": home / "debian11.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Retries": "3",
    }
    return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]


def _verified(folder, lock):
    """{package: path} of the files in *folder* whose hash is in the lock."""
    wanted = {digest: name for name, (_version, digest) in lock.items()}
    found = {}
    for path in sorted(Path(folder).glob("*.deb")) if folder else ():
        name = wanted.get(_sha256(path))
        if name:
            found[name] = path
    return found


def fetch_debian11(layout):
    """The locked packages as {name: path}: kept ones, those of the folder ERP_DEBS, the rest from the mirror.

    :raise ErpError: a package is not to be had, or is not the one we locked
    """
    lock = read_lock(layout)
    layout.debs.mkdir(parents=True, exist_ok=True)
    for path in _verified(os.environ.get("ERP_DEBS"), lock).values():
        shutil.copy2(path, layout.debs)
    have = _verified(layout.debs, lock)
    wanted = [name for name in lock if name not in have]
    if wanted:
        options, log = _apt_options(layout), layout.logs / "setup.log"
        run(["apt-get", *options, "-o", "APT::Update::Error-Mode=any", "update", "-q"], log)
        specs = [f"{name}={lock[name][0]}" for name in wanted]
        run(["apt-get", *options, "download", "-q", *specs], log, cwd=layout.debs)
        have = _verified(layout.debs, lock)
    wrong = [name for name in lock if name not in have]
    if wrong:
        raise ErpError(
            f"Downloaded packages differ from config/apt/debian11.lock: {', '.join(wrong)}.",
            f"Delete {layout.debs} and run again; if it stays so, the mirror serves something else: use another one.",
        )
    return have


def extract_debian11(layout):
    """Odoo and Python 3.9 into the runtime, complete or not at all."""
    packages = fetch_debian11(layout)
    part = layout.debian.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for path in packages.values():
        run(["dpkg", "-x", path, part])
    for name in PATCHED:
        for module in (part / "usr/lib/python3.9/lib-dynload").glob(f"{name}.cpython-39*.so"):
            run(["patchelf", "--set-rpath", "$ORIGIN/../../x86_64-linux-gnu", module])
    shutil.rmtree(layout.debian, ignore_errors=True)
    part.rename(layout.debian)


def extract_host_package(layout, name):
    """A package of the machine's own suite, extracted without starting its service; returns its folder."""
    target = layout.runtime / name
    if not target.exists():
        folder = layout.runtime / "downloads"
        folder.mkdir(parents=True, exist_ok=True)
        run(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", name], layout.logs / "setup.log", cwd=folder)
        run(["dpkg", "-x", next(folder.glob(f"{name}_*.deb")), target])
    return target
