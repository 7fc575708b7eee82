"""The timetable of tiers, and the bells of reviews: a moment has come, one service is called."""

from datetime import datetime
from uuid import UUID

from celery import shared_task

from core.actor import SYSTEM
from core.clock import now
from core.scope import scope
from tiers import services
from tiers.models import ProgramMembership, ProgramVersion, TierOverride, TierReview


@shared_task(acks_late=True, reject_on_worker_lost=True)
def assess_all() -> int:
    """Every night: windows move on, so tiers are judged again without any event."""
    with scope(SYSTEM):
        return services.assess(ProgramMembership.objects.all(), at=now())


def _review(pk: UUID) -> TierReview:
    rows = TierReview.objects.visible_to(SYSTEM).select_related("membership__earned_tier", "from_tier", "to_tier")
    return rows.get(pk=pk)


def _override(pk: UUID) -> TierOverride:
    return TierOverride.objects.visible_to(SYSTEM).select_related("membership", "tier", "from_tier").get(pk=pk)


def begin_version(pk: UUID, at: datetime) -> None:
    """The day of a program's next rules has come."""
    services.put_in_force(ProgramVersion.objects.visible_to(SYSTEM).select_related("program").get(pk=pk), at=at)


def remind(pk: UUID, at: datetime) -> None:
    services.remind(_review(pk), at=at)


def notice_end(pk: UUID, at: datetime) -> None:
    services.notice_over(_review(pk), at=at)


def take_effect(pk: UUID, at: datetime) -> None:
    services.take_effect(_review(pk), at=at)


def look_again(pk: UUID, at: datetime) -> None:
    """What was put off or waived is due again: the figures say what becomes of it."""
    services.assess(ProgramMembership.objects.filter(pk=_review(pk).membership_id), at=at)


def start_override(pk: UUID, at: datetime) -> None:
    services.start(_override(pk), at=at)


def end_override(pk: UUID, at: datetime) -> None:
    services.end(_override(pk), at=at)


def next_review(pk: UUID, at: datetime) -> None:
    services.review_due(ProgramMembership.objects.visible_to(SYSTEM).get(pk=pk), at=at)
