"""Prints the seven metrics and the plain totals as of a day."""

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.actor import SYSTEM
from core.clock import now
from core.scope import scope
from metrics import queries
from metrics.definitions import BY_KEY, KEYS
from metrics.queries import Reading
from metrics.windows import BEGINNING, Period, local_day


class Command(BaseCommand):
    help = "Prints the seven metrics as of a day. Flows cover all up to that day, unless --period-start is given."

    def add_arguments(self, parser):
        parser.add_argument("--as-of", type=_day, help="business day, like 2026-06-30 (default: today)")
        parser.add_argument(
            "--period-start", type=_day, default=BEGINNING, help="first day of flows (default: from the beginning)"
        )
        parser.add_argument("--format", choices=("json", "text"), default="text")

    def handle(self, *args, **options):
        at = now()
        day = options["as_of"] or local_day(at)
        if options["period_start"] > day:
            raise CommandError("The period starts after its end.")
        with scope(SYSTEM):
            period = Period(options["period_start"], day)
            readings = [queries.metric(key, SYSTEM, at=at, period=period) for key in KEYS]
            totals = queries.totals(day)
        answer = {
            "as_of": day.isoformat(),
            "currency": settings.REPORTING_CURRENCY,
            "metrics": {r.key: _metric(r) for r in readings},
            "totals": {name: _plain(value) for name, value in asdict(totals).items()},
        }
        self.stdout.write(json.dumps(answer, indent=2) if options["format"] == "json" else _text(answer))


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise CommandError(f"{words} is not a date like 2026-06-30.") from error


def _plain(value: Any) -> Any:
    """Amounts as texts, exact; counts as numbers."""
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def _metric(found: Reading) -> dict[str, Any]:
    money = found.unit == settings.REPORTING_CURRENCY
    sums = money or found.unit == "percent"
    flows = found.definition.over_period
    return {
        "value": None if found.value is None else f"{found.value:.2f}" if money else str(found.value),
        "unit": found.unit,
        "rows": found.rows,
        "numerator": _plain(found.numerator) if sums else _whole(found.numerator),
        "denominator": _plain(found.denominator) if sums else _whole(found.denominator),
        "estimated": _plain(found.estimated),
        "period_start": found.period.first.isoformat() if flows and found.period.first != BEGINNING else None,
        "period_end": found.period.last.isoformat(),
        "note": found.note or None,
        "definition_version": found.definition.version,
    }


def _whole(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _text(answer: dict[str, Any]) -> str:
    lines = [f"As of {answer['as_of']}"]
    for key, found in answer["metrics"].items():
        value = f"{found['value']} {found['unit']}" if found["value"] is not None else "no value"
        note = f" ({found['note']})" if found["note"] else ""
        lines.append(f"{BY_KEY[key].name}: {value}, {found['rows']} rows{note}")
    return "\n".join([*lines, *(f"{name.replace('_', ' ')}: {value}" for name, value in answer["totals"].items())])
