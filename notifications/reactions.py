"""Mails about what happened. Each is sent outside the transaction, under the Message-ID of its delivery."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.deliver import outside
from core.models import Delivery, Event
from deals.models import Registration
from deals.shown import protected_until
from notifications import recipients
from notifications.mail import address, compose


def _deal(event: Event) -> Registration:
    rows = Registration.objects.select_related("partner__manager", "partner__backup", "product")
    return rows.get(pk=event.subject_id)


def _moment(at: datetime | None, zone: str) -> str:
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(zone))
    return f"{date_format(local, 'D j M, H:i')} ({zone.rpartition('/')[2].replace('_', ' ')})"


def _words(deal: Registration, event: Event, url: str) -> dict:
    zone = deal.partner.time_zone
    return {
        "deal": deal,
        "value": f"{deal.amount:,.2f} {deal.currency}" if deal.amount is not None else "",
        "answer_by": _moment(deal.due_at, zone),
        "protected_until": date_format(until, "j M Y") if (until := protected_until(deal)) else "",
        "text": event.data.get("text", ""),
        "manager": deal.partner.manager,
        "url": url,
    }


def _to_partner(event: Event, delivery: Delivery, subject: str, template: str):
    deal = _deal(event)
    words = _words(deal, event, address(deal.get_absolute_url()))
    words["company"] = deal.account_name
    return compose(delivery, recipients.partner_side(deal), subject % words, template, words, thread=deal.pk.hex)


def _to_vendor(event: Event, delivery: Delivery, subject: str, template: str):
    deal = _deal(event)
    words = _words(deal, event, address(deal.get_console_url()))
    to = recipients.vendor_side(deal) if deal.submitted_at else []  # nobody heard of a mere draft
    company = {"company": deal.account_name, "partner": deal.partner.name}
    return compose(delivery, to, subject % (words | company), template, words, thread=f"{deal.pk.hex}.vendor")


@outside
def deal_received(event: Event, delivery: Delivery):
    return _to_partner(event, delivery, _("Received: %(company)s · answer by %(answer_by)s"), "deal_received")


@outside
def deal_waits(event: Event, delivery: Delivery):
    subject = _("Decide by %(answer_by)s: %(company)s, %(value)s (%(partner)s)")
    return _to_vendor(event, delivery, subject, "deal_waits")


@outside
def deal_questioned(event: Event, delivery: Delivery):
    return _to_partner(event, delivery, _("Question on %(company)s"), "deal_questioned")


@outside
def deal_answered(event: Event, delivery: Delivery):
    return _to_vendor(
        event, delivery, _("Answered: %(company)s (%(partner)s) · decide by %(answer_by)s"), "deal_answered"
    )


@outside
def deal_approved(event: Event, delivery: Delivery):
    subject = _("Approved: %(company)s is yours until %(protected_until)s")
    return _to_partner(event, delivery, subject, "deal_approved")


@outside
def deal_rejected(event: Event, delivery: Delivery):
    return _to_partner(event, delivery, _("Not approved: %(company)s"), "deal_rejected")


@outside
def deal_expiring(event: Event, delivery: Delivery):
    subject = _("%(company)s: the protection ends on %(protected_until)s")
    return _to_partner(event, delivery, subject, "deal_expiring")


@outside
def deal_expired(event: Event, delivery: Delivery):
    return _to_partner(event, delivery, _("%(company)s: the protection has ended"), "deal_expired")


@outside
def deal_withdrawn(event: Event, delivery: Delivery):
    return _to_vendor(event, delivery, _("Withdrawn: %(company)s (%(partner)s)"), "deal_withdrawn")
