"""All benches, or those named: a table, and bench.json. `python -m tests.benchmarks [names…]`."""
# ruff: noqa: T201

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")
os.environ.setdefault("PRM_ENV", "test")
django.setup()

from tests.benchmarks import attribution, importing, names, payouts, search, tiers  # noqa: E402 - the settings are chosen first
from tests.benchmarks.figures import Bench, Figure, Skipped  # noqa: E402

RESULT = Path("bench.json")
BENCHES: dict[str, Bench] = {
    "attribution": attribution.run,  # who is credited for a million opportunities
    "import": importing.run,  # a CRM export of 100,000 rows
    "names": names.run,  # how well names are told apart
    "payouts": payouts.run,  # a month's run of 10,000 partners, and a statement on paper
    "search": search.run,  # the conflict check at a million accounts
    "tiers": tiers.run,  # a night of 100,000 partners
}


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _print(figure: Figure) -> None:
    verdict = {None: "", True: "met", False: "NOT MET"}[figure.met]
    cells = (figure.what.ljust(62), _cell(figure.value).rjust(10), figure.unit.ljust(6), _cell(figure.plain).rjust(10))
    print(*cells, _cell(figure.ratio).rjust(9), figure.goal.rjust(9), verdict, flush=True)


def _run(name: str) -> dict:
    print(f"\n{name.ljust(62)} {'value':>10} {'':6} {'plain way':>10} {'ratio':>9} {'goal':>9}", flush=True)
    rows = []
    try:
        for figure in BENCHES[name]():
            _print(figure)
            rows.append(figure.row())
    except Skipped as reason:
        print(f"SKIPPED: {reason}", flush=True)
        return {"skipped": str(reason)}
    return {"figures": rows}


def main(chosen: list[str]) -> int:
    unknown = [name for name in chosen if name not in BENCHES]
    if unknown:
        print(f"There is no bench {', '.join(unknown)}. There are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    known = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for name in chosen or BENCHES:
        known[name] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **_run(name)}
        RESULT.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    return int(any(row["met"] is False for one in known.values() for row in one.get("figures", ())))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
