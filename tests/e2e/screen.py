# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A browser page that watches itself: console errors, failed requests, requests to the outside."""

import time
from urllib.parse import urlsplit

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = (1440, 900)
PHONE = (390, 844)
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# Requests that stay open or repeat for ever: a page is ready without them.
ENDLESS = ("/longpolling/", "/im_status")
DRAWN = ".o_web_client .o_action_manager > *"
DIALOG = ".modal.show .o_dialog_warning, .modal.show .o_error_dialog, .modal.show .o_error_detail, .modal.show .alert"
QUIET_SECONDS = 0.3
PATIENCE_SECONDS = 60


class Screen:
    def __init__(self, browser, url, size, screenshots=None):
        width, height = size
        phone = size == PHONE
        self.url = url
        self.size = size
        self.screenshots = screenshots
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            is_mobile=phone,
            has_touch=phone,
            device_scale_factor=2 if phone else 1,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.problems = []
        self.strangers = []
        self._menus = None
        self._open_requests = set()
        self._last_change = time.monotonic()
        self._watch()

    def _watch(self):
        page = self.page
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("request", self._on_request)
        page.on("requestfinished", self._on_request_end)
        page.on("requestfailed", self._on_request_failed)
        page.on("response", self._on_response)

    def _on_console(self, message):
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def _on_request(self, request):
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in LOOPBACK:
            self.strangers.append(request.url)
        if not any(part in request.url for part in ENDLESS):
            self._open_requests.add(request)
            self._last_change = time.monotonic()

    def _on_request_end(self, request):
        self._open_requests.discard(request)
        self._last_change = time.monotonic()

    def _on_request_failed(self, request):
        self._on_request_end(request)
        # Leaving a page cancels what it was still loading: no fault of the page.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"request failed: {request.url} {request.failure}")

    def _on_response(self, response):
        if response.status >= 400:
            self.problems.append(f"status {response.status}: {response.url}")

    def forget_problems(self):
        self.problems.clear()

    def settle(self):
        """Wait until the client has drawn what it asked the server for."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            self.page.wait_for_timeout(50)
            if not self._open_requests and time.monotonic() - self._last_change > QUIET_SECONDS:
                return
        raise TimeoutError(f"still loading: {[request.url for request in self._open_requests]}")

    def log_in(self, login, password):
        self.page.goto(f"{self.url}/web/login")
        self.settle()  # an answer to the page's own requests, arriving late, would bring the old session back
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(f"{DRAWN}, {DIALOG}, .oe_login_form .alert-danger")
        refused = self.page.query_selector(".oe_login_form .alert-danger")
        assert not refused, f"{login} cannot log in: {refused.inner_text()}"
        self.settle()

    def menus(self):
        """The user's apps and menus: {xmlid: menu}, each menu with its id, action, children and the id of its app."""
        found = {}

        def walk(menu, app_id):
            found[menu["xmlid"]] = dict(menu, app_id=app_id)
            for child in menu["children"]:
                walk(child, app_id)

        for app in self._menu_tree()["children"]:
            walk(app, app["id"])
        return found

    def apps(self):
        """The xmlids of the user's apps, in the order shown."""
        return [app["xmlid"] for app in self._menu_tree()["children"]]

    def _menu_tree(self):
        if not self._menus:
            self._menus = self.page.evaluate("() => odoo.reloadMenus()")
        return self._menus

    def open_menu(self, xmlid):
        """Open a menu (of an app: the first one below) in a freshly loaded client."""
        menus = self.menus()
        assert xmlid in menus, f"no menu {xmlid}; there are {sorted(menus)}"
        menu = menus[xmlid]
        app_id = menu["app_id"]
        while not menu["action"]:
            menu = menu["children"][0]
        action = menu["action"].split(",")[1]
        self.page.goto("about:blank")  # a new hash alone would not load the client again
        self.page.goto(f"{self.url}/web#menu_id={app_id}&action={action}")
        self.page.wait_for_selector(f"{DRAWN}, {DIALOG}")
        dialog = self.page.query_selector(DIALOG)
        assert not dialog, f"{xmlid} opens with: {dialog.inner_text()}"
        self.settle()

    def scroll_width(self):
        """How much wider than the screen the page is (0: nothing to scroll sideways)."""
        return self.page.evaluate("() => document.scrollingElement.scrollWidth - window.innerWidth")

    def shoot(self, name):
        if self.screenshots:
            suffix = "phone" if self.size == PHONE else "desktop"
            self.page.screenshot(path=str(self.screenshots / f"{name}-{suffix}.png"))

    def close(self):
        self.context.close()
