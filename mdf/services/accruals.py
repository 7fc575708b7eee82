"""Accrual runs: what partners' business sets aside for them, once per span, out of a named budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import ledger, slots, timers
from core.actor import SYSTEM
from core.calendar import end_of_local_day
from core.errors import Refused
from core.events import record_many
from core.models import LedgerAccount
from core.money import Money
from mdf import money
from mdf.enums import AllocationKind, BudgetStatus
from mdf.models import Allocation, Budget
from mdf.rules import Accrued, Span, Terms, add_months
from mdf.rules.terms import Accrual
from mdf.services.sums import moved
from partners.enums import WORKING
from partners.models import Partner, Program
from tiers.models import ProgramMembership

ZERO = Decimal(0)
Legs = list[ledger.Leg]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The figure that is asked of whoever knows it (slot `accrual_base`): partner → amount in the currency."""

    program: Program
    of: str  # paid_revenue | first_order
    first: date
    last: date
    currency: str


@dataclass(frozen=True)
class Run:
    """One rule of one program over one span."""

    program: Program
    place: int
    rule: Accrual
    span: Span

    @property
    def key(self) -> str:
        return f"{self.program.pk.hex[-12:]}:{self.place}:{self.span.name}"


def due(program: Program, day: date) -> list[Run]:
    """The runs of the spans that were over last on a day."""
    own = getattr(program, "fund_terms", None)
    rules = Terms.of(own.data).accruals if own else ()
    return [Run(program, place, rule, Span.before(day, rule.span)) for place, rule in enumerate(rules)]


@transaction.atomic
def accrue(run: Run, *, at: datetime) -> list[Allocation]:
    """What each partner accrues that has no row of this span yet; nothing when it ran before.

    Raises Refused when there is no budget to draw it from, or an exchange rate is missing.
    """
    _hold(run)
    sums = _sums(run)
    # partners' funds are held before a budget's account, as everybody else does
    rows = [_take_back(_row(run, *one), -one[2].amount.amount) for one in sums if one[2].amount.amount < 0]
    purses: dict[UUID, _Purse] = {}
    for budget, partner, sum_ in sums:
        if sum_.amount.amount > 0:
            purse = purses[budget.pk] if budget.pk in purses else purses.setdefault(budget.pk, _locked(budget))
            rows.append(_give(_row(run, budget, partner, sum_), purse, sum_.amount))
    _write(rows, at)
    return [row for row, _legs in rows]


def _hold(run: Run) -> None:
    """One at a time: another worker waits here, and then finds everything done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 9))", [run.key])


def _partners(run: Run) -> dict[Partner, Decimal]:
    """Partner → the best percent of its tiers, without those that accrued in this span already."""
    had = Allocation.objects.filter(period_key=run.key).values("partner")
    rows = ProgramMembership.objects.filter(program=run.program, status="active", partner__status__in=WORKING)
    rows = rows.exclude(partner__in=had).select_related("partner", "tier").order_by("created_at", "pk")
    found: dict[Partner, Decimal] = {}
    for row in rows:
        percent = row.tier.mdf_accrual_percent if row.tier else ZERO
        found[row.partner] = max(found.get(row.partner, ZERO), percent)
    return found


def _budgets(run: Run) -> list[Budget]:
    """The open budgets of the rule's name, one of each currency, in whose period the span ends or is followed."""
    rows = Budget.objects.filter(program=run.program, status=BudgetStatus.OPEN)
    rows = rows.filter(period_start__lte=run.span.last + timedelta(days=1), period_end__gte=run.span.last)
    named = rows.filter(name=run.rule.budget) if run.rule.budget else rows
    found = {one.currency: one for one in named.order_by("-period_start", "-created_at")}
    if not found:
        raise Refused(_("There is no open budget to accrue from. Plan one, and the next night draws on it."))
    return sorted(found.values(), key=lambda one: one.pk)


def _sums(run: Run) -> list[tuple[Budget, Partner, Accrued]]:
    """What those accrue that come to something, each in its currency."""
    budgets = {one.currency: one for one in _budgets(run)}
    theirs: dict[str, dict[Partner, Decimal]] = {currency: {} for currency in budgets}
    for partner, percent in _partners(run).items():
        theirs[_currency(partner, run, list(budgets))][partner] = percent
    return [
        (budget, partner, one)
        for currency, budget in budgets.items()
        for partner, one in _of(run, currency, theirs[currency])
        if one.amount
    ]


def _of(run: Run, currency: str, partners: Mapping[Partner, Decimal]) -> list[tuple[Partner, Accrued]]:
    """What each accrues of the partners (with their tiers' percent) that get theirs in this currency."""
    growth = run.rule.of == "growth"
    wanted = Wanted(run.program, "paid_revenue" if growth else run.rule.of, run.span.first, run.span.last, currency)
    now = _asked(wanted)
    first, last = run.span.year_before
    then = _asked(replace(wanted, first=first, last=last)) if growth else {}
    return [
        (
            partner,
            Accrued.of(
                run.rule, percent, Money(now.get(partner.pk, ZERO), currency),
                Money(then.get(partner.pk, ZERO), currency) if growth else None,
            ),
        )
        for partner, percent in partners.items()
    ]  # fmt: skip


def _currency(partner: Partner, run: Run, currencies: Sequence[str]) -> str:
    """The partner's own where there is a budget in it, else the program's, else that of the one there is."""
    wanted = (partner.default_currency, run.program.currency, *currencies)
    return next(currency for currency in wanted if currency in currencies)


def _asked(wanted: Wanted) -> Mapping[UUID, Decimal]:
    return next(iter(slots.ask("accrual_base", SYSTEM, wanted, at=_noon(wanted.last))), {})


