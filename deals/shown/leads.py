"""What pages show of leads, their offers and their ranking: frozen, in words, no query left for the template."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.actor import Actor
from core.models import Event
from core.money import Money
from core.parts import Clock, Fact, Moment, Tag
from deals.check import Match
from deals.enums import LeadSource, LeadStatus, OfferStatus, Temperature
from deals.models import Lead, LeadOffer, LeadRanking, RoutingRule
from deals.rules.routing import CRITERIA, Placing
from partners.countries import country_name

_TONES: dict[str, str] = {
    LeadStatus.NEW: "info", LeadStatus.QUALIFIED: "info", LeadStatus.OFFERED: "info", LeadStatus.ACCEPTED: "warn",
    LeadStatus.WORKING: "good", LeadStatus.STALE: "bad", LeadStatus.CONVERTED: "good", LeadStatus.RETURNED: "warn",
}  # fmt: skip
_PARTNER_WORDS: dict[str, Any] = {
    LeadStatus.ACCEPTED: gettext_lazy("Contact them"),
    LeadStatus.STALE: gettext_lazy("Waiting for you"),
    LeadStatus.CONVERTED: gettext_lazy("Registered as a deal"),
    LeadStatus.DISQUALIFIED: gettext_lazy("Closed"),
}
_WARMTH: dict[str, str] = {Temperature.HOT: "bad", Temperature.WARM: "warn"}
_OFFER_TONES: dict[str, str] = {
    OfferStatus.OFFERED: "warn", OfferStatus.ACCEPTED: "good", OfferStatus.TIMED_OUT: "bad",
}  # fmt: skip


def status_tag(lead: Lead, actor: Actor) -> Tag:
    """The state in the words of the reader's side."""
    words = _PARTNER_WORDS.get(lead.status) if actor.is_partner else None
    return Tag(str(words or lead.get_status_display()), _TONES.get(lead.status, ""))


def warmth(temperature: str) -> Tag:
    return Tag(str(Temperature(temperature).label) if temperature else "", _WARMTH.get(temperature, ""))


def value(lead: Lead) -> Money | None:
    return None if lead.amount is None else Money(lead.amount, lead.currency)


def facts(lead: Lead, actor: Actor) -> list[Fact]:
    """All that is known: for the vendor, and for the partner that accepted."""
    rows = [
        Fact(_("Contact"), lead.contact_name, hint=lead.contact_role),
        Fact(_("E-mail"), lead.contact_email, href=f"mailto:{lead.contact_email}"),
        Fact(_("Phone"), lead.contact_phone, href=f"tel:{''.join(lead.contact_phone.split())}"),
        Fact(_("Need"), lead.need),
        Fact(_("Product"), lead.product.name if lead.product else None),
        Fact(_("Expected value"), value(lead)),
        Fact(_("Website"), lead.website),
        Fact(_("Country"), country_name(lead.country)),
        Fact(_("Region"), lead.region),
        Fact(_("Industry"), lead.industry),
        Fact(_("Employees"), lead.employee_count),
        Fact(_("Source"), lead.get_source_display(), hint=lead.source_detail if actor.is_vendor else ""),
        Fact(_("Code of the activity"), lead.campaign if actor.is_vendor else ""),
        Fact(_("Next step"), lead.next_step),
        Fact(_("Came in"), lead.received_at),
    ]
    ours = [Fact(_("Temperature"), warmth(lead.temperature)), Fact(_("Ours"), str(lead.owner or ""))]
    return [row for row in (*rows, *(ours if actor.is_vendor else ())) if row.value]


# --- an offer


def offer_title(offer: LeadOffer) -> str:
    """What a lead is called while nobody may know its name: "Analytics, Portugal"."""
    told = offer.teaser
    named = [told.get("product") or told.get("industry"), country_name(told.get("country", "")) or told.get("region")]
    return ", ".join(word for word in named if word) or _("Lead %s") % offer.reference


