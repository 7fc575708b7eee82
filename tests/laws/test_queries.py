"""A list costs what it costs, however long it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.actor import SYSTEM
from core.scope import scope
from tests.laws import routes as table
from tests.laws.routes import rule_of
from tests.laws.source import none
from tests.laws.test_stranger import VENDOR, ask, client_of, may
from tests.laws.world import World
from tests.sampled import LONG

PORTAL_LIMIT = 15
# Who opens which pages.
READERS = {
    "bo": ("portal",),
    "mona": ("console", "records"),
    "root": ("console",),
    "eve": ("console",),
    "acme key": ("api",),
    "vendor key": ("api",),
}
# Pages whose cost may follow the number of rows → why.
COSTLY = {"v1:events": "gives waiting events their place first, in as many chunks as there are"}
# The frame of a scope, of which a test has more than a page.
_UNCOUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SELECT set_config")

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.sampled]


def pages(doors: tuple[str, ...]) -> dict[str, str]:
    """Name → address of the pages of these doors that name no record."""
    found = ((route, rule_of(route)) for route in table.routes())
    open_to = ((route, rule) for route, rule in found if rule and rule.door in doors and not rule.skip)
    return {r.name: r.address(rule.words) for r, rule in open_to if set(r.places) <= set(rule.words)}


def cost(client: Client, path: str) -> int | None:
    """How many statements a GET takes; None when there is nothing to see."""
    with CaptureQueriesContext(connection) as taken:
        response = ask(client, "GET", path)
        if response.status_code != 200:
            return None
    return len([q for q in taken.captured_queries if not q["sql"].startswith(_UNCOUNTED)])


def asked(who: str) -> dict[str, str]:
    """In the short form without what a colleague before is asked for; the first page differs from role to role."""
    found = {name: path for name, path in pages(READERS[who]).items() if name not in COSTLY}
    before = list(takewhile(lambda one: one != who, READERS)) if who in VENDOR and not LONG else []
    seen = {name for one in before for name in pages(READERS[one]) if name != "admin:index" and _may(one, name)}
    return {name: path for name, path in found.items() if name not in seen}


def _may(who: str, name: str) -> bool:
    return all(may(who, rule_of(route).needs) for route in table.routes() if route.name == name)


def costs(client: Client, addresses: dict[str, str]) -> dict[str, int]:
    """Page → statements, of the pages that can be seen."""
    ContentType.objects.get_for_model(ContentType)
    found = {name: cost(client, path) for name, path in addresses.items()}
    return {name: spent for name, spent in found.items() if spent is not None}


def growing(few: dict[str, int], many: dict[str, int]) -> list[str]:
    """The pages that cost more, or can't be seen any more, once there is more."""
    return [f"{name}: {few[name]} queries, then {many.get(name)}" for name in few if _grows(name, few, many)]


def _grows(name: str, few: dict[str, int], many: dict[str, int]) -> bool:
    return name in few and (name not in many or many[name] > few[name])


@contextmanager
def grown(world: World) -> Iterator[None]:
    """Three rows of everything, for a while."""
    with transaction.atomic():
        with scope(SYSTEM):
            world.grow()
            world.grow()
        yield
        transaction.set_rollback(True)


def compared(world: World, client: Client, addresses: dict[str, str]) -> tuple[dict[str, int], list[str]]:
    """The costs of one row, and what costs more when there are three.

    Of many rows they are taken first: what is asked once per process or session is asked by then. A page that seems to
    cost more is asked again.
    """
    with grown(world):
        many = costs(client, addresses)
    few = costs(client, addresses)
    doubtful = {name: path for name, path in addresses.items() if _grows(name, few, many)}
    if doubtful:
        with grown(world):
            many |= costs(client, doubtful)
    return few, growing(few, many)


@pytest.mark.parametrize("who", READERS)
def test_three_rows_cost_what_one_costs_and_portal_pages_take_few(world, who):
    client, addresses = client_of(world, who), asked(who)
    few, faults = compared(world, client, addresses)
    none(faults)
    if "portal" in READERS[who]:  # of the second visit: the first of a session may take one more
        many = costs(client, {name: addresses[name] for name, spent in few.items() if spent > PORTAL_LIMIT})
        none([f"{name}: {spent}, more than {PORTAL_LIMIT}" for name, spent in many.items() if spent > PORTAL_LIMIT])
    assert few != {}


def test_a_query_per_row_is_found(world, monkeypatch):
    from deals.portal import DealList  # noqa: PLC0415 - only the planted fault needs it

    row = DealList._row
    monkeypatch.setattr(DealList, "_row", lambda page, deal: (deal.refresh_from_db(), row(page, deal))[1])
    deals = {name: path for name, path in asked("bo").items() if "deal" in name}
    _few, faults = compared(world, client_of(world, "bo"), deals)
    assert [fault.split(":")[1] for fault in faults] == ["deals"]
