"""Market funds in the words of the vendor's side: frozen, ready to show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.models import Event
from core.money import Money
from core.parts import Clock, Column, Fact, Moment, Row, Stage, Table, Tag
from mdf import rules
from mdf.enums import ActivityStatus, ClaimStatus, Criterion, PaymentStatus, RequestStatus
from mdf.models import Activity, Claim, Payment, Request, StepTaken

APPROVERS: dict[str, Any] = {
    "manager": gettext_lazy("Channel manager or marketing"),
    "operations": gettext_lazy("Channel operations"),
    "finance": gettext_lazy("Finance"),
}
_R, _C, _P = RequestStatus, ClaimStatus, PaymentStatus
_SAID: dict[str, Any] = {
    _R.SUBMITTED: gettext_lazy("Waiting for us"),
    _R.IN_REVIEW: gettext_lazy("Waiting for us"),
    _R.ACTION_REQUIRED: gettext_lazy("Waiting for the partner"),
    _C.INFORMATION_REQUESTED: gettext_lazy("Waiting for the partner"),
}
_TONES: dict[str, str] = {
    _R.SUBMITTED: "info", _R.IN_REVIEW: "info", _R.ACTION_REQUIRED: "warn", _R.PARTLY_APPROVED: "warn",
    _R.APPROVED: "good", _R.IN_EXECUTION: "good", _R.COMPLETED: "good", _R.REJECTED: "bad", _R.DECLINED: "bad",
    _R.LAPSED: "bad", _C.INFORMATION_REQUESTED: "warn", _C.PAYABLE: "info", _C.PAID: "good",
    _C.RECONCILED: "good", _C.CLAWED_BACK: "bad", _P.ORDERED: "warn", _P.SENT: "info", _P.FAILED: "bad",
}  # fmt: skip


def status_tag(row: Request | Claim | Payment) -> Tag:
    return Tag(str(_SAID.get(row.status, row.get_status_display())), _TONES.get(row.status, ""))


def clock(row: Request | Claim, at: datetime) -> Clock | None:
    """When our answer is due."""
    if row.due_at is None or row.status not in (_R.SUBMITTED, _R.IN_REVIEW):
        return None
    late = at >= row.due_at
    return Clock(_("Answer due"), row.due_at, _("late") if late else "", None, "bad" if late else "info")


def asked(request: Request) -> Money:
    """What is asked for in all; the activities are read already."""
    return Money(sum((a.asked_amount for a in request.activities.all()), Decimal(0)), request.currency)


def approved(request: Request) -> Money | None:
    given = [a.approved_amount for a in request.activities.all() if a.approved_amount is not None]
    return Money(sum(given, Decimal(0)), request.currency) if given and request.decided_at else None


def stages(request: Request, taken: Sequence[StepTaken]) -> list[Stage]:
    """The steps that its amount asks for: who took which, and whose turn it is."""
    done = {one.step: one for one in taken}
    waits = request.status == _R.IN_REVIEW
    return [
        Stage(
            str(APPROVERS[approver]),
            "done" if number in done else "here" if waits and number == request.steps_done else "",
            _signed(done.get(number)) or (_("next") if waits and number == request.steps_done else ""),
        )
        for number, approver in enumerate(request.steps)
    ]


def _signed(step: StepTaken | None) -> str:
    if step is None:
        return ""
    return f"{step.decided_by or _('Program')} · {date_format(step.decided_at, 'j M')}"


# --- activities ------------------------------------------------------------------------------------------------------


_ADVICE = {True: "good", False: "bad", None: "info"}


def return_tag(activities: Iterable[Activity], benchmark: Decimal) -> Tag:
    """The smallest return that any of the activities expects, against the multiple that the program looks for."""
    told = [(a.expected_pipeline, a.total_cost) for a in activities]
    if not told or any(pipeline is None for pipeline, _cost in told):
        return Tag(_("No return told"), "bad")
    least = min(rules.multiple(pipeline, cost) for pipeline, cost in told if pipeline is not None)
    return Tag(_("Expects %s") % rules.times(least), "good" if least >= benchmark else "warn")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the partner says to a criterion (of the return: the arithmetic), and what the program itself finds."""

    said: str
    tag: Tag


def evidence(activity: Activity, terms: rules.Terms) -> dict[str, Evidence]:
    said = {Criterion.SEGMENT: segment(activity), Criterion.MEASUREMENT: measured(activity)}
    planned = rules.Planned(
        activity.target_segment, activity.measurement, activity.expected_pipeline, activity.total_cost, activity.ends_on
    )
    return {
        one.criterion: Evidence(said.get(Criterion(one.criterion), one.words), _advice_tag(one))
        for one in rules.advise(planned, terms)
    }


