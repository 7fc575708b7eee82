"""What pages read of earnings and payouts."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Case, Count, DecimalField, Exists, F, Min, OuterRef, Q, QuerySet, Sum, When
from django.db.models.functions import TruncDate, TruncMonth

from core.actor import Actor
from core.money import Money
from earnings.dossier import local_day
from earnings.enums import EARNED, Direction, LineStatus, PayoutStatus
from earnings.models import BankDetails, Dispute, EarningLine, Handover, Payout, PayoutRun, RevenueRule
from earnings.payout_particulars import Period
from partners.models import Partner


def _payable(line: str = "") -> Q:
    owed = Q(**{f"{line}direction": Direction.RECEIVABLE, f"{line}nets": True})
    return Q(**{f"{line}direction": Direction.PAYABLE}) | owed


def _signed(line: str = "") -> Case:
    """What a line means for the balance: what we owe counts up, a fee that is taken from it counts down."""
    fee = When(**{f"{line}direction": Direction.RECEIVABLE}, then=-F(f"{line}amount"))
    return Case(fee, default=F(f"{line}amount"), output_field=DecimalField())


PAYABLE, SIGNED = _payable(), _signed()
MOVES_MONEY, MOVED = _payable("line__"), _signed("line__")  # of handovers
KEPT = Q(direction=Direction.RETAINED)
OWING = Q(direction=Direction.RECEIVABLE, nets=False)
DUE = (LineStatus.APPROVED, LineStatus.IN_PAYOUT)
COMING = (LineStatus.FORECAST, LineStatus.ACCRUED, LineStatus.ON_HOLD, LineStatus.DISPUTED, LineStatus.RESOLVED)


@dataclass
class Sums:
    """What stands for a partner in one currency."""

    currency: str
    due: Decimal = Decimal(0)  # payable now
    coming: Decimal = Decimal(0)  # earned and on hold, or being looked at
    forecast: Decimal = Decimal(0)  # of won deals whose customer has not paid
    paid: Decimal = Decimal(0)  # this year
    kept: Decimal = Decimal(0)  # margin of this year
    owing: Decimal = Decimal(0)  # fees to pay
    next_release: date | None = None

    def of(self, name: str) -> Money:
        return Money(getattr(self, name), self.currency)


@dataclass(frozen=True)
class Standing:
    """A partner's earnings at a glance, by currency."""

    by_currency: list[Sums] = field(default_factory=list)

    def sums(self, name: str) -> list[Money]:
        """The amounts other than zero."""
        return [one.of(name) for one in self.by_currency if getattr(one, name)]

    @property
    def next_release(self) -> date | None:
        return min((one.next_release for one in self.by_currency if one.next_release), default=None)


def belonging(partner: Partner) -> Q:
    """What is a partner's own, and what was that of companies which became part of it."""
    return Q(partner=partner) | Q(partner__merged_into=partner)


def lines(actor: Actor, partner: Partner | None = None) -> QuerySet[EarningLine]:
    """The lines this actor may see, with what pages tell of them."""
    rows = EarningLine.objects.visible_to(actor).filter(deleted_at=None)
    rows = rows.filter(belonging(partner)) if partner else rows
    return rows.select_related("partner", "opportunity__account", "rule", "reverses")


