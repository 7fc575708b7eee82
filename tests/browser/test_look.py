"""What looks at pages finds what is wrong with them, and nothing else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser import plan, view

HERE = Path(__file__).resolve().parent
FILES = {
    "/faulty": ("faulty.html", "text/html"),
    "/faulty.css": ("faulty.css", "text/css"),
}
SOUND = (
    b'<!doctype html><html lang="en"><head><title>Sound</title><meta name="viewport" content="width=device-width"></head>'
    b"<body><main><h1>Sound</h1><p>All well.</p></main></body></html>"
)


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        name, kind = FILES.get(self.path, ("", "text/html"))
        body = (HERE / name).read_bytes() if name else SOUND
        self.send_response(200 if name or self.path == "/sound" else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Tests print what matters."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def faults(browser, address: str, path: str, screen: tuple[int, str], out: Path) -> set[str]:
    phone = screen[0] < 700
    context = browser.new_context(viewport={"width": screen[0], "height": 844}, is_mobile=phone, has_touch=phone)
    context.add_init_script(view.SCRIPTS["watch"])
    found = view.view(context, plan.parse(f"anyone {path}"), screen, address, out)
    context.close()
    return set(found.faults)


EVERYWHERE = {
    "anchors that lead nowhere",
    "axe",
    "content policy",
    "controls too low",
    "failed requests",
    "headings",
    "ids used twice",
    "spills out of its box",
}


@pytest.mark.browser
@pytest.mark.parametrize(
    ("screen", "more"),
    [
        ((1440, "light"), {"focus can't be seen"}),
        ((390, "light"), {"targets too close", "too wide", "too wide at 320 px"}),
    ],
)
def test_every_fault_of_a_faulty_page_is_found(browser, address, tmp_path, screen, more):
    assert faults(browser, address, "/faulty", screen, tmp_path) == EVERYWHERE | more


@pytest.mark.browser
@pytest.mark.parametrize("screen", [(1440, "light"), (390, "dark")])
def test_a_sound_page_has_no_fault(browser, address, tmp_path, screen):
    assert faults(browser, address, "/sound", screen, tmp_path) == set()


@pytest.mark.browser
def test_a_page_that_is_not_there_is_a_fault(browser, address, tmp_path):
    assert "status" in faults(browser, address, "/gone", (1440, "light"), tmp_path)


def test_a_line_of_the_list_is_understood():
    line = 'ada /portal/deals/new/ ; as deal-errors ; status 404 ; fill "#id_a b" some words'
    assert plan.parse(line) == plan.Visit(
        "ada", "/portal/deals/new/", "ada-deal-errors", (("fill", "#id_a b", "some", "words"),), 404
    )


@pytest.mark.parametrize("line", ["/portal/", "ada /portal/ ; dance wildly"])
def test_a_line_that_says_nothing_is_refused(line):
    with pytest.raises(plan.PlanError):
        plan.parse(line)


def test_no_two_pages_of_the_list_share_a_picture():
    names = [visit.name for visit in plan.read(HERE / "pages.txt")]
    assert len(names) == len(set(names))


def test_pages_of_two_records_are_one_kind_of_page():
    assert plan.shape("http://x/portal/deals/D-NWFBA/edit/?a=b") == plan.shape("/portal/deals/D-00013/edit/")
    assert plan.shape("/portal/deals/D-00012/") != plan.shape("/portal/deals/new/")
    assert plan.shape("/accounts/2fa/") != plan.shape("/accounts/12/")
