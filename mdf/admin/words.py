"""Market funds in the words of the vendor's side: frozen, ready to show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.actor import Actor
from core.money import Money
from core.parts import Clock, Column, Fact, Row, Stage, Table, Tag
from mdf import rules, shown
from mdf.enums import ActivityStatus, Criterion, RequestStatus
from mdf.models import Activity, Claim, Payment, Request, StepTaken
from mdf.shown.request import days, measured

APPROVERS: dict[str, Any] = {
    "manager": gettext_lazy("Channel manager or marketing"),
    "operations": gettext_lazy("Channel operations"),
    "finance": gettext_lazy("Finance"),
}
_US = Actor(kind="vendor")


def status_tag(row: Request | Claim | Payment) -> Tag:
    if isinstance(row, Payment):
        return shown.payment_tag(row)
    return shown.request_tag(row, _US) if isinstance(row, Request) else shown.claim_tag(row, _US)


def clock(row: Request | Claim, at: datetime) -> Clock | None:
    """When our answer is due."""
    if row.due_at is None or row.status not in (RequestStatus.SUBMITTED, RequestStatus.IN_REVIEW):
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
    waits = request.status == RequestStatus.IN_REVIEW
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
    told = [(a.expected_pipeline, a.asked_amount) for a in activities]
    if not told or any(pipeline is None for pipeline, _asked in told):
        return Tag(_("No return told"), "bad")
    least = min(rules.multiple(pipeline, asked) for pipeline, asked in told if pipeline is not None)
    return Tag(_("Expects %s") % rules.times(least), "good" if least >= benchmark else "warn")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the partner says to a criterion (of the return: the arithmetic), and what the program itself finds."""

    said: str
    tag: Tag


def evidence(activity: Activity, terms: rules.Terms) -> dict[str, Evidence]:
    said = {Criterion.SEGMENT: segment(activity), Criterion.MEASUREMENT: measured(activity)}
    planned = rules.Planned(
        activity.target_segment,
        activity.measurement,
        activity.expected_pipeline,
        activity.asked_amount,
        activity.ends_on,
    )
    return {
        one.criterion: Evidence(said.get(Criterion(one.criterion), one.words), _advice_tag(one))
        for one in rules.advise(planned, terms)
    }


def _advice_tag(one: rules.Advice) -> Tag:
    said = {True: _("Looks met"), False: _("Looks not met"), None: _("For you to judge")}
    return Tag(said[one.met], _ADVICE[one.met])


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
        Fact(_("When"), days(activity)),
        Fact(_("Where"), activity.place or _("Online")),
        Fact(_("For whom"), segment(activity)),
        Fact(_("Leads wanted"), activity.target_leads),
        Fact(_("Cost in all"), cost),
        Fact(_("Partner's own share"), Money(activity.total_cost - activity.asked_amount, activity.currency)),
        Fact(
            _("Asked for"),
            Money(activity.asked_amount, activity.currency),
            hint=_("We pay %(percent)s%% at most: %(most)s.")
            % {"percent": f"{share.normalize():f}", "most": f"{ours.amount:,.2f} {ours.currency}"},
        ),
        Fact(_("Approved"), _given(activity)),
        Fact(_("Why not all"), activity.decision_reason),
        Fact(_("Claims until"), activity.claim_due_on, hint=_("Extended once.") if activity.claim_extended else ""),
        Fact(_("Tracking code"), activity.tracking_code),
        Fact(_("Description"), activity.description),
    ]
    return [row for row in rows if row.value not in (None, "")]


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
