"""A real portal in its own process, and a real Chromium in front of it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.outbound import attempts, guarded
from tests.portal.sample_articles import PLAIN, READING, hostile_articles

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
STAFF_PASSWORD = "correct horse battery staple"
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass(frozen=True)
class Portal:
    """A served knowledge base: write articles, index them, and look at `url`."""

    url: str
    settings: object
    errors: Path

    def write(self, path: str, text: str) -> None:
        file = self.settings.articles / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def index(self) -> None:
        """Index now; the portal may be at it by itself, having noticed what was written."""
        from kb.errors import IndexBusy
        from portal.knowledge import open_knowledge_base

        knowledge = open_knowledge_base(self.settings)
        while True:
            try:
                knowledge.index()
                return
            except IndexBusy:
                time.sleep(0.1)


@pytest.fixture(scope="module", autouse=True)
def streamlit_of_its_own():
    """Streamlit runs once in a process and stays when it is stopped; the next file of tests starts it anew."""
    yield
    if "streamlit.runtime" in sys.modules:
        sys.modules["streamlit.runtime"].Runtime._instance = None


@pytest.fixture(scope="session")
def portal(tmp_path_factory, prepared_model):
    """One portal for all tests, serving the sample articles."""
    from kb.settings import Settings

    folder = tmp_path_factory.mktemp("portal")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(
        articles=folder / "articles", data=folder / "data", model=str(prepared_model), port=port,
        title="Acme Help", contact="help@acme.example",
    )  # fmt: skip
    portal = Portal(f"http://127.0.0.1:{port}", settings, folder / "errors.txt")
    for path, text in {**READING, **PLAIN, **hostile_articles()}.items():
        portal.write(path, text)
    portal.index()
    environment = {**os.environ} | {f"KB_{name.upper()}": str(value) for name, value in vars(settings).items()}
    asked = folder / "asked-of-others.txt"
    with portal.errors.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.server"], cwd=ROOT, env=guarded(environment, asked), stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        assert process.stdout.readline() == f"kb is serving {portal.url}\n", portal.errors.read_text()
        _wait_until_ready(portal)
        yield portal
    finally:
        process.terminate()
        process.wait(timeout=20)
    assert attempts(asked) == [], "the portal asked something of another machine"


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def visit(browser):
    """Opens an address as a fresh visitor and returns the page once it has settled."""
    contexts = []

    def open_address(address, *, locale="en-US", width=1280, scheme="light", cookies=(), **options):
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        context.add_cookies(list(cookies))
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(address)
        settle(page)
        return page

    yield open_address
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def staff(portal):
    """An account for each role in the portal's data folder: {"agent": "Ada Agent", …}, all with STAFF_PASSWORD."""
    from kb.accounts import ROLES, Accounts

    names = {role: f"Ada {role.title()}" for role in ROLES}
    for role, name in names.items():
        Accounts(portal.settings.database).add(name, role, STAFF_PASSWORD)
    return names


@pytest.fixture
def visit_as(portal, staff, visit):
    """Opens a path of the portal signed in: `visit_as("agent", "/gaps", width=390)`. Each call is a browser of its own."""
    from kb.accounts import Accounts

    def open_signed_in(role, path="/gaps", **options):
        token = Accounts(portal.settings.database).sign_in(staff[role], STAFF_PASSWORD, address="127.0.0.1")
        return visit(portal.url + path, cookies=[{"name": "kb_staff", "value": token, "url": portal.url}], **options)

    return open_signed_in


def settle(page) -> None:
    """Wait until Streamlit has run the page and nothing is under way."""
    page.locator('[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]').wait_for()
    page.locator(".kb-footer").wait_for()


def _wait_until_ready(portal: Portal, *, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{portal.url}/readyz", timeout=10) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"not ready after {seconds} s: {portal.errors.read_text()}")
