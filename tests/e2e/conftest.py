# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Browser tests of the suite with its demo company, in Debian's Chromium.

Environment: ERP_URL (a running server), ERP_DEMO_PASSWORD (of every demo user; the login is the role's name),
ERP_ADMIN_PASSWORD (of admin, if it differs) and ERP_SCREENSHOTS (folder, optional).
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from screen import ARGUMENTS, CHROMIUM, DESKTOP, Screen


@pytest.fixture(scope="session")
def url():
    return os.environ["ERP_URL"].rstrip("/")


@pytest.fixture(scope="session")
def password():
    """The password of a demo user."""
    demo = os.environ["ERP_DEMO_PASSWORD"]
    admin = os.environ.get("ERP_ADMIN_PASSWORD", demo)
    return lambda login: admin if login == "admin" else demo


@pytest.fixture(scope="session")
def screenshots():
    folder = os.environ.get("ERP_SCREENSHOTS")
    if not folder:
        return None
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def open_screen(browser, url, password, screenshots):
    """A logged-in screen per role and size, one browser context each, kept for the session."""
    screens = {}

    def opened(login, size=DESKTOP):
        key = (login, size)
        if key not in screens:
            screens[key] = Screen(browser, url, size, screenshots)
            screens[key].log_in(login, password(login))
        screens[key].forget_problems()
        return screens[key]

    yield opened
    for screen in screens.values():
        screen.close()


@pytest.fixture
def anonymous(browser, url, screenshots):
    """A screen nobody has logged in to."""
    screen = Screen(browser, url, DESKTOP, screenshots)
    yield screen
    screen.close()