def _noon(day: date) -> datetime:
    return end_of_local_day(day, settings.TIME_ZONE) - timedelta(hours=12)


@dataclass
class _Purse:
    """The undivided account of a budget, held, and what is left on it during the run."""

    account: LedgerAccount
    left: Decimal


def _locked(budget: Budget) -> _Purse:
    account = LedgerAccount.objects.select_for_update().get(pk=money.undivided(budget).pk)
    return _Purse(account, account.balance)


def _row(run: Run, budget: Budget, partner: Partner, sum_: Accrued) -> Allocation:
    begins = run.span.last + timedelta(days=1)
    ends = add_months(begins, run.rule.expires_months) - timedelta(days=1)
    told = sum_.as_data() | {"of": run.rule.of, "first": str(run.span.first), "last": str(run.span.last)}
    return Allocation(
        budget=budget, partner=partner, kind=AllocationKind.ACCRUED, currency=budget.currency, period_key=run.key,
        period_start=begins, period_end=ends, expires_on=ends, arithmetic=told,
    )  # fmt: skip


def _give(row: Allocation, purse: _Purse, sum_: Money) -> tuple[Allocation, Legs]:
    """As much as the budget has; the rest waits."""
    row.amount = min(sum_.amount, purse.left)
    row.unfunded = sum_.amount - row.amount
    purse.left -= row.amount
    given = Money(row.amount, row.currency)
    return row, ledger.move(purse.account, money.available(row), given) if given else []


def _take_back(row: Allocation, most: Decimal) -> tuple[Allocation, Legs]:
    """From what earlier spans gave: first what still waits, then what is free, the oldest first; never below zero."""
    legs: Legs = []
    left = most
    own = Allocation.objects.select_for_update().filter(
        partner=row.partner, budget__program_id=row.budget.program_id, kind=AllocationKind.ACCRUED,
        currency=row.currency,
    ).order_by("expires_on", "created_at")  # fmt: skip
    for one in own.select_related("budget"):
        waiting = min(one.unfunded, left)
        free = min(money.balance(money.AVAILABLE, one).amount, left - waiting)
        left -= waiting + free
        if waiting or free:
            Allocation.objects.filter(pk=one.pk).update(unfunded=one.unfunded - waiting, amount=one.amount - free)
        if free:
            legs += ledger.move(money.available(one), money.undivided(one.budget), Money(free, one.currency))
    row.arithmetic |= {"taken_back": f"{most - left:.2f}"}
    return row, legs


def _write(rows: Sequence[tuple[Allocation, Legs]], at: datetime) -> None:
    Allocation.objects.bulk_create([row for row, _legs in rows])
    _tell("accrued", [(row, _told(row, row.amount) | {"arithmetic": row.arithmetic}, legs) for row, legs in rows], at)
    timers.put_all([(row, expiry(row)) for row, _legs in rows])


def expiry(row: Allocation) -> dict[str, datetime | None]:
    """When what is not used by then goes back to the budget."""
    return {"expire": end_of_local_day(row.expires_on, row.partner.time_zone) if row.expires_on else None}


@transaction.atomic
def expire(allocation: Allocation, *, at: datetime) -> Allocation:
    """What nobody reserved goes back to the budget; what is reserved stays and is paid."""
    fresh = Allocation.objects.select_for_update().get(pk=allocation.pk)
    left = money.balance(money.AVAILABLE, fresh)
    Allocation.objects.filter(pk=fresh.pk).update(amount=fresh.amount - left.amount, unfunded=0)
    allocation.refresh_from_db()
    legs = ledger.move(money.available(fresh), money.undivided(fresh.budget), left) if left else []
    _tell("expired", [(allocation, _told(fresh, left.amount), legs)], at)
    if left:
        fund(fresh.budget, at=at)
    return allocation


@transaction.atomic
def fund(budget: Budget, *, at: datetime) -> int:
    """A budget has money again: what accrued and waits is given, the oldest first. To how many.

    Who is worked on at this moment is left to the next night.
    """
    waiting = list(
        Allocation.objects.select_for_update(skip_locked=True)
        .filter(budget=budget, unfunded__gt=0)
        .order_by("created_at", "pk")
    )
    if not waiting:
        return 0
    purse = _locked(budget)
    given: list[tuple[Allocation, dict[str, Any], Legs]] = []
    for row in waiting:
        part = min(row.unfunded, purse.left)
        if part <= 0:
            break
        purse.left -= part
        Allocation.objects.filter(pk=row.pk).update(amount=row.amount + part, unfunded=row.unfunded - part)
        row.refresh_from_db()
        legs = ledger.move(purse.account, money.available(row), Money(part, row.currency))
        given.append((row, _told(row, part), legs))
    _tell("funded", given, at)
    return len(given)


def _told(row: Allocation, amount: Decimal) -> dict[str, Any]:
    return {"amount": str(amount), "currency": row.currency, "unfunded": str(row.unfunded)}


def _tell(verb: str, rows: Sequence[tuple[Allocation, dict[str, Any], Legs]], at: datetime) -> None:
    told = [(verb, row, row.partner_id, data | moved(legs)) for row, data, legs in rows]
    events = record_many(told, by=SYSTEM, at=at)
    ledger.post_many([(event, legs) for event, (_r, _d, legs) in zip(events, rows, strict=True) if legs])


def fund_all(*, at: datetime) -> int:
    """What still waits although its budget has money."""
    waiting = Allocation.objects.filter(unfunded__gt=0, budget__status=BudgetStatus.OPEN).values("budget")
    return sum(fund(budget, at=at) for budget in Budget.objects.filter(pk__in=waiting).order_by("pk"))
