"""Writes what settling found: forecasts that begin, change and end, earned lines, reversals, and their postings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.actor import SYSTEM
from core.events import Told, record_many
from core.ids import public_id
from deals.enums import RevenueKind
from deals.models import RevenueEvent
from earnings.dossier import Deal, Dossier
from earnings.enums import CancelReason, Direction, LineStatus
from earnings.models import EarningLine, Entitlement
from earnings.rules import Kept, Key, Sum
from earnings.services.earning import told, write
from earnings.services.moving import tell
from earnings.workflow import LINE

_TOGETHER = 200
# What a forecast takes over when it is earned.
_OF_TURNED = (
    "revenue_event_id", "turn", "status", "amount", "basis_amount", "rate_percent", "occurred_on", "inputs",
    "arithmetic", "accrued_at", "hold_until", "dispute_until",
)  # fmt: skip


class Writer:
    """Collects what must be written for several deals, then writes it in few statements."""

    def __init__(self, at: datetime, known: Dossier):
        self.at, self.known = at, known
        self.forecasts: list[tuple[EarningLine, Deal]] = []  # to make
        self.revalued: list[tuple[EarningLine, Sum]] = []
        self.over: dict[UUID, tuple[EarningLine, CancelReason]] = {}  # forecasts that end, by entitlement
        self.fresh: list[EarningLine] = []
        self.troubles: dict[UUID, str] = {}

    # --- collecting

    def trouble(self, pool: Sequence[Entitlement], why: str) -> None:
        self.troubles |= {one.pk: why[:200] for one in pool if one.trouble != why[:200]}

    def clear(self, pool: Sequence[Entitlement]) -> None:
        self.troubles |= {one.pk: "" for one in pool if one.trouble}

    def expect(self, one: Entitlement, deal: Deal, expected: Sum | None) -> None:
        """Makes the forecast of an entitlement say what is expected, or end."""
        line = deal.forecasts.get(one.pk)
        if expected is None and line is not None:
            self.over[one.pk] = line, CancelReason(one.ended_reason or CancelReason.SETTLED)
        elif expected is not None and line is None:
            self.forecasts.append((self._line(one, expected, expected.amount), deal))
        elif expected is not None and line is not None and line.amount != expected.amount:
            self.revalued.append((line, expected))

    def add(self, deal: Deal, fresh: Sequence[Kept], due: Mapping[Key, Sum]) -> None:
        """Takes earned lines and reversals in, originals before what reverses them."""
        owners = {one.pk: one for one in deal.entitlements}
        events = {event.pk: event for event in deal.revenue}
        for kept in fresh:
            found = due.get((kept.owner, kept.event, kept.about))
            line = self._line(owners[kept.owner], found, kept.amount, LineStatus.ACCRUED)
            line.pk, line.revenue_event_id = kept.id, kept.event
            line.reverses_id, line.turn = kept.reverses, kept.turn
            line.reason = self._reason(line, owners[kept.owner], events.get(kept.event))
            self._tell_inputs(line, owners[kept.owner], deal, events.get(kept.event))
            self.fresh.append(line)

    def _line(
        self, one: Entitlement, found: Sum | None, amount: Decimal, status: str = LineStatus.FORECAST
    ) -> EarningLine:
        rule = one.rule
        day = found.day if found else self.at.date()
        steps = list(found.steps) if found else []
        if found is None or found.amount != amount:
            steps.append({"step": "difference", "gives": str(amount)})
        return EarningLine(
            partner_id=one.partner_id, membership_id=one.membership_id, entitlement=one, rule=rule,
            opportunity_id=one.opportunity_id, kind=rule.kind, direction=rule.direction, nets=rule.nets, amount=amount,
            currency=one.currency, basis_amount=found.basis if found else None, rate_percent=rule.percent,
            occurred_on=day, arithmetic=steps, inputs=_terms(one), status=status,
        )  # fmt: skip

    def _reason(self, line: EarningLine, one: Entitlement, event: RevenueEvent | None) -> str:
        if line.amount > 0:
            return ""
        if one.ended_at is not None:
            return str(CancelReason(one.ended_reason).label)
        if event is not None and event.kind == RevenueKind.REFUND:
            return _("Refund to the customer")
        if event is not None and event.kind == RevenueKind.CREDIT:
            return _("Credit to the customer")
        return _("What the customer paid was corrected")

    def _tell_inputs(self, line: EarningLine, one: Entitlement, deal: Deal, event: RevenueEvent | None) -> None:
        row = deal.opportunity
        line.inputs |= {"deal_amount": _text(row.amount), "list_amount": _text(row.list_amount),
                        "deal_currency": row.currency}  # fmt: skip
        if event is not None:
            line.inputs |= {"event": event.public_id, "event_kind": event.kind, "event_amount": str(event.amount)}
        if line.reverses_id:
            line.inputs["reverses"] = public_id(EarningLine.prefix, line.reverses_id)
        line.accrued_at = self.at
        days = self.known.dispute_days(one.membership.program_id)
        line.dispute_until = self.at + timedelta(days=days)
        if line.amount > 0 and line.reverses_id is None and line.direction != Direction.RETAINED:
            line.hold_until = line.occurred_on + timedelta(days=one.rule.hold_days)

    # --- writing

    def write(self) -> int:
        """Writes everything; how many lines were written or changed."""
        self._write_troubles()
        turned = self._turn_forecasts()
        self._end_forecasts()
        self._revalue()
        self._make_forecasts()
        self._earn(turned)
        return len(self.fresh) + len(self.forecasts) + len(self.revalued) + len(self.over)

    def _write_troubles(self) -> None:
        for pk, why in self.troubles.items():
            Entitlement.objects.filter(pk=pk).update(trouble=why)

    def _turn_forecasts(self) -> list[EarningLine]:
        """A forecast that ends because all of it was earned is the earned line from now on."""
        turned = []
        for line in self.fresh:
            own = self.over.get(line.entitlement_id)  # type: ignore[arg-type]
            if own and own[1] == CancelReason.SETTLED and line.amount > 0 and line.reverses_id is None:
                self._turn(line, own[0])
                del self.over[line.entitlement_id]  # type: ignore[arg-type]
                turned.append(line)
        return turned

    def _turn(self, line: EarningLine, forecast: EarningLine) -> None:
        for other in self.fresh:
            if other.reverses_id == line.pk:
                other.reverses_id = forecast.pk
                other.inputs["reverses"] = forecast.public_id
        line.pk, line.version = forecast.pk, forecast.version
        line.reference = forecast.reference

    def _end_forecasts(self) -> None:
        for _pk, (line, reason) in sorted(self.over.items()):
            LINE.fire(line, "cancel", by=SYSTEM, at=self.at, cancelled_code=reason, data={"reason": reason})

    def _revalue(self) -> None:
        news: list[Told] = []
        for line, expected in self.revalued:
            moved = {"amount": [str(line.amount), str(expected.amount)]}
            line.amount, line.basis_amount, line.arithmetic = expected.amount, expected.basis, list(expected.steps)
            news.append(("revalued", line, line.partner_id, {"changes": moved}))
        rows = [line for line, _expected in self.revalued]
        EarningLine.objects.bulk_update(rows, ("amount", "basis_amount", "arithmetic"), batch_size=_TOGETHER)
        if news:
            record_many(news, by=SYSTEM, at=self.at)

    def _make_forecasts(self) -> None:
        for line, deal in self.forecasts:
            row = deal.opportunity
            line.inputs |= {"deal_amount": _text(row.amount), "list_amount": _text(row.list_amount),
                            "deal_currency": row.currency}  # fmt: skip
        made = EarningLine.objects.bulk_create([line for line, _deal in self.forecasts])
        tell([("forecast", line, [None, LineStatus.FORECAST]) for line in made], by=SYSTEM, at=self.at)

    def _earn(self, turned: Sequence[EarningLine]) -> None:
        again = {line.pk: LineStatus.FORECAST for line in turned}
        EarningLine.objects.bulk_update(turned, _OF_TURNED, batch_size=_TOGETHER)
        write([line for line in self.fresh if line.pk not in again])
        told(self.fresh, again, at=self.at)


def _terms(one: Entitlement) -> dict[str, Any]:
    """The terms of an entitlement as data: enough to make the sum again."""
    rule = one.rule
    uplift = rule.registered_uplift_percent if one.registration_id else Decimal(0)
    terms = {
        "rule": rule.key, "number": rule.number, "basis": one.basis, "terms_on": one.terms_on.isoformat(),
        "won_on": one.won_on.isoformat(), "tier": one.tier_key, "role": one.role,
        "share_percent": str(one.share_percent), "percent": _text(rule.percent), "amount": _text(rule.amount),
        "uplift_percent": str(uplift) if uplift else None, "floor": _text(rule.floor), "cap": _text(rule.cap),
    }  # fmt: skip
    return {name: value for name, value in terms.items() if value not in (None, "")}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
