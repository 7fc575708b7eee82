"""An hour (SOAK_MINUTES) of load on one installation, with kills in its first part: `make soak`.

Partners register, a manager approves, people look at pages, a client of the API writes and follows the events. After
it everything that was confirmed is there once, the books hold, and the processes are no larger than at half time.
"""

import json
import os
import queue
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPException
from itertools import cycle
from pathlib import Path

import pytest
from django.db import connections

from core.actor import SYSTEM
from core.models import ExternalId
from core.scope import scope
from deals.models import Registration
from tests.api.conftest import api_for
from tests.concurrency.test_claims import form
from tests.faults.conftest import open_deliveries
from tests.faults.house import Browser, House, until
from tests.faults.proxy import Line
from tests.faults.test_database import fall
from tests.faults.test_kills import assert_one_letter_each, assert_verified

SECONDS = float(os.environ.get("SOAK_MINUTES", "60")) * 60
UNDER_FIRE, WARM = 0.6, 0.7  # parts of the time: until when there are kills, and when the memory is first read
BETWEEN_KILLS = min(60.0, SECONDS / 20)
GROWTH = 1.15  # of what a process holds, from then to the end
PAGES = {
    "eve@northwind.example": ("/dashboard/", "/dashboard/partner_sourced_pipeline/"),
    "mona@northwind.example": ("/admin/", "/admin/deals/registration/"),
    "bo@acme.example": ("/portal/", "/portal/deals/", "/portal/team/"),
}
NO_ANSWER = 0
EXPECTED = {NO_ANSWER, 200, 302, 429, 503}

pytestmark = [pytest.mark.committed]


class Busy(threading.Thread):
    """Does one thing again and again; counts the answers, and those that never came."""

    def __init__(self, act: Callable[[int], int], pause: float) -> None:
        super().__init__()
        self.act, self.pause = act, pause
        self.answers: Counter[int] = Counter()
        self.over = threading.Event()

    def run(self) -> None:
        n = 0
        while not self.over.wait(self.pause):
            n += 1
            try:
                self.answers[self.act(n)] += 1
            except (OSError, HTTPException):
                self.answers[NO_ANSWER] += 1


class Town:
    """Everybody who works with the installation, and what they were told."""

    def __init__(self, house: House, market) -> None:
        self.house, self.market = house, market
        self.registered: list[str] = []
        self.waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.names: list[str] = []
        self.strange: list[tuple[str, int, str]] = []
        self.ada, self.mona = self._signed_in("ada@acme.example"), self._signed_in("mona@northwind.example")
        self.ada.read_form("/portal/deals/new/")
        self.mona.read_form("/admin/")
        with scope(SYSTEM):
            self.token = api_for().token
        readers = [(self._signed_in(who), cycle(pages)) for who, pages in PAGES.items()]
        self.people = [Busy(self.register, 1.0), Busy(self.approve, 0.5), Busy(self.load, 0.5), Busy(self.follow, 1.0)]
        self.people += [Busy(lambda _n, b=b, p=p: self.read(b, next(p)), 0.3) for b, p in readers]

    def read(self, browser: Browser, path: str) -> int:
        return self._noted(path, *browser.get(path))

    def _noted(self, what: str, status: int, body: str) -> int:
        if status not in EXPECTED:
            self.strange.append((what, status, body[-300:]))
        return status

    def _signed_in(self, who: str) -> Browser:
        browser = Browser(self.house)
        assert browser.sign_in(who) == 302
        return browser

    def register(self, n: int) -> int:
        status, there = self.ada.post("/portal/deals/new/", form(self.market, f"soak-{n}.example", f"Soak {n}"))
        if status == 302:
            self.registered.append(f"Soak {n}")
            self.waiting.put(there.strip("/").rpartition("/")[2])
        return self._noted("register", status, there)

    def approve(self, _n: int) -> int:
        reference = self.waiting.get()
        status, body = self.mona.post(f"/admin/deals/{reference}/approve/", {"note": ""}) if reference else (200, "")
        if status == 503:
            self.waiting.put(reference)
        return self._noted("approve", status, body)

    def load(self, n: int) -> int:
        names = [f"{m}" for m in range(max(0, n * 10 - 20), n * 10)]  # half of them were sent before
        rows = [{"match": {"system": "soak", "id": m}, "name": f"Company {m}", "industry": f"{n}"} for m in names]
        status, body = self._call("accounts/batch/upsert", {"rows": rows})
        self.names += names if status == 200 else []
        return self._noted("batch", status, body.decode())

    def follow(self, _n: int) -> int:
        status, body = self._call("events?limit=100")
        return self._noted("events", status, body.decode())

    def _call(self, path: str, body: object = None) -> tuple[int, bytes]:
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else None
        try:
            request = urllib.request.Request(f"{self.house.address}/api/v1/{path}", data, head)
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read()

    def go_home(self) -> Counter[int]:
        """Everybody stops; what was answered."""
        for person in self.people:
            person.over.set()
        self.waiting.put("")
        for person in self.people:
            person.join(120)
        return sum((person.answers for person in self.people), Counter())


def kills(house: House, line: Line) -> Iterator[str]:
    """One fault after the other, each made good."""
    for name in cycle(("worker", "web", "database", "line", "silence")):
        if name in ("worker", "web"):
            house.kill(name)
            house.start(name)
        elif name == "database":
            connections.close_all()
            fall(house)
        else:
            line.set("cut" if name == "line" else "silent")
            time.sleep(3)
            line.set("open")
        yield name


def memory(house: House) -> dict[str, int]:
    """MB that the processes of web and worker hold, with those that they started."""
    held = {}
    for name in ("web", "worker"):
        group = house.running[name].pid
        pages = [_held(one) for one in Path("/proc").glob("[0-9]*/stat") if _group(one) == group]
        held[name] = sum(pages) * os.sysconf("SC_PAGE_SIZE") // 2**20
    return held


def _fields(stat: Path) -> list[str]:
    try:
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 30


def _group(stat: Path) -> int:
    return int(_fields(stat)[2])


def _held(stat: Path) -> int:
    return int(_fields(stat)[21])


def test_after_hours_of_load_and_kills_the_books_hold_and_nothing_has_grown(house: House, market, line: Line):
    town, began = Town(house, market), time.monotonic()
    for person in town.people:
        person.start()
    faults = kills(house, line)
    done: Counter[str] = Counter()
    while time.monotonic() < began + SECONDS * UNDER_FIRE:
        time.sleep(BETWEEN_KILLS)
        done[next(faults)] += 1
        house.await_web()
        house.revive()
    time.sleep(max(0.0, began + SECONDS * WARM - time.monotonic()))
    house.revive()
    warm = memory(house)
    time.sleep(max(0.0, began + SECONDS - time.monotonic()))
    late = memory(house)
    answers = town.go_home()
    until(lambda: open_deliveries() == 0, 120, f"Not delivered: {house.log('worker')[-2000:]}")
    print(f"{SECONDS / 60:.0f} minutes: answers {dict(answers)}, faults {dict(done)}, MB {warm} then {late}")  # noqa: T201
    assert town.strange == []
    with scope(SYSTEM):
        there = Counter(Registration.objects.exclude(status="draft").values_list("account_name", flat=True))
        named = Counter(ExternalId.objects.filter(system="soak").values_list("ext_id", flat=True))
    assert [name for name in town.registered if there[name] != 1] == []
    assert [name for name in set(town.names) if named[name] != 1] == []
    assert_one_letter_each(house)
    assert_verified()
    assert {name: mb for name, mb in late.items() if mb > warm[name] * GROWTH} == {}
