"""Mails about how partners come, stay and go: one template, a sentence for each thing that happened."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import with_address
from core.deliver import outside
from core.models import Delivery, Event
from notifications import recipients
from notifications.mail import address, compose
from partners import rules_lifecycle, tokens
from partners.enums import ApplicationStatus, StaffRole
from partners.models import Application, OnboardingAction, Partner

News = tuple[Any, Any, str]  # subject, sentence, url name; both may name the partner and the line

_TO_PARTNER: dict[str, News] = {
    "partner.onboarding_completed": (
        gettext_lazy("%(partner)s is an active partner"),
        gettext_lazy("You have done everything a new partner does. Welcome."),
        "portal:home",
    ),
    "partner.vetted": (
        gettext_lazy("%(partner)s: we have checked your company"),
        gettext_lazy("Margins, leads and market funds are open to you now."),
        "portal:home",
    ),
    "partner.suspended": (
        gettext_lazy("%(partner)s is suspended"),
        gettext_lazy(
            "You can't register new deals, ask for market funds or get leads until we end the suspension. "
            "What is protected for you stays protected."
        ),
        "portal:home",
    ),
    "partner.resumed": (
        gettext_lazy("%(partner)s: the suspension has ended"),
        gettext_lazy("You can register deals, ask for market funds and get leads again."),
        "portal:home",
    ),
    "partner.offboarding_begun": (
        gettext_lazy("%(partner)s: our partnership ends on %(day)s"),
        gettext_lazy("Our partnership ends on %(day)s. Until then you can sign in and see what is open."),
        "portal:home",
    ),
    "partner.fell_quiet": (
        gettext_lazy("%(partner)s: 60 days without business"),
        gettext_lazy(
            "Nothing that counts as business has happened for 60 days. On %(day)s you become inactive. "
            "Register a deal to stay active."
        ),
        "portal:deals",
    ),
    "onboarding_action.sent_back": (
        gettext_lazy("%(line)s: something is missing"),
        gettext_lazy("We looked at what you sent for “%(line)s”, and something is missing."),
        "portal:onboarding",
    ),
}


def _partner(event: Event) -> Partner:
    return Partner.objects.select_related("manager", "backup").get(pk=event.partner_id or event.subject_id)


def _words(partner: Partner, event: Event) -> dict[str, str]:
    moved = event.data.get("effective_on") or event.data.get("until", "")
    line = OnboardingAction.objects.filter(pk=event.subject_id).values_list("title", flat=True).first() or ""
    return {"partner": partner.name, "day": _day(moved), "line": line}


def _day(iso: str) -> str:
    return date_format(date.fromisoformat(iso[:10]), "j M Y") if iso else ""


@outside
def tell_partner(event: Event, delivery: Delivery):
    """The partner's admins."""
    partner = _partner(event)
    subject, sentence, page = _TO_PARTNER[event.type]
    words = _words(partner, event)
    more = {"sentence": sentence % words, "text": event.data.get("text", ""), "url": address(reverse(page))}
    return compose(delivery, recipients.admins(partner.pk), subject % words, "partner_news", more)


@outside
def document_came(event: Event, delivery: Delivery):
    """The partner's channel manager looks at what was handed in."""
    partner = _partner(event)
    words = _words(partner, event)
    more = {
        "sentence": _("%(partner)s sent what you asked for: %(line)s.") % words,
        "url": address(partner.get_lifecycle_url()),
    }
    subject = _("For you to check: %(line)s (%(partner)s)") % words
    return compose(delivery, recipients.of_partner(partner), subject, "partner_news", more)


@outside
def application_sent(event: Event, delivery: Delivery):
    """The link that proves an address. Who has an account here is told to use it, in the mail alone."""
    application = Application.objects.get(pk=event.subject_id)
    token = tokens.of(application)
    if application.status != ApplicationStatus.SENT or token is None:
        return None
    known = with_address(application.email) is not None
    path = reverse("account_login") if known else reverse("public:apply_proved", args=[token])
    words = {"company": application.company, "known": known, "url": address(path)}
    more = words | {"hours": int(rules_lifecycle.LINK_LIVES.total_seconds() // 3600)}
    return compose(delivery, [application.email], _("Your application as a partner"), "application", more)


@outside
def application_waits(event: Event, delivery: Delivery):
    """Operations hear of an application that needs a person."""
    application = Application.objects.select_related("partner").get(pk=event.subject_id)
    words = {"company": application.company, "who": application.name}
    more = {
        "sentence": _("%(company)s wants to become a partner. %(who)s asked for it.") % words,
        "url": address(application.get_console_url()),
    }
    to = recipients.everybody(StaffRole.CHANNEL_OPERATIONS)
    return compose(delivery, to, _("New application: %(company)s") % words, "partner_news", more)


@outside
def application_passed_on(event: Event, delivery: Delivery):
    """The admins of a known partner decide who works with them here."""
    application = Application.objects.get(pk=event.subject_id)
    if application.status != ApplicationStatus.PASSED_ON or application.partner_id is None:
        return None
    words = {"who": application.name, "email": application.email}
    more = {
        "sentence": _("%(who)s (%(email)s) wants to work with you here. Invite them, or decline.") % words,
        "url": address(reverse("portal:join_request", args=[application.public_id])),
    }
    to = recipients.admins(application.partner_id)
    return compose(delivery, to, _("%(who)s wants to join you") % words, "partner_news", more)


@outside
def application_declined(event: Event, delivery: Delivery):
    """Who applied hears that nothing comes of it."""
    application = Application.objects.get(pk=event.subject_id)
    words = {"company": application.company}
    more = {"sentence": _("We looked at your application for %(company)s. We don't go on with it now.") % words}
    return compose(delivery, [application.email], _("Your application as a partner"), "partner_news", more)
