"""What pages show of a registration: frozen, in words, no query left for the template."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.actor import Actor
from core.calendar import last_local_day
from core.models import Event
from core.money import Money
from core.parts import Clock, Fact, Moment, Tag
from deals.enums import PROTECTED, WITH_US, Coverage, Motion, Status, Verdict
from deals.models import Registration
from partners.countries import country_name

TONES: dict[str, str] = {
    Status.APPROVED: "good", Status.WON: "good", Status.EXPIRING: "warn", Status.ACTION_REQUIRED: "warn",
    Status.IN_REVIEW: "info", Status.SUBMITTED: "info", Status.APPEALED: "info",
    Status.REJECTED: "bad", Status.REFUSED: "bad", Status.EXPIRED: "bad",
}  # fmt: skip


_PARTNER_WORDS: dict[str, Any] = {
    Status.SUBMITTED: gettext_lazy("Waiting for us"),
    Status.IN_REVIEW: gettext_lazy("Waiting for us"),
    Status.APPEALED: gettext_lazy("Appeal: waiting for us"),
    Status.ACTION_REQUIRED: gettext_lazy("Waiting for you"),
    Status.EXPIRING: gettext_lazy("Ends soon"),
}


_VENDOR_WORDS: dict[str, Any] = {
    Status.SUBMITTED: gettext_lazy("Waiting for us"),
    Status.IN_REVIEW: gettext_lazy("Waiting for us"),
    Status.APPEALED: gettext_lazy("Appeal: waiting for us"),
    Status.ACTION_REQUIRED: gettext_lazy("Waiting for the partner"),
    Status.EXPIRING: gettext_lazy("Ends soon"),
}


def status_tag(deal: Registration, actor: Actor) -> Tag:
    """The state in the words of the reader's side."""
    words = _PARTNER_WORDS if actor.is_partner else _VENDOR_WORDS
    return Tag(str(words.get(deal.status, deal.get_status_display())), TONES.get(deal.status, ""))


def value(deal: Registration) -> Money | None:
    return None if deal.amount is None else Money(deal.amount, deal.currency)


def protected_until(deal: Registration) -> date | None:
    """The last protected day, in the partner's time zone."""
    end = deal.protection_expires_at
    return last_local_day(end, deal.partner.time_zone) if end else None


def days_left(until: datetime, at: datetime) -> str:
    days = (until - at).days
    return ngettext("%d day left", "%d days left", days) % days if days > 0 else _("ends today")


def clock(deal: Registration, at: datetime) -> Clock | None:
    """The promise that runs: the vendor's answer, or the protection."""
    end, began, until = deal.protection_expires_at, deal.decided_at, protected_until(deal)
    if deal.status in PROTECTED and end and began and until and at < end:
        gone = min(100, max(0, int((at - began) / (end - began) * 100)))
        tone = "warn" if deal.status == Status.EXPIRING else "good"
        return Clock(_("Protected until"), until, days_left(end, at), gone, tone)
    if deal.due_at and deal.status in WITH_US:
        late = at >= deal.due_at
        return Clock(_("Answer due"), deal.due_at, _("late") if late else "", None, "bad" if late else "info")
    return None


def facts(deal: Registration) -> list[Fact]:
    """What the partner told."""
    rows = [
        Fact(_("Value, first year"), value(deal)),
        Fact(_("Product"), deal.product.name if deal.product else None),
        Fact(_("Quantity"), deal.quantity if deal.quantity > 1 else None),
        Fact(_("Expected close"), deal.expected_close_on),
        Fact(_("Website"), deal.website),
        Fact(_("Country"), country_name(deal.country)),
        Fact(_("Contact"), deal.contact_name, hint=deal.contact_role),
        Fact(_("Contact's e-mail"), deal.contact_email),
        Fact(_("Way of selling"), deal.get_motion_display()),
        Fact(_("Need"), deal.need),
        Fact(_("How found"), deal.how_found),
        Fact(_("Competitor"), deal.competitor),
        Fact(_("Next step"), deal.next_step),
        Fact(_("Program"), deal.membership.program.name),
        Fact(_("Margin"), _margin(deal)),
        *_referred(deal),
    ]
    return [row for row in rows if row.value]


def _margin(deal: Registration) -> str:
    """The margin that the deal was approved with; the tier of today changes nothing about it."""
    given = (deal.terms or {}).get("margin_percent")
    return _("%s%%") % f"{Decimal(given).normalize():f}" if given else ""


def _referred(deal: Registration) -> list[Fact]:
    """What became of a referral: the partner follows it until it closes."""
    opportunity = deal.opportunity
    if deal.motion != Motion.REFER or opportunity is None:
        return []
    stage = opportunity.crm_stage or opportunity.get_stage_display()
    return [Fact(_("Where it stands with us"), stage), Fact(_("Who works on it"), opportunity.owner_email)]


