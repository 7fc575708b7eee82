"""Bars of reviews, overrides and benefit requests: a sentence that says why not, or None. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

NOTICE_DAYS = 60  # a program may say otherwise: notice_days
FORECAST_DAYS = 90  # how far ahead a tier at risk is seen
REMIND_DAYS = 14  # before a notice ends
LONGEST = timedelta(days=366)  # of a waiver and of an override


def notice_days(definition: Mapping[str, Any]) -> int:
    """How long a program's notice runs before a partner may be moved down."""
    return int(definition.get("notice_days", NOTICE_DAYS))


def notice_runs(review, at: datetime) -> str | None:
    if review.notice_ends_at and at >= review.notice_ends_at:
        return None
    return _("The notice still runs. Decide when it has ended, or keep the tier.")


def earned_again(review, at: datetime) -> str | None:
    earned, held = review.membership.earned_tier, review.from_tier
    if earned is None or held is None or earned.rank < held.rank:
        return None
    return _("The figures reach %s again. The review ends by itself.") % held.name


def not_in_force_yet(review, at: datetime) -> str | None:
    if review.effective_at and at >= review.effective_at:
        return None
    return _("The move down takes effect on a later day.")


def no_longer_granted(request, at: datetime) -> str | None:
    """`not_granted`: the sentence of tiers.benefits, read for this request."""
    return getattr(request, "not_granted", None)


def wrong_span(first: date, until: date, today: date) -> str | None:
    """Why an exception can't run from `first` until `until`, both counted."""
    if first < today:
        return _("Choose a first day that is not in the past.")
    if until < first or until <= today:
        return _("Choose a last day after today and after the first one.")
    if until - first > LONGEST:
        return _("An exception holds for a year at most. Choose an earlier last day.")
    return None


def no_effective_day(day: date, today: date) -> str | None:
    if day < today:
        return _("Choose today or a later day.")
    if day - today > LONGEST:
        return _("Choose a day within a year.")
    return None


def day_words(day: date) -> str:
    return date_format(day, "j M Y")
