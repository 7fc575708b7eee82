"""What static/js/app.js adds to pages, tried on a page of its own under the strict content policy."""

import mimetypes
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.template import engines
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)
PAGE = (ROOT / "tests/browser/corner.html").read_text()


@dataclass
class Site:
    """A page, its files and a few answers; counts what was sent."""

    page: str
    address: str = ""
    sent: list[str] = field(default_factory=list)
    saves: bool = True
    patience: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str) -> tuple[int, str]:
        if path == "/never":
            self.patience.wait(60)
            return 204, ""
        if path == "/check":
            time.sleep(1)
            return 200, '<p data-say="No match found.">No match found.</p>'
        if path == "/piece":
            return 200, '<h2 data-focus>Fresh</h2><p data-say="Two rows.">Two rows</p>'
        if path == "/plain":
            return 200, re.sub(r" hx-\w+=", " data-was=", self.page)
        bare = {"/fault": 500, "/sent": 204, "/draft": 204 if self.saves else 503}
        return (bare[path], "") if path in bare else (200, self.page)


def handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/static/"):
                file = ROOT / self.path.lstrip("/")
                self.reply(200, file.read_bytes(), mimetypes.guess_type(file)[0] or "text/plain")
                return
            status, body = site.answer(self.path.split("?")[0])
            self.reply(status, body.encode(), "text/html; charset=utf-8")

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            site.sent.append(self.path)
            self.reply(site.answer(self.path)[0], b"", "text/html")

        def reply(self, status, body, kind):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            """Tests print what matters."""

    return Handler


@pytest.fixture
def corner() -> Iterator[Site]:
    """A site of one page, without a database."""
    site = Site(engines["django"].from_string(PAGE).render({"heading": "Corner"}))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(site))
    site.address = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    site.patience.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser, corner) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    one = context.new_page()
    faults: list[str] = []
    one.on("pageerror", lambda error: faults.append(str(error)))
    one.goto(corner.address)
    yield one
    context.close()
    assert faults == []


def test_htmx_comes_only_where_it_is_used(page, browser, corner):
    other = browser.new_page()
    other.goto(corner.address + "plain")
    scripts = "script[src$='htmx.min.js']"
    assert (page.locator(scripts).count(), other.locator(scripts).count()) == (1, 0)
    other.close()


def status(page: Page):
    return page.locator("#status")


def test_a_second_click_sends_nothing(page, corner):
    page.get_by_role("button", name="Approve").dblclick()
    page.wait_for_timeout(300)
    assert corner.sent == ["/sent"]


def test_a_draft_saves_itself_after_five_seconds(browser, corner):
    page = browser.new_page()
    page.clock.install()
    page.goto(corner.address)
    page.get_by_label("Note").fill("half a thought")
    page.clock.run_for(4000)
    assert corner.sent == []
    page.clock.run_for(1500)
    expect(page.locator("[data-save-status]")).to_contain_text("Draft saved at")
    page.close()
    assert corner.sent == ["/draft"]


def test_a_draft_that_could_not_be_saved_says_so_and_tries_again(browser, corner):
    page = browser.new_page()
    page.clock.install()
    page.goto(corner.address)
    corner.saves = False
    page.get_by_label("Note").fill("half a thought")
    page.clock.run_for(6000)
    expect(page.locator("[data-save-status]")).to_have_text("Not saved. We'll try again in 10 s. Keep this page open.")
    corner.saves = True
    page.clock.run_for(11_000)
    expect(page.locator("[data-save-status]")).to_contain_text("Draft saved at")
    page.close()


def test_a_draft_is_saved_on_leaving(page, corner):
    page.get_by_label("Note").fill("half a thought")
    page.goto(corner.address + "other")
    page.wait_for_timeout(300)
    assert corner.sent == ["/draft"]


