"""The card of a membership: where it stands between its tier and the one it aims for, in sentences ready to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import apnumber
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.calendar import last_local_day
from tiers import rules
from tiers.enums import UNDER_REVIEW, OverrideStatus, ReviewStatus
from tiers.models import Fact, ProgramMembership, ProgramVersion, Tier, TierOverride, TierReview
from tiers.queries import local_day
from tiers.review_rules import FORECAST_DAYS
from tiers.standings import market_of, stored_names
from tiers.windows import trailing_year
from tiers.words import listing, metric_name, more_of, number


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


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about what is decided or may happen; `tone` is info, good, warn or bad."""

    text: str
    tone: str
    said: str = ""  # a person's words


@dataclass(frozen=True, slots=True)
class Aim:
    """A higher tier that the card can be about."""

    key: str
    name: str
    chosen: bool


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
    notes: Sequence[Note]
    aims: Sequence[Aim]
    metrics: Sequence[str]  # every figure that the rules read
    url: str


def progress(membership: ProgramMembership, at: datetime, aim: str = "") -> Progress | None:
    """The card of a membership; None where its program has no rules yet. `aim`: key of the tier it is about."""
    definition = rules_of(membership, at)
    try:
        return _card(_read(membership, definition, local_day(at), aim)) if definition else None
    except rules.CannotJudge:
        return None


def rules_of(membership: ProgramMembership, at: datetime) -> dict[str, Any] | None:
    """The definition in force of the membership's program; `definition` where it was read with the membership."""
    if hasattr(membership, "definition"):
        return membership.definition
    rows = ProgramVersion.objects.filter(program=membership.program_id, effective_from__lte=local_day(at))
    return rows.order_by("-number").values_list("definition", flat=True).first()


def still_missing(review: TierReview, at: datetime) -> str:
    """What keeps the tier that a review is about, "1 more closed deal"; "" where nothing is missing."""
    if review.forecast:
        return _of_forecast(review)
    definition = rules_of(review.membership, at)
    return _short(review, _read(review.membership, definition, local_day(at))) if definition else ""


def _of_forecast(review: TierReview) -> str:
    own = review.from_tier.rank if review.from_tier else None
    leaves: list[dict[str, Any]] = next((tier["leaves"] for tier in review.forecast if tier["rank"] == own), [])
    short = [leaf for leaf in leaves if not leaf["met"] and leaf["op"] == ">="]
    return listing(more_of(leaf["metric"], Decimal(leaf["needed"]) - Decimal(leaf["value"] or 0)) for leaf in short)


def _read(membership: ProgramMembership, definition: dict[str, Any], day: date, aim: str = "") -> "_Standing":
    rows = Fact.objects.filter(membership=membership)
    facts = {name: fact for fact in rows for name in stored_names(fact.metric, fact.window)}
    program, partner = rules.sound(definition), membership.partner
    values: dict[str, Any] = {name: fact.value for name, fact in facts.items()}
    if program.markets:
        values["market"] = market_of(partner.region, partner.country, program)
    return _Standing(
        membership=membership,
        tiers=list(Tier.objects.filter(program=membership.program, deleted_at=None).order_by("rank")),
        verdict=rules.verdict(program, program.exact(values)),
        facts=facts,
        reviews=_reviews(membership, day),
        override=_override(membership),
        day=day,
        aim=aim,
    )


def _reviews(membership: ProgramMembership, day: date) -> list[TierReview]:
    """The open review, and a waiver that holds; `reviewed`, where it was read, says that there may be one."""
    if not getattr(membership, "reviewed", True):
        return []
    rows = TierReview.objects.filter(membership=membership).select_related("to_tier", "from_tier")
    waived = Q(status=ReviewStatus.WAIVED, waived_until__gte=day, from_tier=membership.tier_id)
    return list(rows.filter(Q(status__in=UNDER_REVIEW) | waived).order_by("proposed_at"))


