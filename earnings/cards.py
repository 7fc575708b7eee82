"""What earnings have to say on pages over many apps: the partner's home, needs, the queue, the partner's page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.actor import Actor
from core.money import Money
from core.parts import Crumb, Fact
from core.queue import Need, Pending, QueueItem, Waiting
from earnings import queries
from earnings.enums import CarryReason, DisputeStatus, PayoutStatus, RunStatus
from earnings.models import BankDetails, Payout, PayoutRun
from earnings.payout_particulars import Period
from earnings.rules.payouts import not_by
from partners.models import Partner

QUEUE_SHOWN = 100


@dataclass(frozen=True)
class EarningsCard:
    """Payable and when, coming and on what it waits."""

    due: list[Money]
    coming: list[Money]
    waits_on: str
    pays_after: date
    url: str
    column: str = "side"
    template: str = "earnings/card.html"


def home_card(actor: Actor, subject: Partner | None, at: datetime) -> EarningsCard | None:
    if subject is None or not actor.can("earnings.read"):
        return None
    standing = queries.standing(actor, subject, at, with_paid=False)
    held, expected = standing.sums("coming"), standing.sums("forecast")
    waits_on = _("coming, when its hold ends.") if held else _("coming, when your customers pay.")
    return EarningsCard(
        standing.sums("due"), held or expected, waits_on, Period.of(at.date()).end, reverse("portal:earnings")
    )


def needs_you(actor: Actor, subject: Any, at: datetime) -> tuple[Pending, ...] | None:
    """Bank details that are missing while there is something to pay, and payouts that came back."""
    if subject is None or not actor.can("bank.edit") or not actor.is_partner:
        return None
    failed = queries.payouts(actor, subject).filter(status=PayoutStatus.FAILED).order_by("created_at")
    return (
        Pending(queries.lacks_bank(actor, subject), lambda: _missing_bank(at)),
        Pending(failed, lambda: [_came_back(one) for one in failed[:3]]),
    )


def _missing_bank(at: datetime) -> list[Need]:
    day = date_format(Period.of(at.date()).end, "j F")
    return [Need(_("Add bank details"), _("To be paid in the payout after %s.") % day, reverse("portal:bank"))]


def _came_back(one: Payout) -> Need:
    title = _("Check your bank details: payout %s came back") % one.reference
    return Need(title, one.failure, reverse("portal:bank"), _("Failed"), "bad")


def queue(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Runs to review, approve or try again; each to those who may."""
    if not actor.can("payout.prepare"):
        return None
    rows = queries.runs(actor).filter(status__in=(RunStatus.OPEN, RunStatus.REVIEWED, RunStatus.APPROVED,
                                                  RunStatus.FAILED))  # fmt: skip
    runs = [run for run in rows.order_by("period_start") if run.status != RunStatus.REVIEWED or not not_by(run, actor)]
    return Waiting(tuple(_item(run) for run in runs[:QUEUE_SHOWN]), len(runs), 0)


def _item(run: PayoutRun) -> QueueItem:
    words = {
        RunStatus.OPEN: _("Review"), RunStatus.REVIEWED: _("Approve"), RunStatus.APPROVED: _("Send to the bank"),
        RunStatus.FAILED: _("Some came back"),
    }  # fmt: skip
    title = _("Payouts of %s") % Period(run.period_start)
    total = Money(run.total, run.currency) if run.total is not None else None
    return QueueItem(
        kind="payouts", kind_label=_("Payout run"), reference=run.reference, title=title, partner=run.made_label,
        url=run.get_console_url(), due_at=None, amount=total, checks=words[RunStatus(run.status)],
        tone="bad" if run.status == RunStatus.FAILED else "info",
    )  # fmt: skip


def disputes(actor: Actor, subject: Any, at: datetime) -> Waiting | None:
    """Disputed lines, the oldest promise first."""
    if not actor.can("earnings.decide"):
        return None
    rows = queries.disputes(actor).filter(status=DisputeStatus.OPEN).order_by("due_at", "id")
    counts = rows.order_by().aggregate(total=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    items = tuple(
        QueueItem(
            kind="disputes", kind_label=_("Dispute"), reference=one.line.reference, title=one.text[:80],
            partner=one.partner.name, url=reverse("admin:dispute", args=[one.public_id]), due_at=one.due_at,
            amount=Money(one.line.amount, one.line.currency), checks=one.line.get_kind_display(), tone="warn",
        )
        for one in rows[:QUEUE_SHOWN]
    )  # fmt: skip
    return Waiting(items, counts["total"], counts["late"])


@dataclass(frozen=True)
class PartnerCard:
    """A partner's earnings on its page in the console."""

    facts: list[Fact]
    links: list[Crumb]
    column: str = "side"
    template: str = "earnings/partner_card.html"


def partner_tab(actor: Actor, partner: Partner, at: datetime) -> PartnerCard | None:
    if not actor.can("earnings.read"):
        return None
    standing = queries.standing(actor, partner, at)
    named = (
        ("due", _("Payable")), ("coming", _("On hold")), ("forecast", _("Expected")), ("paid", _("Paid this year")),
        ("kept", _("Margin it keeps, this year")), ("owing", _("License fees")),
    )  # fmt: skip
    facts = [Fact(label, money) for name, label in named for money in standing.sums(name)]
    facts.append(Fact(_("Bank details"), _hint(queries.bank_details(actor, partner))))
    facts += [Fact(_("Last payout"), _last(one)) for one in _latest(actor, partner)]
    links = [Crumb(_("Lines"), reverse("admin:partner_earnings", args=[partner.reference]))]
    if actor.can("bank.edit"):
        links.append(Crumb(_("Bank details"), reverse("admin:partner_bank", args=[partner.reference])))
    return PartnerCard(facts, links)


def _hint(details: BankDetails | None) -> str:
    return details.hint if details else _("missing")


def _latest(actor: Actor, partner: Partner) -> list[Payout]:
    return list(queries.payouts(actor, partner).order_by("-created_at", "-id")[:1])


def _last(one: Payout) -> str:
    why = str(CarryReason(one.carried).label) if one.carried else one.get_status_display()
    return f"{one.reference} · {one.amount:,.2f} {one.currency} · {why}"
