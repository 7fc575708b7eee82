"""A live site in this process and a Chromium to visit it with."""

import os
import re
import shutil
import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import FLAGS

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
PASSWORD = "demo-password"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request, client_address):
        super().process_request_thread(request, client_address)
        connections.close_all()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        """Tests print what matters."""


@pytest.fixture
def site(committed, settings) -> Iterator[str]:
    """The address of the running site, on real commits."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), _Server, _Quiet)
    settings.BASE_URL = f"http://127.0.0.1:{server.server_port}"
    settings.CSRF_TRUSTED_ORIGINS = [settings.BASE_URL]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield settings.BASE_URL
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing. Install it: apt-get install chromium")
        pytest.skip("NO BROWSER TEST WAS RUN: Chromium is missing. Install it: apt-get install chromium")
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop lives in this thread, our ORM too
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


# What a page says of a request that it left behind when it was itself left.
_LEFT_BEHIND = re.compile(r"htmx:(afterRequest|sendAbort|sendError)\b")


def _is_fault(said) -> bool:
    if _LEFT_BEHIND.match(said.text):
        return False
    return said.type == "error" and "422" not in said.text  # a form with errors is no fault


@pytest.fixture
def visit(browser: Browser, site: str):
    """visit("ada@…", width) → a page signed in as that person; faults of the page fail the test."""
    contexts, faults = [], []

    def open_page(email: str, width: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=site, reduced_motion="reduce")
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if _is_fault(said) else None)
        page.goto("/accounts/login/")
        page.locator("[name=login]").fill(email)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main button[type=submit], main button.primary").first.click()
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
