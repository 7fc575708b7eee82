"""Mails about a partner's tier: one template, a subject and a sentence for each thing that happened."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.calendar import last_local_day
from core.deliver import outside
from core.models import Delivery, Event
from notifications import recipients
from notifications.mail import address, compose, moment
from partners.enums import StaffRole
from partners.models import Member
from tiers.enums import OverrideStatus
from tiers.enums import ReviewStatus as S
from tiers.models import BenefitRequest, ProgramMembership, TierOverride, TierReview
from tiers.progress import still_missing
from tiers.queries import local_day

News = tuple[Any, Any]  # subject, sentence; both may name tier, to, partner, day, more, due

# --- reviews ----------------------------------------------------------------------------------------------------------

_REVIEW_TO_PARTNER: Mapping[str, News] = {
    "at_risk": (
        gettext_lazy("%(tier)s ends after %(day)s unless: %(more)s"),
        gettext_lazy("You keep %(tier)s until %(day)s. To keep it: %(more)s by then."),
    ),
    "fell_below": (
        gettext_lazy("The figures no longer reach %(tier)s"),
        gettext_lazy(
            "The figures no longer reach %(tier)s. You keep it for now: nothing changes without a notice. "
            "To keep it: %(more)s."
        ),
    ),
    "notice_given": (
        gettext_lazy("%(tier)s ends after %(day)s unless: %(more)s"),
        gettext_lazy("You keep %(tier)s until %(day)s. To keep it: %(more)s by then."),
    ),
    "reminded": (
        gettext_lazy("%(tier)s ends after %(day)s unless: %(more)s"),
        gettext_lazy("The notice for %(tier)s runs until %(day)s. To keep it: %(more)s by then."),
    ),
    "demotion_decided": (
        gettext_lazy("%(tier)s ends: you move to %(to)s on %(day)s"),
        gettext_lazy("You move from %(tier)s to %(to)s on %(day)s. Until then you have everything %(tier)s gives."),
    ),
    "restored": (
        gettext_lazy("You keep %(tier)s"),
        gettext_lazy("The figures reach %(tier)s. Nothing is at stake any more."),
    ),
    "waived": (
        gettext_lazy("You keep %(tier)s until %(day)s"),
        gettext_lazy("You keep %(tier)s until %(day)s, although the figures are short."),
    ),
    "deferred": (
        gettext_lazy("Not yet: %(to)s"),
        gettext_lazy("We looked at your move to %(to)s and put it off."),
    ),
}  # fmt: skip
_REVIEW_TO_VENDOR: Mapping[str, News] = {
    "proposed": (
        gettext_lazy("Decide by %(due)s: %(partner)s to %(to)s"),
        gettext_lazy("%(partner)s meets everything for %(to)s. Move them up, or say why not yet."),
    ),
    "at_risk": (
        gettext_lazy("At risk: %(partner)s keeps %(tier)s until %(day)s"),
        gettext_lazy("%(partner)s keeps %(tier)s until %(day)s. What is missing then: %(more)s. Talk to them."),
    ),
    "fell_below": (
        gettext_lazy("Below: %(partner)s no longer reaches %(tier)s"),
        gettext_lazy("%(partner)s no longer reaches %(tier)s. Give notice, or keep the tier with a reason."),
    ),
    "notice_ended": (
        gettext_lazy("Decide: the notice for %(partner)s has run"),
        gettext_lazy(
            "The notice for %(tier)s of %(partner)s has run. Who did not give it decides: move down, or keep the tier."
        ),
    ),
}  # fmt: skip
_HOLDS: Mapping[str, tuple[str, ...]] = {  # a letter about what is no longer so isn't sent
    "proposed": (S.PROPOSED,), "at_risk": (S.AT_RISK,), "fell_below": (S.BELOW,), "notice_given": (S.NOTICE,),
    "reminded": (S.NOTICE,), "notice_ended": (S.NOTICE,), "demotion_decided": (S.ENDING,), "waived": (S.WAIVED,),
    "restored": (S.RESTORED,), "deferred": (S.DEFERRED,),
}  # fmt: skip


def _review(event: Event) -> TierReview:
    rows = TierReview.objects.select_related(
        "partner__manager", "partner__backup", "membership__tier", "membership__program", "membership__earned_tier",
        "from_tier", "to_tier",
    )  # fmt: skip
    return rows.get(pk=event.subject_id)


def _day(review: TierReview, verb: str) -> str:
    """The day that a letter speaks of, in words."""
    if verb == "at_risk" and review.falls_on:
        return _in_words(review.falls_on - timedelta(days=1))
    if verb == "waived" and review.waived_until:
        return _in_words(review.waived_until)
    if verb == "demotion_decided" and review.effective_at:
        return _in_words(local_day(review.effective_at))
    if review.notice_ends_at:
        return _in_words(last_local_day(review.notice_ends_at, settings.TIME_ZONE))
    return ""


def _in_words(day: Any) -> str:
    return date_format(day, "j M Y")


def _review_words(review: TierReview, event: Event) -> dict[str, Any]:
    tier = review.from_tier.name if review.from_tier else ""
    more = still_missing(review, event.at) or _("the requirements of %s") % tier  # of rules that no figure counts up to
    return {
        "partner": review.partner.name, "tier": tier, "to": review.to_tier.name, "day": _day(review, event.verb),
        "more": more,
        "due": moment(review.due_at, review.partner.time_zone),
    }  # fmt: skip


@outside
def review_to_partner(event: Event, delivery: Delivery):
    """To the partner's admins."""
    review = _review(event)
    if review.status not in _HOLDS[event.verb]:
        return None
    to, url = recipients.admins(review.partner_id), reverse("portal:tier")
    words = _review_words(review, event)
    return _send(delivery, to, _REVIEW_TO_PARTNER[event.verb], words, _about(event, url, f"{review.pk.hex}.partner"))


