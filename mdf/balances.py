"""What of a budget or of a partner's funds is asked for, promised, claimed and paid: columns beside their rows.

Each sum holds the next: approved ≥ claimed ≥ paid. What lapses or is called off is in none of them any more.
"""

from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.models import LedgerAccount
from mdf import money
from mdf.enums import OPEN
from mdf.models import Activity, Allocation, Budget, Claim

_MONEY = DecimalField(max_digits=18, decimal_places=2)
_OWED = (money.CLAIMED, money.ORDERED)
SUMS = ("requested", "approved", "claimed", "paid", "remaining")


def of_allocations(rows: QuerySet[Allocation]) -> QuerySet[Allocation]:
    return _with(rows, "request__allocation", available=_sum(_accounts(money.AVAILABLE, OuterRef("pk"))))


def of_budgets(rows: QuerySet[Budget]) -> QuerySet[Budget]:
    given = Allocation.objects.filter(budget=OuterRef("pk"), deleted_at=None).values("budget").values(sum=Sum("amount"))
    return _with(rows, "request__allocation__budget", allocated=_sum(given))


def _with(rows: QuerySet, path: str, **more: Coalesce) -> QuerySet:
    """The rows with the sums over all activities that `path` leads from to them, and with `more`."""
    activities = Activity.objects.filter(**{path: OuterRef(OuterRef("pk"))}).values("pk")
    claims = Claim.objects.filter(**{f"activity__{path}": OuterRef(OuterRef("pk"))}).values("pk")
    asked = Activity.objects.filter(**{path: OuterRef("pk")}, request__status__in=OPEN).values(path)
    paid = _sum(_accounts_of((money.PAID,), claims))
    claimed = _sum(_accounts_of(_OWED, claims)) + paid
    approved = _sum(_accounts_of((money.RESERVED,), activities)) + claimed
    return rows.annotate(
        requested=_sum(asked.values(sum=Sum("asked_amount"))), approved=approved, claimed=claimed, paid=paid, **more
    ).annotate(remaining=F("amount") - F("approved"))


def _accounts(kind: str, owner: OuterRef) -> QuerySet:
    return LedgerAccount.objects.filter(kind=kind, owner_id=owner).values(sum=F("balance"))


def _accounts_of(kinds: tuple[str, ...], owners: QuerySet) -> QuerySet:
    found = LedgerAccount.objects.filter(kind__in=kinds, owner_id__in=owners)
    return found.annotate(one=Value(1)).values("one").values(sum=Sum("balance"))


def _sum(rows: QuerySet) -> Coalesce:
    return Coalesce(Subquery(rows, output_field=_MONEY), Value(Decimal(0), output_field=_MONEY))
