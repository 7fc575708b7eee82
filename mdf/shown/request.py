"""A request as its pages show it: stage line, facts, activities with what was decided, dates ahead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from core.calendar import end_of_local_day, last_local_day, working_days_after
from core.money import Money
from core.parts import Clock, Fact, Stage, Tag
from mdf import rules
from mdf.enums import OPEN, ActivityStatus, ClaimStatus, Criterion, ProofKind, RequestStatus
from mdf.models import Activity, Claim, Request
from mdf.rules import Terms
from mdf.shown.words import activity_tag, claim_tag

R, C = RequestStatus, ClaimStatus
ZERO = Decimal(0)


def proof_words(kinds: Sequence[str]) -> list[str]:
    return [str(ProofKind(kind).label) for kind in kinds]


def days(activity: Activity) -> str:
    """1–3 Mar 2027, in words."""
    first, last = date_format(activity.starts_on, "j M Y"), date_format(activity.ends_on, "j M Y")
    return first if first == last else f"{first} – {last}"


# --- stage line and clock -------------------------------------------------------------------------------------------


def stages(request: Request, activities: Sequence[Activity]) -> list[Stage]:
    """Requested → Approved → Done → Claimed → Paid."""
    claims = [claim for one in activities for claim in one.claims.all()]
    reached = _reached(request, claims)
    labels = (_("Requested"), _("Approved"), _("Done"), _("Claimed"), _("Paid"))
    bad = request.status in (R.REJECTED, R.DECLINED, R.WITHDRAWN, R.CANCELLED, R.LAPSED)
    notes = {reached: str(request.get_status_display())} if bad else _notes(request, activities, claims)
    states = ["done"] * reached + ["bad" if bad else "here"] + [""] * 5
    return [Stage(label, states[n], notes.get(n, "")) for n, label in enumerate(labels)]


def _reached(request: Request, claims: Sequence[Claim]) -> int:
    """The stage where it stands, from 0; 5 = all behind it."""
    if request.status == R.CLOSED:
        return 5
    if any(claim.status in (C.PAID, C.RECONCILED) for claim in claims):
        return 4
    if any(claim.status not in (C.DRAFT, C.WITHDRAWN) for claim in claims):
        return 3
    if request.status in (R.COMPLETED, R.LAPSED):
        return 3
    if request.status in (R.APPROVED, R.IN_EXECUTION, R.CANCELLED):
        return 2
    return 0 if request.submitted_at is None else 1


def _notes(request: Request, activities: Sequence[Activity], claims: Sequence[Claim]) -> dict[int, str]:
    asked = sum((one.asked_amount for one in activities), ZERO)
    approved = sum((one.approved_amount or ZERO for one in activities), ZERO)
    claimed = sum((one.amount for one in claims if one.status not in (C.DRAFT, C.WITHDRAWN, C.REJECTED)), ZERO)
    paid = sum((one.approved_amount or ZERO for one in claims if one.status in (C.PAID, C.RECONCILED)), ZERO)
    sums = {0: asked, 1: approved, 3: claimed, 4: paid}
    return {n: f"{amount:,.2f} {request.currency}" for n, amount in sums.items() if amount}


def clock(request: Request, activities: Sequence[Activity], at: datetime) -> Clock | None:
    """The promise that runs: our answer, the partner's word, or the last day for a claim."""
    if request.status in OPEN and request.due_at:
        late = at >= request.due_at
        return Clock(_("We answer by"), request.due_at, _("late") if late else "", None, "bad" if late else "info")
    if request.status == R.PARTLY_APPROVED and request.accept_by:
        return Clock(_("Accept it by"), last_local_day(request.accept_by, request.partner.time_zone), "", None, "warn")
    due = [one.claim_due_on for one in activities if one.claim_due_on and one.status == ActivityStatus.APPROVED]
    if due and request.status in (R.APPROVED, R.IN_EXECUTION, R.COMPLETED):
        return _claim_clock(min(due), request, at)
    return None


def _claim_clock(due: date, request: Request, at: datetime) -> Clock:
    left = (end_of_local_day(due, request.partner.time_zone) - at).days
    words = _("%d days left") % left if left > 0 else _("ends today") if left == 0 else _("over")
    return Clock(_("Claim by"), due, words, None, "warn" if left <= 14 else "")


