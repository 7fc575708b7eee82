"""Where the money of a budget or of a partner's funds stands, as a bar and a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, Subquery, Sum, UUIDField, When
from django.db.models.expressions import OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from core.models import LedgerAccount, LedgerEntry
from core.money import Money
from mdf import money
from mdf.models import Activity, Allocation, Budget, Claim

ZERO = Decimal(0)
_OF_CLAIMS = (money.CLAIMED, money.ORDERED, money.PAID)
WORDS: dict[str, Any] = {
    money.UNDIVIDED: gettext_lazy("Not shared out"),
    money.AVAILABLE: gettext_lazy("Free with partners"),
    money.RESERVED: gettext_lazy("Reserved"),
    money.CLAIMED: gettext_lazy("Payable"),
    money.ORDERED: gettext_lazy("Waits for the second person"),
    money.PAID: gettext_lazy("Paid"),
}
_COLOURS = {
    money.PAID: "good", money.ORDERED: "c4", money.CLAIMED: "c3", money.RESERVED: "c2", "asked": "c1",
}  # fmt: skip
_ORDER = (money.PAID, money.ORDERED, money.CLAIMED, money.RESERVED, "asked", money.AVAILABLE, money.UNDIVIDED)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bar: from `x` on, `width` long (percent of the bar)."""

    label: str
    money: Money
    colour: str = ""
    x: str = "0"
    width: str = "0"


@dataclass(frozen=True, slots=True)
class Standing:
    """A sum and its pieces, which add up to it. `asked` is no piece: it would come out of what is free."""

    title: str
    total: Money
    pieces: Sequence[Piece]
    note: str = ""
    short: bool = False

    @property
    def label(self) -> str:
        return _("%s: where the money stands") % self.title


def pieces(total: Decimal, sums: dict[str, Decimal], currency: str, words: dict[str, str] | None = None) -> list[Piece]:
    """In the order of a payment's way; pieces without money are left out of the bar, not of the table."""
    made, x = [], ZERO
    for kind in [kind for kind in _ORDER if kind in sums]:
        width = max(sums[kind], ZERO) / total * 100 if total else ZERO
        label = (words or {}).get(kind) or str(WORDS[kind])
        made.append(Piece(label, Money(sums[kind], currency), _COLOURS.get(kind, ""), f"{x:.2f}%", f"{width:.2f}%"))
        x += width
    return made


def of_budgets(actor: Actor, budgets: Iterable[UUID]) -> dict[UUID, dict[str, Decimal]]:
    """Budget → kind of account → what stands on all of them, in one statement."""
    wanted = list(budgets)
    one = {"pk": OuterRef("owner_id")}
    budget = Case(
        When(kind=money.UNDIVIDED, then=F("owner_id")),
        When(kind=money.AVAILABLE, then=_budget(Allocation.objects.visible_to(actor).filter(**one), "budget_id")),
        When(
            kind=money.RESERVED,
            then=_budget(Activity.objects.visible_to(actor).filter(**one), "request__allocation__budget_id"),
        ),
        default=_budget(Claim.objects.visible_to(actor).filter(**one), "activity__request__allocation__budget_id"),
        output_field=UUIDField(),
    )
    rows = LedgerAccount.objects.visible_to(actor).filter(_theirs(actor, wanted)).annotate(budget=budget)
    found: dict[UUID, dict[str, Decimal]] = {pk: {} for pk in wanted}
    for row in rows.order_by().values("budget", "kind").annotate(sum=Sum("balance")):
        found[row["budget"]][row["kind"]] = row["sum"]
    return found


def _budget(rows: Any, path: str) -> Subquery:
    return Subquery(rows.values(path)[:1])


def _theirs(actor: Actor, budgets: list[UUID]) -> Q:
    """The accounts of these budgets, and of all that was made of them."""
    allocations = Allocation.objects.visible_to(actor).filter(budget__in=budgets)
    return Q(kind=money.UNDIVIDED, owner_id__in=budgets) | _of(actor, allocations)


def _of(actor: Actor, allocations: QuerySet[Allocation]) -> Q:
    """The accounts of partners' funds, and of all that was made of them."""
    activities = Activity.objects.visible_to(actor).filter(request__allocation__in=allocations)
    its_claims = Claim.objects.visible_to(actor).filter(activity__request__allocation__in=allocations)
    return (
        Q(kind=money.AVAILABLE, owner_id__in=allocations.values("pk"))
        | Q(kind=money.RESERVED, owner_id__in=activities.values("pk"))
        | Q(kind__in=_OF_CLAIMS, owner_id__in=its_claims.values("pk"))
    )


def of_allocation(actor: Actor, allocation: Allocation) -> dict[str, Decimal]:
    """Kind of account → what stands there of one partner's funds."""
    theirs = _of(actor, Allocation.objects.visible_to(actor).filter(pk=allocation.pk))
    rows = LedgerAccount.objects.visible_to(actor).filter(theirs).order_by()
    return dict(rows.values("kind").annotate(sum=Sum("balance")).values_list("kind", "sum"))


def budget_bar(budget: Budget, sums: dict[str, Decimal]) -> Standing:
    parts = {kind: sums.get(kind, ZERO) for kind in WORDS}
    return Standing(budget.name, Money(budget.amount, budget.currency), pieces(budget.amount, parts, budget.currency))


def allocation_bar(allocation: Allocation, sums: dict[str, Decimal], asked: Decimal = ZERO) -> Standing:
    """A partner's funds; with `asked`, what a request would leave of what is free."""
    parts = {kind: sums.get(kind, ZERO) for kind in WORDS if kind != money.UNDIVIDED}
    free, currency = parts[money.AVAILABLE], allocation.currency
    note = ""
    if asked:
        parts |= {"asked": min(asked, free), money.AVAILABLE: max(free - asked, ZERO)}
        told = {"left": f"{free - asked:,.2f} {currency}", "free": f"{free:,.2f} {currency}"}
        note = (
            _("Only %(free)s is free. Lower the amounts, or give the partner more funds first.")
            if asked > free
            else _("Leaves %(left)s of %(free)s free.")
        ) % told
    words = {money.AVAILABLE: _("Free after it") if asked else _("Free"), "asked": _("This request")}
    total = allocation.amount
    return Standing(
        allocation.reference, Money(total, currency), pieces(total, parts, currency, words), note, asked > free
    )


def stood(actor: Actor, until: datetime) -> list[Any]:
    """What was reserved, and what was payable, when a day ended: by currency, from the ledger's entries."""
    rows = LedgerEntry.objects.visible_to(actor).filter(transaction__at__lt=until)
    owed = (money.CLAIMED, money.ORDERED)
    sums = rows.filter(account__kind__in=(money.RESERVED, *owed)).order_by().values("currency")
    return list(
        sums.annotate(
            reserved=Sum("amount", filter=Q(account__kind=money.RESERVED), default=ZERO),
            payable=Sum("amount", filter=Q(account__kind__in=owed), default=ZERO),
        ).order_by("currency")
    )