def standing(actor: Actor, partner: Partner, at: datetime, *, with_paid: bool = True) -> Standing:
    """What is payable, what is coming and, unless left out, what was paid this year."""
    year = date(local_day(at).year, 1, 1)
    found: dict[str, Sums] = {}
    kept = Sum("amount", filter=KEPT & Q(status__in=EARNED, occurred_on__gte=year))
    rows = EarningLine.objects.visible_to(actor).filter(belonging(partner), deleted_at=None)
    sums = rows.values("currency").annotate(
        due=Sum(SIGNED, filter=PAYABLE & Q(status__in=DUE)),
        coming=Sum(SIGNED, filter=PAYABLE & Q(status__in=COMING[1:])),
        forecast=Sum(SIGNED, filter=PAYABLE & Q(status=LineStatus.FORECAST)),
        owing=Sum("amount", filter=OWING & Q(status__in=(*COMING[1:], LineStatus.INVOICED))),
        kept=kept, next_release=Min("hold_until", filter=Q(status=LineStatus.ON_HOLD)),
    )  # fmt: skip
    for row in sums.order_by("currency"):
        own = found[row["currency"]] = Sums(row["currency"], next_release=row["next_release"])
        for name in ("due", "coming", "forecast", "owing", "kept"):
            setattr(own, name, row[name] or Decimal(0))
    if not with_paid:
        return Standing(list(found.values()))
    paid = payouts(actor, partner).filter(status=PayoutStatus.PAID, settled_at__date__gte=year)
    for currency, amount in paid.order_by().values_list("currency").annotate(sum=Sum("amount")):
        found.setdefault(currency, Sums(currency)).paid = amount
    return Standing(sorted(found.values(), key=lambda one: one.currency))


def payouts(actor: Actor, partner: Partner | None = None) -> QuerySet[Payout]:
    rows = Payout.objects.visible_to(actor)
    return rows.filter(belonging(partner)) if partner else rows


def handovers(actor: Actor, partner: Partner) -> QuerySet[Handover]:
    """The lines that a partner gave away when it became part of another one, or took over."""
    return Handover.objects.visible_to(actor).filter(Q(partner=partner) | Q(giver=partner))


def entered(actor: Actor, partner: Partner) -> QuerySet[EarningLine]:
    """The lines that were earned in a partner's own name, whoever has them now."""
    given = Handover.objects.filter(giver=partner).values("line")
    taken = Handover.objects.filter(partner=partner).values("line")
    own = Q(partner=partner) | Q(pk__in=given) if partner.merged_into_id else Q(partner=partner)
    rows = EarningLine.objects.visible_to(actor).filter(own, status__in=EARNED, deleted_at=None)
    return rows.exclude(pk__in=taken)


def paid_to(actor: Actor, partner: Partner) -> QuerySet[Payout]:
    """The payouts that reached a partner in its own name."""
    return Payout.objects.visible_to(actor).filter(partner=partner, status=PayoutStatus.PAID)


def bank_details(actor: Actor, partner: Partner) -> BankDetails | None:
    """The present bank details."""
    return BankDetails.objects.visible_to(actor).filter(partner=partner, superseded_at=None).first()


def lacks_bank(actor: Actor, partner: Partner) -> QuerySet[Partner]:
    """The partner, if its bank details are missing while something is owed."""
    known = BankDetails.objects.visible_to(actor).filter(partner=OuterRef("pk"), superseded_at=None)
    lines = EarningLine.objects.visible_to(actor).filter(PAYABLE, partner=OuterRef("pk"), amount__gt=0)
    owed = lines.filter(status__in=(*DUE, *COMING[1:]))
    return Partner.objects.filter(~Exists(known), Exists(owed), pk=partner.pk)


def disputes(actor: Actor) -> QuerySet[Dispute]:
    rows = Dispute.objects.visible_to(actor)
    return rows.select_related("partner", "line__opportunity__account", "line__rule", "asked_by", "decided_by")


def runs(actor: Actor) -> QuerySet[PayoutRun]:
    return PayoutRun.objects.visible_to(actor)


@dataclass(frozen=True)
class RunSums:
    """What a run pays and what it carries over, in each currency."""

    currency: str
    paid: Decimal
    payouts: int
    carried: Decimal
    carries: int


def run_sums(run: PayoutRun) -> list[RunSums]:
    """The sums of a run by currency."""
    held = Q(status=PayoutStatus.CARRIED)
    rows = run.payouts.exclude(status=PayoutStatus.CANCELLED).order_by().values("currency")
    sums = rows.annotate(
        paid=Sum("amount", filter=~held), payouts=Count("pk", filter=~held),
        carried=Sum("amount", filter=held), carries=Count("pk", filter=held),
    )  # fmt: skip
    return [
        RunSums(
            row["currency"], row["paid"] or Decimal(0), row["payouts"], row["carried"] or Decimal(0), row["carries"]
        )
        for row in sums.order_by("currency")
    ]