# --- facts ----------------------------------------------------------------------------------------------------------


def facts(request: Request) -> list[Fact]:
    funds = request.allocation
    rows = [
        Fact(_("Funds"), funds.reference if funds else None),
        Fact(_("Our share"), f"{request.share_percent.normalize():f}%"),
        Fact(_("Sent"), request.submitted_at),
        Fact(_("Why so late"), request.late_reason),
        Fact(_("Decided"), request.decided_at, hint=request.decided_label),
        Fact(_("Program"), request.membership.program.name),
        *relatives(request, lambda one: one.get_absolute_url()),
    ]
    return [row for row in rows if row.value]


def relatives(request: Request, address: Callable[[Request], str]) -> list[Fact]:
    """Where a changed part comes from, and where the changed parts are decided."""
    origin = request.changed_from
    parts = sorted(request.parts.all(), key=lambda one: one.created_at)
    return [
        *([Fact(_("Changed from"), origin.reference, address(origin))] if origin else []),
        *(Fact(_("Decided anew"), one.reference, address(one), hint=one.title) for one in parts),
    ]


def activity_facts(activity: Activity) -> list[Fact]:
    """What the partner planned."""
    currency = activity.currency
    rows = [
        Fact(_("Type"), activity.get_activity_type_display()),
        Fact(_("When"), days(activity)),
        Fact(_("Where"), activity.place or _("Online")),
        Fact(_("Who it is for"), activity.target_segment),
        Fact(_("Audience"), activity.audience_size),
        Fact(_("Leads aimed at"), activity.target_leads),
        Fact(_("Expected pipeline"), _money(activity.expected_pipeline, currency), hint=return_words(activity)),
        Fact(_("How it is measured"), measured(activity)),
        Fact(_("Cost"), _money(activity.total_cost, currency)),
        Fact(_("Asked for"), _money(activity.asked_amount, currency), hint=share_words(activity)),
        Fact(_("Approved"), _money(activity.approved_amount, currency)),
        Fact(_("Code for its leads"), activity.tracking_code),
    ]
    return [row for row in rows if row.value not in (None, "")]


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def return_words(activity: Activity) -> str:
    """The return as arithmetic."""
    if activity.expected_pipeline is None:
        return ""
    found = rules.multiple(activity.expected_pipeline, activity.asked_amount)
    words = {"pipeline": f"{activity.expected_pipeline:,.2f}", "asked": f"{activity.asked_amount:,.2f}"}
    return _("%(pipeline)s ÷ %(asked)s asked for = %(times)s") % (words | {"times": rules.times(found)})


def share_words(activity: Activity) -> str:
    own = activity.total_cost - activity.asked_amount
    part = (activity.asked_amount * 100 / activity.total_cost).quantize(Decimal("0.1"))
    words = {"percent": f"{part.normalize():f}", "own": f"{own:,.2f} {activity.currency}"}
    return _("%(percent)s%% of the cost; you pay %(own)s") % words


def measured(activity: Activity) -> str:
    parts = activity.measurement
    if not parts:
        return ""
    known = {name: parts.get(name, "") for name in ("metric", "target", "capture")}
    told = _("%(metric)s: %(target)s (%(capture)s)") % known
    if not parts.get("report_on"):
        return told
    day = date_format(date.fromisoformat(parts["report_on"]), "j M Y")
    return _("%(what)s, reported on %(day)s") % {"what": told, "day": day}


# --- activities -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    label: str
    tag: Tag
    reason: str


@dataclass(frozen=True)
class ActivityCard:
    """One activity with what was decided of it and what comes next."""

    public_id: str
    title: str
    tag: Tag | None
    facts: Sequence[Fact]
    lines: Sequence[tuple[str, Money]]
    verdicts: Sequence[Verdict]
    reason: str
    proofs: Sequence[str]  # as long as something can be claimed
    claim_by: date | None
    claims: Sequence[tuple[Claim, Tag, Money, str]]
    may_claim: bool
    more_time: str  # may: may ask · asked · given · "" for none


