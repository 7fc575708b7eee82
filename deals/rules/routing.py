"""Which partner a lead goes to: the rule that fits, and the ranking with its arithmetic. Pure; facts are handed in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from partners.enums import WORKING

CRITERIA: dict[str, Any] = {
    "territory": gettext_lazy("Territory"),
    "product": gettext_lazy("Product and field"),
    "certification": gettext_lazy("Certified people"),
    "tier": gettext_lazy("Tier"),
    "capacity": gettext_lazy("Free capacity"),
    "response": gettext_lazy("Past answers"),
}
WEIGHTS = {"territory": 25, "product": 20, "certification": 15, "tier": 10, "capacity": 15, "response": 15}
LIVE_AT_MOST = 10  # leads a partner works on at a time; with them its capacity is used up
PEOPLE_ENOUGH = 2  # certified people for the full points
NEUTRAL = Decimal("0.5")  # where nothing is known: neither better nor worse than the middle
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Wanted:
    """What routing knows of a lead."""

    country: str = ""
    country_name: str = ""
    region: str = ""
    industry: str = ""
    sku: str = ""
    product: str = ""  # its name
    family: str = ""
    temperature: str = ""
    source: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True)
class Record:
    """How a partner answered the leads of the last 12 months; hours are hours of the clock."""

    offered: int = 0  # answered or timed out
    accepted: int = 0
    converted: int = 0
    median_hours: Decimal | None = None


@dataclass(frozen=True)
class Candidate:
    """A partner as the ranking sees it."""

    key: UUID
    name: str
    status: str
    unvetted: bool = False
    has_agreement: bool = True
    territories: tuple[str, ...] = ()
    country: str = ""
    region: str = ""
    industries: tuple[str, ...] = ()
    specialisations: tuple[str, ...] = ()
    certified: int = 0
    tier: str = ""
    tier_rank: int = 0
    top_rank: int = 0
    live: int = 0  # leads it works on, and offers it has not answered
    record: Record = Record()
    lately: int = 0  # leads offered in the last 30 days
    not_granted: str = ""  # why neither its tier nor its type gives it leads
    asked_before: str = ""  # how it answered this very lead
    membership: Any = None  # under which program it would take the lead; not judged here


@dataclass(frozen=True)
class Terms:
    """A routing rule as far as the ranking reads it."""

    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)
    answer_hours: int = 24

    @classmethod
    def of(cls, weights: Mapping[str, int], answer_hours: int) -> "Terms":
        known = {name: int(weights.get(name, 0)) for name in CRITERIA} if weights else dict(WEIGHTS)
        return cls(known, answer_hours)


@dataclass(frozen=True)
class Part:
    """One criterion: the points, of how many, and why."""

    points: Decimal
    most: int
    why: str


@dataclass(frozen=True)
class Placing:
    """One partner's place; `barred` says why it gets no offer."""

    candidate: Candidate
    score: Decimal
    parts: Mapping[str, Part]
    barred: str = ""

    def row(self) -> dict[str, Any]:
        """As it is kept with the offer."""
        parts = {name: [str(part.points), part.why, part.most] for name, part in self.parts.items()}
        own = self.candidate
        return {
            "partner": f"ptr_{own.key.hex}", "name": own.name, "score": str(self.score), "parts": parts,
            "barred": self.barred,
        }  # fmt: skip


# --- which rule


def misfit(match: Mapping[str, Any], wanted: Wanted) -> str | None:
    """Why a rule is not for this lead; None when it is."""
    for name, value, words in _asked(wanted):
        allowed = {str(one).casefold() for one in match.get(name) or ()}
        if allowed and not allowed & {one.casefold() for one in value if one}:
            return words
    minimum = match.get("minimum")
    if minimum and (wanted.amount is None or wanted.amount < Decimal(str(minimum))):
        return _("the value is below %s") % minimum
    return None


def _asked(wanted: Wanted) -> Iterable[tuple[str, tuple[str, ...], str]]:
    yield "countries", (wanted.country,), _("another country")
    yield "regions", (wanted.region,), _("another region")
    yield "products", (wanted.sku, wanted.family), _("another product")
    yield "temperatures", (wanted.temperature,), _("another temperature")
    yield "sources", (wanted.source,), _("another source")


# --- which partner


def rank(wanted: Wanted, candidates: Iterable[Candidate], terms: Terms) -> list[Placing]:
    """Everybody in order: who may get the lead first, the most points first, then who had the fewest leads lately."""
    placings = [place(wanted, one, terms) for one in candidates]
    return sorted(placings, key=lambda p: (bool(p.barred), -p.score, p.candidate.lately, p.candidate.key))


def place(wanted: Wanted, candidate: Candidate, terms: Terms) -> Placing:
    parts = {name: _part(name, wanted, candidate, terms) for name in CRITERIA if terms.weights.get(name)}
    score = sum((part.points for part in parts.values()), Decimal(0)).quantize(_CENT)
    return Placing(candidate, score, parts, bar(candidate) or "")


