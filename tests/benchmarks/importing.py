"""100,000 opportunities of a CRM through the worker of the console's imports: how fast, with how much memory.

The plain way beside it is a bare COPY of the same file into a table of texts. BENCH_IMPORT_ROWS sets the rows.
"""

import os
import random
import resource
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from tests.benchmarks.figures import Figure, seconds
from tests.benchmarks.scratch import scratch

ROWS = int(os.environ.get("BENCH_IMPORT_ROWS", "100000"))
GOAL = 60.0  # seconds, for 100,000 rows
MEMORY = 300.0  # MB, of a worker
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRODUCTS, PARTNERS = 50, 200
FILES = {
    "products": ("product", {"name": "product", "list_price": "price"}),
    "accounts": ("account", {"name": "account", "parent": "parent", "website": "site"}),
    "partners": ("agent", {"name": "agent", "region": "region"}),
    "opportunities": (
        "id",
        {
            "account": "account", "product": "product", "partner": "agent", "stage": "stage", "opened_on": "opened",
            "closed_on": "closed", "amount": "amount",
        },
    ),
}  # fmt: skip
MAPPING = {
    "schema": "1",
    "date_format": "%m/%d/%Y",
    "files": {kind: {"path": f"{kind}.csv", "id": one, "fields": fields} for kind, (one, fields) in FILES.items()},
    "values": {"stage": {"Won": "won", "Lost": "lost", "Open": "open"}},
    "registrations": "from_opportunities",
}


def write_files(folder: Path, rows: int) -> None:
    """A CRM export of so many opportunities, with a twentieth of accounts; always the same."""
    dice = random.Random(5)
    accounts = max(100, rows // 20)
    parents = (f"Customer {n // 10}" if n % 3 == 0 and n > 10 else "" for n in range(accounts))
    heads = {
        "products": "product,price\n" + "".join(f"Product {n},{100 + n}\n" for n in range(PRODUCTS)),
        "accounts": "account,parent,site\n"
        + "".join(f"Customer {n},{above},customer{n}.example.com\n" for n, above in enumerate(parents)),
        "partners": "agent,region\n" + "".join(f"Partner {n},East\n" for n in range(PARTNERS)),
    }
    for kind, text in heads.items():
        (folder / f"{kind}.csv").write_text(text)
    with open(folder / "opportunities.csv", "w") as file:
        file.write("id,agent,product,account,stage,opened,closed,amount\n")
        file.writelines(_deal(n, dice, accounts) for n in range(rows))


def _deal(number: int, dice: random.Random, accounts: int) -> str:
    stage = dice.choice(("Won", "Lost", "Open"))
    opened, closed = (f"{dice.randint(1, 10)}/{dice.randint(1, 28)}/{year}" for year in (2025, 2026))
    whose = f"Partner {dice.randrange(PARTNERS)},Product {dice.randrange(PRODUCTS)},Customer {dice.randrange(accounts)}"
    end = "" if stage == "Open" else closed
    return f"O-{number},{whose},{stage},{opened},{end},{dice.randint(100, 90_000)}\n"


def _load(folder: Path) -> str:
    """One import from upload to end; how it ended."""
    from django.core.files.uploadedfile import TemporaryUploadedFile  # noqa: PLC0415 - Django is set up by now

    from core.actor import SYSTEM  # noqa: PLC0415
    from core.scope import scope  # noqa: PLC0415
    from crm import services, uploads, work  # noqa: PLC0415
    from crm.models import Import  # noqa: PLC0415
    from crm.particulars import NewImport, Start  # noqa: PLC0415

    arrived = {}
    for kind in FILES:
        file = TemporaryUploadedFile(f"{kind}.csv", "text/csv", 0, None)
        file.write((folder / f"{kind}.csv").read_bytes())
        file.size = file.tell()
        arrived[kind] = uploads.arrive(file)
    with scope(SYSTEM):
        one = services.upload(NewImport(arrived, MAPPING), by=SYSTEM, at=NOW)
        services.start(one, Start(), by=SYSTEM, at=NOW)
    work.work(lambda: NOW)
    with scope(SYSTEM):
        return Import.objects.get(pk=one.pk).status


def _copied(folder: Path) -> None:
    with connection.cursor() as cursor, open(folder / "opportunities.csv") as file:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.plain")
        cursor.execute(
            "CREATE TEMPORARY TABLE plain (id text PRIMARY KEY, agent text, product text, account text, stage text,"
            " opened text, closed text, amount text)"
        )
        cursor.copy_expert("COPY plain FROM STDIN WITH CSV HEADER", file)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run() -> Iterator[Figure]:
    with scratch(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, ROWS)
        plain = seconds(lambda: _copied(folder))
        ended: list[str] = []
        first = seconds(lambda: ended.append(_load(folder)))
        goal = f"≤ {GOAL * ROWS / 100_000:g}"
        yield Figure(f"import of {ROWS:,} opportunities with registrations", first, "s", plain, goal)
        again = seconds(lambda: ended.append(_load(folder)))
        yield Figure("the same file again, nothing to change", again, "s", plain, goal)
        yield Figure("memory of the worker at most", _memory(), "MB", None, f"≤ {MEMORY:g}")
        if ended != ["done", "done"]:
            raise AssertionError(f"the imports ended {ended}")
