"""What market funds have to say on the partner's home and in its navigation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.actor import Actor
from core.calendar import last_local_day
from core.models import LedgerAccount
from core.money import Money
from core.queue import Need, Pending
from mdf import money
from mdf.enums import OPEN, RUNNING, ActivityStatus, ClaimStatus, RequestStatus
from mdf.models import Activity, Allocation, Claim, Request

R, C = RequestStatus, ClaimStatus
SHOWN = 10
SOON = timedelta(days=30)


def needs_you(actor: Actor, subject: Any, at: datetime) -> tuple[Pending, ...] | None:
    """Questions, parts to accept, requests to confirm or finish; claims to answer, to send again, or that fall due."""
    if not actor.can("mdf.request"):
        return None
    requests, claims, due = _requests(actor), _claims(actor, at), _due(actor, at)
    return (
        Pending(requests, lambda: [_of_request(one) for one in requests[:SHOWN]]),
        Pending(claims, lambda: [_of_claim(one) for one in claims[:SHOWN]]),
        Pending(due, lambda: [_of_activity(one) for one in due[:SHOWN]]),
    )


def _requests(actor: Actor) -> QuerySet[Request]:
    to_confirm = Q(status__in=OPEN, on_behalf=True, confirmed_at=None)
    waits = Q(status__in=(R.ACTION_REQUIRED, R.PARTLY_APPROVED, R.DRAFT))
    rows = Request.objects.visible_to(actor).filter(waits | to_confirm, deleted_at=None).select_related("partner")
    return rows.order_by("accept_by", "created_at")


def _of_request(one: Request) -> Need:
    url, name = one.get_absolute_url(), str(one)
    if one.status == R.PARTLY_APPROVED and one.accept_by:
        day = date_format(last_local_day(one.accept_by, one.partner.time_zone), "j M")
        reason = _("We approved a part of it. Accept it by %s.") % day
        return Need(
            _("Accept what we approved for %s") % name, reason, url, _("Waiting for you"), "warn", one.accept_by
        )
    if one.status == R.ACTION_REQUIRED:
        return Need(_("Answer a question on %s") % name, one.question, url, _("Waiting for you"))
    if one.status == R.DRAFT:
        return Need(_("Finish your request for %s") % name, _("Not sent yet."), url, _("Draft"), "")
    return Need(_("Confirm %s") % name, _("We asked for market funds in your name."), url, _("Waiting for you"))


def _claims(actor: Actor, at: datetime) -> QuerySet[Claim]:
    again = Q(status=C.REJECTED, resubmit_by__gt=at)
    rows = Claim.objects.visible_to(actor).filter(Q(status=C.INFORMATION_REQUESTED) | again, deleted_at=None)
    return rows.select_related("activity__request", "partner").order_by("resubmit_by", "created_at")


def _of_claim(one: Claim) -> Need:
    url = one.get_absolute_url()
    if one.status == C.INFORMATION_REQUESTED:
        return Need(_("Answer a question on your claim for %s") % one.activity, one.question, url, _("Waiting for you"))
    assert one.resubmit_by
    day = date_format(last_local_day(one.resubmit_by, one.partner.time_zone), "j M")
    title = _("Send your claim for %s again") % one.activity
    return Need(title, _("By %s.") % day, url, _("Declined"), "bad", one.resubmit_by)


def _due(actor: Actor, at: datetime) -> QuerySet[Activity]:
    """Over, or soon to lapse, and nothing of it is claimed."""
    claimed = Claim.objects.visible_to(actor).filter(activity=OuterRef("pk")).exclude(status=C.WITHDRAWN)
    soon = Q(claim_due_on__lte=(at + SOON).date()) | Q(ends_on__lt=at.date())
    rows = Activity.objects.visible_to(actor).filter(soon, status=ActivityStatus.APPROVED, request__status__in=RUNNING)
    return rows.exclude(Exists(claimed)).select_related("request").order_by("claim_due_on", "pk")


def _of_activity(one: Activity) -> Need:
    url = f"{reverse('portal:mdf_claim_new', args=[one.request.reference])}?activity={one.public_id}"
    day = date_format(one.claim_due_on, "j M Y") if one.claim_due_on else ""
    sum_ = f"{one.approved_amount:,.2f} {one.currency}"
    return Need(_("Claim %(sum)s for %(what)s") % {"sum": sum_, "what": one}, _("By %s.") % day, url, _("To claim"))


def nav_count(actor: Actor, subject: Any, at: datetime) -> tuple[str, tuple[QuerySet, ...]] | None:
    """Requests that wait for the partner's word."""
    if not actor.is_partner or not actor.can("mdf.request"):
        return None
    states = (R.ACTION_REQUIRED, R.PARTLY_APPROVED)
    return "portal:mdf", (Request.objects.visible_to(actor).filter(status__in=states, deleted_at=None),)


@dataclass(frozen=True)
class FundsCard:
    """What is free and what is set aside, by currency."""

    free: tuple[Money, ...]
    reserved: tuple[Money, ...]
    url: str
    column: str = "side"
    template: str = "mdf/card.html"


def home_card(actor: Actor, subject: Any, at: datetime) -> FundsCard | None:
    """Nothing for a partner that never had funds."""
    kinds, today = (money.AVAILABLE, money.RESERVED), at.date()
    running = Q(expires_on=None) | Q(expires_on__gte=today)
    funds = Allocation.objects.visible_to(actor).filter(running, partner_id=subject.pk, period_end__gte=today)
    counted = Q(kind=money.AVAILABLE, owner_id__in=funds.values("pk")) | Q(kind=money.RESERVED)
    rows = LedgerAccount.objects.visible_to(actor).filter(counted, partner_id=subject.pk)
    sums = list(rows.values_list("kind", "currency").annotate(sum=Sum("balance")).order_by("currency"))
    if not sums:
        return None
    free, reserved = (tuple(Money(n, currency) for kind, currency, n in sums if kind == wanted) for wanted in kinds)
    return FundsCard(free, tuple(one for one in reserved if one), reverse("portal:mdf"))
