"""Sets the clocks that registrations run by: rows that ring when their moment has come."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from core import timers
from core.bulk import chunks
from core.models import Timer
from deals import rules
from deals.enums import PROTECTED, Status
from deals.models import Registration
from deals.standing import policy_of

_CHUNK = 2_000
_RUNNING = ("approach_end", "remind", "extend", "expire")


def span_of(deal: Registration) -> rules.Span:
    """The protection of an approved registration."""
    assert deal.protection_expires_at is not None
    return rules.Span(deal.decided_at or deal.created_at, deal.protection_expires_at, deal.partner.time_zone)


def moments_of(deal: Registration, at: datetime) -> Mapping[str, datetime | None]:
    """What a registration waits for in its present state; None for what it doesn't wait for any more."""
    if deal.status in PROTECTED:
        running = dict(rules.timers_of(span_of(deal), policy_of(deal), at))
        if deal.status == Status.EXPIRING:
            running["approach_end"] = None
        return {**running, "move_line": None}
    ends = {Status.EXPIRED: deal.grace_until, Status.LOST: deal.first_right_until, Status.REJECTED: deal.appeal_until}
    return {**dict.fromkeys(_RUNNING), "move_line": ends.get(Status(deal.status))}


def wind(deal: Registration, at: datetime) -> None:
    """Sets the clocks of a registration anew, after every change of its state or its protection."""
    timers.put(deal, moments_of(deal, at))


def without_clock(at: datetime) -> QuerySet[Registration]:
    """Registrations that run towards a moment for which no timer is set: loaded, not approved here."""
    running = Timer.objects.filter(subject_id=OuterRef("pk"), kind__in=("expire", "move_line"), done_at=None)
    waiting = Q(status__in=PROTECTED) | Q(status=Status.EXPIRED, grace_until__gt=at)
    waiting |= Q(status=Status.LOST, first_right_until__gt=at)
    return Registration.objects.filter(waiting, ~Exists(running), deleted_at=None)


def set_timers(registration_ids: Collection[UUID] | None = None, *, at: datetime) -> int:
    """Gives every registration (or these) that is without its clock one; how many there were."""
    rows = without_clock(at).select_related("partner", "membership__program")
    rows = rows if registration_ids is None else rows.filter(pk__in=registration_ids)
    done = 0
    for chunk in chunks(rows.iterator(_CHUNK), _CHUNK):
        timers.put_all((deal, moments_of(deal, at)) for deal in chunk)
        done += len(chunk)
    return done