def parts(actor: Actor, partner: Partner) -> QuerySet[Partner]:
    """The companies that became part of a partner. Their statements are read with its own."""
    return Partner.objects.visible_to(actor).filter(merged_into=partner).order_by("name")


def books(actor: Actor, partner: Partner, at: datetime) -> list[tuple[Partner, list[Period]]]:
    """The months that have a statement, of every company that became part of a partner."""
    return [(one, found) for one in parts(actor, partner) if (found := months(actor, one, at))]


def months(actor: Actor, partner: Partner, at: datetime) -> list[Period]:
    """The months that have a statement: with something earned or paid in them, newest first; not the present one."""
    rows = entered(actor, partner)
    earned = rows.annotate(month=TruncMonth("accrued_at")).order_by().values_list("month", flat=True).distinct()
    paid = (
        paid_to(actor, partner)
        .annotate(month=TruncMonth("settled_at"))
        .order_by()
        .values_list("month", flat=True)
        .distinct()
    )
    moved = handovers(actor, partner).annotate(month=TruncMonth("at")).order_by().values_list("month", flat=True)
    present = Period.of(local_day(at)).start
    found = {Period.of(moment.date()).start for moment in earned.union(paid, moved.distinct())}
    return [Period(start) for start in sorted(found, reverse=True) if start < present]


def next_run(at: datetime) -> date:
    """The first day on which the run of this month can be made."""
    return Period.of(local_day(at)).end + timedelta(days=1)


def latest_by_type(actor: Actor) -> dict[str, EarningLine]:
    """For each type of partner its latest earned line above zero."""
    rows = lines(actor).filter(status__in=EARNED, amount__gt=0, membership__isnull=False)
    first = rows.order_by("membership__partner_type", "-occurred_on", "-id").distinct("membership__partner_type")
    return {line.membership.partner_type: line for line in first.select_related("membership", "partner", "rule",
                                                                               "opportunity__account")
            if line.membership}  # fmt: skip


def latest_taken_back(actor: Actor) -> EarningLine | None:
    """The latest line that a refund to a customer took back from what we owe."""
    rows = lines(actor).filter(direction=Direction.PAYABLE, amount__lt=0, reverses__isnull=False)
    return rows.order_by("-occurred_on", "-id").first()


def rules_now(actor: Actor, day: date) -> dict[str, list[RevenueRule]]:
    """The revenue rules in force, by type of partner."""
    running = Q(effective_to__isnull=True) | Q(effective_to__gte=day)
    rows = RevenueRule.objects.visible_to(actor).filter(running, effective_from__lte=day, deleted_at=None)
    found: dict[str, list[RevenueRule]] = {}
    for rule in rows.select_related("tier", "product").order_by("partner_type", "kind", "key"):
        found.setdefault(rule.partner_type, []).append(rule)
    return found


READY = (LineStatus.ACCRUED, LineStatus.RESOLVED)


def to_invoice(actor: Actor) -> QuerySet[EarningLine]:
    """Fees that wait for an invoice."""
    return lines(actor).filter(OWING, status__in=READY).order_by("occurred_on", "id")


def handed_over(actor: Actor) -> list[date]:
    """The days on which fees were handed over, the latest first."""
    rows = EarningLine.objects.visible_to(actor).filter(OWING, status=LineStatus.INVOICED)
    days = rows.annotate(day=TruncDate("invoiced_at")).order_by("-day").values_list("day", flat=True).distinct()
    return list(days[:36])


def handed_over_on(actor: Actor, day: str) -> list[EarningLine]:
    """The fees of one such day, "2026-11-30"; none for what is no day."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        return []
    rows = lines(actor).filter(OWING, status=LineStatus.INVOICED, invoiced_at__date=wanted)
    return list(rows.order_by("partner__name", "id"))
