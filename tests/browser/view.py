"""One view of one page: what Chromium shows of it at one width in one theme, and what is wrong with it."""

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import BrowserContext, Error, Page, TimeoutError

from tests.browser.plan import ANYONE, Visit

HERE = Path(__file__).resolve().parent
SCREENS = ((1440, 900), (390, 844))
THEMES = ("light", "dark")
PASSWORD = "demo-password"
NARROWEST = 320  # WCAG 1.4.10: 400% zoom of 1280 px
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCRIPTS = {name: (HERE / f"{name}.js").read_text() for name in ("probe", "watch", "focus")}
AXE = (HERE / "vendor/axe.min.js").read_text()
KINDS = {
    "too wide": "over",
    "spills out of its box": "spilling",
    "targets too close": "crowded",
    "controls too low": "low",
    "ids used twice": "twice",
    "anchors that lead nowhere": "lost",
}


@dataclass
class Result:
    """What one view of one page showed; `faults` by kind."""

    visit: Visit
    width: int
    theme: str
    kilobytes: float = 0
    requests: int = 0
    paint: int = 0
    shift: float = 0
    minor: list[str] = field(default_factory=list)
    faults: dict[str, list[str]] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    arrived: str = ""  # the address after the steps

    @property
    def picture(self) -> str:
        return f"{self.visit.name}-{self.width}-{self.theme}.png"

    def blame(self, kind: str, items: list[str]) -> None:
        if items:
            self.faults.setdefault(kind, []).extend(dict.fromkeys(items))

    def line(self) -> str:
        head = "FAIL" if self.faults else "ok  "
        numbers = f"{self.requests} requests, {self.kilobytes:.0f} kB, paint {self.paint} ms, shift {self.shift:.3f}"
        minor = f", minor: {', '.join(self.minor)}" if self.minor else ""
        return f"{head} {self.visit.name} {self.width} {self.theme}: {numbers}{minor}"


