"""On which tier a membership stands, and who changes it: one at a time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Min

from core.actor import Actor
from core.errors import Forbidden
from core.events import record
from tiers.models import ProgramMembership, Tier, TierOverride, TierReview
from tiers.queries import gained


def hold(subject: TierReview | TierOverride) -> ProgramMembership:
    """Locks the membership until the transaction ends and reads it anew: decisions and evaluations take turns."""
    rows = ProgramMembership.objects.select_for_update(of=("self",))
    member = rows.select_related("tier", "earned_tier", "partner", "program").get(pk=subject.membership_id)
    subject.membership = member
    return member


def must_be_another(by: Actor, asker: object, two: str, same: str) -> None:
    """Standing is at stake: one person asks, another decides. Raises Forbidden for keys and for who asked."""
    if by.kind != "vendor":
        raise Forbidden(two, code="four_eyes_required")
    if asker == by.id:
        raise Forbidden(same, code="four_eyes_required")


def give_tier(membership: ProgramMembership, tier: Tier, reason: str, *, by: Actor, at: datetime) -> None:
    """Puts a membership on a tier from today on. What was agreed under the old tier keeps its terms."""
    before = membership.tier
    values = {"tier": tier, "tier_since": at.date(), "tier_reason": reason[:300]}
    ProgramMembership.objects.filter(pk=membership.pk).update(**values)
    membership.refresh_from_db()
    verb = "tier_given" if before is None else "promoted" if tier.rank > before.rank else "demoted"
    moved = {"tier": [before.key if before else None, tier.key]}
    gains, loses = gained(before, tier), gained(tier, before) if before else []
    record(
        verb, membership, by=by, at=at, partner_id=membership.partner_id,
        data={"changes": moved, "tier_name": tier.name, "text": reason, "gains": gains, "loses": loses},
    )  # fmt: skip


def landing(member: ProgramMembership) -> Tier:
    """Where a membership stands by its figures: the earned tier, else the entry tier of its program."""
    if member.earned_tier:
        return member.earned_tier
    lowest = Tier.objects.filter(program=member.program_id, deleted_at=None)
    return lowest.get(rank=lowest.aggregate(least=Min("rank"))["least"])


def first_moment(day: date) -> datetime:
    """When a day begins where the figures are counted, in UTC."""
    return datetime.combine(day, datetime.min.time(), ZoneInfo(settings.TIME_ZONE)).astimezone(ZoneInfo("UTC"))
