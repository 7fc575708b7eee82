"""Mails about who is first and what is protected: one template, a sentence for each thing that happened."""

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from core.deliver import outside
from core.ids import parse_public_id
from core.models import Delivery, Event
from deals.models import Registration, Transfer
from deals.shown import protected_until
from notifications import recipients
from notifications.mail import address, compose, is_past

News = tuple[Any, Any]  # subject, sentence; both may name the customer, the partner, the last protected day

_TO_PARTNER: dict[str, News] = {
    "deal_registration.conflict_decided": (
        gettext_lazy("%(company)s: we have decided"),
        gettext_lazy("We have looked at who works with %(company)s. What we decided:"),
    ),
    "deal_registration.queued": (
        gettext_lazy("%(company)s: you are next in line"),
        gettext_lazy("We have looked at who works with %(company)s. What we decided:"),
    ),
    "deal_registration.reminded": (
        gettext_lazy("%(company)s: the protection ends on %(until)s"),
        gettext_lazy(
            "The protection of %(company)s ends on %(until)s. Update the deal, ask for more time or release it."
        ),
    ),
    "deal_registration.extended": (
        gettext_lazy("Extended: %(company)s is yours until %(until)s"),
        gettext_lazy("The protection of %(company)s goes on until %(until)s."),
    ),
    "deal_registration.moved_up": (
        gettext_lazy("%(company)s: yours is first in line now"),
        gettext_lazy("Your registration of %(company)s is first in line now. We review it."),
    ),
    "deal_registration.revoked": (
        gettext_lazy("%(company)s is protected no more"),
        gettext_lazy("We have taken the protection of %(company)s back."),
    ),
    "deal_registration.transferred": (
        gettext_lazy("%(company)s was handed over"),
        gettext_lazy("Your deal with %(company)s was handed to another partner."),
    ),
    "deal_registration.received": (
        gettext_lazy("%(company)s is yours until %(until)s"),
        gettext_lazy("The deal with %(company)s was handed to you, with its place in line and its protection."),
    ),
    "deal_registration.reopened": (
        gettext_lazy("%(company)s is open again"),
        gettext_lazy("The deal with %(company)s is open again and yours until %(until)s."),
    ),
    "deal_registration.lost": (
        gettext_lazy("%(company)s was closed as lost"),
        gettext_lazy("The deal with %(company)s was closed as lost. For 30 days it stays yours to register again."),
    ),
    "deal_registration.win_refused": (
        gettext_lazy("%(company)s: the order doesn't fit"),
        gettext_lazy("We couldn't close %(company)s with the order you sent. Send the right one."),
    ),
    "extension.refused": (
        gettext_lazy("%(company)s: no more time"),
        gettext_lazy("We don't extend the protection of %(company)s. It ends on %(until)s."),
    ),
    "transfer.refused": (
        gettext_lazy("%(company)s stays with you"),
        gettext_lazy("The deal with %(company)s isn't handed over. It stays yours."),
    ),
    "breach.opened": (
        gettext_lazy("%(company)s: our own team is on your deal"),
        gettext_lazy(
            "Our own sales team opened a deal with %(company)s while yours is protected. Your channel manager decides "
            "what becomes of it and tells you. You need do nothing."
        ),
    ),
    "breach.settled": (
        gettext_lazy("%(company)s: settled"),
        gettext_lazy("Your channel manager has settled what our own team did at %(company)s."),
    ),
}
_TO_VENDOR: dict[str, News] = {
    "deal_registration.win_proposed": (
        gettext_lazy("Won? %(company)s (%(partner)s)"),
        gettext_lazy("%(partner)s says that %(company)s is won. Check the order and close the deal."),
    ),
    "deal_registration.moved_up": (
        gettext_lazy("First in line now: %(company)s (%(partner)s)"),
        gettext_lazy("The registration before this one has ended. Review %(company)s of %(partner)s."),
    ),
    "deal_registration.released": (
        gettext_lazy("Released: %(company)s (%(partner)s)"),
        gettext_lazy("%(partner)s has released %(company)s."),
    ),
    "extension.requested": (
        gettext_lazy("More time? %(company)s (%(partner)s)"),
        gettext_lazy("%(partner)s asks for more time for %(company)s. Answer within 2 working days."),
    ),
    "revocation.requested": (
        gettext_lazy("A second person is needed: %(company)s (%(partner)s)"),
        gettext_lazy(
            "Somebody proposes to take the protection of %(company)s back. Another person confirms or refuses."
        ),
    ),
    "transfer.agreed": (
        gettext_lazy("Handing over: %(company)s (%(partner)s)"),
        gettext_lazy("Both partners agree to hand %(company)s over. Confirm it."),
    ),
    "breach.opened": (
        gettext_lazy("Breach: %(company)s (%(partner)s)"),
        gettext_lazy("Our own team opened a deal on %(company)s, which we protect for %(partner)s. Settle it."),
    ),
}


