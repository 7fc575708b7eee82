"""OEM usage: a report gives the fee of its period; a later report of the same period settles the difference."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.events import record
from deals.check import hold
from earnings import rules
from earnings.dossier import Tiers
from earnings.enums import LineStatus, RuleKind
from earnings.models import EarningLine, EarningTerms, Entitlement, RevenueRule, UsageReport
from earnings.particulars import Usage
from earnings.services.earning import earn
from earnings.services.keeping import keep
from earnings.services.settling import settle
from partners.enums import PartnerType
from tiers.models import ProgramMembership

_DISPUTE_DAYS: int = EarningTerms._meta.get_field("dispute_days").default


@transaction.atomic
def report_usage(membership: ProgramMembership, told: Usage, *, by: Actor, at: datetime) -> UsageReport:
    """Takes a report in and makes the line of its fee: what is due for the period, less what its lines hold already.

    Raises Refused for a partner of another type, for a period that overlaps another one, and without a rule.
    """
    by.require("usage.report")
    keep(membership.partner_id)
    hold(f"usage {membership.pk}")
    _refuse_odd(membership, told, at)
    rule = _rule(membership, told)
    known = _same_period(membership, told)
    earlier = list(EarningLine.objects.filter(usage_report__in=known).order_by("pk"))
    known.filter(superseded_at=None).update(superseded_at=at)
    report = UsageReport.objects.create(
        partner_id=membership.partner_id, membership=membership, product=told.product, period_start=told.period_start,
        period_end=told.period_end, units=told.units, note=told.note, reported_at=at, reported_by=by.label,
    )  # fmt: skip
    record("reported", report, by=by, at=at, partner_id=report.partner_id, data=_about(report))
    _make_lines(report, rule, earlier, at=at)
    return report


def _about(report: UsageReport) -> dict[str, Any]:
    return {"units": report.units, "from": report.period_start.isoformat(), "to": report.period_end.isoformat()}


def _refuse_odd(membership: ProgramMembership, told: Usage, at: datetime) -> None:
    if membership.partner_type != PartnerType.OEM:
        raise Refused(_("Usage is reported by OEM partners alone."), field="membership")
    if told.units < 0 or told.period_end < told.period_start:
        raise Refused(_("The period must end after it begins, and units can't be below zero."), field="period_end")
    if told.period_end > at.date():
        raise Refused(_("This period has not ended yet. Report it afterwards."), field="period_end")
    live = UsageReport.objects.filter(membership=membership, product=told.product, superseded_at=None)
    live = live.filter(period_start__lte=told.period_end, period_end__gte=told.period_start)
    if live.exclude(period_start=told.period_start, period_end=told.period_end).exists():
        raise Refused(_("Another report covers a part of this period. Correct that one."), field="period_start")


def _same_period(membership: ProgramMembership, told: Usage):
    return UsageReport.objects.filter(
        membership=membership, product=told.product, period_start=told.period_start, period_end=told.period_end
    )


def _rule(membership: ProgramMembership, told: Usage) -> RevenueRule:
    """The license fee in force at the end of the period."""
    tiers = Tiers([membership], told.period_end)
    case = rules.Case(
        program_id=membership.program_id, partner_type=membership.partner_type, day=told.period_end,
        tier_id=tiers.id_of(membership, tiers.on(membership, told.period_end)),
        product_id=told.product.pk if told.product else None, family=told.product.family if told.product else "",
        country=membership.partner.country, region=membership.partner.region,
    )  # fmt: skip
    known = RevenueRule.objects.filter(program_id=membership.program_id, kind=RuleKind.LICENSE_FEE)
    found = rules.choose(_of_any_currency(known), case).get(RuleKind.LICENSE_FEE)
    if found is None:
        raise Refused(_("No license fee is agreed for this period. Ask your channel manager."), field="period_start")
    return found


def _of_any_currency(known) -> list[RevenueRule]:
    """A usage report has no currency of its own: it is billed in that of its rule."""
    found = list(known)
    for rule in found:
        rule.pay_currency, rule.currency = rule.pay_currency or rule.currency, ""
    return found


def _make_lines(report: UsageReport, rule: RevenueRule, earlier: list[EarningLine], *, at: datetime) -> None:
    period = rules.Period(report.period_start, report.period_end, report.units)
    assert rule.amount is not None
    due, steps = rules.fee(period, rule.amount, rule.minimum, rule.pay_currency)
    before = sum((line.amount for line in earlier), Decimal(0))
    if earlier:
        steps.append({"step": "true_up", "before": str(before), "gives": str(due - before)})
    deal = _deal_of(report)
    parts = [(part, origin, origin.entitlement if origin else deal) for part, origin in _parts(due - before, earlier)]
    made = [_line(report, rule, owner, at, amount=part, reverses=origin) for part, origin, owner in parts]
    for line in made:
        line.arithmetic = steps
    earn(made, at=at)
    if deal:
        settle([deal.opportunity_id], at=at)


def _parts(missing: Decimal, earlier: list[EarningLine]) -> Iterator[tuple[Decimal, EarningLine | None]]:
    """The amounts to write, and what each reverses: more is a line of its own, less takes from the latest ones."""
    if missing > 0:
        yield missing, None
    left = {line.pk: line.amount for line in earlier}
    for line in earlier:
        if line.reverses_id:
            left[line.reverses_id] += line.amount
    for line in reversed(earlier):
        part = max(missing, -left[line.pk]) if missing < 0 and line.amount > 0 else Decimal(0)
        if part:
            missing -= part
            yield part, line


def _deal_of(report: UsageReport) -> Entitlement | None:
    """The license deal in whose first year the period falls, the oldest."""
    rows = Entitlement.objects.filter(membership=report.membership_id, rule__kind=RuleKind.LICENSE_FEE, ended_at=None)
    fitting = rows.filter(won_on__lte=report.period_end, won_on__gt=report.period_start - timedelta(days=365))
    return fitting.order_by("won_on", "id").first()


def _line(report: UsageReport, rule: RevenueRule, owner: Entitlement | None, at: datetime, **own: Any) -> EarningLine:
    return EarningLine(
        partner_id=report.partner_id, membership_id=report.membership_id, entitlement=owner, rule_id=rule.pk,
        opportunity_id=owner.opportunity_id if owner else None, usage_report=report, kind=rule.kind,
        direction=rule.direction, nets=rule.nets, status=LineStatus.ACCRUED, currency=rule.pay_currency,
        occurred_on=report.period_end, inputs={"rule": rule.key, "number": rule.number, **_about(report)},
        reason="" if own["amount"] > 0 else _("A later report of the same period"), accrued_at=at,
        dispute_until=at + timedelta(days=_DISPUTE_DAYS), **own,
    )  # fmt: skip