_HAPPENED: dict[str, tuple[Any, str, str]] = {
    "created": (gettext_lazy("started a draft"), "edit", ""),
    "submitted": (gettext_lazy("sent the registration"), "upload", "info"),
    "joined": (gettext_lazy("joined it with the registration of a company that merged"), "users", "info"),
    "taken_up": (gettext_lazy("opened the review"), "clock", ""),
    "questioned": (gettext_lazy("asked a question"), "help", "warn"),
    "answered": (gettext_lazy("answered"), "upload", "info"),
    "approved": (gettext_lazy("approved the registration"), "check", "good"),
    "rejected": (gettext_lazy("declined the registration"), "x", "bad"),
    "withdrawn": (gettext_lazy("withdrew the registration"), "x", ""),
    "confirmed": (gettext_lazy("confirmed the registration"), "check", "info"),
    "endorsed": (gettext_lazy("approved a step"), "check", "info"),
    "researched": (gettext_lazy("took more time"), "clock", "warn"),
    "escalated": (gettext_lazy("told others that the answer is late"), "clock", "bad"),
    "appealed": (gettext_lazy("appealed against the decision"), "upload", "warn"),
    "appeal_granted": (gettext_lazy("took the registration into review again"), "clock", "info"),
    "appeal_refused": (gettext_lazy("declined the registration for good"), "x", "bad"),
    "review_reopened": (gettext_lazy("opened the review again"), "clock", "warn"),
    "updated": (gettext_lazy("updated the deal"), "edit", ""),
    "expiring": (gettext_lazy("noted that the protection ends soon"), "clock", "warn"),
    "expired": (gettext_lazy("noted that the protection ended"), "clock", "bad"),
    "reminded": (gettext_lazy("reminded of the end of the protection"), "clock", "warn"),
    "extended": (gettext_lazy("extended the protection"), "clock", "good"),
    "grace_ended": (gettext_lazy("noted that the time to close it has ended"), "clock", "bad"),
    "revoked": (gettext_lazy("took the protection back"), "x", "bad"),
    "transferred": (gettext_lazy("handed the deal to another partner"), "upload", ""),
    "received": (gettext_lazy("handed the deal over to this partner"), "check", "good"),
    "queued": (gettext_lazy("put it in line behind another registration"), "clock", "warn"),
    "moved_up": (gettext_lazy("moved it up: first in line now"), "check", "info"),
    "conflict_decided": (gettext_lazy("decided the conflict"), "info", "info"),
    "win_proposed": (gettext_lazy("sent an order"), "upload", "info"),
    "win_refused": (gettext_lazy("couldn't close it with that order"), "x", "warn"),
    "reopened": (gettext_lazy("opened the deal again"), "clock", "info"),
    "released": (gettext_lazy("released the deal"), "x", ""),
    "won": (gettext_lazy("closed the deal as won"), "check", "good"),
    "lost": (gettext_lazy("closed the deal as lost"), "x", "bad"),
}


def moment(event: Event) -> Moment:
    words, icon, tone = _HAPPENED.get(event.verb, (event.verb, "info", ""))
    return Moment(str(words), event.at, event.actor_label, event.data.get("text", ""), icon, tone)


def timeline(deal: Registration, actor: Actor) -> list[Moment]:
    """What happened, oldest first."""
    events = Event.objects.visible_to(actor).filter(subject_id=deal.pk).order_by("at", "id")
    return [moment(event) for event in events[:200]]


_CHECKED: dict[str, tuple[Any, str]] = {
    Verdict.CLEAR: (gettext_lazy("No match found"), "good"),
    Verdict.POSSIBLE: (gettext_lazy("Possible match"), "warn"),
    Verdict.CONFLICT: (gettext_lazy("Conflict: another registration"), "bad"),
    Verdict.CUSTOMER: (gettext_lazy("Our team works with them"), "bad"),
}


def check_words(deal: Registration) -> tuple[str, str]:
    """(words, tone) of what the duplicate check found at submission."""
    words, tone = _CHECKED.get(deal.verdict, (_("Not checked"), "info"))
    return str(words), tone


def standing(deal: Registration) -> list[Fact]:
    """What approval depends on, in words; empty before it was read."""
    facts, tier = deal.standing, deal.membership.tier
    if facts is None:
        return []
    policy = facts.policy
    room = _("%(live)s of %(capacity)s") % {"live": facts.live, "capacity": policy.capacity}
    return [
        Fact(_("Partner"), deal.partner.get_status_display()),
        Fact(_("Tier"), tier.name if tier else _("None")),
        Fact(_("Agreement"), Tag(_("Signed"), "good") if facts.has_agreement else Tag(_("None"), "bad")),
        Fact(_("Account"), Coverage(facts.coverage).label),
        Fact(_("Protected deals"), room if policy.capacity else str(facts.live)),
        Fact(_("Protection if approved"), _("%d days") % policy.days_for(deal.amount)),
    ]
