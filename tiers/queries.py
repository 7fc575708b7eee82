"""Reads about tiers for pages: where a partner stands, what is missing, what the next tier brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.actor import Actor
from partners.models import Partner
from tiers import rules
from tiers.enums import MembershipStatus, ReviewStatus
from tiers.models import Assessment, Fact, ProgramMembership, ProgramVersion, Tier, TierReview
from tiers.particulars import TRAILING_YEAR
from tiers.windows import trailing_year
from tiers.words import listing, metric_name, more_of, number

WARNING_DAYS = 90  # how far ahead a tier at risk is shown


def gained(now: Tier | None, later: Tier) -> list[str]:
    """What the later tier brings that the present one does not, in words."""
    have = [(b["kind"], b.get("value")) for b in now.benefits] if now else []
    return [b.get("text", b["kind"]) for b in later.benefits if (b["kind"], b.get("value")) not in have]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the card: "Closed deals: 4 of 5", how far the bar goes, and what is to go."""

    metric: str
    label: str
    shown: str
    value: Decimal
    needed: Decimal
    met: bool
    to_go: str


@dataclass(frozen=True)
class Progress:
    """Where a membership stands between its tier and the next. Sentences are ready to show."""

    template: ClassVar[str] = "tiers/card.html"
    column: ClassVar[str] = "main"

    membership: ProgramMembership
    title: str
    tier: str
    goal: str
    first_day: date
    last_day: date
    requirements: Sequence[Requirement]
    missing: str
    gains: Sequence[str]
    keeps: str
    at_risk: bool
    waiting: str
    url: str


def local_day(at: datetime) -> date:
    """The day of a moment in the installation's time zone: the day of all figures."""
    return timezone.localdate(at, timezone.get_default_timezone())


def memberships(actor: Actor, partner: Partner | None = None):
    """The active memberships an actor may see, oldest first."""
    rows = ProgramMembership.objects.visible_to(actor).filter(status=MembershipStatus.ACTIVE, deleted_at=None)
    rows = rows.filter(partner=partner) if partner else rows
    return rows.select_related("partner", "program", "tier", "earned_tier").order_by("starts_on", "id")


