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


def costs(world: World, who: str) -> dict[str, int]:
    client = client_of(world, who)
    found = {name: _warm(client, path) for name, path in pages(READERS[who]).items() if name not in COSTLY}
    return {name: spent for name, spent in found.items() if spent is not None}


def _warm(client: Client, path: str) -> int | None:
    """What is asked once per process or session does not count."""
    ContentType.objects.get_for_model(ContentType)
    return cost(client, path) and cost(client, path)


def growing(few: dict[str, int], many: dict[str, int]) -> list[str]:
    return [
        f"{name}: {few[name]} queries, then {many[name]}" for name in few if name not in many or many[name] > few[name]
    ]


def _grown(world: World) -> World:
    with scope(SYSTEM):
        world.grow()
        world.grow()
    return world


@pytest.mark.parametrize("who", READERS)
def test_three_rows_cost_what_one_costs(world, who):
    few = costs(world, who)
    none(growing(few, costs(_grown(world), who)))
    assert few != {}


def test_portal_pages_take_few_queries(world):
    found = costs(world, "bo").items()
    none([f"{name}: {spent}" for name, spent in found if spent > PORTAL_LIMIT])


def test_a_query_per_row_is_found(world, monkeypatch):
    from deals.portal import DealList  # noqa: PLC0415 - only the planted fault needs it

    row = DealList._row
    monkeypatch.setattr(DealList, "_row", lambda page, deal: (deal.refresh_from_db(), row(page, deal))[1])
    few = costs(world, "bo")
    assert [fault.split(":")[1] for fault in growing(few, costs(_grown(world), "bo"))] == ["deals"]