@outside
def review_to_vendor(event: Event, delivery: Delivery):
    """To the channel manager; when a notice has run, to everybody who may decide and did not give it."""
    review = _review(event)
    if review.status not in _HOLDS[event.verb]:
        return None
    to = recipients.vendor_side(review)
    if event.verb == "notice_ended":
        to = recipients.second_people(review, review.noticed_by_id)
    words = _review_words(review, event)
    about = _about(event, review.get_absolute_url(), review.pk.hex)
    return _send(delivery, to, _REVIEW_TO_VENDOR[event.verb], words, about)


# --- tiers given and taken, exceptions --------------------------------------------------------------------------------

_MOVED: Mapping[str, News] = {
    "promoted": (gettext_lazy("You're %(to)s from today"), gettext_lazy("You're %(to)s from today.")),
    "demoted": (
        gettext_lazy("You're %(to)s from today"),
        gettext_lazy("You're %(to)s from today. Deals that are approved keep their terms."),
    ),
}
_BENEFITS: Mapping[str, tuple[str, Any]] = {  # which of them a move tells of, and under which words
    "promoted": ("gains", gettext_lazy("New for you:")), "demoted": ("loses", gettext_lazy("What ends with it:")),
}  # fmt: skip
_AGREED: News = (
    gettext_lazy("%(to)s from %(first)s until %(day)s"),
    gettext_lazy("You're %(to)s by our decision from %(first)s until %(day)s, whatever the figures."),
)
_REQUESTED: News = (
    gettext_lazy("A second person is needed: %(partner)s to %(to)s"),
    gettext_lazy("Somebody asks to put %(partner)s on %(to)s until %(day)s by decision. Another person confirms it."),
)
_REFUSED: News = (
    gettext_lazy("Refused: %(partner)s to %(to)s"),
    gettext_lazy("A colleague refused to put %(partner)s on %(to)s by decision. The tier stays as it is."),
)
_REVIEW_DUE: News = (
    gettext_lazy("Review due: %(partner)s"),
    gettext_lazy("The yearly review of %(partner)s is due. The tier is %(tier)s; the figures reach %(to)s."),
)


@outside
def tier_moved(event: Event, delivery: Delivery):
    """To the partner's admins: the tier of today, and what it brings or ends."""
    member = ProgramMembership.objects.select_related("partner", "tier").get(pk=event.subject_id)
    if member.tier is None or member.tier.name != event.data.get("tier_name"):
        return None  # moved on since
    key, title = _BENEFITS[event.verb]
    about = _about(event, reverse("portal:tier"), member.pk.hex) | {"title": title, "rows": event.data.get(key, [])}
    return _send(delivery, recipients.admins(member.partner_id), _MOVED[event.verb], {"to": member.tier.name}, about)


@outside
def review_due(event: Event, delivery: Delivery):
    """To the channel manager, once a year."""
    rows = ProgramMembership.objects.select_related("partner__manager", "partner__backup", "tier", "earned_tier")
    member = rows.get(pk=event.subject_id)
    words = {"partner": member.partner.name, "tier": member.tier or "–", "to": member.earned_tier or "–"}
    about = _about(event, reverse("admin:standing", args=[member.public_id]), f"{member.pk.hex}.vendor")
    return _send(delivery, recipients.vendor_side(member), _REVIEW_DUE, words, about)


