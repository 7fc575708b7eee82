"""Any order of winning, paying, refunding, correcting, holding, disputing and paying out, against a short oracle.

`SEQUENCES=500 make money` runs the long form.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.actor import SYSTEM
from core.models import LedgerAccount
from deals import services as deals
from deals.enums import Stage
from deals.models import RevenueEvent
from deals.particulars import Closing
from earnings import services
from earnings.enums import EARNED
from earnings.models import Dispute, EarningLine
from earnings.particulars import Objection, Verdict
from earnings.verify import earnings as verified
from tests.earnings.conftest import WON, make_trade

SEQUENCES = int(os.environ.get("SEQUENCES", "15"))
CENTS = st.integers(1, 700_000)


# --- the oracle: whole cents and fractions ----------------------------------------------------------------------------


def half_even(number: Fraction) -> int:
    return round(number)


def split(cents: int, weights: list[int]) -> list[int]:
    """Whole cents by weight; what is left goes to the largest remainders, the earlier first."""
    exact = [Fraction(cents * w, sum(weights)) for w in weights]
    parts = [int(e) for e in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: cents - sum(parts)]:
        parts[i] += 1
    return parts


@dataclass
class Oracle:
    """A deal's events in order → cents of each partner."""

    percent: Fraction
    cap: int | None
    shares: list[int]
    events: list[list] = field(default_factory=list)  # [day, taken, key, cents]

    def earned(self) -> list[int]:
        lots, net, paid, total = [], 0, 0, [0] * len(self.shares)
        for _day, taken, _key, cents in sorted(self.events):
            if not taken:
                paid += cents
                due = half_even(paid * self.percent / 100)
                gain = max(min(due, self.cap) if self.cap is not None else due, net) - net
                lots.append([cents, split(gain, self.shares)])
                net += gain
                continue
            back = cents
            for lot in reversed(lots):
                part = min(back, lot[0])
                if not part:
                    continue
                have = sum(lot[1])
                gone = have if part == lot[0] else half_even(Fraction(have * part, lot[0]))
                cut = split(gone, lot[1]) if gone else [0] * len(lot[1])
                lot[:] = [lot[0] - part, [a - b for a, b in zip(lot[1], cut, strict=True)]]
                back, net, paid = back - part, net - gone, paid - part
        for _left, parts in lots:
            total = [a + b for a, b in zip(total, parts, strict=True)]
        return total


# --- the machine ------------------------------------------------------------------------------------------------------


