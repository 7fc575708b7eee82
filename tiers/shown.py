"""How a membership stands, as both sides read it: the card, the rows behind it, benefits, requests, history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import slots
from core.actor import Actor
from core.models import Event
from core.parts import Column, Row, Table, Tag
from core.workflow import Choice
from tiers import benefits, queries
from tiers.enums import BenefitKind, BenefitStatus, OverrideStatus, ReviewStatus
from tiers.models import BenefitRequest, Fact, ProgramMembership, TierOverride, TierReview
from tiers.progress import Progress
from tiers.words import metric_name, number

TONES: dict[str, str] = {
    ReviewStatus.PROMOTED: "good", ReviewStatus.PROPOSED: "info", ReviewStatus.DEFERRED: "warn",
    ReviewStatus.AT_RISK: "warn", ReviewStatus.BELOW: "warn", ReviewStatus.NOTICE: "warn", ReviewStatus.ENDING: "bad",
    ReviewStatus.RESTORED: "good", ReviewStatus.DEMOTED: "bad", ReviewStatus.WAIVED: "info",
    OverrideStatus.REQUESTED: "info", OverrideStatus.AGREED: "info", OverrideStatus.ACTIVE: "good",
    OverrideStatus.REFUSED: "warn", OverrideStatus.LIFTED: "warn",
    BenefitStatus.ASKED: "info", BenefitStatus.AGREED: "good", BenefitStatus.DONE: "good",
    BenefitStatus.DECLINED: "warn",
}  # fmt: skip
TOLD = (OverrideStatus.AGREED, OverrideStatus.ACTIVE, OverrideStatus.ENDED, OverrideStatus.LIFTED)


def status_tag(row: Any) -> Tag:
    return Tag(row.get_status_display(), TONES.get(row.status, ""))


def standing(actor: Actor, member: ProgramMembership, card: Progress | None, at: datetime) -> dict[str, Any]:
    """What a page about a membership shows of it; the same for the partner and for the vendor."""
    behind = slots.ask("fact_rows", actor, member, at=at) if card else []
    told = {rows.metric for rows in behind}
    entered = dict.fromkeys(r.metric for r in card.requirements if r.metric not in told) if card else ()
    return {
        "card": card,
        "behind": [*map(_behind, behind), *(one for m in entered if (one := by_hand(actor, member, m)))],
        "tiers": queries.compared(member),
        "history": history(actor, member),
        "granted": granted(actor, member, at),
        "requests": requests(actor, member),
    }


# --- the rows behind a figure -----------------------------------------------------------------------------------------


def _last_day(row: queries.CountedRow) -> date | None:
    return row.falls_out_on - timedelta(days=1) if row.falls_out_on else None


def _behind(rows: queries.CountedRows) -> dict:
    name = metric_name(rows.metric)
    counted = [Row((r.what, r.day, _last_day(r), r.amount), r.href) for r in rows.counted]
    left_out = [Row((r.what, r.day, r.why_not, r.amount), r.href) for r in rows.left_out]
    what, closed, value = Column(_("What")), Column(_("Closed"), "when"), Column(_("Value"), "num")
    return {
        "id": rows.metric,
        "name": name,
        "counted": Table(name, (what, closed, Column(_("Counts until"), "when"), value), counted),
        "left_out": Table(_("Not counted: %s") % name, (what, closed, Column(_("Why")), value), left_out),
        "more": rows.more,
    }


def entered_metrics(actor: Actor, member: ProgramMembership, card: Progress | None, at: datetime) -> list[str]:
    """The figures that the program's rules read and that people or other systems enter, not counted from deals."""
    told = {rows.metric for rows in slots.ask("fact_rows", actor, member, at=at)} if card else set()
    return [metric for metric in card.metrics if metric not in told] if card else []


def by_hand(actor: Actor, member: ProgramMembership, metric: str) -> dict | None:
    """A figure that no rows stand behind: what it is, since when, and who entered it."""
    fact = Fact.objects.visible_to(actor).filter(membership=member, metric=metric).order_by("-as_of").first()
    if fact is None:
        return None
    events = Event.objects.visible_to(actor).filter(subject_id=fact.pk, type="fact.set").order_by("-at", "-id")[:10]
    columns = (Column(_("Entered by")), Column(_("Figure"), "num"), Column(_("On"), "when"))
    rows = [Row((event.actor_label, _after(event, metric), event.at)) for event in events]
    name = metric_name(metric)
    first = rows or [Row((_("Our records"), number(fact.value), fact.as_of))]
    return {"id": metric, "name": name, "counted": Table(name, columns, first), "left_out": None, "more": 0}


def _after(event: Event, metric: str) -> str:
    return event.data.get("changes", {}).get(metric, ["", ""])[1] or ""


# --- benefits and what was asked for ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit in words; `href` leads to where it can be asked for, `by_type` says that the type grants it."""

    text: str
    href: str = ""
    by_type: bool = False


