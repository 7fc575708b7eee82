"""What figures do when something happens: recompute what it touched. Bears running twice."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from core.clock import now
from core.events import name_of
from core.ids import parse_public_id
from core.models import DeliveryState, Event
from deals.models import Lead, Opportunity, OpportunityPartner, Registration, RevenueEvent, Touch
from metrics import services
from metrics.models import Covered
from metrics.services import Touched
from metrics.windows import local_day
from tiers.models import ProgramMembership, ProgramVersion

_TOGETHER = 200  # events that one recompute answers at most
_FEW = 2_000  # rows of a batch up to which only what they touched is recomputed


def refresh(event: Event) -> None:
    """Something about a deal or a partner: its figures, and with them those of all events that wait for the same.

    Of a burst the first does the work of all; the others find that they are covered.
    """
    if Covered.objects.filter(pk=event.pk).delete()[0]:
        return
    waiting = list(_waiting(event))
    services.refresh(touched_by([event, *waiting]), at=now())
    Covered.objects.bulk_create((Covered(pk=one.pk) for one in waiting), ignore_conflicts=True)


def _waiting(event: Event) -> QuerySet[Event]:
    known = Covered.objects.values("pk")
    rows = Event.objects.filter(deliveries__reaction=name_of(refresh), deliveries__state=DeliveryState.OPEN)
    return rows.exclude(pk=event.pk).exclude(pk__in=known).order_by("pk")[:_TOGETHER]


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
    days: set[date] = set()
    subjects: dict[str, set[UUID]] = defaultdict(set)
    for event in events:
        subjects[event.subject_type].add(event.subject_id)
        subjects["opportunity"] |= {pk} if (pk := parse_public_id("opp", event.data.get("opportunity"))) else set()
        partners |= {event.partner_id} if event.partner_id else set()
        days |= set(_days(event.data))
    registered = Registration.objects.filter(pk__in=subjects["deal_registration"])
    sent = list(registered.values_list("opportunity_id", "submitted_at"))
    roles = OpportunityPartner.objects.filter(pk__in=subjects["opportunity_partner"])
    about = {pk for pk, _at in sent if pk} | set(roles.values_list("opportunity_id", flat=True))
    about |= _credited_by(subjects)
    revenue = RevenueEvent.objects.filter(pk__in=subjects["revenue_event"]).values_list("opportunity_id", "occurred_on")
    about |= {pk for pk, _day in revenue}
    days |= {day for _pk, day in revenue}
    return Touched(
        frozenset(partners | subjects["partner"]),
        frozenset(subjects["opportunity"] | about),
        frozenset(days | {local_day(at) for _pk, at in sent if at}),
    )


def _credited_by(subjects: dict[str, set[UUID]]) -> set[UUID]:
    """The opportunities that touches and leads may bring credit for."""
    touches = Touch.objects.filter(pk__in=subjects["touch"], opportunity__isnull=False)
    leads = Lead.objects.filter(pk__in=subjects["lead"])
    near = Q(registrations__lead__in=leads) | Q(account__domain__in=leads.exclude(domain="").values("domain"))
    found = Opportunity.objects.filter(near).values_list("pk", flat=True) if subjects["lead"] else ()
    return set(touches.values_list("opportunity_id", flat=True)) | set(found)


def rules_changed(event: Event) -> None:
    """Other rules of attribution: every open opportunity is judged anew."""
    services.recompute(at=now())


def judge(event: Event) -> None:
    """A partner came into a program: its figures, and the tier they earn."""
    services.judge(ProgramMembership.objects.filter(pk=event.subject_id), at=now())


def judge_program(event: Event) -> None:
    """New rules of a program are published: the figures they ask for, and every membership judged by them."""
    programs = ProgramVersion.objects.filter(pk=event.subject_id).values("program_id")
    services.judge(ProgramMembership.objects.filter(program_id__in=programs), at=now())


def _days(data: dict[str, Any]) -> Iterable[date]:
    """Dates in the before and after of an event."""
    changes = data.get("changes") or {}
    for name in ("opened_on", "closed_on", "occurred_on"):
        for value in changes.get(name) or ():
            if value:
                yield date.fromisoformat(str(value)[:10])
