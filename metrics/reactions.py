"""What figures do when something happens: recompute what it touched. Bears running twice."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from core.clock import now
from core.models import Event
from deals.models import Attribution, OpportunityPartner, Registration
from metrics import services
from metrics.services import Touched
from metrics.windows import local_day

_FEW = 2_000  # rows of a batch up to which only what they touched is recomputed


def refresh(event: Event) -> None:
    """Something about a deal or a partner: its partners' figures, and the days it touched."""
    services.refresh(touched_by([event]), at=now())


def load(event: Event) -> None:
    """A batch was loaded: what few rows touched, or everything anew. Of several large ones the last does the work."""
    if not _large(event):
        partners = frozenset(UUID(pk) for pk in event.data.get("partner_ids", ()))
        services.refresh(touched_by(Event.objects.filter(batch=event.subject_id)) | Touched(partners), at=now())
    elif not any(_large(later) for later in Event.objects.filter(type=event.type, pk__gt=event.pk)):
        services.recompute(at=now())


def _large(event: Event) -> bool:
    return sum(n for n in event.data.values() if isinstance(n, int)) > _FEW


def touched_by(events: Iterable[Event]) -> Touched:
    """Partners, opportunities and days that events speak of, before and after."""
    partners: set[UUID] = set()
    opportunities: set[UUID] = set()
    days: set[date] = set()
    for event in events:
        partners |= {event.partner_id} if event.partner_id else set()
        partners |= {event.subject_id} if event.subject_type == "partner" else set()
        opportunities |= _opportunities(event)
        days |= set(_days(event.data))
        days |= _sent(event)
    return Touched(frozenset(partners), frozenset(opportunities), frozenset(days))


def _opportunities(event: Event) -> set[UUID]:
    if event.subject_type == "opportunity":
        return {event.subject_id}
    model = {"opportunity_partner": OpportunityPartner, "deal_registration": Registration, "attribution": Attribution}
    if event.subject_type not in model:
        return set()
    rows = model[event.subject_type].objects.filter(pk=event.subject_id).values_list("opportunity_id", flat=True)  # type: ignore[attr-defined]
    return {pk for pk in rows if pk}


def _sent(event: Event) -> set[date]:
    """The day on which the registration of an event was sent: its line of the funnel."""
    if event.subject_type != "deal_registration":
        return set()
    rows = Registration.objects.filter(pk=event.subject_id).values_list("submitted_at", flat=True)
    return {local_day(at) for at in rows if at}


def _days(data: dict[str, Any]) -> Iterable[date]:
    """Dates in the before and after of an event."""
    changes = data.get("changes") or {}
    for name in ("opened_on", "closed_on"):
        for value in changes.get(name) or ():
            if value:
                yield date.fromisoformat(str(value)[:10])
