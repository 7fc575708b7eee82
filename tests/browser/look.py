"""Looks at every page of a running installation in Chromium: `python -m tests.browser.look http://127.0.0.1:8000`.

At desktop and phone width, light and dark: pictures, axe, content policy, console, overflow, targets, focus, links.
First the pages of pages.txt, then one of each kind of page that links lead to and the list does not name.
Without an address it looks at 127.0.0.1:$PORT, and starts the demo there if nothing answers. Faults end it with 1.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, sync_playwright

from tests.browser import plan
from tests.browser.chromium import FLAGS
from tests.browser.plan import ANYONE, Visit
from tests.browser.view import PASSWORD, SCREENS, SCRIPTS, THEMES, Result, view

HERE = Path(__file__).resolve().parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
HOUSES = {"ada": "acme.example", "bo": "acme.example", "cy": "cobalt.example"}
VENDOR = "northwind.example"
FIGURE = '<figure><img loading="lazy" width="360" src="{src}"><figcaption>{line}</figcaption></figure>'
NEVER_FOLLOWED = ("logout", "export", "download")

Screen = tuple[int, str]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def signed_in(browser: Browser, who: str, base: str) -> dict | None:
    """The cookies of a member of the cast."""
    if who == ANYONE:
        return None
    context = browser.new_context()
    page = context.new_page()
    page.goto(urljoin(base, "/accounts/login/"))
    page.fill("[name=login]", f"{who}@{HOUSES.get(who, VENDOR)}")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state("load")
    if page.locator("[name=password]").count():
        raise SystemExit(f"{who} can't sign in: still at {page.url}")
    state = context.storage_state()
    context.close()
    return state


def contexts(browser: Browser, state: dict | None) -> Iterator[tuple[BrowserContext, Screen]]:
    """A browser of each width and theme, with these cookies."""
    for width, height in SCREENS:
        for theme in THEMES:
            phone = width < 700
            size = {"width": width, "height": height}
            context = browser.new_context(
                storage_state=state, viewport=size, is_mobile=phone, has_touch=phone, color_scheme=theme
            )
            context.add_init_script(SCRIPTS["watch"])
            yield context, (width, theme)
            context.close()


def tour(browser: Browser, state: dict | None, visits: list[Visit], o: argparse.Namespace) -> list[Result]:
    """All these visits of one person, on every screen."""
    results = []
    for context, screen in contexts(browser, state):
        for visit in visits:
            results.append(view(context, visit, screen, o.base, o.out))
            report(results[-1])
    return results


def linked(browser: Browser, state: dict | None, who: str, results: list[Result], o: argparse.Namespace) -> list[Visit]:
    """One visit for each kind of page that pages of this person lead to and that nobody has looked at."""
    known = {plan.shape(result.arrived) for result in results}
    found: dict[str, str] = {}
    for link in (link for result in results if result.visit.who == who for link in result.links):
        if urlsplit(link).netloc == urlsplit(o.base).netloc and plan.shape(link) not in known:
            found.setdefault(plan.shape(link), link)
    return [plan.parse(f"{who} {urlsplit(link).path}") for link in found.values() if _is_page(browser, state, link)]


def _is_page(browser: Browser, state: dict | None, link: str) -> bool:
    if any(word in link for word in NEVER_FOLLOWED):
        return False
    _status, kind, arrived = _answer(browser, state, link)
    return "text/html" in kind and plan.shape(arrived) == plan.shape(link)


def broken(browser: Browser, results: list[Result], states: dict, o: argparse.Namespace) -> list[str]:
    """Links of the pages that lead nowhere, asked for by the person who saw them."""
    host, found, asked = urlsplit(o.base).netloc, [], set()
    for result in results:
        for link in result.links:
            key = (result.visit.who, link)
            if urlsplit(link).netloc != host or key in asked or any(word in link for word in NEVER_FOLLOWED):
                continue
            asked.add(key)
            status, *_rest = _answer(browser, states[result.visit.who], link)
            if status >= 400 and not (result.visit.status == status and link.endswith(result.visit.path)):
                found.append(f"{status} {link} (on {result.visit.name})")
    return found


def _answer(browser: Browser, state: dict | None, link: str) -> tuple[int, str, str]:
    """Status, content type and the address that answered; 599 where nothing does."""
    context = browser.new_context(storage_state=state)
    try:
        answer = context.request.get(link, timeout=20000, max_redirects=5)
        return answer.status, answer.headers.get("content-type", ""), answer.url
    except Error:
        return 599, "", link
    finally:
        context.close()


def look(o: argparse.Namespace) -> int:
    """Visits everything; 0 when nothing is wrong."""
    visits = [v for v in plan.read(o.pages) if not o.only or any(word in v.name for word in o.only)]
    o.out.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    states: dict[str, dict | None] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for who in dict.fromkeys(v.who for v in visits):
            states[who] = signed_in(browser, who, o.base)
            results += tour(browser, states[who], [v for v in visits if v.who == who], o)
        for _depth in range(3 if o.linked or not o.only else 0):
            for who, state in states.items():
                results += tour(browser, state, linked(browser, state, who, results, o), o)
        dead = [] if o.no_links else broken(browser, results, states, o)
        browser.close()
    return conclude(results, dead, o.out)


def report(result: Result) -> None:
    say(result.line())
    for kind, items in result.faults.items():
        for item in items[:8]:
            say(f"       {kind}: {item}")


def conclude(results: list[Result], dead: list[str], out: Path) -> int:
    for line in dead:
        say(f"FAIL broken link: {line}")
    bad = sum(bool(r.faults) for r in results)
    (out / "report.json").write_text(json.dumps({"views": [asdict(r) for r in results], "broken": dead}, indent=1))
    shots = "".join(FIGURE.format(src=r.picture, line=r.line()) for r in results)
    (out / "index.html").write_text(f"<!doctype html><meta charset=utf-8><title>Look</title>{shots}")
    say(f"{len(results)} views, {bad} with faults, {len(dead)} broken links; pictures and index.html in {out}")
    return int(bool(bad or dead))


def answers(base: str) -> bool:
    try:
        return urllib.request.urlopen(urljoin(base, "/readyz"), timeout=5).status == 200
    except OSError:
        return False


@contextlib.contextmanager
def running(base: str) -> Iterator[None]:
    """The installation at this address; the demo is started, with data of its own, where nothing answers."""
    if answers(base):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="look-") as data:
        env = os.environ | {"PORT": str(urlsplit(base).port or 80), "DATA": data}
        demo = subprocess.Popen([sys.executable, "-m", "prm.demo"], env=env, stdout=subprocess.PIPE, text=True)
        try:
            for line in demo.stdout or ():
                if line.startswith("PRM is ready"):
                    break
            yield
        finally:
            demo.terminate()
            demo.wait(60)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", nargs="?", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    parser.add_argument("only", nargs="*", help="words: visit only pages whose name holds one of them")
    parser.add_argument("--pages", type=Path, default=HERE / "pages.txt")
    parser.add_argument("--out", type=Path, default=Path(".local/look"))
    parser.add_argument("--linked", action="store_true", help="with words, too: visit what those pages lead to")
    parser.add_argument("--no-links", action="store_true", help="do not ask for the links found")
    o = parser.parse_intermixed_args()
    if not Path(CHROMIUM).exists():
        say(f"Chromium is not at {CHROMIUM}. Install it, or set CHROMIUM.")
        return 2
    with running(o.base):
        return look(o)


if __name__ == "__main__":
    sys.exit(main())
