"""A partner's monthly statement: what stood before, what was earned and paid, what stands after; as page, CSV, PDF."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from core.actor import Actor
from core.files import pdf
from core.files.sheets import sheet
from core.money import Money
from earnings import queries
from earnings.enums import Direction
from earnings.models import EarningLine, Handover, Payout
from earnings.payout_particulars import Period
from earnings.words import arithmetic
from partners.models import Partner


@dataclass(frozen=True, slots=True)
class Entry:
    """One amount of a statement, with how it came to be."""

    day: date
    reference: str
    what: str
    kind: str
    how: tuple[str, ...]
    money: Money


@dataclass
class Account:
    """One currency of a statement: opening + earned + moved − paid = closing. What the partner keeps or owes stands
    apart."""

    currency: str
    opening: Decimal = Decimal(0)
    earned: list[Entry] = field(default_factory=list)
    moved: list[Entry] = field(default_factory=list)  # when two partners became one
    paid: list[Entry] = field(default_factory=list)
    kept: list[Entry] = field(default_factory=list)
    owing: list[Entry] = field(default_factory=list)

    def total(self, entries: list[Entry]) -> Money:
        return Money(sum((e.money.amount for e in entries), Decimal(0)), self.currency)

    @property
    def earned_total(self) -> Money:
        return self.total(self.earned)

    @property
    def moved_total(self) -> Money:
        return self.total(self.moved)

    @property
    def paid_total(self) -> Money:
        return self.total(self.paid)

    @property
    def kept_total(self) -> Money:
        return self.total(self.kept)

    @property
    def owing_total(self) -> Money:
        return self.total(self.owing)

    @property
    def before(self) -> Money:
        return Money(self.opening, self.currency)

    @property
    def closing(self) -> Money:
        return self.before + self.earned_total + self.moved_total - self.paid_total


@dataclass(frozen=True)
class Statement:
    partner: Partner
    period: Period
    accounts: list[Account]

    @property
    def number(self) -> str:
        return f"{self.partner.reference}-{self.period.key}"


def bounds(period: Period) -> tuple[datetime, datetime]:
    """The first moment of a month, and of the next."""
    return _start(period.start), _start(period.end + timedelta(days=1))


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


def statement(actor: Actor, partner: Partner, period: Period) -> Statement:
    """The statement of a month, from lines and payouts; a fixed number of queries."""
    first, after = bounds(period)
    found: dict[str, Account] = {}
    _open(found, actor, partner, first)
    rows = queries.entered(actor, partner).filter(accrued_at__gte=first, accrued_at__lt=after)
    for line in rows.select_related("opportunity__account").order_by("accrued_at", "id"):
        account = found.setdefault(line.currency, Account(line.currency))
        _list_of(account, line).append(_entry(line))
    moved = queries.handovers(actor, partner).filter(queries.MOVES_MONEY, at__gte=first, at__lt=after)
    for move in moved.select_related("partner", "giver", "line__opportunity__account").order_by("at", "line_id"):
        currency = move.line.currency
        found.setdefault(currency, Account(currency)).moved.append(_handed_over(move, partner))
    paid = queries.paid_to(actor, partner).filter(settled_at__gte=first, settled_at__lt=after)
    for one in paid.select_related("bank").order_by("settled_at", "id"):
        found.setdefault(one.currency, Account(one.currency)).paid.append(_payment(one))
    return Statement(partner, period, [found[currency] for currency in sorted(found)])


def _open(found: dict[str, Account], actor: Actor, partner: Partner, first: datetime) -> None:
    """What stood before: all that was earned until then, less all that was paid."""
    rows = queries.entered(actor, partner).filter(queries.PAYABLE, accrued_at__lt=first).order_by()
    for currency, amount in rows.values_list("currency").annotate(sum=Sum(queries.SIGNED)):
        found.setdefault(currency, Account(currency)).opening += amount
    moved = queries.handovers(actor, partner).filter(queries.MOVES_MONEY, at__lt=first).order_by()
    moves = moved.values_list("line__currency", "giver_id").annotate(sum=Sum(queries.MOVED))
    for currency, giver, amount in moves:
        found.setdefault(currency, Account(currency)).opening += -amount if giver == partner.pk else amount
    paid = queries.paid_to(actor, partner).filter(settled_at__lt=first).order_by()
    for currency, amount in paid.values_list("currency").annotate(sum=Sum("amount")):
        found.setdefault(currency, Account(currency)).opening -= amount


def _list_of(account: Account, line: EarningLine) -> list[Entry]:
    if line.direction == Direction.RETAINED:
        return account.kept
    if line.direction == Direction.RECEIVABLE and not line.nets:
        return account.owing
    return account.earned


def _entry(line: EarningLine) -> Entry:
    taken = line.direction == Direction.RECEIVABLE and line.nets
    amount = -line.amount if taken else line.amount
    how = (*([line.reason] if line.reason else []), *arithmetic(line.arithmetic))
    return Entry(
        line.occurred_on, line.reference, about(line), line.get_kind_display(), how, Money(amount, line.currency)
    )


def _handed_over(move: Handover, partner: Partner) -> Entry:
    """What left with the company that took it over, or came with one that became part of this."""
    gave = move.giver_id == partner.pk
    amount = -move.line.amount if move.line.direction == Direction.RECEIVABLE else move.line.amount
    words = _("Handed over to %s") if gave else _("Taken over from %s")
    who = move.partner.name if gave else move.giver.name
    day = timezone.localdate(move.at, timezone.get_default_timezone())
    money = Money(-amount if gave else amount, move.line.currency)
    return Entry(day, move.line.reference, about(move.line), words % who, (), money)


def about(line: EarningLine) -> str:
    """What a line is about, in a few words."""
    if line.opportunity_id and line.opportunity and line.opportunity.account:
        return line.opportunity.account.name
    if line.usage_report_id:
        return _("Usage %(from)s to %(to)s") % {"from": line.inputs.get("from"), "to": line.inputs.get("to")}
    return _("Adjustment")


def _payment(one: Payout) -> Entry:
    assert one.settled_at
    how = (one.bank_reference,) if one.bank_reference else ()
    to = _("To %s") % one.bank.hint if one.bank else _("Nothing to transfer")
    day = timezone.localdate(one.settled_at, timezone.get_default_timezone())
    return Entry(day, one.reference, to, _("Payout"), how, Money(one.amount, one.currency))


# --- as files ---------------------------------------------------------------------------------------------------------


def as_csv(one: Statement) -> str:
    """A row for every amount; the sums stand between them."""
    head = (_("Date"), _("Number"), _("Section"), _("About"), _("Kind"), _("How"), _("Amount"), _("Currency"))
    return sheet(head, _rows(one))


def _rows(one: Statement) -> Iterator[tuple[Any, ...]]:
    for account in one.accounts:
        yield one.period.start, "", _("Balance before"), "", "", "", account.opening, account.currency
        for section, entries in sections(account):
            for e in entries:
                amount = -e.money.amount if entries is account.paid else e.money.amount
                yield e.day, e.reference, section, e.what, e.kind, "; ".join(e.how), amount, account.currency
        yield one.period.end, "", _("Balance after"), "", "", "", account.closing.amount, account.currency


def sections(account: Account) -> list[tuple[str, list[Entry]]]:
    """The parts of an account that hold something, by name."""
    named = (
        (_("Earned"), account.earned),
        (_("Handed over"), account.moved),
        (_("Paid"), account.paid),
        (_("Margin you keep"), account.kept),
        (_("License fees invoiced to you"), account.owing),
    )
    return [(name, entries) for name, entries in named if entries]


def as_pdf(one: Statement, at: datetime) -> bytes:
    """The statement on paper. Raises Refused where this server can't draw documents."""
    return pdf.render(render_to_string("earnings/statement_paper.html", paper(one, at)))


def paper(one: Statement, at: datetime) -> dict[str, Any]:
    return {
        "vendor": settings.VENDOR_NAME or _("the vendor"), "statement": one, "issued": at,
        "accounts": [(account, sections(account)) for account in one.accounts],
    }  # fmt: skip


__all__ = ("Statement", "about", "as_csv", "as_pdf", "bounds", "sections", "statement")
