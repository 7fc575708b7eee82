"""A list costs what it costs, however long it is."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.actor import SYSTEM
from core.scope import scope
from tests.laws import routes as table
from tests.laws.routes import rule_of
from tests.laws.source import none
from tests.laws.test_stranger import ask, client_of
from tests.laws.world import World

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

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


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


def asked(who: str, only: str) -> dict[str, str]:
    return {name: path for name, path in pages(READERS[who]).items() if name not in COSTLY and only in name}


def costs(client: Client, who: str, only: str = "") -> dict[str, int]:
    found = {name: _warm(client, path) for name, path in asked(who, only).items()}
    return {name: spent for name, spent in found.items() if spent is not None}


def costs_then(client: Client, who: str, few: dict[str, int], only: str = "") -> dict[str, int]:
    """The costs once there is more; a page that seems to cost more is asked again."""
    found = {}
    for name, path in asked(who, only).items():
        spent = cost(client, path) if name in few else None
        if spent is not None:
            found[name] = spent if spent <= few[name] else cost(client, path)
    return found


def _warm(client: Client, path: str) -> int | None:
    """What is asked once per process or session does not count."""
    ContentType.objects.get_for_model(ContentType)
    return cost(client, path) and cost(client, path)


def growing(few: dict[str, int], many: dict[str, int]) -> list[str]:
    return [
        f"{name}: {few[name]} queries, then {many[name]}" for name in few if name not in many or many[name] > few[name]
    ]


def _grow(world: World) -> None:
    with scope(SYSTEM):
        world.grow()
        world.grow()


@pytest.mark.parametrize("who", READERS)
def test_three_rows_cost_what_one_costs_and_portal_pages_take_few(world, who):
    client = client_of(world, who)
    few = costs(client, who)
    if "portal" in READERS[who]:
        none([f"{name}: {spent}, more than {PORTAL_LIMIT}" for name, spent in few.items() if spent > PORTAL_LIMIT])
    _grow(world)
    none(growing(few, costs_then(client, who, few)))
    assert few != {}


def test_a_query_per_row_is_found(world, monkeypatch):
    from deals.portal import DealList  # noqa: PLC0415 - only the planted fault needs it

    row = DealList._row
    monkeypatch.setattr(DealList, "_row", lambda page, deal: (deal.refresh_from_db(), row(page, deal))[1])
    client = client_of(world, "bo")
    few = costs(client, "bo", "deal")
    _grow(world)
    assert [fault.split(":")[1] for fault in growing(few, costs_then(client, "bo", few, "deal"))] == ["deals"]
