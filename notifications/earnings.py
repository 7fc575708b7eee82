"""Mails about money: paid, come back, bank details that have changed, disputes. Their events tell all they need."""

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from core.deliver import outside
from core.models import Delivery, Event
from notifications import recipients
from notifications.mail import address, compose, moment
from partners.enums import StaffRole
from partners.models import Partner


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
    """Finance has a line to look at."""
    url = address(reverse("admin:dispute", args=[event.subject_public_id]))
    words = {"text": event.data.get("text", ""), "url": url}
    to = recipients.everybody(StaffRole.FINANCE)
    return compose(delivery, to, _("A partner disputes a line"), "dispute_opened", words)


@outside
def dispute_answered(event: Event, delivery: Delivery):
    """The answer, to those who look after the partner's money."""
    words = {"text": event.data.get("text", ""), "url": address(reverse("portal:earnings"))}
    to = recipients.payees(event.partner_id) if event.partner_id else []
    return compose(delivery, to, _("Your dispute is answered"), "dispute_answered", words)