def _advice_tag(one: rules.Advice) -> Tag:
    said = {True: _("Looks met"), False: _("Looks not met"), None: _("For you to judge")}
    return Tag(said[one.met], _ADVICE[one.met])


def measured(activity: Activity) -> str:
    """The plan to measure, in one line."""
    plan = activity.measurement
    told = [plan.get("metric"), plan.get("target"), plan.get("capture")]
    report = _("report on %s") % plan["report_on"] if plan.get("report_on") else None
    return " · ".join(one for one in (*told, report) if one)


def segment(activity: Activity) -> str:
    size = activity.audience_size
    reach = ngettext("%d person", "%d people", size) % size if size else None
    return " · ".join(one for one in (activity.target_segment, reach) if one)


def activity_facts(activity: Activity, share: Decimal) -> list[Fact]:
    """What the partner plans."""
    cost = Money(activity.total_cost, activity.currency)
    ours = cost.times(share / 100)
    rows = [
        Fact(_("Type"), activity.get_activity_type_display()),
        Fact(_("When"), _days(activity)),
        Fact(_("Where"), activity.place or _("Online")),
        Fact(_("For whom"), segment(activity)),
        Fact(_("Leads wanted"), activity.target_leads),
        Fact(_("Cost in all"), cost),
        Fact(_("Partner's own share"), Money(activity.total_cost - activity.asked_amount, activity.currency)),
        Fact(
            _("Asked for"),
            Money(activity.asked_amount, activity.currency),
            hint=_("We pay %(percent)s %% at most: %(most)s.")
            % {"percent": f"{share.normalize():f}", "most": f"{ours.amount:,.2f} {ours.currency}"},
        ),
        Fact(_("Approved"), _given(activity)),
        Fact(_("Why not all"), activity.decision_reason),
        Fact(_("Claims until"), activity.claim_due_on, hint=_("Extended once.") if activity.claim_extended else ""),
        Fact(_("Tracking code"), activity.tracking_code),
        Fact(_("Description"), activity.description),
    ]
    return [row for row in rows if row.value not in (None, "")]


def _days(activity: Activity) -> str:
    first, last = date_format(activity.starts_on, "j M Y"), date_format(activity.ends_on, "j M Y")
    return first if first == last else f"{first} – {last}"


def _given(activity: Activity) -> Money | None:
    if activity.approved_amount is None or activity.status == ActivityStatus.ASKED:
        return None
    return Money(activity.approved_amount, activity.currency)


def lines_table(activity: Activity) -> Table | None:
    lines = activity.lines.all()
    if not lines:
        return None
    columns = (Column(_("Budget line")), Column(_("Cost"), "num"))
    rows = [Row((line.label, Money(line.cost, activity.currency))) for line in lines]
    total = (_("In all"), Money(activity.total_cost, activity.currency))
    return Table(_("Budget of %s") % activity.title, columns, rows, total)


def verdicts(activity: Activity, known: dict[str, Evidence]) -> list[Fact]:
    """What was judged of the three criteria; empty before."""
    found = activity.verdicts if activity.status != ActivityStatus.ASKED else {}
    return [
        Fact(
            str(name.label),
            Tag(_("Yes"), "good") if found[name]["met"] else Tag(_("No"), "bad"),
            hint=found[name].get("reason") or known[name].said,
        )
        for name in Criterion
        if name in found
    ]


def claims_table(activity: Activity) -> Table | None:
    """The claims for an activity; they are read already."""
    rows = [
        Row(
            (claim.reference, status_tag(claim), Money(claim.amount, claim.currency), _approved(claim)),
            claim.get_console_url(),
        )
        for claim in activity.claims.all()
    ]
    columns = (
        Column(_("Claim")), Column(_("Status"), "tag"), Column(_("Claimed"), "num"), Column(_("Approved"), "num"),
    )  # fmt: skip
    return Table(_("Claims for %s") % activity.title, columns, rows) if rows else None


def _approved(claim: Claim) -> Money | None:
    return None if claim.approved_amount is None else Money(claim.approved_amount, claim.currency)


# --- what happened ---------------------------------------------------------------------------------------------------

