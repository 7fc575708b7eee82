"""The conflict check at a million accounts, noisy names, beside an exact look-up by domain."""

import os
from collections.abc import Iterator
from io import StringIO
from random import Random
from time import perf_counter

from django.core.cache import caches
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from core.actor import SYSTEM
from core.clock import now
from core.ids import uuid7
from core.scope import scope
from deals import check
from deals.matching import build, index
from deals.matching.index import near
from deals.models import Account
from deals.normalise import normal_name
from tests.benchmarks.figures import Figure, quantile, seconds
from tests.benchmarks.made_up import Maker, noisy
from tests.benchmarks.scratch import scratch
from tests.deals.conftest import make_market
from tests.factories import make_cast

ROWS = int(os.environ.get("BENCH_ROWS") or 1_000_000)
ASKED = int(os.environ.get("BENCH_ASKED") or 1_000)
_CHUNK = 100_000


def run() -> Iterator[Figure]:
    with scratch():
        names = _fill()
        yield from _measure(names)


def _fill() -> list[str]:
    """Accounts by COPY; their names."""
    maker = Maker(1)
    names = [maker.name() for _ in range(ROWS)]
    columns = "id, name, normal_name, domain, country"
    rest = "metadata, industry, coverage, coverage_reason, uses"
    for start in range(0, ROWS, _CHUNK):
        lines = (
            f"{uuid7()}\t{name}\t{normal_name(name)}\tmade-up-{start + i}.com\tDE\n"
            for i, name in enumerate(names[start : start + _CHUNK])
        )
        with scope(SYSTEM), connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE made ON COMMIT DROP AS SELECT " + columns + " FROM deals_account LIMIT 0"
            )
            cursor.copy_expert(f"COPY made ({columns}) FROM STDIN", StringIO("".join(lines)))
            cursor.execute(
                f"INSERT INTO deals_account ({columns}, {rest}) SELECT {columns}, '{{}}', '', 'open', '', '[]' FROM made"
            )
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE deals_account")
    return names


def _measure(names: list[str]) -> Iterator[Figure]:
    yield Figure(f"index over {len(names):,} names made in", seconds(build.anew), "s", goal="≤ 300")
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE deals_namekey, deals_customername")
    random = Random(2)
    wanted = [random.randrange(len(names)) for _ in range(ASKED)]
    asked = [noisy(names[i], random) for i in wanted]
    with scope(SYSTEM):
        yield from _recall([names[i] for i in wanted], asked)
        yield from _speed(wanted, asked)
        yield _insert(random)
    yield _page(asked)


def _recall(wanted: list[str], asked: list[str]) -> Iterator[Figure]:
    took, found = [], 0
    for name, text in zip(wanted, asked, strict=True):
        began = perf_counter()
        five = near(text, least=0.0, top=5)
        took.append(perf_counter() - began)
        found += name in [one.name for one in five]
    yield Figure("true name among the first five for noisy names", found / len(asked), "", goal="≥ 0.97")
    yield Figure("search, p50", quantile(took, 0.5) * 1000, "ms")
    yield Figure("search, p95", quantile(took, 0.95) * 1000, "ms")


def _speed(wanted: list[int], asked: list[str]) -> Iterator[Figure]:
    partner, at = uuid7(), now()
    exact, whole = [], []
    for row, text in zip(wanted, asked, strict=True):
        exact.append(seconds(list, Account.objects.filter(domain=f"made-up-{row}.com").values_list("id", "name")))
        customer = check.Customer.of("", text, "DE")
        whole.append(seconds(check.find, customer, partner_id=partner, product_id=None, ignore=None, at=at))
    for share in (0.5, 0.95):
        plain = quantile(exact, share) * 1000
        goal = "≤ 30" if share > 0.9 else ""
        label = f"check of a noisy name, p{share * 100:.0f} (plain: exact look-up by domain)"
        yield Figure(label, quantile(whole, share) * 1000, "ms", plain, goal)


def _insert(random: Random) -> Figure:
    maker = Maker(3)
    accounts = [Account.objects.create(name=maker.name()) for _ in range(200)]
    took = [seconds(index.renew, account) for account in accounts]
    return Figure("one name put into the index, p95", quantile(took, 0.95) * 1000, "ms", goal="≤ 5")


def _page(asked: list[str]) -> Figure:
    """The form's live check as the portal answers it, from request to HTML."""
    with scope(SYSTEM):
        ada = make_market(make_cast()).cast.ada
    client = Client()
    client.force_login(ada)
    took, address = [], reverse("portal:deal_check")
    for text in asked[:300]:
        caches["default"].clear()  # a person may not ask this often
        took.append(seconds(client.get, address, {"account_name": text, "country": "DE"}))
    return Figure("the same through the portal's page, p95", quantile(took, 0.95) * 1000, "ms", goal="≤ 80")