def _override(membership: ProgramMembership) -> TierOverride | None:
    """The exception that is agreed or in force; `excepted`, where it was read, says that there may be one."""
    if not getattr(membership, "excepted", True):
        return None
    rows = TierOverride.objects.filter(membership=membership, status__in=(OverrideStatus.AGREED, OverrideStatus.ACTIVE))
    return rows.select_related("tier", "from_tier").first()


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a card is made from."""

    membership: ProgramMembership
    tiers: Sequence[Tier]
    verdict: rules.Verdict
    facts: dict[str, Fact]
    reviews: Sequence[TierReview]
    override: TierOverride | None
    day: date
    aim: str = ""

    @property
    def rank(self) -> int:
        return self.membership.tier.rank if self.membership.tier else -1

    @property
    def higher(self) -> list[Tier]:
        return [t for t in self.tiers if t.rank > self.rank]

    @property
    def goal(self) -> Tier | None:
        """The tier aimed for, else the next one up."""
        higher = self.higher
        return next((t for t in higher if t.key == self.aim), higher[0] if higher else None)

    def finding(self, rank: int | None) -> rules.TierFinding | None:
        return next((t for t in self.verdict.tiers if t.rank == rank), None)


def _card(standing: _Standing) -> Progress:
    membership, goal, day = standing.membership, standing.goal, standing.day
    ahead = standing.finding(goal.rank if goal else standing.rank)
    leaves = list(ahead.finding.leaves()) if ahead else []
    keeps, at_risk = _keeping(standing.finding(standing.rank), standing.facts, day, top=goal is None)
    first, last = trailing_year(day)
    decided = [*_exceptions(standing.override, day), *(_note(review, standing) for review in standing.reviews)]
    notes = [note for note in decided if note]
    return Progress(
        membership=membership,
        title=_title(membership, goal, leaves),
        tier=membership.tier.name if membership.tier else "",
        goal=goal.name if goal else "",
        first_day=first,
        last_day=last,
        requirements=[_requirement(leaf) for leaf in leaves],
        missing=_missing(leaves, standing.facts, day) if goal else "",
        gains=difference(membership.tier, goal) if goal else [],
        keeps="" if any(note.tone != "info" for note in notes) else keeps,
        at_risk=at_risk,
        waiting=next((_waiting(r) for r in standing.reviews if r.status == ReviewStatus.PROPOSED), ""),
        notes=notes,
        aims=[Aim(t.key, t.name, t == goal) for t in standing.higher],
        metrics=list(dict.fromkeys(f.metric for t in standing.verdict.tiers for f in t.finding.leaves())),
        url=reverse("portal:tier"),
    )


def _title(membership: ProgramMembership, goal: Tier | None, leaves: Sequence[rules.Finding]) -> str:
    if goal is None:
        return _("You are on the highest tier: %s") % membership.tier.name if membership.tier else _("Your tier")
    steps = sum(not leaf.met for leaf in leaves)
    if not steps:
        return _("You meet everything for %s") % goal.name
    known = {"n": str(apnumber(steps)).capitalize(), "tier": goal.name}
    return ngettext("%(n)s step to %(tier)s", "%(n)s steps to %(tier)s", steps) % known


def difference(now: Tier | None, later: Tier) -> list[str]:
    """What the later tier brings against the present one: "20% margin, you have 15 percent"."""
    have = {b["kind"]: b.get("value") for b in now.benefits} if now else {}
    return [_against(b, have) for b in later.benefits if have.get(b["kind"]) != b.get("value") or b["kind"] not in have]


def _against(benefit: dict, have: dict) -> str:
    words, before = benefit.get("text", benefit["kind"]), have.get(benefit["kind"])
    if before is None or isinstance(before, bool):
        return words
    unit = "%" if benefit.get("unit") == "percent" else ""
    return _("%(what)s, you have %(now)s") % {"what": words, "now": f"{before}{unit}"}


# --- what is decided, and what may happen ---------------------------------------------------------------------------


def _exceptions(override: TierOverride | None, day: date) -> list[Note]:
    if override is None:
        return []
    known = {
        "tier": override.tier.name, "first": in_words(override.starts_on, day), "day": in_words(override.until, day),
    }  # fmt: skip
    if override.status == OverrideStatus.AGREED:
        return [Note(_("%(tier)s by decision, from %(first)s until %(day)s.") % known, "info", override.reason)]
    return [Note(_("%(tier)s by decision until %(day)s, whatever the figures.") % known, "good", override.reason)]


def _note(review: TierReview, standing: _Standing) -> Note | None:
    """What a review means for the partner; moves up and risks have sentences of their own on the card."""
    known = {"tier": review.from_tier.name if review.from_tier else "", "to": review.to_tier.name}
    if review.status == ReviewStatus.NOTICE and review.notice_ends_at:
        return _noticed(review, standing, known)
    if review.status == ReviewStatus.ENDING and review.effective_at:
        known |= {"day": in_words(local_day(review.effective_at), standing.day), "more": _short(review, standing)}
        words = _("You move to %(to)s on %(day)s. Until then %(more)s keeps %(tier)s.") % known
        return Note(words, "bad", review.reason)
    if review.status == ReviewStatus.WAIVED and review.waived_until and _short(review, standing):
        known["day"] = in_words(review.waived_until, standing.day)
        words = _("You keep %(tier)s until %(day)s, although the figures are short.") % known
        return Note(words, "good", review.reason)
    return None


def _noticed(review: TierReview, standing: _Standing, known: dict[str, str]) -> Note:
    last = last_local_day(review.notice_ends_at, settings.TIME_ZONE)  # type: ignore[arg-type]
    known = known | {"day": in_words(last, standing.day), "more": _short(review, standing)}
    if standing.day > last:
        words = _("The notice for %(tier)s ended on %(day)s. We decide now; %(more)s still keeps it.") % known
    else:
        words = _("You keep %(tier)s until %(day)s. To keep it: %(more)s by then.") % known
    return Note(words, "warn", review.reason)


def _short(review: TierReview, standing: _Standing) -> str:
    """What is missing for the tier that the review is about; "" when nothing is."""
    own = standing.finding(review.from_tier.rank) if review.from_tier else None
    short = [leaf for leaf in own.finding.leaves() if leaf.missing is not None] if own else []
    return listing(more_of(leaf.metric, leaf.missing) for leaf in short)  # type: ignore[arg-type]


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
    ends = [end for leaf in short if (end := _all_count_until(facts.get(leaf.fact)))]
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
    ends = [(end, leaf) for leaf in own.finding.leaves() if (end := holds_until(leaf, facts.get(leaf.fact)))]
    if not ends:
        return "", False
    end, leaf = min(ends, key=lambda pair: pair[0])
    soon = end - day <= timedelta(days=FORECAST_DAYS)
    known = {"tier": own.name, "day": in_words(end, day), "more": more_of(leaf.metric, Decimal(1))}
    if soon:
        return _("You keep %(tier)s until %(day)s. To keep it: %(more)s by then.") % known, True
    return (_("You meet everything for %(tier)s until %(day)s.") % known if top else ""), False


def in_words(day: date, today: date) -> str:
    """A day in words, with its year when it is not this one."""
    return date_format(day, "j F" if day.year == today.year else "j F Y")


def _waiting(review: TierReview) -> str:
    known = {"tier": review.to_tier.name, "day": date_format(timezone.localtime(review.due_at), "j F")}
    return _("Your move to %(tier)s is with your channel manager. Answer by %(day)s.") % known
