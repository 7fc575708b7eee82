"""What a receipt says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from core import sequencer
from core.models import Event, SequenceEntry
from core.scope import elevated
from deals.models import Registration
from deals.shown import protected_until

Facts = Mapping[str, Any]


def facts_of(deal: Registration, at: datetime) -> Facts:
    """The registration as it stands, and the events it rests on: their places in the log and the log's seals there."""
    events = _events(deal)
    last_day = protected_until(deal)
    return {
        "schema": 1,
        "number": deal.reference,
        "vendor": settings.VENDOR_NAME,
        "partner": {"number": deal.partner.reference, "name": deal.partner.name},
        "program": deal.membership.program.name,
        "customer": {"name": deal.account_name, "website": deal.website, "country": deal.country},
        "product": deal.product.name if deal.product else None,
        "amount": {"value": str(deal.amount), "currency": deal.currency} if deal.amount is not None else None,
        "motion": deal.motion,
        "priority_at": _moment(deal.submitted_at),
        "status": deal.status,
        "verdict": deal.verdict,
        "protected_until": _moment(deal.protection_expires_at),
        "last_protected_day": last_day.isoformat() if last_day else None,
        "time_zone": deal.partner.time_zone,
        "issued_at": _moment(at),
        "events": events,
        "position": events[-1]["position"] if events else 0,
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _events(deal: Registration) -> list[dict[str, Any]]:
    """The sealed events of the registration, in the log's order. One that was written this instant may be missing."""
    with elevated():  # the log's seals are nobody's rows
        sequencer.sequence()
        known = dict(Event.objects.filter(subject_id=deal.pk).values_list("id", "type"))
        rows = SequenceEntry.objects.filter(event_id__in=known).order_by("position")
        return [{"position": r.position, "type": known[r.event_id], "hash": bytes(r.hash).hex()} for r in rows]
