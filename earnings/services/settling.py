"""Brings the lines of deals in line with what they ought to have given by now.

Bears running twice, in any order and from several sides at once: everything is computed anew under a lock of the deal
and only the difference is written.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from django.db import transaction

from core.bulk import chunks
from core.ids import uuid7
from core.money import Money
from deals.check import hold
from deals.models import RevenueEvent
from earnings import dossier, rules
from earnings.dossier import Deal, Dossier
from earnings.enums import Direction, LineStatus, RuleKind
from earnings.models import EarningLine, Entitlement
from earnings.rules import Kept, Pool, RateMissing, Reckoned, Share, Terms
from earnings.services.entitling import Changes, entitle
from earnings.services.keeping import keep_all_of
from earnings.services.writing import Writer
from partners.enums import PartnerStatus
from partners.rules_lifecycle import unvetted

_CHUNK = 200


def settle(opportunity_ids: Collection[UUID], *, at: datetime) -> int:
    """Settles these deals; how many lines were written or changed."""
    return sum(_settle(some, at) for some in chunks(sorted(set(opportunity_ids)), _CHUNK))


def settle_day(*, at: datetime) -> int:
    """Settles what the day itself changes: revenue that is dated today or yesterday, forecasts whose time is over."""
    today = dossier.local_day(at)
    dated = RevenueEvent.objects.filter(occurred_on__range=(today - timedelta(days=1), today), deleted_at=None)
    due = set(dated.values_list("opportunity_id", flat=True)) | _over(today)
    return settle(due, at=at)


def _over(today: date) -> set[UUID]:
    """Deals that still expect something although their rule's months have passed."""
    lines = EarningLine.objects.filter(status=LineStatus.FORECAST, rule__duration_months__isnull=False)
    found = lines.values_list("opportunity_id", "entitlement__won_on", "rule__duration_months")
    return {pk for pk, won_on, months in found if pk and won_on and months and _ended(won_on, months, today)}


def _ended(won_on: date, months: int, today: date) -> bool:
    return rules.months_after(won_on, months) <= today


@transaction.atomic
def _settle(opportunity_ids: Collection[UUID], at: datetime) -> int:
    hold(*(f"earnings {pk}" for pk in opportunity_ids))
    keep_all_of(opportunity_ids)
    known = dossier.read(opportunity_ids)
    changes, writer = Changes(at), Writer(at, known)
    for deal in known.deals:
        entitle(deal, known, changes)
        _reckon(deal, known, writer)
    changes.write()
    return writer.write()


def _reckon(deal: Deal, known: Dossier, writer: Writer) -> None:
    """What each entitlement ought to hold; one that has ended ought to hold nothing."""
    due: dict[rules.Key, rules.Sum] = {}
    waiting = _waiting(deal)
    troubled = set(waiting)
    for pool in _pools(deal):
        try:
            found = _reckoned(pool, deal, known, writer.at)
            writer.clear(pool)
        except RateMissing as missing:
            writer.trouble(pool, str(missing))
            troubled |= {one.pk for one in pool}
            continue
        due |= {key: one for key, one in found.sums.items() if key[0] not in waiting}
        for one in pool:
            if one.pk in waiting:
                continue
            writer.expect(one, deal, found.expected.get(one.pk))
    for one in deal.entitlements:
        if one.ended_at is not None:
            writer.expect(one, deal, None)
    kept = [line for pk, lines in _kept(deal).items() if pk not in troubled for line in lines]
    fresh = rules.differences(kept, {key: one.amount for key, one in due.items()}, uuid7)
    writer.add(deal, fresh, due)


def _waiting(deal: Deal) -> set[UUID]:
    """Margins of partners that we have not checked yet, or declined: nothing is written about them until we have."""
    kept = [(one.pk, one.membership.partner) for one in deal.running if one.rule.direction == Direction.RETAINED]
    return {pk for pk, partner in kept if unvetted(partner) or partner.status == PartnerStatus.DECLINED}


def _pools(deal: Deal) -> list[list[Entitlement]]:
    """Running entitlements that share what one rule gives."""

    def key(one: Entitlement) -> tuple[str, str, str]:
        return str(one.rule_id), one.basis, one.role

    return [list(group) for _key, group in groupby(sorted(deal.running, key=key), key)]


def _reckoned(pool: list[Entitlement], deal: Deal, known: Dossier, at: datetime) -> Reckoned:
    first, row = pool[0], deal.opportunity
    shares = [Share(one.pk, one.share_percent) for one in sorted(pool, key=lambda one: one.place)]
    terms = terms_of(first)
    whole = Pool(terms, shares, first.won_on, row.amount or Decimal(0), row.currency, row.list_amount)
    if first.rule.kind == RuleKind.LICENSE_FEE:
        return _of_fees(whole, deal, known)
    today = dossier.local_day(at)
    found = rules.reckon(whole, deal.movements(first.accrues_on, today), known.rates)
    if terms.months is not None and _ended(first.won_on, terms.months, today):
        found.expected.clear()
    return found


def terms_of(one: Entitlement) -> Terms:
    """The rule of an entitlement, with the uplift of a registered deal."""
    rule = one.rule
    uplift = rule.registered_uplift_percent if one.registration_id else Decimal(0)
    percent = None if rule.percent is None else rule.percent + uplift
    return Terms(
        rule.kind, one.currency, percent, rule.amount, rule.floor, rule.cap, rule.duration_months, rule.clawback_days
    )


def _of_fees(pool: Pool, deal: Deal, known: Dossier) -> Reckoned:
    """License fees come from what the partner reports, not from what its customers pay; the deal's worth is expected
    of the first year, less what was reported."""
    rate = known.rates.on(pool.currency, pool.terms.currency, pool.won_on)
    whole = rate.of(Money(pool.amount, pool.currency)).amount if rate else pool.amount
    found = Reckoned()
    for share in pool.shares:
        earned = sum((line.amount for line in deal.earned[share.id] if line.usage_report_id), Decimal(0))
        if (rest := whole - earned) > 0:
            step = {"step": "first_year", "of": str(whole), "earned": str(earned), "gives": str(rest)}
            found.expected[share.id] = rules.Sum(rest, whole, pool.won_on, (step,))
    return found


def _kept(deal: Deal) -> dict[UUID, list[Kept]]:
    """The lines that revenue made, each with the event it is about."""
    by_id = {line.pk: line for line in deal.lines}
    found: dict[UUID, list[Kept]] = defaultdict(list)
    for owner, lines in deal.earned.items():
        for line in lines:
            if line.revenue_event_id is None:
                continue
            origin = line
            while origin.reverses_id is not None:
                origin = by_id[origin.reverses_id]
            assert origin.revenue_event_id
            found[owner].append(
                Kept(
                    line.pk, owner, line.revenue_event_id, origin.revenue_event_id, line.amount, line.reverses_id,
                    line.turn,
                )
            )  # fmt: skip
    return found