def cards(request: Request, activities: Sequence[Activity], actor: Actor, at: datetime) -> list[ActivityCard]:
    return [_card(request, one, actor, at) for one in activities]


def _card(request: Request, one: Activity, actor: Actor, at: datetime) -> ActivityCard:
    agreed = one.status == ActivityStatus.APPROVED and request.status in (R.APPROVED, R.IN_EXECUTION, R.COMPLETED)
    claims = sorted(one.claims.all(), key=lambda claim: claim.created_at)
    return ActivityCard(
        one.public_id, one.title, activity_tag(one), activity_facts(one),
        [(line.label, Money(line.cost, one.currency)) for line in sorted(one.lines.all(), key=lambda x: x.place)],
        verdicts(one), one.decision_reason, proof_words(one.proofs) if agreed else (), one.claim_due_on,
        [_claim_row(request, claim, actor) for claim in claims],
        agreed and actor.can("mdf.claim"), _more_time(request, one, actor, at) if agreed else "",
    )  # fmt: skip


def _claim_row(request: Request, claim: Claim, actor: Actor) -> tuple[Claim, Tag, Money, str]:
    address = reverse("portal:mdf_claim", args=[request.reference, claim.reference])
    return claim, claim_tag(claim, actor), Money(claim.amount, claim.currency), address


def _more_time(request: Request, one: Activity, actor: Actor, at: datetime) -> str:
    if one.claim_extended:
        return "given"
    if one.extension_asked_at:
        return "asked"
    barred = rules.no_extension(one, request.fund_terms, at, request.partner.time_zone)
    return "may" if not barred and actor.can("mdf.claim") else ""


def verdicts(activity: Activity) -> list[Verdict]:
    """What the vendor's people found of each criterion."""
    return [
        Verdict(str(Criterion(name).label), Tag(_("Yes"), "good") if found.get("met") else Tag(_("No"), "warn"),
                found.get("reason", ""))
        for name in Criterion.values if (found := activity.verdicts.get(name))
    ]  # fmt: skip


# --- before sending -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ahead:
    """What an activity will need and bring, told before its request is sent."""

    title: str
    when: str
    proofs: Sequence[str]
    claim_by: date
    pay_by: date
    cost: Money
    asked: Money
    own: Money
    share: str


def ahead(request: Request, activities: Sequence[Activity]) -> list[Ahead]:
    terms, zone = request.fund_terms, request.partner.time_zone
    return [_ahead(one, terms, zone, request.share_percent) for one in activities]


def _ahead(one: Activity, terms: Terms, zone: str, percent: Decimal) -> Ahead:
    claim_by = rules.claim_due_on(terms, one.ends_on)
    cost, asked = Money(one.total_cost, one.currency), Money(one.asked_amount, one.currency)
    share = rules.our_share(cost, percent)
    words = {"percent": f"{percent.normalize():f}", "cost": f"{cost.amount:,.2f}", "most": f"{share.amount:,.2f}"}
    told = _("%(percent)s%% × %(cost)s = %(most)s at most") % words
    return Ahead(
        one.title, days(one), proof_words(terms.proofs_of(one.activity_type)), claim_by,
        pay_by(claim_by, terms, zone), cost, asked, cost - asked, told,
    )  # fmt: skip


def pay_by(claim_by: date, terms: Terms, zone: str) -> date:
    """When we pay at the latest what is claimed on its last day."""
    sent = end_of_local_day(claim_by, zone) - timedelta(minutes=1)
    decided = working_days_after(sent, terms.decision_working_days, zone)
    return (decided + timedelta(days=terms.pay_days)).date()


_STEPS = {"manager": gettext_lazy("your channel manager"), "operations": gettext_lazy("channel operations"),
          "finance": gettext_lazy("finance")}  # fmt: skip


def step_words(request: Request) -> list[str]:
    """Who says yes, in order, if it is sent as it stands."""
    asked = sum((one.asked_amount for one in request.activities.all()), ZERO)
    return [str(_STEPS[step]) for step in request.fund_terms.steps_for(asked)]


def may_confirm(request: Request, actor: Actor) -> bool:
    waits = request.status in OPEN and request.on_behalf and request.confirmed_at is None
    return waits and actor.can("mdf.request")