class Earnings(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.trade, self.day, self.paid = make_trade(), WON, [0, 0]

    def teardown(self):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @property
    def at(self) -> datetime:
        return datetime.combine(self.day, time(12), UTC)

    def _settle(self) -> None:
        services.settle([self.deal.pk], at=self.at)

    @initialize(
        percent=st.sampled_from(["10", "3.3333", "7.5", "0.01"]),
        cap=st.sampled_from([None, "250.00", "0.07"]),
        share=st.sampled_from([50, 60, 1, 99]),
        amount=CENTS,
    )
    def win(self, percent, cap, share, amount):
        bound = {"cap": Decimal(cap), "pay_currency": "USD"} if cap else {}
        self.trade.rule(percent=Decimal(percent), duration_months=60, hold_days=30, **bound)
        self.partners = [self.trade.member("referral", name) for name in "ab"]
        parts = [(self.partners[0], "sourcing", Decimal(share)), (self.partners[1], "sourcing", Decimal(100 - share))]
        self.deal = self.trade.deal(*parts, amount=str(Decimal(amount) / 100))
        cents = half_even(Fraction(cap) * 100) if cap else None
        self.oracle = Oracle(Fraction(percent), cents, [share, 100 - share])
        self.won = True

    def _revenue(self, kind: str, cents: int) -> None:
        made = RevenueEvent.objects.create(
            opportunity=self.deal, kind=kind, occurred_on=self.day, amount=Decimal(cents) / 100, currency="USD"
        )
        self.oracle.events.append([self.day, kind != "payment", made.pk, cents])
        self._settle()

    @rule(cents=CENTS)
    def pay(self, cents):
        self._revenue("payment", cents)

    @precondition(lambda self: self.oracle.events)
    @rule(kind=st.sampled_from(["refund", "credit"]), cents=CENTS)
    def give_back(self, kind, cents):
        self._revenue(kind, cents)

    @precondition(lambda self: any(not taken for _d, taken, _k, _c in self.oracle.events))
    @rule()
    def give_all_back(self):
        self._revenue("refund", sum(cents for _d, taken, _k, cents in self.oracle.events if not taken))

    @precondition(lambda self: self.oracle.events)
    @rule(place=st.integers(0, 50), cents=CENTS)
    def correct(self, place, cents):
        event = self.oracle.events[place % len(self.oracle.events)]
        event[3] = cents
        RevenueEvent.objects.filter(pk=event[2]).update(amount=Decimal(cents) / 100)
        self._settle()

    @precondition(lambda self: self.oracle.events)
    @rule(place=st.integers(0, 50))
    def remove(self, place):
        event = self.oracle.events.pop(place % len(self.oracle.events))
        RevenueEvent.objects.filter(pk=event[2]).update(deleted_at=self.at)
        self._settle()

    @rule()
    def settle_again(self):
        before = EarningLine.objects.count()
        self._settle()
        assert EarningLine.objects.count() == before

    @rule()
    def reopen_or_win(self):
        if self.won:
            deals.reopen(self.deal, by=SYSTEM, at=self.at)
        else:
            deals.close(self.deal, Closing(Stage.WON, WON, None), by=SYSTEM, at=self.at)
        self._settle()
        self.won = not self.won

    @rule(days=st.integers(0, 45))
    def wait(self, days):
        self.day += timedelta(days=days)
        services.release_holds(at=self.at)

    @rule()
    def pay_out(self):
        lines = list(EarningLine.objects.payable())
        assert all(line.amount < 0 or line.hold_until is None or line.hold_until <= self.day for line in lines)
        services.include(lines, by=SYSTEM, at=self.at)
        if sum(line.amount for line in lines) < 0:
            services.leave_out(EarningLine.objects.filter(status="in_payout"), by=SYSTEM, at=self.at)
            return
        services.pay(EarningLine.objects.filter(status="in_payout"), by=SYSTEM, at=self.at)
        for line in lines:
            place = [m.partner_id for m in self.partners].index(line.partner_id)
            self.paid[place] += half_even(Fraction(line.amount) * 100)

    @rule(place=st.integers(0, 50))
    def dispute(self, place):
        lines = EarningLine.objects.filter(status__in=("accrued", "on_hold", "approved"), dispute_until__gt=self.at)
        lines = list(lines.order_by("pk"))
        if lines:
            services.dispute(lines[place % len(lines)], Objection("Why?"), by=SYSTEM, at=self.at)

    @rule()
    def answer(self):
        one = Dispute.objects.filter(status="open").order_by("pk").first()
        if one:
            services.refuse_dispute(one, Verdict("So."), by=SYSTEM, at=self.at)

    # --- what must hold after every step

    @invariant()
    def lines_say_what_the_oracle_says(self):
        due = self.oracle.earned() if self.won else [0, 0]
        assert [self._sum(m, EARNED) for m in self.partners] == due
        assert [self._sum(m, ("paid",)) for m in self.partners] == self.paid

    @invariant()
    def the_ledger_owes_what_is_earned_and_not_paid(self):
        owed = [self._balance("partner_payable", m) for m in self.partners]
        assert owed == [self._sum(m, EARNED) - paid for m, paid in zip(self.partners, self.paid, strict=True)]
        assert [self._balance("partner_cash", m) for m in self.partners] == self.paid
        assert verified(SYSTEM, None, self.at) == ("earnings", [])
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def _sum(self, membership, states) -> int:
        rows = EarningLine.objects.filter(partner=membership.partner, status__in=states)
        return half_even(Fraction(rows.aggregate(sum=Sum("amount"))["sum"] or 0) * 100)

    def _balance(self, kind: str, membership) -> int:
        account = LedgerAccount.objects.filter(kind=kind, owner_id=membership.partner_id).first()
        return half_even(Fraction(account.balance) * 100) if account else 0


@pytest.mark.django_db
@pytest.mark.slow
def test_any_sequence_agrees_with_the_oracle():
    long = settings(
        max_examples=SEQUENCES, stateful_step_count=14, deadline=None, print_blob=True,
        suppress_health_check=list(HealthCheck), derandomize=SEQUENCES < 100,
    )  # fmt: skip
    run_state_machine_as_test(Earnings, settings=long)