class Watcher:
    """Listens to one page: requests, answers, the console."""

    def __init__(self, page: Page, base: str) -> None:
        self.host = urlsplit(base).netloc
        self.page = page
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("Network.enable")
        self.cdp.on("Network.loadingFinished", self._weigh)
        page.on("request", self._ask)
        page.on("response", self._answer)
        page.on("requestfailed", lambda r: self.failed.append(f"{r.failure} {r.url}"))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.clear()

    def clear(self) -> None:
        self.bytes, self.requests, self.status = 0, 0, 0
        self.failed: list[str] = []
        self.outside: list[str] = []
        self.errors: list[str] = []

    def _weigh(self, event: dict) -> None:
        self.bytes += int(event["encodedDataLength"])

    def _ask(self, request) -> None:
        if request.url.startswith("http"):
            self.requests += 1
            if urlsplit(request.url).netloc != self.host:
                self.outside.append(request.url)

    def _answer(self, response) -> None:
        main = response.request.is_navigation_request()
        if not main and response.status >= 400 and response.status != 422:
            self.failed.append(f"{response.status} {response.url}")

    def evaluate(self, script: str):
        """Runs a script past the page's content policy."""
        answer = self.cdp.send("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        if problem := answer.get("exceptionDetails"):
            raise RuntimeError(problem.get("exception", {}).get("description", "the script failed"))
        return answer["result"].get("value")


def settle(page: Page, patience: int) -> None:
    """Waits (milliseconds) until nothing loads any more; a page that asks for news never falls idle."""
    with contextlib.suppress(TimeoutError):
        page.wait_for_load_state("networkidle", timeout=patience)


def confirm(page: Page) -> None:
    """Enters the password again where the page asks for it; it asks once in a while."""
    if page.locator("main [name=password]").count():
        page.fill("main [name=password]", PASSWORD)
        with page.expect_navigation():
            page.press("main [name=password]", "Enter")


def do(page: Page, step: tuple[str, ...]) -> None:
    """One step of a visit."""
    verb, target, *more = *step, ""
    if verb == "again":
        confirm(page)
    elif verb == "press":
        page.keyboard.press(target)
    elif verb == "wait":
        page.wait_for_timeout(int(target))
    elif verb == "follow":
        with page.expect_navigation(timeout=15000):
            page.locator(target).first.click(timeout=5000)
    else:
        element = page.locator(target).first
        acts = {"click": element.click, "fill": element.fill, "choose": element.select_option, "tick": element.check}
        (acts | {"upload": element.set_input_files})[verb](*more[:-1], timeout=5000)


def go(page: Page, result: Result, base: str) -> bool:
    """Opens the page and does the steps; False when it could not."""
    visit = result.visit
    try:
        answer = page.goto(urljoin(base, visit.path), wait_until="load", timeout=30000)
        for step in visit.steps:
            do(page, step)
        settle(page, 2500 if visit.steps else 600)
    except Error as error:
        result.blame("did not get there", [str(error).splitlines()[0]])
        return False
    result.arrived = page.url
    status = answer.status if answer else 0
    result.blame("status", [f"{status}, not {visit.status}"] if status != visit.status else [])
    at_sign_in = urlsplit(page.url).path == "/accounts/login/"
    result.blame("sent to sign-in", [page.url] if at_sign_in and visit.who != ANYONE else [])
    return True


def measure(watcher: Watcher, result: Result) -> None:
    phone = json.dumps({"width": result.width, "phone": result.width < 700})
    found = watcher.evaluate(f"({SCRIPTS['probe']})({phone})")
    seen = found["seen"]
    result.paint, result.shift, result.links = seen["paint"], seen["shift"], found["links"]
    result.kilobytes, result.requests = watcher.bytes / 1024, watcher.requests
    policy = "Content Security Policy"
    errors = [
        e for e in watcher.errors if "Failed to load resource" not in e and not (seen["violations"] and policy in e)
    ]
    result.blame("content policy", seen["violations"])
    result.blame("console", errors)
    result.blame("failed requests", watcher.failed)
    result.blame("other hosts", watcher.outside)
    for kind, name in KINDS.items():
        result.blame(kind, found[name])
    result.blame("headings", [f"{found['headings']} h1"] if found["headings"] != 1 else [])


def axe(watcher: Watcher, result: Result) -> None:
    options = json.dumps({"runOnly": TAGS, "resultTypes": ["violations"], "preload": False})
    pick = "v => ({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map(n => n.target.join(' '))})"
    watcher.evaluate(AXE + ";0")
    for found in watcher.evaluate(f"axe.run(document, {options}).then(r => r.violations.map({pick}))"):
        if found["impact"] in {"serious", "critical"}:
            places = " | ".join(found["nodes"][:4])
            result.blame("axe", [f"{found['id']} ×{len(found['nodes'])}: {found['help']}: {places}"])
        else:
            result.minor.append(f"{found['id']} at {' | '.join(found['nodes'][:2])}")


def reflow(watcher: Watcher, result: Result) -> None:
    """A phone's page must also fit the narrowest screen."""
    page = watcher.page
    page.set_viewport_size({"width": NARROWEST, "height": 844})
    found = watcher.evaluate(f"({SCRIPTS['probe']})({json.dumps({'width': NARROWEST, 'phone': True})})")
    result.blame(f"too wide at {NARROWEST} px", found["over"])
    page.set_viewport_size({"width": result.width, "height": 844})


def walk(watcher: Watcher, result: Result, stops: int = 60) -> None:
    """Through the page by Tab: every stop can be seen, none is a trap."""
    order: list[str] = []
    for _ in range(stops):
        watcher.page.keyboard.press("Tab")
        stop = watcher.evaluate(f"({SCRIPTS['focus']})()")
        if stop is None:
            break
        order.append(stop["what"])
        result.blame("focus can't be seen", [] if stop["ring"] else [stop["what"]])
        result.blame("focus is covered", [stop["what"]] if stop["covered"] else [])
    if len(order) > 9 and len(set(order[-9:])) == 1:
        result.blame("keyboard trap", order[-1:])


def picture(watcher: Watcher, result: Result, out: Path) -> None:
    """The whole page; after steps as it stands, so that an open menu stays open."""
    page = watcher.page
    if not result.visit.steps:
        high = watcher.evaluate("document.activeElement?.blur(), scrollTo(0, 0), document.documentElement.scrollHeight")
        page.set_viewport_size({"width": result.width, "height": min(max(high, 600), 8000)})
    page.screenshot(path=out / result.picture, full_page=True)


def view(context: BrowserContext, visit: Visit, screen: tuple[int, str], base: str, out: Path) -> Result:
    """One page at one width in one theme."""
    result = Result(visit, *screen)
    page = context.new_page()
    watcher = Watcher(page, base)
    if go(page, result, base):
        measure(watcher, result)
        axe(watcher, result)
        if result.width < 700:
            reflow(watcher, result)
        picture(watcher, result, out)
        if screen == (SCREENS[0][0], THEMES[0]) and not visit.steps:
            walk(watcher, result)
    page.close()
    return result