def progress(membership: ProgramMembership, at: datetime) -> Progress | None:
    """The card of a membership; None where its program has no rules yet."""
    day = local_day(at)
    version = (
        ProgramVersion.objects.filter(program=membership.program, effective_from__lte=day).order_by("number").last()
    )
    if version is None:
        return None
    facts = {f.metric: f for f in Fact.objects.filter(membership=membership, window=TRAILING_YEAR)}
    standing = _Standing(
        membership=membership,
        tiers=list(Tier.objects.filter(program=membership.program, deleted_at=None).order_by("rank")),
        verdict=rules.assess(version.definition, {name: fact.value for name, fact in facts.items()}),
        facts=facts,
        review=TierReview.objects.filter(membership=membership, status=ReviewStatus.PROPOSED).first(),
        day=day,
    )
    return _card(standing)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a card is made from."""

    membership: ProgramMembership
    tiers: Sequence[Tier]
    verdict: rules.Verdict
    facts: dict[str, Fact]
    review: TierReview | None
    day: date

    @property
    def rank(self) -> int:
        return self.membership.tier.rank if self.membership.tier else -1

    @property
    def goal(self) -> Tier | None:
        """The next tier up."""
        return next((t for t in self.tiers if t.rank > self.rank), None)

    def finding(self, rank: int | None) -> rules.TierFinding | None:
        return next((t for t in self.verdict.tiers if t.rank == rank), None)


def _card(standing: _Standing) -> Progress:
    membership, goal, day = standing.membership, standing.goal, standing.day
    ahead = standing.finding(goal.rank) if goal else None
    leaves = list(ahead.finding.leaves()) if ahead else []
    keeps, at_risk = _keeping(standing.finding(standing.rank), standing.facts, day, top=goal is None)
    first, last = trailing_year(day)
    return Progress(
        membership=membership,
        title=_title(membership, goal, leaves),
        tier=membership.tier.name if membership.tier else "",
        goal=goal.name if goal else "",
        first_day=first,
        last_day=last,
        requirements=[_requirement(leaf) for leaf in leaves],
        missing=_missing(leaves, standing.facts, day),
        gains=gained(membership.tier, goal) if goal else [],
        keeps=keeps,
        at_risk=at_risk,
        waiting=_waiting_words(standing.review, goal),
        url=reverse("portal:tier"),
    )


def _title(membership: ProgramMembership, goal: Tier | None, leaves: Sequence[rules.Finding]) -> str:
    if goal is None:
        return _("You are on the highest tier: %s") % membership.tier.name if membership.tier else _("Your tier")
    steps = sum(not leaf.met for leaf in leaves)
    if not steps:
        return _("You meet everything for %s") % goal.name
    return ngettext("%(n)d step to %(tier)s", "%(n)d steps to %(tier)s", steps) % {"n": steps, "tier": goal.name}


def _requirement(leaf: rules.Finding) -> Requirement:
    counts = isinstance(leaf.needed, Decimal)
    needed = leaf.needed if counts else Decimal(1)
    value = (leaf.value if isinstance(leaf.value, Decimal) else Decimal(0)) if counts else Decimal(leaf.met)
    shown = _("%(value)s of %(needed)s") % {"value": number(value), "needed": number(needed)} if counts else ""
    missing = leaf.missing
    to_go = _("Done") if leaf.met else _("%s to go") % number(missing) if missing is not None else _("Not yet")
    return Requirement(leaf.metric, metric_name(leaf.metric), shown, value, needed, leaf.met, to_go)


def _missing(leaves: Sequence[rules.Finding], facts: dict[str, Fact], day: date) -> str:
    """What is missing, "1 more closed deal by 31 March": the date is the last before a counted one falls out."""
    short = [leaf for leaf in leaves if leaf.missing is not None]
    words = listing(more_of(leaf.metric, leaf.missing) for leaf in short)  # type: ignore[arg-type]
    ends = [end for leaf in short if (end := _all_count_until(facts.get(leaf.metric)))]
    if not ends:
        return words
    return _("%(what)s by %(day)s") % {"what": words, "day": in_words(min(ends), day)}


def _all_count_until(fact: Fact | None) -> date | None:
    """The last day on which everything that counts now still counts."""
    if fact is None or not fact.lapses or len(fact.lapses) < fact.value:
        return None
    return date.fromisoformat(fact.lapses[-1]) - timedelta(days=1)


def holds_until(leaf: rules.Finding, fact: Fact | None) -> date | None:
    """The last day on which what counts now is still enough for a rule; None when time takes nothing away."""
    if fact is None or leaf.op != ">=" or not isinstance(leaf.needed, Decimal):
        return None
    place = int(leaf.needed) - 1
    if not leaf.met or place < 0 or place >= len(fact.lapses):
        return None
    return date.fromisoformat(fact.lapses[place]) - timedelta(days=1)


def _keeping(own: rules.TierFinding | None, facts: dict[str, Fact], day: date, *, top: bool) -> tuple[str, bool]:
    """The sentence about keeping the present tier, and whether it is at risk within 90 days."""
    if own is None:
        return "", False
    if not own.met:
        return _(
            "The figures for %s aren't met now. Your channel manager talks to you before anything changes."
        ) % own.name, True
    ends = [(end, leaf) for leaf in own.finding.leaves() if (end := holds_until(leaf, facts.get(leaf.metric)))]
    if not ends:
        return "", False
    end, leaf = min(ends, key=lambda pair: pair[0])
    soon = end - day <= timedelta(days=WARNING_DAYS)
    known = {"tier": own.name, "day": in_words(end, day), "more": more_of(leaf.metric, Decimal(1))}
    if soon:
        return _("You keep %(tier)s until %(day)s. To keep it: %(more)s by then.") % known, True
    return (_("You meet everything for %(tier)s until %(day)s.") % known if top else ""), False


def in_words(day: date, today: date) -> str:
    """A day in words, with its year when it is not this one."""
    return date_format(day, "j F" if day.year == today.year else "j F Y")


def _waiting_words(review: TierReview | None, goal: Tier | None) -> str:
    if review is None:
        return ""
    known = {"tier": goal.name if goal else "", "day": date_format(timezone.localtime(review.due_at), "j F")}
    return _("Your move to %(tier)s is with your channel manager. Answer by %(day)s.") % known


def reviews(actor: Actor):
    """Open proposals, the oldest promise first, with what a page about one shows."""
    rows = TierReview.objects.visible_to(actor).filter(status=ReviewStatus.PROPOSED, deleted_at=None)
    return with_all(rows).order_by("due_at", "id")


def with_all(rows):
    return rows.select_related(
        "partner__manager", "membership__program", "membership__tier", "membership__earned_tier", "from_tier",
        "to_tier", "assessment__program_version", "decided_by",
    )  # fmt: skip


def arithmetic(assessment: Assessment, rank: int) -> str:
    """Each requirement of a tier as it was judged: "Closed deals: 7, needs 5"."""
    found: dict = next((t for t in assessment.explanation if t["rank"] == rank), {"leaves": []})
    return ", ".join(
        _("%(what)s: %(value)s, needs %(needed)s")
        % {
            "what": metric_name(leaf["metric"]),
            "value": plain_text(leaf["value"]),
            "needed": plain_text(leaf["needed"]),
        }
        for leaf in found["leaves"]
    )


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


def history(membership: ProgramMembership) -> list[TierReview]:
    """What was proposed and decided about a membership, latest first."""
    return list(with_all(TierReview.objects.filter(membership=membership)).order_by(F("proposed_at").desc())[:20])


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
