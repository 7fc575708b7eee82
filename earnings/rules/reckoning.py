"""What a won deal ought to have given by now: computed anew from all that was paid and refunded. Pure.

A payment gives what the terms say for all that is paid so far, less what was given before. A refund takes from the
payment that it names, from those of the same service period, then from the latest ones, and with each part of a payment
the same part of what it gave. What stands in the lines is compared with this; the difference is written, never an edit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.money import Money, round_money
from earnings.rules.terms import Rate, Rates, Terms

Key = tuple[UUID, UUID, UUID]  # (entitlement, event, event whose line it is about): the same twice for a payment
_NONE, _WHOLE = Decimal(0), Decimal(100)
Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Movement:
    """Money between the vendor and the customer; `taken` for what went back."""

    id: UUID
    day: date
    amount: Decimal
    taken: bool = False
    service_start: date | None = None
    about: UUID | None = None  # of what went back: the movement it is about


@dataclass(frozen=True, slots=True)
class Share:
    """A partner's part of a pool."""

    id: UUID  # of its entitlement
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Sum:
    """What a line ought to hold, and how it came to be."""

    amount: Decimal
    basis: Decimal
    day: date
    steps: tuple[Step, ...] = ()
    about: str = ""  # of a reversal: refund


@dataclass
class Reckoned:
    """Sums by key, and what each entitlement may still expect."""

    sums: dict[Key, Sum] = field(default_factory=dict)
    expected: dict[UUID, Sum] = field(default_factory=dict)


@dataclass
class _Lot:
    """A payment: how much of it the customer still leaves with us, and what each part of the pool has from it."""

    movement: Movement
    base: Decimal  # in the currency of the lines
    paid: Decimal  # in the currency of the deal
    parts: list[Decimal]
    gross: Decimal = _NONE
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """Partners that share what one rule gives for a deal, and the deal. Amounts of the deal are in its currency."""

    terms: Terms
    shares: Sequence[Share]
    won_on: date
    amount: Decimal
    currency: str
    listed: Decimal | None = None


def reckon(pool: Pool, movements: Sequence[Movement], rates: Rates) -> Reckoned:
    """The sums of a pool. Raises RateMissing where its lines are of another currency and no rate is known."""
    run = _Run(pool, rates)
    for movement in sorted(movements, key=lambda m: (m.day, m.taken, m.id)):
        run.take_back(movement) if movement.taken else run.pay(movement)
    run.look_ahead()
    return run.found


