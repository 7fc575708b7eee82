"""Mails about money: paid, come back, bank details that have changed, disputes. Their events tell all they need."""

from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from core.deliver import outside
from core.models import Delivery, Event
from notifications import recipients
from notifications.mail import address, compose, moment
from partners.enums import StaffRole
from partners.models import Partner

_ANSWERS = ("dispute.upheld", "dispute.refused")


def _words(event: Event) -> dict:
    told = event.data
    figure = f"{Decimal(told['amount']):,.2f}"
    return {
        "number": told["reference"], "amount": f"{figure} {told['currency']}", "bank": told["account"],
        "bank_reference": told["bank_reference"], "failure": told["failure"],
        "url": address(reverse("portal:earnings")),
    }  # fmt: skip


@outside
def payout_paid(event: Event, delivery: Delivery):
    """The money is there; nothing is said where nothing was transferred."""
    words = _words(event)
    if event.partner_id is None or event.data["amount"] == "0.00":
        return None
    return compose(delivery, recipients.payees(event.partner_id), _("Paid: %(amount)s") % words, "payout_paid", words)


@outside
def payout_failed(event: Event, delivery: Delivery):
    """The bank sent it back: what to do."""
    words = _words(event)
    subject = _("Came back: %(amount)s · check your bank details") % words
    to = recipients.payees(event.partner_id) if event.partner_id else []
    return compose(delivery, to, subject, "payout_failed", words)


@outside
def bank_changed(event: Event, delivery: Delivery):
    """Every admin of the partner hears of new bank details, whoever entered them."""
    assert event.partner_id
    partner = Partner.objects.get(pk=event.partner_id)
    words = {
        "partner": partner.name, "who": event.actor_label, "hint": event.data["changes"]["hint"][1],
        "when": moment(event.at, partner.time_zone), "url": address(reverse("portal:bank")),
    }  # fmt: skip
    subject = _("Bank details of %(partner)s have changed") % words
    return compose(delivery, recipients.admins(partner.pk), subject, "bank_changed", words)


@outside
def dispute_opened(event: Event, delivery: Delivery):
    """Finance has a line to look at; nothing once it is answered."""
    if event.partner_id is None or Event.objects.filter(subject_id=event.subject_id, type__in=_ANSWERS).exists():
        return None
    partner = Partner.objects.get(pk=event.partner_id)
    words = _line(event) | {
        "partner": partner.name, "answer_by": moment(datetime.fromisoformat(event.data["due_at"]), partner.time_zone),
        "url": address(reverse("admin:dispute", args=[event.subject_public_id])),
    }  # fmt: skip
    subject = _("%(partner)s disputes %(line)s, %(amount)s · answer by %(answer_by)s") % words
    return compose(delivery, recipients.everybody(StaffRole.FINANCE), subject, "dispute_opened", words)


@outside
def dispute_answered(event: Event, delivery: Delivery):
    """The answer, to those who look after the partner's money."""
    upheld, line = event.verb == "upheld", event.data["reference"]
    words = _line(event) | {"upheld": upheld, "url": address(reverse("portal:earning", args=[line]))}
    subject = _("You are right: %(line)s, %(amount)s") if upheld else _("%(line)s stays as it is: %(amount)s")
    to = recipients.payees(event.partner_id) if event.partner_id else []
    return compose(delivery, to, subject % words, "dispute_answered", words)


def _line(event: Event) -> dict:
    told = event.data
    amount = f"{Decimal(told['amount']):,.2f} {told['currency']}"
    return {"line": told["reference"], "amount": amount, "text": told["text"]}
