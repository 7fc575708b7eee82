"""PostgreSQL falls and comes back: people are told to try again, and what was confirmed is there."""

import os
import signal
import threading
import time
from collections import Counter

import pytest
from django.db import connections

from core.actor import SYSTEM
from core.scope import scope
from deals.models import Registration
from tests.concurrency.test_claims import form
from tests.faults.conftest import LONG, open_deliveries
from tests.faults.house import Browser, House, until
from tests.faults.test_kills import HEALED_WITHIN, assert_one_letter_each, assert_verified

FALLS = 3 if LONG else 1
# seconds: the keeper waits half of one, PostgreSQL replays its log; the short run shares its machine with other tests
WELL_WITHIN = 10 if LONG else 60

pytestmark = [pytest.mark.committed, pytest.mark.slow]


def fall(house: House) -> None:
    """Ends PostgreSQL at once, as a crash would; its keeper starts it again."""
    process = int((house.place.cluster / "postmaster.pid").read_text().split()[0])
    os.kill(process, signal.SIGQUIT)


class Customer(threading.Thread):
    """Registers deal after deal until told to stop; remembers what was answered."""

    def __init__(self, house: House, market, name: str) -> None:
        super().__init__()
        self.browser, self.market, self.word = Browser(house), market, name
        assert self.browser.sign_in("ada@acme.example") == 302
        self.browser.read_form("/portal/deals/new/")
        self.answers: list[tuple[float, int, str]] = []
        self.over = threading.Event()

    def run(self) -> None:
        n = 0
        while not self.over.is_set():
            n += 1
            company = f"{self.word} {n}"
            told = form(self.market, f"{self.word}-{n}.example", company)
            status, _body = self.browser.post("/portal/deals/new/", told)
            self.answers.append((time.monotonic(), status, company))
            time.sleep(0.05)

    def confirmed(self, since: float) -> int:
        return sum(at > since and status == 302 for at, status, _company in self.answers)


def test_a_fallen_database_costs_answers_and_no_confirmed_work(house: House, market):
    customers = [Customer(house, market, word) for word in ("left", "right")]
    for customer in customers:
        customer.start()
    waits = []
    for _fall in range(FALLS):
        began = time.monotonic()
        for customer in customers:
            until(lambda c=customer: c.confirmed(began) >= 5, 60, "No registration goes through")  # noqa: B023
        connections.close_all()
        fall(house)
        began = time.monotonic()
        for customer in customers:
            until(lambda c=customer: c.confirmed(began + 0.2), 60, "No registration goes through")  # noqa: B023
        waits.append(time.monotonic() - began)
    for customer in customers:
        customer.over.set()
        customer.join(60)
    answers = [answer for customer in customers for answer in customer.answers]
    codes = Counter(status for _at, status, _company in answers)
    print(f"{FALLS} falls, answers {dict(codes)}, well again after {max(waits):.1f} s at most")  # noqa: T201
    assert set(codes) <= {302, 503}
    assert max(waits) <= WELL_WITHIN
    until(lambda: open_deliveries() == 0, HEALED_WITHIN, f"Not delivered: {house.log('worker')[-2000:]}")
    with scope(SYSTEM):
        there = Counter(Registration.objects.exclude(status="draft").values_list("account_name", flat=True))
    assert [company for _at, status, company in answers if status == 302 and there[company] != 1] == []
    assert house.fallen() == []
    assert_one_letter_each(house)
    assert_verified()
