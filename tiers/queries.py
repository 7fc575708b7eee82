"""Reads about tiers for pages: where a partner stands, what is missing, what the next tier brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from core.actor import Actor
from partners.models import Partner
from tiers import rules
from tiers.enums import STANDING_OVERRIDES, UNDER_REVIEW, MembershipStatus, ReviewStatus
from tiers.models import Assessment, BenefitRequest, ProgramMembership, ProgramVersion, Tier, TierOverride, TierReview
from tiers.words import metric_name, number


def gained(now: Tier | None, later: Tier) -> list[str]:
    """What the later tier brings that the present one does not, in words."""
    have = [(b["kind"], b.get("value")) for b in now.benefits] if now else []
    return [b.get("text", b["kind"]) for b in later.benefits if (b["kind"], b.get("value")) not in have]


def local_day(at: datetime) -> date:
    """The day of a moment in the installation's time zone: the day of all figures."""
    return timezone.localdate(at, timezone.get_default_timezone())


def memberships(actor: Actor, partner: Partner | None = None):
    """The active memberships an actor may see, oldest first."""
    rows = ProgramMembership.objects.visible_to(actor).filter(status=MembershipStatus.ACTIVE, deleted_at=None)
    rows = rows.filter(partner=partner) if partner else rows
    return rows.select_related("partner", "program", "tier", "earned_tier").order_by("starts_on", "id")


def standings(actor: Actor, at: datetime, partner: Partner | None = None):
    """The same with what a card is made of: the rules in force, and whether anything is decided or under review."""
    own = {"membership": OuterRef("pk")}
    versions = ProgramVersion.objects.filter(program=OuterRef("program"), effective_from__lte=local_day(at))
    return memberships(actor, partner).annotate(
        definition=Subquery(versions.order_by("-number").values("definition")[:1]),
        excepted=Exists(TierOverride.objects.filter(status__in=STANDING_OVERRIDES, **own)),
        reviewed=Exists(TierReview.objects.filter(status__in=(*UNDER_REVIEW, ReviewStatus.WAIVED), **own)),
    )


def reviews(actor: Actor):
    """Open reviews, the oldest promise first, with what a page about one shows."""
    rows = TierReview.objects.visible_to(actor).filter(status__in=UNDER_REVIEW, deleted_at=None)
    return with_all(rows).order_by("due_at", "id")


def to_decide(at: datetime) -> Q:
    """The reviews that wait for a person now: moves up, tiers lost, notices that have run."""
    over = Q(status=ReviewStatus.NOTICE, notice_ends_at__lte=at)
    return Q(status__in=(ReviewStatus.PROPOSED, ReviewStatus.BELOW)) | over


def overrides(actor: Actor):
    """Exceptions, the first promise first, with what a page about one shows."""
    rows = TierOverride.objects.visible_to(actor).filter(deleted_at=None)
    return rows.select_related(
        "partner__manager", "membership__program", "membership__tier", "membership__partner", "tier", "from_tier",
        "requested_by", "decided_by",
    ).order_by("due_at", "id")  # fmt: skip


def requests(actor: Actor):
    """What partners asked for by their tier, the first promise first."""
    rows = BenefitRequest.objects.visible_to(actor).filter(deleted_at=None)
    return rows.select_related(
        "partner__manager", "membership__program", "membership__tier", "membership__partner", "owner", "asked_by"
    ).order_by("due_at", "id")


def with_all(rows):
    return rows.select_related(
        "partner__manager", "membership__program", "membership__tier", "membership__earned_tier", "from_tier",
        "to_tier", "assessment__program_version", "decided_by", "noticed_by",
    )  # fmt: skip


def arithmetic(assessment: Assessment, rank: int) -> str:
    """Each requirement of a tier as it was judged: "Closed deals: 7, needs 5"."""
    found: dict = next((t for t in assessment.explanation if t["rank"] == rank), {"leaves": []})
    return leaves_words(found["leaves"])


def leaves_words(leaves: Sequence[dict[str, Any]]) -> str:
    """Stored requirements in words."""
    return ", ".join(
        _("%(what)s: %(value)s, needs %(needed)s")
        % {
            "what": metric_name(leaf["metric"]),
            "value": plain_text(leaf["value"]),
            "needed": plain_text(leaf["needed"]),
        }
        for leaf in leaves
    )


def judged(review: TierReview) -> str:
    """The requirements that a review is about, as they were judged: of the tier to reach, or of the one to keep."""
    up = review.from_tier is None or review.to_tier.rank > review.from_tier.rank
    tier = review.to_tier if up else review.from_tier
    stored = review.forecast or (review.assessment.explanation if review.assessment else [])
    found = next((t for t in stored if tier and t["rank"] == tier.rank), None)
    return leaves_words(found["leaves"]) if found else ""


def plain_text(value: str | None) -> str:
    """A stored figure as people write it."""
    found = rules.plain(Decimal(value)) if value not in (None, "True", "False") else None
    return number(found) if found is not None else _("Not yet") if value is None else str(value)


@dataclass(frozen=True, slots=True)
class CountedRow:
    """A row behind a figure: what it is, its day, when it falls out; or why it does not count."""

    what: str
    href: str
    day: date | None
    amount: object = None
    falls_out_on: date | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class CountedRows:
    """The rows behind one metric of a membership; an app above the tiers answers for each in the slot `fact_rows`."""

    metric: str
    counted: Sequence[CountedRow]
    left_out: Sequence[CountedRow]
    more: int = 0  # rows that are not listed


@dataclass(frozen=True, slots=True)
class TierShown:
    """A tier beside the others: its rule and its benefits in words."""

    name: str
    here: bool
    rule: str
    benefits: Sequence[str]


def compared(membership: ProgramMembership) -> list[TierShown]:
    """All tiers of the membership's program, lowest first."""
    tiers = Tier.objects.filter(program=membership.program, deleted_at=None).order_by("rank")
    return [
        TierShown(
            t.name, t.pk == membership.tier_id, rule_words(t.requires), [b.get("text", b["kind"]) for b in t.benefits]
        )
        for t in tiers
    ]


def rule_words(rule: dict) -> str:
    """A rule in words: "Closed deals: at least 10 and Certified people: at least 1"."""
    for group, joint in (("all", _("%(a)s and %(b)s")), ("any", _("%(a)s or %(b)s"))):
        if group in rule:
            return _joined([rule_words(part) for part in rule[group]], joint) or _("No requirements")
    if not rule:
        return _("No requirements")
    words = {
        ">=": _("%(what)s: at least %(n)s"), ">": _("%(what)s: more than %(n)s"), "<=": _("%(what)s: at most %(n)s"),
        "<": _("%(what)s: less than %(n)s"), "==": _("%(what)s: %(n)s"), "!=": _("%(what)s: not %(n)s"),
    }[rule["op"]]  # fmt: skip
    return words % {"what": metric_name(rule["metric"]), "n": plain_text(str(rule["value"]))}


def _joined(parts: list[str], joint: str) -> str:
    words = ""
    for part in parts:
        words = joint % {"a": words, "b": part} if words else part
    return words