def teaser(offer: LeadOffer) -> list[Fact]:
    """All that the partner may know before it accepts."""
    told = offer.teaser
    source = told.get("source", "")
    rows = [
        Fact(_("Need"), told.get("need")),
        Fact(_("Product"), told.get("product")),
        Fact(_("Country"), country_name(told.get("country", ""))),
        Fact(_("Region"), told.get("region")),
        Fact(_("Industry"), told.get("industry")),
        Fact(_("Employees"), told.get("size")),
        Fact(_("Temperature"), warmth(told.get("temperature", ""))),
        Fact(_("Source"), LeadSource(source).label if source else ""),
        Fact(_("Why you"), ", ".join(str(CRITERIA[name]).lower() for name in told.get("why", ()) if name in CRITERIA)),
    ]
    return [row for row in rows if row.value and getattr(row.value, "text", True)]


def offer_tag(offer: LeadOffer) -> Tag:
    words = _("Waiting for you") if offer.status == OfferStatus.OFFERED else offer.get_status_display()
    return Tag(str(words), _OFFER_TONES.get(offer.status, ""))


def offer_clock(offer: LeadOffer, at: datetime) -> Clock | None:
    if offer.status != OfferStatus.OFFERED:
        return None
    gone = (at - offer.offered_at) / (offer.due_at - offer.offered_at) * 100
    late = at >= offer.due_at
    tone = "bad" if late or gone > 85 else "warn" if gone > 50 else "info"
    return Clock(_("Accept by"), offer.due_at, _("late") if late else "", min(100, max(0, int(gone))), tone)


def outcome(offer: LeadOffer) -> str:
    """What became of an offer, for whoever comes too late."""
    if offer.status == OfferStatus.ACCEPTED:
        return _("%s accepted this lead.") % (offer.answered_label or _("A colleague"))
    if offer.status == OfferStatus.DECLINED:
        return _("%s declined this lead. It went to another partner.") % (offer.answered_label or _("A colleague"))
    if offer.status == OfferStatus.RECALLED:
        return _("We took this lead back.")
    return _("The time to answer has ended. This lead went to another partner.")


# --- its clock and story

_CLOCKS: dict[str, Any] = {
    LeadStatus.OFFERED: gettext_lazy("Answer due"),
    LeadStatus.ACCEPTED: gettext_lazy("First contact due"),
    LeadStatus.WORKING: gettext_lazy("News due"),
    LeadStatus.STALE: gettext_lazy("Goes back"),
}


def clock(lead: Lead, at: datetime) -> Clock | None:
    """What is awaited next, and until when."""
    if lead.due_at is None or lead.status not in _CLOCKS:
        return None
    late = at >= lead.due_at
    tone = "bad" if late or lead.status == LeadStatus.STALE else "info"
    return Clock(str(_CLOCKS[lead.status]), lead.due_at, _("late") if late else "", None, tone)


_HAPPENED: dict[str, tuple[Any, str, str]] = {
    "lead.created": (gettext_lazy("entered the lead"), "plus", ""),
    "lead.updated": (gettext_lazy("changed the lead"), "edit", ""),
    "lead.qualified": (gettext_lazy("qualified the lead"), "check", "info"),
    "lead.offered": (gettext_lazy("offered the lead to %(to)s"), "upload", "info"),
    "lead.accepted": (gettext_lazy("accepted the lead"), "check", "good"),
    "lead.passed_on": (gettext_lazy("passed the lead on"), "refresh", ""),
    "lead.returned": (gettext_lazy("brought the lead back to us"), "undo", "warn"),
    "lead.worked": (gettext_lazy("reported progress"), "chat", "info"),
    "lead.reminded": (gettext_lazy("asked for news"), "bell", ""),
    "lead.stale": (gettext_lazy("noted that no news came"), "clock", "bad"),
    "lead.recalled": (gettext_lazy("took the lead back"), "undo", "warn"),
    "lead.converted": (gettext_lazy("registered the deal"), "check", "good"),
    "lead.disqualified": (gettext_lazy("closed the lead without a deal"), "x", ""),
    "lead_offer.declined": (gettext_lazy("declined the offer"), "x", "bad"),
    "lead_offer.timed_out": (gettext_lazy("noted that the time to answer ended"), "clock", "bad"),
}


