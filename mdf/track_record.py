"""What came of a partner's earlier market funds: what it asked for, forecast, was paid and brought. Shown beside the
next request, to who decides it and to the partner itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from core import slots
from core.actor import Actor
from core.money import Money
from mdf.enums import ActivityStatus, RequestStatus
from mdf.models import Activity, Request
from partners.models import Partner

LISTED = 20
_NEVER_DECIDED = (RequestStatus.DRAFT, RequestStatus.SUBMITTED, RequestStatus.IN_REVIEW, RequestStatus.ACTION_REQUIRED)
_DECLINED = (RequestStatus.REJECTED, RequestStatus.DECLINED)
_SPENT = (ActivityStatus.APPROVED, ActivityStatus.SETTLED, ActivityStatus.RELEASED)


@dataclass(frozen=True, slots=True)
class Brought:
    """What is known of an activity's return, in its budget's currency; the answer of the slot `activity_returns`."""

    paid: Decimal
    pipeline: Decimal
    won: Decimal
    mature: bool  # whether the days in which evidence counts are over
    leads: int = 0  # that came with its code


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier activity."""

    pk: UUID
    title: str
    kind: str
    type_label: str
    reference: str  # of its request
    ended_on: date
    status: str  # of its request, in words
    asked: Money
    approved: Money | None
    paid: Money | None
    forecast: Money | None
    result: Money | None  # pipeline by confirmed evidence; None where nothing was paid
    won: Money | None
    mature: bool
    leads: int | None = None  # None where it did not take place
    leads_wanted: int | None = None

    @property
    def times(self) -> Decimal | None:
        """Pipeline for each unit paid."""
        return _ratio(self.result, self.paid)

    @property
    def kept(self) -> Decimal | None:
        """What came of each unit that was forecast: 0.8 = 80%."""
        return _ratio(self.result, self.forecast)

    @property
    def told(self) -> str:
        """Where it stands, in words."""
        if self.result is None:
            return self.status
        return _("Measured") if self.mature else _("180 days still run")


@dataclass(frozen=True, slots=True)
class Kept:
    """Forecast against result of one type of activity, of those that are measured."""

    type_label: str
    activities: int
    forecast: Money
    result: Money
    paid: Money

    @property
    def kept(self) -> Decimal | None:
        return _ratio(self.result, self.forecast)

    @property
    def times(self) -> Decimal | None:
        return _ratio(self.result, self.paid)


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """The latest activities first; sums in the currency of the latest."""

    past: Sequence[Past]
    measured: Sequence[Past]  # of all of them
    declined: int
    lapsed: int

    def __bool__(self) -> bool:
        return bool(self.past)

    @property
    def whole(self) -> Kept | None:
        """All types together; None while nothing is measured."""
        return _sum(self.measured, _("All"))

    def of_type(self, kind: str) -> Kept | None:
        """What came of earlier activities of this type."""
        return _sum([one for one in self.measured if one.kind == kind])

    @property
    def by_type(self) -> list[Kept]:
        return [kept for kind in dict.fromkeys(one.kind for one in self.measured) if (kept := self.of_type(kind))]

    @property
    def words(self) -> str:
        """The record in one sentence."""
        whole = self.whole
        if whole is None:
            return _("No activity of this partner is measured yet.")
        return _("%(n)d measured: %(times)s× for each unit paid, %(kept)s%% of the forecast.") % {
            "n": whole.activities,
            "times": f"{whole.times or 0:.1f}",
            "kept": f"{(whole.kept or 0) * 100:.0f}",
        }


def track_record(partner: Partner, *, actor: Actor, at: datetime, leave_out: Request | None = None) -> TrackRecord:
    """The record of a partner that the actor may see, without the request that is being looked at."""
    decided = Request.objects.visible_to(actor).filter(partner=partner, deleted_at=None)
    decided = decided.exclude(status__in=_NEVER_DECIDED)
    decided = decided.exclude(pk=leave_out.pk) if leave_out else decided
    found: Mapping[UUID, Brought] = next(iter(slots.ask("activity_returns", actor, partner, at=at)), {})
    mature = [pk for pk, brought in found.items() if brought.mature and brought.paid]
    own = Activity.objects.visible_to(actor).filter(request__in=decided)
    own = own.select_related("request").order_by("-ends_on", "-title")
    ended = decided.aggregate(
        declined=Count("pk", filter=Q(status__in=_DECLINED)), lapsed=Count("pk", filter=Q(status=RequestStatus.LAPSED))
    )
    return TrackRecord(
        [_past(one, found.get(one.pk)) for one in own[:LISTED]],
        [_past(one, found[one.pk]) for one in own.filter(pk__in=mature, status__in=_SPENT)],
        **ended,
    )


def _past(one: Activity, brought: Brought | None) -> Past:
    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money(amount, one.currency)

    known = brought if brought and brought.paid and one.status in _SPENT else None
    return Past(
        one.pk, one.title, one.activity_type, one.get_activity_type_display(), one.request.reference, one.ends_on,
        one.request.get_status_display(), Money(one.asked_amount, one.currency), money(one.approved_amount),
        money(known.paid) if known else None, money(one.expected_pipeline), money(known.pipeline) if known else None,
        money(known.won) if known else None, bool(known and known.mature),
        brought.leads if brought and one.status in _SPENT else None, one.target_leads,
    )  # fmt: skip


def _sum(rows: Sequence[Past], label: str = "") -> Kept | None:
    """The sums of rows of the first one's currency; None for no rows."""
    if not rows:
        return None
    currency = rows[0].asked.currency
    same = [row for row in rows if row.asked.currency == currency]

    def total(amounts: Sequence[Money | None]) -> Money:
        return Money(sum((one.amount for one in amounts if one), Decimal(0)), currency)

    return Kept(
        label or rows[0].type_label, len(same), total([r.forecast for r in same]), total([r.result for r in same]),
        total([r.paid for r in same]),
    )  # fmt: skip


def _ratio(part: Money | None, whole: Money | None) -> Decimal | None:
    if part is None or whole is None or whole.amount <= 0:
        return None
    return (part.amount / whole.amount).quantize(Decimal("0.01"))


def tracking_code(actor: Actor, subject: tuple[UUID | None, str], at: datetime) -> bool | None:
    """Whether an activity of this partner (None: of any) has this code."""
    partner_id, code = subject
    rows = Activity.objects.visible_to(actor).filter(tracking_code=code)
    return (rows.filter(partner_id=partner_id) if partner_id else rows).exists() or None