class _Run:
    def __init__(self, pool: Pool, rates: Rates):
        self.pool, self.terms, self.rates = pool, pool.terms, rates
        self.found = Reckoned()
        self.lots: list[_Lot] = []
        self.gross = self.net = self.paid = _NONE
        rest = _WHOLE - sum((share.percent for share in pool.shares), _NONE)
        self.weights = [*(share.percent for share in pool.shares), max(rest, _NONE)]
        self.deal = self._worth(pool.amount, pool.won_on)[0]

    def _worth(self, amount: Decimal, day: date) -> tuple[Decimal, Rate | None]:
        rate = self.rates.on(self.pool.currency, self.terms.currency, day)
        return (amount, None) if rate is None else (rate.of(Money(amount, self.pool.currency)).amount, rate)

    # --- money in

    def pay(self, movement: Movement) -> None:
        base, rate = self._worth(movement.amount, movement.day)
        if (
            self.terms.months is None and self.lots and self.lots[-1].paid
        ):  # earned once, at the first; later payments stand behind it
            self.lots[-1].base += base
            self.lots[-1].paid += movement.amount
            return
        lot = _Lot(movement, base, movement.amount, [_NONE] * len(self.weights))
        self.lots.append(lot)
        if self._in_time(movement):
            self._earn(lot, rate)

    def _in_time(self, movement: Movement) -> bool:
        months = self.terms.months
        day = movement.service_start or movement.day
        return months is None or day < months_after(self.pool.won_on, months)

    def _earn(self, lot: _Lot, rate: Rate | None) -> None:
        covered = self.deal if self.terms.months is None else self.paid + lot.base
        basis, raw = self.terms.gross(covered, self.deal, self._listed())
        due = round_money(self.terms.bounded(raw), self.terms.currency)
        earned = max(due - self.net, _NONE)
        own = basis if self.terms.months is None else self.terms.gross(lot.base, self.deal, self._listed())[0]
        steps = [*([{"step": "converted", **rate.told(), "of": str(lot.paid)}] if rate else []),
                 *self._steps(own, raw, due, earned)]  # fmt: skip
        self.paid, self.net, self.gross = self.paid + lot.base, self.net + earned, self.gross + earned
        lot.counts, lot.gross, lot.parts = True, earned, self._split(earned)
        self._put(lot, steps, round_money(own, self.terms.currency))

    def _listed(self) -> Decimal | None:
        listed = self.pool.listed
        return self._worth(listed, self.pool.won_on)[0] if listed else None

    def _steps(self, basis: Decimal, raw: Decimal, due: Decimal, earned: Decimal) -> list[Step]:
        currency, before = self.terms.currency, self.net
        if self.terms.percent is not None:
            one = round_money(basis * self.terms.percent / _WHOLE, currency)
            steps: list[Step] = [{"step": "percent", "percent": str(self.terms.percent),
                                  "of": str(round_money(basis, currency)), "gives": str(one)}]  # fmt: skip
        else:
            one = round_money(raw, currency) - before
            steps = [{"step": "fixed", "of": str(self.terms.fixed), "gives": str(one)}]
        if due != round_money(raw, currency):
            bound = "cap" if due < raw else "floor"
            steps.append({"step": bound, "bound": str(due), "before": str(before), "gives": str(earned)})
        elif one != earned:
            steps.append({"step": "cents", "gives": str(earned)})
        return steps

    def _split(self, amount: Decimal) -> list[Decimal]:
        return [part.amount for part in Money(amount, self.terms.currency).split(self.weights)]

    def _put(self, lot: _Lot, steps: list[Step], basis: Decimal) -> None:
        event = lot.movement.id
        for share, part in zip(self.pool.shares, lot.parts, strict=False):
            own = [*steps, *self._of_pool(share, lot.gross, part)]
            if part:
                self.found.sums[share.id, event, event] = Sum(part, basis, lot.movement.day, tuple(own))

    @staticmethod
    def _of_pool(share: Share, whole: Decimal, part: Decimal) -> list[Step]:
        if share.percent == _WHOLE:
            return []
        return [{"step": "share", "percent": str(share.percent), "of": str(whole), "gives": str(part)}]

    # --- money out

    def take_back(self, movement: Movement) -> None:
        left = movement.amount
        for lot in self._lots_for(movement):
            part = min(left, lot.paid)
            if part > 0:
                self._reverse(lot, movement, part)
                left -= part

    def _lots_for(self, movement: Movement) -> list[_Lot]:
        """The payments a refund is about: the one it names, then those of its service period, then the latest."""
        start, named = movement.service_start, movement.about
        latest = list(reversed(self.lots))
        return sorted(latest, key=lambda lot: (
            named is None or lot.movement.id != named, start is None or lot.movement.service_start != start
        ))  # fmt: skip

    def _reverse(self, lot: _Lot, movement: Movement, part: Decimal) -> None:
        share = part / lot.paid
        remaining = sum(lot.parts, _NONE)
        gone = remaining if part == lot.paid else round_money(remaining * share, self.terms.currency)
        back = lot.base if part == lot.paid else round_money(lot.base * share, self.terms.currency)
        step = {"step": "reversal", "part": str(part), "of": str(lot.paid), "earned": str(remaining)}
        lot.paid, lot.base = lot.paid - part, lot.base - back
        if not self._in_time_of_clawback(lot, movement) or not lot.counts:
            return
        self.net, self.paid = self.net - gone, self.paid - back
        if gone:
            self._put_reversal(lot, movement, gone, back, step)

    def _put_reversal(self, lot: _Lot, movement: Movement, gone: Decimal, back: Decimal, step: Step) -> None:
        parts = [p.amount for p in Money(gone, self.terms.currency).split(lot.parts)]
        lot.parts = [before - taken for before, taken in zip(lot.parts, parts, strict=True)]
        for own, taken in zip(self.pool.shares, parts, strict=False):
            if taken:
                key = own.id, movement.id, lot.movement.id
                steps = (step | {"gives": str(-gone)}, *self._of_pool(own, -gone, -taken))
                self.found.sums[key] = Sum(-taken, back, movement.day, steps, "refund")

    def _in_time_of_clawback(self, lot: _Lot, movement: Movement) -> bool:
        days = self.terms.clawback_days
        return days is None or movement.day <= lot.movement.day + timedelta(days=days)

    # --- what is to come

    def look_ahead(self) -> None:
        """What the deal is expected to give beyond all that it has given."""
        if self.terms.months is None and self.lots:
            return
        basis, raw = self.terms.gross(self.deal, self.deal, self._listed())
        whole = round_money(self.terms.bounded(raw), self.terms.currency)
        rest = whole - self.gross
        if rest <= 0:
            return
        for share, part in zip(self.pool.shares, self._split(rest), strict=False):
            if part:
                steps = [*self._expected_steps(basis, raw, whole), *self._less(whole, rest)]
                steps += self._of_pool(share, rest, part)
                basis_amount = round_money(basis, self.terms.currency)
                self.found.expected[share.id] = Sum(part, basis_amount, self.pool.won_on, tuple(steps))

    def _expected_steps(self, basis: Decimal, raw: Decimal, whole: Decimal) -> list[Step]:
        rate = self._worth(self.pool.amount, self.pool.won_on)[1]
        converted = [{"step": "converted", **rate.told(), "of": str(self.pool.amount)}] if rate else []
        before, self.net = self.net, _NONE
        steps = self._steps(basis, raw, whole, whole)
        self.net = before
        return [*converted, *steps]

    def _less(self, whole: Decimal, rest: Decimal) -> list[Step]:
        return [{"step": "less_earned", "earned": str(self.gross), "gives": str(rest)}] if rest != whole else []


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of a shorter month for one that it lacks."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
