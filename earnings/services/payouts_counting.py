"""A run is made: which lines are due, what each partner gets of them, and what is carried over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.actor import Actor
from core.bulk import Batch, write_events
from core.errors import Refused
from core.events import record
from core.ids import uuid7
from core.money import Money
from deals.check import hold
from earnings.dossier import local_day, read_rates
from earnings.enums import CarryReason, PayoutStatus, RunStatus
from earnings.models import BankDetails, EarningTerms, Payout, PayoutRun
from earnings.payout_particulars import Period
from earnings.rules import RateMissing, Rates
from earnings.rules.payouts import Details, above, carries
from earnings.services.payouts_moving import move_lines
from partners.enums import PartnerStatus
from partners.models import Partner, Program

# A positive line belongs to the period it was earned in and waits for its hold; what takes money back does not wait.
_DUE = """
    CREATE TEMPORARY TABLE payout_lines ON COMMIT DROP AS
    WITH due AS MATERIALIZED (
        SELECT l.id, l.partner_id, l.membership_id, l.currency, l.direction, l.amount
        FROM earnings_earningline l
        WHERE l.status = 'approved' AND l.deleted_at IS NULL
        AND (l.direction = 'payable' OR l.direction = 'receivable' AND l.nets)
        AND (CASE l.direction WHEN 'payable' THEN l.amount ELSE -l.amount END < 0
            OR l.occurred_on <= %(end)s AND (l.hold_until IS NULL OR l.hold_until <= %(today)s))
        ORDER BY l.id FOR NO KEY UPDATE
    ) SELECT * FROM due
"""
_BALANCES = """
    SELECT d.partner_id, d.currency, coalesce(sum(d.amount) FILTER (WHERE d.direction = 'payable'), 0),
        coalesce(sum(d.amount) FILTER (WHERE d.direction = 'receivable'), 0), count(*),
        array_remove(array_agg(DISTINCT m.program_id), NULL)
    FROM payout_lines d LEFT JOIN tiers_programmembership m ON m.id = d.membership_id
    GROUP BY d.partner_id, d.currency ORDER BY d.partner_id, d.currency
"""
_ITEMS = """
    INSERT INTO earnings_payoutitem (id, payout_id, partner_id, line_id)
    SELECT gen_random_uuid(), p.id, d.partner_id, d.id FROM payout_lines d JOIN earnings_payout p
        ON p.run_id = %(run)s AND p.partner_id = d.partner_id AND p.currency = d.currency AND p.status = 'draft'
"""
_TOLD = """
    SELECT p.id, CASE p.status WHEN 'draft' THEN 'prepared' ELSE 'carried' END, p.version,
        CASE p.status WHEN 'draft' THEN NULL ELSE p.partner_id END,
        jsonb_build_object('changes', jsonb_build_object('status', jsonb_build_array(NULL, p.status)),
            'amount', p.amount::text, 'currency', p.currency, 'carried', p.carried, 'run', %(reference)s::text)
    FROM earnings_payout p WHERE p.run_id = %(run)s
"""


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands for one partner in one currency."""

    partner_id: UUID
    currency: str
    owed: Decimal
    fees: Decimal
    lines: int
    programs: tuple[UUID, ...]

    @property
    def amount(self) -> Decimal:
        return self.owed - self.fees


@dataclass
class Limits:
    """The programs' terms in other currencies, by the rates of a day, each asked for once; and who is paid later."""

    rates: Rates
    period: Period
    programs: Mapping[UUID, Program]
    terms: Mapping[UUID, EarningTerms]
    barred: Mapping[UUID, str]  # who joined by itself and waits for our check, or did not pass it: a CarryReason
    known: dict[tuple[UUID, str], Decimal | None] = field(default_factory=dict)

    @classmethod
    def read(cls, period: Period) -> "Limits":
        terms = {one.program_id: one for one in EarningTerms.objects.all()}
        waiting = Partner.objects.filter(Q(unvetted_since__isnull=False) | Q(status=PartnerStatus.DECLINED))
        barred = {pk: _bar(status) for pk, status in waiting.values_list("pk", "status")}
        return cls(read_rates(), period, Program.objects.in_bulk(), terms, barred)

    def worth(self, money: Money, currency: str) -> Decimal | None:
        """The amount in another currency; None where no rate is known."""
        try:
            rate = self.rates.on(money.currency, currency, self.period.end)
        except RateMissing:
            return None
        return money.amount if rate is None else rate.of(money).amount

    def minimum(self, programs: Iterable[UUID], currency: str) -> Decimal | None:
        """The largest minimum payout of the programs that a balance comes from."""
        found = [one for pk in programs if (one := self._minimum(pk, currency)) is not None]
        return max(found, default=None)

    def _minimum(self, program: UUID, currency: str) -> Decimal | None:
        key = program, currency
        if key not in self.known:
            terms = self.terms.get(program)
            own = Money(terms.minimum_payout, self.programs[program].currency) if terms else None
            self.known[key] = self.worth(own, currency) if own else None
        return self.known[key]

    def two_people_above(self, programs: Iterable[UUID], currency: str) -> Decimal:
        """The smallest of the programs' limits; no limit that can be told: 0, so that two are needed."""
        limits = [self._limit(pk, currency) for pk in set(programs)]
        return min(limits, default=_usual_limit())

    def _limit(self, program: UUID, currency: str) -> Decimal:
        terms = self.terms.get(program)
        own = terms.two_people_above if terms else _usual_limit()
        return self.worth(Money(own, self.programs[program].currency), currency) or Decimal(0)


