"""What stands beside the form of a request: the three criteria, the sums, and what came of earlier activities."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from core.money import Money
from mdf.forms.requesting import ActivityForm, RequestForm
from mdf.queries.own import Source
from mdf.rules import Advice, advise, times
from mdf.track_record import Kept, TrackRecord

ZERO = Decimal(0)
_LOOK: dict[bool | None, tuple[str, str]] = {True: ("check", "good"), False: ("alert", "warn"), None: ("info", "")}


@dataclass(frozen=True)
class Check:
    """A criterion as it looks now."""

    label: str
    words: str
    icon: str
    tone: str


@dataclass(frozen=True)
class Judged:
    """One activity beside the criteria, and who pays which part of it."""

    title: str
    checks: Sequence[Check]
    cost: Money | None
    asked: Money | None
    own: Money | None
    unmet: int


@dataclass(frozen=True)
class Panel:
    activities: Sequence[Judged]
    free: Money
    left: Money  # of the free funds after this request
    said: str  # for those who hear the page

    @property
    def over(self) -> bool:
        return self.left.amount < 0


def panel(form: RequestForm) -> Panel:
    """`form` is bound: what of it fits is judged."""
    judged = [_judged(one, form.source) for one in form.activities]
    free = form.source.free
    asked = sum((one.asked for one in judged if one.asked), Money(free.amount - free.amount, free.currency))
    unmet = sum(one.unmet for one in judged)
    return Panel(judged, free, free - asked, _said(judged, unmet))


def _said(judged: Sequence[Judged], unmet: int) -> str:
    found = [check for one in judged for check in one.checks if check.tone]
    if not found:
        return ""
    return _("%d criteria are not met. You can send it.") % unmet if unmet else _("Nothing speaks against it so far.")


def _judged(form: ActivityForm, source: Source) -> Judged:
    advice = advise(form.planned(), source.terms)
    data, currency = form.cleaned_data, source.allocation.currency
    cost = Money(data["total_cost"], currency) if data.get("total_cost") else None
    asked = Money(data["asked_amount"], currency) if cost and data.get("asked_amount") else None
    title = data.get("title") or _("This activity")
    unmet = sum(one.met is False for one in advice)
    return Judged(title, checks(advice), cost, asked, cost - asked if cost and asked else None, unmet)


def checks(advice: Sequence[Advice]) -> list[Check]:
    return [Check(one.label, one.words, *_LOOK[one.met]) for one in advice]


@dataclass(frozen=True)
class Earlier:
    """What earlier activities of one type brought, as arithmetic, and how much of the forecast that was."""

    label: str
    activities: int
    pipeline: Money
    paid: Money
    times: str
    kept: str


def earlier(record: TrackRecord) -> list[Earlier]:
    """By type, of those that are measured."""
    return [_earlier(one) for one in record.by_type]


def _earlier(one: Kept) -> Earlier:
    kept = f"{(one.kept or ZERO) * 100:.0f}"
    return Earlier(one.type_label, one.activities, one.result, one.paid, times(one.times or ZERO), kept)