_HAPPENED: dict[str, tuple[Any, str, str]] = {
    "mdf_request.drafted": (gettext_lazy("started a draft"), "edit", ""),
    "mdf_request.written": (gettext_lazy("wrote it anew"), "edit", ""),
    "mdf_request.submitted": (gettext_lazy("sent the request"), "upload", "info"),
    "mdf_request.confirmed": (gettext_lazy("confirmed what we wrote"), "check", "info"),
    "mdf_request.questioned": (gettext_lazy("asked a question"), "help", "warn"),
    "mdf_request.answered": (gettext_lazy("answered"), "upload", "info"),
    "mdf_request.taken_up": (gettext_lazy("opened the review"), "clock", ""),
    "mdf_request.endorsed": (gettext_lazy("approved a step"), "check", "info"),
    "mdf_request.approved": (gettext_lazy("approved the request"), "check", "good"),
    "mdf_request.partly_approved": (gettext_lazy("approved a part"), "check", "warn"),
    "mdf_request.accepted": (gettext_lazy("accepted the part"), "check", "good"),
    "mdf_request.rejected": (gettext_lazy("declined the request; it may be sent again"), "x", "bad"),
    "mdf_request.declined": (gettext_lazy("declined the request for good"), "x", "bad"),
    "mdf_request.withdrawn": (gettext_lazy("withdrew the request"), "x", ""),
    "mdf_request.ran_out": (gettext_lazy("noted that the part was not accepted in time"), "clock", "bad"),
    "mdf_request.changed": (gettext_lazy("changed what was approved"), "edit", "warn"),
    "mdf_request.started": (gettext_lazy("noted its start"), "clock", ""),
    "mdf_request.completed": (gettext_lazy("noted its end"), "clock", ""),
    "mdf_request.closed": (gettext_lazy("closed it: all is paid or free again"), "check", "good"),
    "mdf_request.cancelled": (gettext_lazy("called it off"), "x", "bad"),
    "mdf_request.lapsed": (gettext_lazy("noted that nothing was claimed in time"), "clock", "bad"),
    "mdf_activity.reminded": (gettext_lazy("reminded of the last day for a claim"), "clock", "warn"),
    "mdf_activity.extended": (gettext_lazy("gave more time for a claim"), "clock", "good"),
    "mdf_activity.lapsed": (gettext_lazy("set free what was not claimed in time"), "clock", "bad"),
    "mdf_activity.settled": (gettext_lazy("settled an activity"), "check", "good"),
    "mdf_claim.drafted": (gettext_lazy("started a claim"), "edit", ""),
    "mdf_claim.written": (gettext_lazy("wrote the claim anew"), "edit", ""),
    "mdf_claim.submitted": (gettext_lazy("sent a claim"), "upload", "info"),
    "mdf_claim.taken_up": (gettext_lazy("opened the review of a claim"), "clock", ""),
    "mdf_claim.looked_at": (gettext_lazy("looked at proofs and invoices"), "check", ""),
    "mdf_claim.questioned": (gettext_lazy("asked a question about a claim"), "help", "warn"),
    "mdf_claim.answered": (gettext_lazy("answered about a claim"), "upload", "info"),
    "mdf_claim.approved": (gettext_lazy("approved a claim"), "check", "good"),
    "mdf_claim.partly_approved": (gettext_lazy("approved a part of a claim"), "check", "warn"),
    "mdf_claim.rejected": (gettext_lazy("declined a claim; it may be sent again"), "x", "bad"),
    "mdf_claim.withdrawn": (gettext_lazy("withdrew a claim"), "x", ""),
    "mdf_claim.payable": (gettext_lazy("made a claim payable"), "wallet", ""),
    "mdf_claim.paid": (gettext_lazy("noted a claim as paid"), "check", "good"),
    "mdf_claim.unpaid": (gettext_lazy("noted that a payment came back"), "x", "bad"),
    "mdf_claim.reconciled": (gettext_lazy("reconciled a claim with the bank"), "check", "good"),
    "mdf_claim.clawed_back": (gettext_lazy("took back what was paid"), "undo", "bad"),
    "mdf_payment.ordered": (gettext_lazy("ordered a payment"), "wallet", "info"),
    "mdf_payment.sent": (gettext_lazy("sent a payment"), "upload", "info"),
    "mdf_payment.paid": (gettext_lazy("noted that a payment arrived"), "check", "good"),
    "mdf_payment.failed": (gettext_lazy("noted that a payment failed"), "x", "bad"),
}  # fmt: skip


def moment(event: Event) -> Moment:
    words, icon, tone = _HAPPENED.get(event.type, (event.verb, "info", ""))
    amount, currency = event.data.get("amount"), event.data.get("currency")
    worth = f" · {Decimal(amount):,.2f} {currency}" if amount and currency else ""
    return Moment(f"{words}{worth}", event.at, event.actor_label, event.data.get("text", ""), icon, tone)
