"""Two partners become one: their places in programs, and what was judged of them."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.events import record
from partners.services.merging import Pair, hand
from tiers.enums import STANDING_OVERRIDES, UNDER_REVIEW, MembershipStatus
from tiers.models import Assessment, BenefitRequest, Fact, ProgramMembership, TierOverride, TierReview
from tiers.workflow import REVIEW

HISTORY = (Assessment, TierReview, TierOverride, BenefitRequest, Fact)
PEOPLE = "people"  # in the name of figures that count people: those of both sides add up


def move(actor: Actor, pair: Pair, at: datetime) -> tuple[str, int]:
    """A place that both hold is the winner's from now on; the others move. What was judged stays as it was."""
    for mine, theirs in doubles(pair):
        _join(mine, theirs, at)
    moved = hand(ProgramMembership, pair)
    for model in HISTORY:
        hand(model, pair)
    return "memberships", moved


def doubles(pair: Pair) -> list[tuple[ProgramMembership, ProgramMembership]]:
    """(the winner's, the loser's) active places in the same program as the same type."""
    rows = ProgramMembership.objects.filter(status=MembershipStatus.ACTIVE).select_related("partner")
    mine = {(m.program_id, m.partner_type): m for m in rows.filter(partner=pair.winner)}
    theirs = rows.filter(partner=pair.loser).order_by("pk")
    return [(mine[key], m) for m in theirs if (key := (m.program_id, m.partner_type)) in mine]


def _join(mine: ProgramMembership, theirs: ProgramMembership, at: datetime) -> None:
    """Ends the loser's place: figures that people gave are added up, open questions about its tier are dropped."""
    for review in TierReview.objects.filter(membership=theirs, status__in=UNDER_REVIEW):
        REVIEW.fire(review, "drop", by=SYSTEM, at=at)
    _add_up(mine, theirs, at)
    since = min(mine.starts_on, theirs.starts_on)
    ProgramMembership.objects.filter(pk=mine.pk).update(starts_on=since)
    ProgramMembership.objects.filter(pk=theirs.pk).update(status=MembershipStatus.ENDED, ends_on=at.date())
    theirs.refresh_from_db()
    moved = {"status": [MembershipStatus.ACTIVE, MembershipStatus.ENDED]}
    record("ended", theirs, by=SYSTEM, at=at, partner_id=mine.partner_id, data={"changes": moved})


def _add_up(mine: ProgramMembership, theirs: ProgramMembership, at: datetime) -> None:
    """Certified people of both. Other figures stay the winner's; what is counted from deals is counted anew."""
    for fact in Fact.objects.filter(membership=theirs):
        known = Fact.objects.filter(membership=mine, metric=fact.metric, window=fact.window).first()
        if known is None:
            Fact.objects.filter(pk=fact.pk).update(membership=mine)
        elif PEOPLE in fact.metric:
            Fact.objects.filter(pk=known.pk).update(value=Decimal(known.value) + fact.value, as_of=at)


def barred(actor: Actor, pair: Pair, at: datetime) -> str | None:
    """An exception that stands for the loser's place is ended by people first."""
    theirs = [place for _mine, place in doubles(pair)]
    standing = TierOverride.objects.filter(membership__in=theirs, status__in=STANDING_OVERRIDES)
    return _("An exception to its tier is in force. Lift it first.") if standing.exists() else None