def _override(event: Event) -> tuple[TierOverride, dict[str, Any]]:
    rows = TierOverride.objects.select_related("partner__manager", "partner__backup", "tier", "requested_by")
    one = rows.get(pk=event.subject_id)
    words = {
        "partner": one.partner.name, "to": one.tier.name, "first": _in_words(one.starts_on),
        "day": _in_words(one.until),
    }  # fmt: skip
    return one, words


@outside
def override_requested(event: Event, delivery: Delivery):
    """To those who may confirm what a colleague asked for."""
    one, words = _override(event)
    if one.status != OverrideStatus.REQUESTED:
        return None
    to = recipients.second_people(one, one.requested_by_id)
    return _send(delivery, to, _REQUESTED, words, _about(event, one.get_absolute_url(), one.pk.hex))


@outside
def override_agreed(event: Event, delivery: Delivery):
    """To the partner's admins, where the exception begins on a later day; else the move itself is told."""
    one, words = _override(event)
    if one.status != OverrideStatus.AGREED:
        return None
    about = _about(event, reverse("portal:tier"), f"{one.pk.hex}.partner")
    return _send(delivery, recipients.admins(one.partner_id), _AGREED, words, about)


@outside
def override_refused(event: Event, delivery: Delivery):
    """To the colleague who asked."""
    one, words = _override(event)
    asker = one.requested_by
    to = [asker.email] if asker and asker.is_active and asker.pk != event.actor_id else []
    about = _about(event, one.get_absolute_url(), one.pk.hex) | {"text": one.answer}
    return _send(delivery, to, _REFUSED, words, about)


# --- what partners ask for --------------------------------------------------------------------------------------------

_ASKED: News = (
    gettext_lazy("%(what)s from %(partner)s · answer by %(due)s"),
    gettext_lazy("%(partner)s asks us for this: “%(what)s”. Answer by %(due)s."),
)  # fmt: skip
_ANSWERED: Mapping[str, News] = {
    "agreed": (gettext_lazy("Agreed: %(what)s"), gettext_lazy("We agree. Next date: %(next)s.")),
    "done": (gettext_lazy("Answered: %(what)s"), gettext_lazy("This is what came of it:")),
    "declined": (gettext_lazy("Not this time: %(what)s"), gettext_lazy("We can't do this now. The reason:")),
}


def _request(event: Event) -> tuple[BenefitRequest, dict[str, Any]]:
    rows = BenefitRequest.objects.select_related("partner__manager", "partner__backup", "asked_by", "owner")
    one = rows.get(pk=event.subject_id)
    words = {
        "what": one.get_kind_display(), "partner": one.partner.name, "due": moment(one.due_at, one.partner.time_zone),
        "next": _in_words(one.next_on) if one.next_on else "–",
    }  # fmt: skip
    return one, words


@outside
def benefit_asked(event: Event, delivery: Delivery):
    """To the channel manager; press campaigns to channel marketing as well."""
    one, words = _request(event)
    if one.status != "asked":
        return None
    more = recipients.everybody(StaffRole.CHANNEL_MARKETING) if one.kind == "joint_pr" else []
    to = sorted({*recipients.vendor_side(one), *more})
    return _send(delivery, to, _ASKED, words, _about(event, one.get_console_url(), one.pk.hex))


@outside
def benefit_answered(event: Event, delivery: Delivery):
    """To who asked while still working there, else the partner's admins."""
    one, words = _request(event)
    members = Member.objects.filter(partner_id=one.partner_id, ended_at=None, user__is_active=True)
    asker = members.filter(user=one.asked_by).values_list("user__email", flat=True) if one.asked_by else []
    to = sorted(asker) or recipients.admins(one.partner_id)
    about = _about(event, one.get_absolute_url(), f"{one.pk.hex}.partner")
    return _send(delivery, to, _ANSWERED[event.verb], words, about)


# --- one letter -------------------------------------------------------------------------------------------------------


def _about(event: Event, path: str, thread: str) -> dict[str, Any]:
    return {"url": address(path), "text": event.data.get("text", ""), "thread": thread}


def _send(delivery: Delivery, to: list[str], news: News, words: dict[str, Any], about: dict[str, Any]):
    subject, sentence = (str(part) % words for part in news)
    return compose(delivery, to, subject, "tier_news", {"sentence": sentence} | about, thread=about["thread"])
