"""Steps that tests of reviews share: figures that rise and fall, and a tier given for them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from core.actor import SYSTEM
from tiers import services
from tiers.enums import UNDER_REVIEW
from tiers.models import ProgramMembership, Tier, TierReview
from tiers.particulars import Decision, FactRow

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
FILE = Path(__file__).resolve().parents[2] / "examples" / "program-default.yaml"


def closes(member: ProgramMembership, *lapses: date, at: datetime = AT) -> ProgramMembership:
    """So many closed deals as there are days on which they fall out; judged at once."""
    days = tuple(sorted(lapses, reverse=True))
    row = FactRow(member.pk, member.partner_id, "closed_deals_12m", Decimal(len(days)), lapses=days)
    services.assess(services.put_facts([row], at=at), at=at)
    return fresh(member)


def many(n: int, day: date = date(2027, 11, 1)) -> list[date]:
    """Days on which n deals fall out, one a day from this one on."""
    return [day + timedelta(days=i) for i in range(n)]


def fresh(member: ProgramMembership) -> ProgramMembership:
    return ProgramMembership.objects.select_related("tier", "earned_tier", "partner", "program").get(pk=member.pk)


def open_review(member: ProgramMembership) -> TierReview | None:
    rows = TierReview.objects.filter(membership=member, status__in=UNDER_REVIEW)
    return rows.select_related("membership__earned_tier", "membership__tier", "from_tier", "to_tier").first()


def tier(name: str) -> Tier:
    return Tier.objects.get(name=name)


def stands_on(member: ProgramMembership, name: str, deals: int, at: datetime = AT) -> ProgramMembership:
    """The partner closed these deals and was moved up to this tier."""
    closes(member, *many(deals), at=at)
    services.promote(open_review(member), Decision("Well done"), by=SYSTEM, at=at)
    found = fresh(member)
    assert found.tier.name == name
    return found