def bar(candidate: Candidate) -> str | None:
    """Why this partner gets no lead, or not this one."""
    if candidate.status not in WORKING or candidate.unvetted:
        return _("joined by itself and waits for our check") if candidate.unvetted else _("doesn't work with us now")
    if not candidate.has_agreement:
        return _("has signed no agreement")
    if candidate.not_granted:
        return candidate.not_granted
    if candidate.asked_before:
        return _("had this lead already: %s") % candidate.asked_before
    if candidate.live >= LIVE_AT_MOST:
        return _("has %(live)s of %(most)s leads at work") % {"live": candidate.live, "most": LIVE_AT_MOST}
    return None


def _part(name: str, wanted: Wanted, candidate: Candidate, terms: Terms) -> Part:
    share, why = _JUDGES[name](wanted, candidate, terms)
    most = terms.weights[name]
    return Part((share * most).quantize(_CENT, ROUND_HALF_UP), most, why)


Judged = tuple[Decimal, str]  # share of the points from 0 to 1, and why


def _same(words: Iterable[str], wanted: Iterable[str]) -> bool:
    return bool({word.casefold() for word in words if word} & {word.casefold() for word in wanted if word})


def _territory(wanted: Wanted, candidate: Candidate, terms: Terms) -> Judged:
    here = (wanted.country, wanted.country_name)
    if not (wanted.country or wanted.region):
        return NEUTRAL, _("the lead names no place")
    if _same(candidate.territories, here) or _same((candidate.country,), here):
        return Decimal(1), _("works in %s") % (wanted.country_name or wanted.country)
    if _same((*candidate.territories, candidate.region), (wanted.region,)):
        return Decimal("0.6"), _("works in %s") % wanted.region
    return Decimal(0), _("works elsewhere")


def _product(wanted: Wanted, candidate: Candidate, terms: Terms) -> Judged:
    """Seven tenths for the product, three for the industry."""
    sells, sells_why = _fits(
        candidate.specialisations, (wanted.product, wanted.sku, wanted.family), _("the lead names no product")
    )
    knows, knows_why = _fits(candidate.industries, (wanted.industry,), _("no industry"))
    return Decimal("0.7") * sells + Decimal("0.3") * knows, f"{sells_why}; {knows_why}"


def _fits(own: tuple[str, ...], wanted: tuple[str, ...], unasked: str) -> Judged:
    named = next((word for word in wanted if word), "")
    if not any(wanted):
        return NEUTRAL, unasked
    if _same(own, wanted):
        return Decimal(1), _("knows %s") % named
    return (Decimal(0), _("not %s") % named) if own else (Decimal("0.3"), _("nothing told about %s") % named)


def _certification(wanted: Wanted, candidate: Candidate, terms: Terms) -> Judged:
    n = candidate.certified
    share = min(Decimal(1), Decimal(n) / PEOPLE_ENOUGH)
    return share, ngettext("%d certified person", "%d certified people", n) % n


def _tier(wanted: Wanted, candidate: Candidate, terms: Terms) -> Judged:
    if not candidate.tier or not candidate.top_rank:
        return Decimal(0), _("no tier")
    words = {"tier": candidate.tier, "rank": candidate.tier_rank, "top": candidate.top_rank}
    return Decimal(candidate.tier_rank) / candidate.top_rank, _("%(tier)s, rank %(rank)s of %(top)s") % words


def _capacity(wanted: Wanted, candidate: Candidate, terms: Terms) -> Judged:
    free = max(0, LIVE_AT_MOST - candidate.live)
    return Decimal(free) / LIVE_AT_MOST, _("%(free)s of %(most)s places free") % {"free": free, "most": LIVE_AT_MOST}


def _response(wanted: Wanted, candidate: Candidate, terms: Terms) -> Judged:
    """Four tenths for speed, three for accepting, three for what became deals."""
    past = candidate.record
    if not past.offered:
        return NEUTRAL, _("no leads in the last 12 months")
    hours = past.median_hours or Decimal(0)
    speed = max(Decimal(0), 1 - hours / (3 * terms.answer_hours))  # 24 working hours are three days of the clock
    accepted = Decimal(past.accepted) / past.offered
    converted = Decimal(past.converted) / past.accepted if past.accepted else Decimal(0)
    words = {
        "hours": f"{hours:.1f}", "accepted": past.accepted, "offered": past.offered, "converted": past.converted,
    }  # fmt: skip
    why = _("answers in %(hours)s h, took %(accepted)s of %(offered)s, %(converted)s became deals") % words
    return Decimal("0.4") * speed + Decimal("0.3") * accepted + Decimal("0.3") * converted, why


_JUDGES: dict[str, Callable[[Wanted, Candidate, Terms], Judged]] = {
    "territory": _territory,
    "product": _product,
    "certification": _certification,
    "tier": _tier,
    "capacity": _capacity,
    "response": _response,
}
