"""Exchange rates with their days, as they were brought."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.events import record
from core.ids import public_id, uuid7
from deals.models import ExchangeRate
from deals.particulars import DatedRate


@dataclass(frozen=True)
class RateLoad:
    """One load of rates; the subject of its event."""

    resource: ClassVar[str] = "exchange_rates"
    prefix: ClassVar[str] = "rates"

    pk: UUID = field(default_factory=uuid7)
    version: int = 1

    @property
    def public_id(self) -> str:
        return public_id(self.prefix, self.pk) or ""


@transaction.atomic
def load_rates(rates: Sequence[DatedRate], source: str, *, by: Actor, at: datetime) -> int:
    """Writes rates; one of the same currency and day takes the place of what stood there. How many there are."""
    by.require("rate.edit")
    own = settings.REPORTING_CURRENCY
    if any(one.currency == own for one in rates):
        raise Refused(_("%s is the reporting currency: its rate is always 1. Leave it out.") % own, field="file")
    if any(one.rate <= 0 for one in rates):
        raise Refused(_("A rate must be above zero."), field="file")
    rows = {(one.currency, one.day): one for one in rates}
    ExchangeRate.objects.bulk_create(
        [ExchangeRate(currency=c, day=day, rate=one.rate, source=source[:80]) for (c, day), one in rows.items()],
        update_conflicts=True, unique_fields=("currency", "day"), update_fields=("rate", "source"),
    )  # fmt: skip
    told = {"currencies": sorted({c for c, _day in rows}), "rates": len(rows), "source": source}
    record("loaded", RateLoad(), by=by, at=at, data=told)  # type: ignore[arg-type]  # named like a record
    return len(rows)