def timeline(lead: Lead, offers: Iterable[LeadOffer], actor: Actor) -> list[Moment]:
    """What happened, oldest first; of offers only what the lead itself doesn't tell."""
    subjects = [lead.pk, *(offer.pk for offer in offers)]
    events = Event.objects.visible_to(actor).filter(subject_id__in=subjects, type__in=_HAPPENED).order_by("at", "id")
    return [_moment(event) for event in events[:200]]


def _moment(event: Event) -> Moment:
    words, icon, tone = _HAPPENED[event.type]
    text = str(words) % {"to": event.data.get("to", "")} if "%" in str(words) else str(words)
    return Moment(text, event.at, event.actor_label, event.data.get("text", ""), icon, tone)


# --- the ranking


@dataclass(frozen=True)
class Cell:
    """One criterion of one partner: its points, of how many, and why."""

    points: Decimal
    most: int
    why: str


@dataclass(frozen=True)
class Place:
    """A line of the ranking; `cells` are in the order of the heads, None where the criterion has no weight."""

    number: int | None
    name: str
    score: Decimal
    cells: Sequence[Cell | None]
    barred: str = ""


@dataclass(frozen=True)
class Ranking:
    """The ranking of partners with its arithmetic."""

    heads: Sequence[str]
    places: Sequence[Place]
    most: int  # the points one could have


def ranking(rows: Iterable[Mapping[str, Any]]) -> Ranking:
    """From rows as they are kept with an offer."""
    rows = list(rows)
    used = [name for name in CRITERIA if any(name in row["parts"] for row in rows)]
    places = [_place(n, row, used) for n, row in enumerate(rows, start=1)]
    first = rows[0]["parts"] if rows else {}
    return Ranking([str(CRITERIA[name]) for name in used], places, sum(part[2] for part in first.values()))


def _place(number: int, row: Mapping[str, Any], used: Sequence[str]) -> Place:
    parts = {name: Cell(Decimal(points), most, why) for name, (points, why, most) in row["parts"].items()}
    shown = None if row["barred"] else number
    return Place(shown, row["name"], Decimal(row["score"]), [parts.get(name) for name in used], row["barred"])


def ranking_now(placings: Iterable[Placing]) -> Ranking:
    return ranking([placing.row() for placing in placings])


def ranking_of(kept: LeadRanking | None) -> Ranking | None:
    return ranking(kept.rows) if kept and kept.rows else None


# --- rules, and who is known already

_MATCHES: dict[str, Any] = {
    "countries": gettext_lazy("country %s"),
    "regions": gettext_lazy("region %s"),
    "products": gettext_lazy("product %s"),
    "temperatures": gettext_lazy("%s"),
    "sources": gettext_lazy("from %s"),
}


def rule_condition(rule: RoutingRule) -> str:
    """Which leads a rule is for: "country PT, ES; hot"."""
    match = rule.match
    said = [str(words) % ", ".join(map(str, match[name])) for name, words in _MATCHES.items() if match.get(name)]
    said += [_("from %s on") % match["minimum"]] if match.get("minimum") else []
    return "; ".join(said) or _("Every lead")


def rule_goal(rule: RoutingRule) -> str:
    if rule.partner:
        return rule.partner.name
    return _("Best ranked, up to %d asked") % rule.offers


def known_customers(matches: Iterable[Match], unseen: int) -> list[Fact]:
    """Who may be this company already: accounts and live registrations."""
    others = ngettext("%d more that may be this company", "%d more that may be this company", unseen) % unseen
    rest = [Fact(_("With partners of others"), others)] if unseen else []
    return [_known(match) for match in matches] + rest


def _known(match: Match) -> Fact:
    sure = _("%d%% alike") % int(match.score * 100)
    if match.registration:
        deal = match.registration
        hint = f"{deal.partner.name} · {deal.get_status_display()} · {sure}"
        return Fact(_("Registration %s") % deal.reference, str(deal), deal.get_console_url(), hint)
    assert match.account
    return Fact(_("Account"), match.account.name, "", f"{match.account.get_coverage_display()} · {sure}")
