"""Redis is away, or takes calls and says nothing: people notice nothing, and what waited is delivered after."""

import time

import pytest
import redis

from core.actor import SYSTEM
from core.models import Delivery
from core.scope import scope
from deals.enums import Status
from deals.models import Registration
from tests.concurrency.test_claims import form
from tests.faults.conftest import LONG, open_deliveries
from tests.faults.house import Browser, House, until
from tests.faults.proxy import Line
from tests.faults.test_kills import (
    HEALED_WITHIN,
    assert_one_letter_each,
    assert_verified,
    wait_registrations,
)

SECONDS = 60 if LONG else 5
ANSWERED_WITHIN = 2.0 if LONG else 10.0  # seconds; the short run shares its machine with other tests
LOGINS = 8  # more would meet the limit of sign-ins per minute

pytestmark = [pytest.mark.committed, pytest.mark.slow]


def register(ada: Browser, market, name: str) -> None:
    status, there = ada.post("/portal/deals/new/", form(market, f"new-{name}.example", f"New {name}"))
    assert (status, there.startswith("/portal/deals/D-")) == (302, True), (status, there[-2000:])


def approve(mona: Browser, reference: str) -> None:
    status, body = mona.post(f"/admin/deals/{reference}/approve/", {"note": ""})
    assert status == 302, (status, body[-2000:])


def test_a_line_that_breaks_in_the_middle_of_work_loses_nothing(house: House, market, line):
    falls = 0
    for cycle in range(20 if LONG else 2):
        wait_registrations(market, 20, of=f"cycle-{cycle}")
        before = open_deliveries()
        until(lambda: open_deliveries() < before, 60, "The worker does nothing")  # noqa: B023
        line.set("cut" if cycle % 2 == 0 else "silent")
        wait_registrations(market, 5, of=f"dark-{cycle}")
        time.sleep(1)
        line.set("open")
        falls += len(house.fallen())
        house.revive()
        until(lambda: delivered(house), HEALED_WITHIN, "Not delivered")
    print(f"{cycle + 1} breaks, {falls} workers ended and were started again")  # noqa: T201
    assert_one_letter_each(house)
    assert_verified()


def delivered(house: House) -> bool:
    """Whether nothing waits any more; the broker's client ends a worker now and then when the line is cut."""
    house.revive()
    return open_deliveries() == 0


@pytest.mark.parametrize("mode", ["cut", "silent"])
def test_a_broken_line_to_redis_costs_no_request_and_no_work(house: House, market, line, mode):
    waiting = wait_registrations(market, SECONDS * 3, of=f"waits-{mode}")
    references = list(waiting)
    ada, mona = Browser(house), Browser(house)
    assert [ada.sign_in("ada@acme.example"), mona.sign_in("mona@northwind.example")] == [302, 302]
    ada.read_form("/portal/deals/new/")
    mona.read_form(f"/admin/deals/{waiting[0]}/")
    register(ada, market, f"{mode}-0")
    approve(mona, waiting.pop())
    quiet = max(ada.seconds[-1], mona.seconds[-1])
    visitors: list[Browser] = []
    ada.seconds, mona.seconds = [], []

    line.set(mode)
    end, approved = time.monotonic() + SECONDS, 0
    while time.monotonic() < end and waiting:
        if len(visitors) < LOGINS:
            visitors.append(Browser(house))
            assert visitors[-1].sign_in("bo@acme.example") == 302
        register(ada, market, f"{mode}-{approved + 1}")
        approve(mona, waiting.pop())
        approved += 1
    slowest = {n: max(b.seconds) for n, b in {"register": ada, "approve": mona}.items()}
    slowest["sign in"] = max(s for browser in visitors for s in browser.seconds)
    ready, _body = ada.get("/readyz")
    assert ready == 503
    line.set("open")

    took = until(lambda: delivered(house), HEALED_WITHIN, f"Not delivered: {house.log('worker')[-2000:]}")
    told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in slowest.items())
    print(f"{mode}: {approved} rounds, slowest {told} (before {quiet:.2f} s), delivered {took:.1f} s after")  # noqa: T201
    assert max(slowest.values()) <= ANSWERED_WITHIN
    assert approved >= 3
    with scope(SYSTEM):
        decided = Registration.objects.filter(reference__in=references, status=Status.APPROVED)
        assert decided.count() == approved + 1
        assert Registration.objects.filter(account_name__startswith=f"New {mode}-").count() == approved + 1
        assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}
    assert_one_letter_each(house)
    assert_verified()


def test_the_line_bites(servers):
    """Else the tests above would prove nothing."""
    line = Line(servers.valkey)
    client = redis.Redis.from_url(line.url, socket_timeout=0.3, socket_connect_timeout=0.3, retry=None)
    assert client.ping()
    line.set("silent")
    with pytest.raises(redis.TimeoutError):
        client.ping()
    line.set("cut")
    with pytest.raises(redis.ConnectionError):
        client.ping()
    line.set("open")
    assert client.ping()
    client.close()
    line.close()