def granted(actor: Actor, member: ProgramMembership, at: datetime) -> list[Benefit]:
    """What a membership has, each with the way to ask for it where a person of the partner may."""
    asks = actor.is_partner and actor.can("benefit.request")
    found = benefits.grants(member, at=at).values()
    return [Benefit(g.text, _ask(g.kind) if asks and g.kind in BenefitKind else "", g.by_type) for g in found]


def _ask(kind: str) -> str:
    return reverse("portal:benefit_new", args=[kind])


def requests(actor: Actor, member: ProgramMembership) -> Table | None:
    """What the partner asked for, the newest first."""
    rows = BenefitRequest.objects.visible_to(actor).filter(membership=member).order_by("-asked_at", "-id")[:20]
    columns = (Column(_("What")), Column(_("Status"), "tag"), Column(_("Asked"), "when"))
    found = [
        Row((one.get_kind_display(), status_tag(one), queries.local_day(one.asked_at)), address_of(one, actor))
        for one in rows
    ]
    return Table(_("Requests"), columns, found) if found else None


def address_of(request: BenefitRequest, actor: Actor) -> str:
    return request.get_absolute_url() if actor.is_partner else request.get_console_url()


# --- history with its arithmetic --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Past:
    """Something proposed or decided about a tier, with the arithmetic as it was stored."""

    title: str
    status: Tag
    at: datetime
    text: str = ""
    href: str = ""
    who: str = ""
    arithmetic: Sequence[str] = ()
    rules: str = ""


def history(actor: Actor, member: ProgramMembership) -> list[Past]:
    """What was proposed and decided about a membership, latest first."""
    rows = queries.with_all(TierReview.objects.visible_to(actor).filter(membership=member))
    reviews = [past_review(r, actor) for r in rows.order_by(F("proposed_at").desc())[:20]]
    overrides = TierOverride.objects.visible_to(actor).filter(membership=member).select_related("tier", "decided_by")
    overrides = overrides if actor.inside else overrides.filter(status__in=TOLD)
    exceptions = [past_override(o, actor) for o in overrides.order_by("-requested_at")[:20]]
    return sorted([*reviews, *exceptions], key=lambda past: past.at, reverse=True)


def past_review(review: TierReview, actor: Actor) -> Past:
    judged, version = review.assessment, ""
    if judged:
        since = judged.program_version.effective_from or review.proposed_at
        known = {"n": judged.program_version.number, "day": date_format(since, "j M Y")}
        version = _("Rules: version %(n)s, from %(day)s") % known
    before = review.from_tier.name if review.from_tier else "–"
    staff = actor.inside
    return Past(
        title=f"{before} → {review.to_tier}", status=status_tag(review), at=review.decided_at or review.proposed_at,
        text=review.reason, href=review.get_absolute_url() if staff else "",
        who=str(review.decided_by or "") if staff else "", arithmetic=arithmetic(review), rules=version,
    )  # fmt: skip


def arithmetic(review: TierReview) -> list[str]:
    """Each tier as it was judged: "Gold: Closed deals: 4, needs 5 (not met)"."""
    stored = review.forecast or (review.assessment.explanation if review.assessment else [])
    return [
        _("%(tier)s: %(words)s (%(met)s)")
        % {"tier": t["tier"], "words": words, "met": _("met") if t["met"] else _("not met")}
        for t in stored
        if (words := queries.leaves_words(t["leaves"]))
    ]


def past_override(override: TierOverride, actor: Actor) -> Past:
    known = {
        "tier": override.tier.name, "first": date_format(override.starts_on, "j M Y"),
        "last": date_format(override.until, "j M Y"),
    }  # fmt: skip
    words = [override.reason, override.answer]
    return Past(
        title=_("%(tier)s by decision, %(first)s to %(last)s") % known, status=status_tag(override),
        at=override.decided_at or override.requested_at, text=" · ".join(word for word in words if word),
        href=override.get_absolute_url() if actor.inside else "",
        who=str(override.decided_by or "") if actor.inside else "",
    )  # fmt: skip


# --- what may be done -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """A verb with its form. `barred`: the sentence that says why it is off; the first one stands open."""

    verb: str
    label: str
    url: str
    form: Any
    barred: str | None
    opened: bool
    key: str
    tone: str = ""


def offers(menu: Sequence[Choice], form_of: Callable[[str], Any], url_of: Callable[[str], str], opened: str) -> list:
    """The open steps as buttons, in table order, the first one ready; `opened`: the verb whose form has errors."""
    keys = "adsf"
    found = []
    for place, one in enumerate(menu):
        name = one.step.name
        ready = opened == name or (not opened and place == 0)
        key = keys[place] if place < len(keys) else ""
        words = (name, str(one.step.label), url_of(name), form_of(name))
        found.append(Offer(*words, one.barred, ready, key, "" if place else "primary"))
    return found