def _deal(event: Event) -> Registration:
    rows = Registration.objects.select_related("partner__manager", "partner__backup")
    if event.subject_type == Transfer.resource:
        return rows.get(transfers=event.subject_id)
    named = parse_public_id(Registration.prefix, event.data.get("registration"))
    return rows.get(pk=named or event.subject_id)


def _words(deal: Registration, event: Event) -> dict[str, str]:
    until = protected_until(deal)
    last = date_format(until, "j M Y") if until else ""
    return {"company": deal.account_name, "partner": deal.partner.name, "until": last}


def _text(event: Event) -> str:
    """What somebody wrote; that a deal moved up says the sentence itself."""
    return "" if event.verb == "moved_up" else event.data.get("text", "")


def _send(delivery: Delivery, to: list[str], news: News, words: dict[str, str], more: dict[str, str]):
    if is_past(words, *news):
        return None
    subject, sentence = (str(part) % words for part in news)
    thread = more.pop("thread")
    return compose(delivery, to, subject, "deal_news", {"sentence": sentence, **more}, thread=thread)


@outside
def tell_partner(event: Event, delivery: Delivery):
    deal = _deal(event)
    more = {"url": address(deal.get_absolute_url()), "text": _text(event), "thread": deal.pk.hex}
    return _send(delivery, recipients.partner_side(deal), _TO_PARTNER[event.type], _words(deal, event), more)


@outside
def tell_vendor(event: Event, delivery: Delivery):
    deal = _deal(event)
    url = deal.get_console_url() if event.verb == "moved_up" else deal.get_protection_url()
    more = {"url": address(url), "text": _text(event), "thread": f"{deal.pk.hex}.vendor"}
    return _send(delivery, recipients.vendor_side(deal), _TO_VENDOR[event.type], _words(deal, event), more)


@outside
def tell_second_person(event: Event, delivery: Delivery):
    """Those who may confirm what a colleague proposed."""
    deal = _deal(event)
    more = {"url": address(deal.get_protection_url()), "text": _text(event), "thread": deal.pk.hex}
    to = recipients.second_people(deal, event.actor_id)
    return _send(delivery, to, _TO_VENDOR[event.type], _words(deal, event), more)


_TO_TAKER: dict[str, News] = {
    "transfer.offered": (
        gettext_lazy("Another partner offers you %(company)s"),
        gettext_lazy("Another partner wants to hand you its protected deal with %(company)s. Agree or decline."),
    ),
    "transfer.refused": (
        gettext_lazy("%(company)s isn't handed over"),
        gettext_lazy("The deal with %(company)s, which was offered to you, isn't handed over."),
    ),
}


@outside
def tell_taker(event: Event, delivery: Delivery):
    """The partner that a deal is offered to; it reads the customer's name and no more."""
    transfer = Transfer.objects.select_related("to_partner").get(pk=event.subject_id)
    url = address(reverse("portal:transfer", args=[transfer.public_id]))
    more = {"url": url, "text": "", "thread": transfer.pk.hex}
    words = {"company": transfer.account_name}
    return _send(delivery, recipients.admins(transfer.to_partner_id), _TO_TAKER[event.type], words, more)