def _bar(status: str) -> str:
    return CarryReason.DECLINED if status == PartnerStatus.DECLINED else CarryReason.NOT_VETTED


def _usual_limit() -> Decimal:
    return Decimal(EarningTerms._meta.get_field("two_people_above").default)


@transaction.atomic
def prepare(period: Period, *, by: Actor, at: datetime) -> PayoutRun:
    """A run of all that is due for a month. Raises Refused when the month has not ended or has a run already."""
    by.require("payout.prepare")
    if period.end >= local_day(at):
        raise Refused(_("%s has not ended yet. Make its run afterwards.") % period, field="period")
    hold("payout run")
    if PayoutRun.objects.filter(period_start=period.start).exclude(status=RunStatus.CANCELLED).exists():
        raise Refused(_("There is a run for %s already. Open it.") % period, code="already_exists", field="period")
    balances = _balances(period, at)
    if not balances:
        raise Refused(_("Nothing is due for %s.") % period, field="period")
    return _made(period, balances, by=by, at=at)


def _balances(period: Period, at: datetime) -> list[Balance]:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.payout_lines")
        cursor.execute(_DUE, {"end": period.end, "today": local_day(at)})
        cursor.execute(_BALANCES)
        return [
            Balance(pk, currency, owed, fees, lines, tuple(programs))
            for pk, currency, owed, fees, lines, programs in cursor.fetchall()
        ]


def _made(period: Period, balances: list[Balance], *, by: Actor, at: datetime) -> PayoutRun:
    limits, currency = Limits.read(period), settings.REPORTING_CURRENCY
    details = bank_details({one.partner_id for one in balances})
    limit = limits.two_people_above((pk for one in balances for pk in one.programs), currency)
    run = PayoutRun.objects.create(
        period_start=period.start, period_end=period.end, limit=limit, currency=currency, made_at=at,
        made_by=by.id, made_label=by.label,
    )  # fmt: skip
    payouts = [_payout(run, one, limits, details.get(one.partner_id), at) for one in balances]
    Payout.objects.bulk_create(payouts, batch_size=2000)
    told = {"changes": {"status": [None, RunStatus.OPEN]}, "period": period.key, "payouts": len(payouts)}
    weigh(run, limits)
    record("made", run, by=by, at=at, data=told)
    _take_lines(run, by=by, at=at)
    return run


def _payout(run: PayoutRun, one: Balance, limits: Limits, details: Details | None, at: datetime) -> Payout:
    minimum = limits.minimum(one.programs, one.currency)
    why = carries(one.amount, minimum, details, at, barred=limits.barred.get(one.partner_id, ""))
    status = PayoutStatus.CARRIED if why else PayoutStatus.DRAFT
    return Payout(
        id=uuid7(), run=run, period_start=run.period_start, period_end=run.period_end, partner_id=one.partner_id,
        currency=one.currency, amount=one.amount, owed=one.owed,
        fees=one.fees, lines=one.lines, status=status, carried=why, bank_id=details.id if details else None,
    )  # fmt: skip


def _take_lines(run: PayoutRun, *, by: Actor, at: datetime) -> None:
    known: dict[str, Any] = {"run": run.pk, "reference": run.reference}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE pg_temp.payout_lines")
        cursor.execute(_ITEMS, known)
        taken = cursor.rowcount
    write_events(Batch(by, at), Payout, _TOLD, known)
    pks = list(run.payouts.filter(status=PayoutStatus.DRAFT).values_list("pk", flat=True))
    move_lines("include", pks, taken, by=by, at=at)


def bank_details(partner_ids: Iterable[UUID]) -> dict[UUID, Details]:
    """The present bank details of partners, and whether there were others before."""
    found: dict[UUID, Details] = {}
    rows = BankDetails.objects.filter(partner_id__in=list(partner_ids)).order_by("changed_at", "id")
    for pk, partner_id, changed_at in rows.values_list("pk", "partner_id", "changed_at"):
        found[partner_id] = Details(pk, changed_at, partner_id in found)
    return found


def weigh(run: PayoutRun, limits: Limits | None = None) -> None:
    """Writes what the run pays in the reporting currency, and whether that takes two people."""
    limits = limits or Limits.read(Period(run.period_start))
    parts: list[Decimal | None] = [
        limits.worth(Money(amount, currency), run.currency)
        for amount, currency in run.payouts.filter(status=PayoutStatus.DRAFT).values_list("amount", "currency")
    ]
    known = [part for part in parts if part is not None]
    total = sum(known, Decimal(0)) if len(known) == len(parts) else None
    PayoutRun.objects.filter(pk=run.pk).update(total=total, needs_two=above(total, run.limit))
    run.refresh_from_db()
