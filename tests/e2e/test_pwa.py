# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The client installs on a phone's home screen, as Chromium judges it."""

import json
import struct

import pytest
from screen import ARGUMENTS, CHROMIUM, PATIENCE_SECONDS, PHONE


@pytest.fixture(scope="module")
def installed_page(playwright, url, password, tmp_path_factory):
    """The rep's client in an ordinary (not incognito) profile: only there Chromium offers to install."""
    context = playwright.chromium.launch_persistent_context(
        str(tmp_path_factory.mktemp("profile")),
        executable_path=CHROMIUM,
        args=ARGUMENTS,
        viewport={"width": PHONE[0], "height": PHONE[1]},
        locale="zh-CN",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    page.goto(f"{url}/web/login", wait_until="networkidle")
    page.fill("input[name=login]", "rep")
    page.fill("input[name=password]", password("rep"))
    page.click("button[type=submit]")
    page.wait_for_selector(".o_web_client .o_action_manager > *")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    yield page
    context.close()


def test_chromium_finds_nothing_against_installing(installed_page):
    devtools = installed_page.context.new_cdp_session(installed_page)
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []


def test_manifest_is_read_without_an_error(installed_page):
    devtools = installed_page.context.new_cdp_session(installed_page)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    content = json.loads(manifest["data"])
    assert content["name"] == "一体云 CRM"
    assert (content["start_url"], content["display"]) == ("/web", "standalone")
    assert content["theme_color"] == "#1b2838"


def test_icons_have_the_sizes_the_manifest_promises(installed_page, url):
    devtools = installed_page.context.new_cdp_session(installed_page)
    icons = json.loads(devtools.send("Page.getAppManifest")["data"])["icons"]
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in icons}
    assert "maskable" in {icon["purpose"] for icon in icons}
    for icon in icons:
        content = installed_page.request.get(url + icon["src"]).body()
        width, height = struct.unpack(">II", content[16:24])  # PNG: after signature, length and name of the first chunk
        assert f"{width}x{height}" == icon["sizes"]


def test_service_worker_controls_the_client(installed_page):
    state = installed_page.evaluate("() => navigator.serviceWorker.ready.then(r => [r.active.state, r.scope])")
    assert state[0] in ("activating", "activated")
    assert state[1].endswith("/")


def test_without_connection_the_app_shows_its_own_page(installed_page, url):
    installed_page.evaluate(
        "() => new Promise(done => navigator.serviceWorker.controller ? done()"
        " : navigator.serviceWorker.addEventListener('controllerchange', done))"
    )
    installed_page.wait_for_function("() => caches.match('/crm_core/static/src/offline.html').then(page => Boolean(page))")
    installed_page.context.set_offline(True)
    try:
        installed_page.goto(f"{url}/web")
        assert "重试" in installed_page.inner_text("button")
    finally:
        installed_page.context.set_offline(False)
