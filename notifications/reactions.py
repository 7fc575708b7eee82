"""Mails about what happened. Each is sent outside the transaction, under the Message-ID of its delivery."""

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import links
from core.deliver import outside
from core.models import Delivery, Event
from deals import rules
from deals.enums import RejectReason, Status
from deals.models import OwnerQuestion, Registration
from deals.shown import protected_until
from notifications import recipients
from notifications.mail import address, compose, is_past, moment

_UNANSWERED = (Status.SUBMITTED, Status.IN_REVIEW)


def _deal(event: Event) -> Registration:
    rows = Registration.objects.select_related("partner__manager", "partner__backup", "product")
    return rows.get(pk=event.subject_id)


def _words(deal: Registration, event: Event, url: str) -> dict:
    zone, why = deal.partner.time_zone, event.data.get("rejection_code")
    value = f"{deal.amount:,.2f} {deal.currency}" if deal.amount is not None else ""
    return {
        "deal": deal,
        "worth": f"{deal}, {value}" if value else str(deal),
        "why": RejectReason(why).label if why else "",
        "answer_by": moment(deal.due_at, zone),
        "protected_until": date_format(until, "j M Y") if (until := protected_until(deal)) else "",
        "text": event.data.get("text", ""),
        "manager": deal.partner.manager,
        "appeal_until": moment(deal.appeal_until, zone) if deal.status == Status.REJECTED else "",
        "url": url,
    }


def _to_partner(event: Event, delivery: Delivery, subject: str, template: str):
    deal = _deal(event)
    words = _words(deal, event, address(deal.get_absolute_url()))
    words["company"] = deal.account_name
    if is_past(words, subject):
        return None
    return compose(delivery, recipients.partner_side(deal), subject % words, template, words, thread=deal.pk.hex)


def _to_vendor(event: Event, delivery: Delivery, subject: str, template: str, side=recipients.vendor_side):
    deal = _deal(event)
    words = _words(deal, event, address(deal.get_console_url()))
    words |= {"company": deal.account_name, "partner": deal.partner.name}
    if deal.submitted_at is None or is_past(words, subject):
        return None  # nobody heard of a mere draft
    return compose(delivery, side(deal), subject % words, template, words, thread=f"{deal.pk.hex}.vendor")


@outside
def deal_received(event: Event, delivery: Delivery):
    deal = _deal(event)
    if deal.status not in _UNANSWERED:
        return None  # answered before this mail left: that mail tells it all
    if rules.not_confirmed(deal, event.at):
        return _to_partner(event, delivery, _("Confirm: %(company)s, registered for you"), "deal_to_confirm")
    return _to_partner(event, delivery, _("Received: %(company)s · answer by %(answer_by)s"), "deal_received")


@outside
def deal_waits(event: Event, delivery: Delivery):
    deal = _deal(event)
    if deal.status not in _UNANSWERED or rules.not_confirmed(deal, event.at):
        return None  # answered meanwhile, or the partner's word comes first
    subject = _("Decide by %(answer_by)s: %(worth)s (%(partner)s)")
    return _to_vendor(event, delivery, subject, "deal_waits", recipients.step_side)


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


@outside
def deal_confirmed(event: Event, delivery: Delivery):
    subject = _("Confirmed: %(company)s (%(partner)s) · decide by %(answer_by)s")
    return _to_vendor(event, delivery, subject, "deal_confirmed", recipients.step_side)


@outside
def deal_endorsed(event: Event, delivery: Delivery):
    subject = _("Your step by %(answer_by)s: %(worth)s (%(partner)s)")
    return _to_vendor(event, delivery, subject, "deal_endorsed", recipients.step_side)


@outside
def deal_researched(event: Event, delivery: Delivery):
    return _to_partner(event, delivery, _("%(company)s: we answer by %(answer_by)s"), "deal_researched")


@outside
def deal_escalated(event: Event, delivery: Delivery):
    subject = _("Late: %(company)s (%(partner)s) has waited for our answer since %(answer_by)s")
    return _to_vendor(event, delivery, subject, "deal_escalated", recipients.second_side)


@outside
def deal_appealed(event: Event, delivery: Delivery):
    subject = _("Appeal by %(partner)s: %(company)s · decide by %(answer_by)s")
    return _to_vendor(event, delivery, subject, "deal_appealed", recipients.second_side)


@outside
def deal_appeal_granted(event: Event, delivery: Delivery):
    return _to_partner(event, delivery, _("%(company)s is in review again · answer by %(answer_by)s"), "appeal_granted")


@outside
def deal_appeal_refused(event: Event, delivery: Delivery):
    return _to_partner(event, delivery, _("%(company)s: the decision stands"), "appeal_refused")


@outside
def deal_review_reopened(event: Event, delivery: Delivery):
    return _to_partner(event, delivery, _("%(company)s is in review again · answer by %(answer_by)s"), "deal_reviewed")


def _question(event: Event) -> OwnerQuestion:
    rows = OwnerQuestion.objects.select_related("registration__partner__manager", "registration__product", "asked_by")
    return rows.get(pk=event.subject_id)


@outside
def owner_asked(event: Event, delivery: Delivery):
    """The link to answer by. It is made anew by signing: no table and no task ever held it."""
    question = _question(event)
    if question.answer:
        return None
    deal = question.registration
    token = links.token("owner", question)
    words = _words(deal, event, address(reverse("owner_answer", args=[token]))) | {
        "asker": question.asked_by,
        "until": moment(rules.owner_answer_ends(question.asked_at, deal.partner.time_zone), deal.partner.time_zone),
    }
    subject = _("Is %(deal)s yours? Three answers, no sign-in") % words
    return compose(delivery, [question.email], subject, "owner_asked", words, thread=f"{deal.pk.hex}.owner")


@outside
def owner_answered(event: Event, delivery: Delivery):
    question = _question(event)
    deal = question.registration
    words = _words(deal, event, address(deal.get_console_url())) | {"question": question}
    asker = question.asked_by
    to = [asker.email] if asker and asker.is_active else recipients.vendor_side(deal)
    subject = _("%(deal)s: the owner of the opportunity has answered") % words
    return compose(delivery, to, subject, "owner_answered", words, thread=f"{deal.pk.hex}.vendor")
