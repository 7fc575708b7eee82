"""What a partner's pages read of its market funds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import DecimalField, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.actor import Actor
from core.models import Event, LedgerAccount, StoredFile
from core.money import Money
from core.scope import elevated
from mdf import money
from mdf.enums import ActivityStatus
from mdf.models import Activity, Allocation, Budget, Claim, Request
from mdf.rules import Terms
from tiers.models import ProgramMembership

ZERO = Decimal(0)


@dataclass(frozen=True)
class Source:
    """Funds that a request can draw on, and under which membership."""

    allocation: Allocation
    membership: ProgramMembership
    free: Money

    @property
    def terms(self) -> Terms:
        own = getattr(self.membership.program, "fund_terms", None)
        return Terms.of(own.data if own else {})

    @property
    def share(self) -> Decimal:
        """Percent of the cost that we give back."""
        tier = self.membership.tier
        return self.terms.share_of(tier.key if tier else "")


def sources(actor: Actor, today: date) -> list[Source]:
    """The funds that are open today, the one that ends first first."""
    running = Q(expires_on=None) | Q(expires_on__gte=today)
    rows = Allocation.objects.visible_to(actor).filter(running, period_end__gte=today)
    allocations = list(rows.filter(partner_id__in=actor.partner_ids).order_by("period_end", "pk"))
    programs = _programs_of(allocations)
    members = _memberships(actor, set(programs.values()))
    free = money.balances(money.AVAILABLE, [one.pk for one in allocations])
    return [
        Source(one, member, Money(free.get(one.pk, ZERO), one.currency))
        for one in allocations
        if (member := members.get((one.partner_id, programs[one.pk])))
    ]


def _programs_of(allocations: Sequence[Allocation]) -> dict[UUID, UUID]:
    """Allocation → program. The budget between them is the vendor's, so this looks behind the wall for ids alone."""
    with elevated():
        known = dict(Budget.objects.filter(allocations__in=allocations).values_list("pk", "program_id"))
    return {one.pk: known[one.budget_id] for one in allocations}


def _memberships(actor: Actor, programs: set[UUID]) -> dict[tuple[UUID, UUID], ProgramMembership]:
    rows = ProgramMembership.objects.visible_to(actor).filter(program_id__in=programs, status="active")
    rows = rows.select_related("program__fund_terms", "tier", "partner__manager").order_by("-starts_on")
    return {(one.partner_id, one.program_id): one for one in rows}


def requests(actor: Actor) -> QuerySet[Request]:
    """The requests this actor may see, with what their pages tell."""
    rows = Request.objects.visible_to(actor).filter(deleted_at=None)
    return rows.select_related(
        "partner__manager",
        "membership__program__fund_terms",
        "membership__tier",
        "allocation",
        "decided_by",
        "changed_from",
    )


def find_own(actor: Actor, pk: UUID) -> Request | None:
    return requests(actor).filter(pk=pk).first()


def listed(actor: Actor) -> QuerySet[Request]:
    """Requests with their sums and first day."""
    rows = Request.objects.visible_to(actor).filter(deleted_at=None)
    return rows.annotate(
        asked=Sum("activities__asked_amount"), approved=Sum("activities__approved_amount"),
        starts_on=Min("activities__starts_on"),
    )  # fmt: skip


@dataclass(frozen=True)
class Balance:
    """Where the money of an allocation stands."""

    allocation: Allocation
    available: Money
    reserved: Money
    claimed: Money
    paid: Money


def balances(actor: Actor, today: date) -> list[Balance]:
    """Funds that still run or of which money is under way, the newest first; one statement."""
    running = Q(period_end__gte=today) | ~Q(reserved=ZERO) | ~Q(claimed=ZERO)
    claims = Claim.objects.filter(activity__request__allocation=OuterRef(OuterRef("pk"))).values("pk")
    activities = Activity.objects.filter(request__allocation=OuterRef(OuterRef("pk"))).values("pk")
    rows = Allocation.objects.visible_to(actor).annotate(
        available=_sum((money.AVAILABLE,), Q(owner_id=OuterRef("pk"))),
        reserved=_sum((money.RESERVED,), Q(owner_id__in=activities)),
        claimed=_sum((money.CLAIMED, money.ORDERED), Q(owner_id__in=claims)),
        paid=_sum((money.PAID,), Q(owner_id__in=claims)),
    )
    return [_balance(one) for one in rows.filter(running).order_by("-period_start", "pk")[:20]]


def _sum(kinds: Sequence[str], whose: Q) -> Coalesce:
    rows = LedgerAccount.objects.filter(whose, kind__in=kinds).order_by().values("currency")
    return Coalesce(Subquery(rows.annotate(all=Sum("balance")).values("all")), Value(ZERO), output_field=DecimalField())


def _balance(one: Any) -> Balance:
    return Balance(one, *(Money(getattr(one, n), one.currency) for n in ("available", "reserved", "claimed", "paid")))


def activities(request: Request) -> list[Activity]:
    """Its activities in order, each with its lines and claims."""
    rows = request.activities.order_by("place_in_request")
    return list(rows.prefetch_related("lines", "claims"))


def story(actor: Actor, subjects: Sequence[UUID]) -> list[Event]:
    """What happened to these records, oldest first."""
    return list(Event.objects.visible_to(actor).filter(subject_id__in=subjects).order_by("at", "id")[:300])


def claims(actor: Actor) -> QuerySet[Claim]:
    """The claims this actor may see, with what their pages tell."""
    rows = Claim.objects.visible_to(actor).filter(deleted_at=None)
    return rows.select_related(
        "partner__manager", "created_by", "activity__request__membership__program__fund_terms",
        "activity__request__membership__tier", "activity__request__partner",
    )  # fmt: skip


def claimable(actor: Actor, request: Request) -> list[Activity]:
    """The activities of a request of which something can be claimed, in order."""
    rows = Activity.objects.visible_to(actor).filter(request=request, status=ActivityStatus.APPROVED)
    rows = rows.select_related("request__membership__program__fund_terms", "request__membership__tier")
    return list(rows.prefetch_related("lines").order_by("place_in_request"))


def loose_or_of(actor: Actor, partner_id: UUID, claim_id: UUID | None, wanted: Sequence[UUID]) -> dict[str, StoredFile]:
    """Public id → file, of those wanted of this partner: not used elsewhere, or of this claim."""
    if not wanted:
        return {}
    rows = StoredFile.objects.visible_to(actor).filter(pk__in=wanted, partner_id=partner_id)
    return {file.public_id: file for file in rows.filter(Q(subject_id=None) | Q(subject_id=claim_id))}