def test_a_check_that_takes_time_says_that_it_runs(page):
    page.get_by_label("Site").fill("contoso.com")
    page.get_by_label("Site").press("Tab")
    expect(page.locator("#advice")).to_have_text("Checking…")
    expect(page.locator("#advice")).to_have_text("No match found.")
    expect(status(page)).to_have_text("No match found.")


def test_a_check_that_takes_too_long_lets_one_go_on(page):
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": "htmx.config.timeout = 500"})
    page.get_by_label("Slow").fill("contoso.com")
    page.get_by_label("Slow").press("Tab")
    expect(page.locator("#advice")).to_contain_text("The check is taking long. You can continue", timeout=20_000)


def test_a_fresh_piece_takes_the_focus_and_is_said(page):
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("heading", name="Fresh")).to_be_focused()
    expect(status(page)).to_have_text("Two rows.")


def test_a_fault_of_the_server_is_told_and_can_be_tried_again(page):
    page.get_by_role("button", name="Break").click()
    bar = page.get_by_role("alert")
    expect(bar).to_contain_text("Something went wrong on our side.")
    bar.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong on our side.")


def test_without_a_connection_a_bar_says_so_and_tries_again(page):
    page.context.set_offline(True)
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("alert")).to_contain_text("No connection. Your changes are still on this page.")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("heading", name="Fresh")).to_be_focused()


def test_a_letter_acts_but_not_while_typing(page, corner):
    page.get_by_label("Text").press("a")
    assert corner.sent == []
    page.locator("h1").click()
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert corner.sent == ["/sent"]


def test_letters_can_be_switched_off_and_stay_off(page, corner):
    page.keyboard.press("?")
    page.get_by_label("Use single-key shortcuts in this browser").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert corner.sent == []


def test_the_list_of_shortcuts_names_those_of_the_page(page):
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert page.locator("#keys dt").all_inner_texts()[-2:] == ["A", "D"]


def test_j_and_k_walk_the_rows(page):
    for key, name in (("j", "First"), ("j", "Second"), ("j", "Second"), ("k", "First")):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=name)).to_be_focused()


def test_a_slash_goes_to_the_search(page):
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    assert page.get_by_label("Search").input_value() == ""


def test_a_dialog_opens_at_its_question_and_gives_the_focus_back(page):
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", name="Sure?")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Ask")).to_be_focused()


def test_a_dialog_closes_by_its_button(page):
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("button", name="Back").click()
    expect(page.locator("#ask")).to_be_hidden()


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(page):
    page.get_by_text("Menu").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Entry")).to_be_hidden()
    expect(page.locator("summary")).to_be_focused()
    page.get_by_text("Menu").click()
    page.locator("h1").click()
    expect(page.get_by_role("link", name="Entry")).to_be_hidden()


def test_all_rows_are_selected_and_counted(page):
    page.get_by_label("All").check()
    expect(page.locator("[data-count]")).to_have_text("2")
    page.get_by_label("One").uncheck()
    expect(page.locator("[data-count]")).to_have_text("1")
    expect(page.get_by_label("All")).to_be_checked(indeterminate=True)


def test_a_secret_is_copied_and_said(page):
    page.get_by_role("button", name="Copy").click()
    expect(status(page)).to_have_text("Copied.")


@pytest.mark.parametrize(
    ("moment", "words", "tone"),
    [
        ("2026-11-23T07:00:00Z", "8 h 12 min left", "tag"),
        ("2026-11-23T12:00:00Z", "3 h 12 min left", "tag warn"),
        ("2026-11-23T14:02:00Z", "1 h 10 min left", "tag bad"),
        ("2026-11-23T16:12:00Z", "1 h late", "tag bad"),
    ],
)
def test_a_clock_goes_on(browser, corner, moment, words, tone):
    page = browser.new_page()
    page.clock.set_fixed_time(moment)
    page.goto(corner.address)
    expect(page.locator("#clock")).to_have_text(words)
    expect(page.locator("#clock")).to_have_class(tone)
    page.close()
