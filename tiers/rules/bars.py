"""Bars of the tiers: a sentence that says why not, or None."""

from datetime import datetime

from django.utils.translation import gettext as _


def no_longer_earned(review, at: datetime) -> str | None:
    earned = review.membership.earned_tier
    if earned and earned.rank >= review.to_tier.rank:
        return None
    return _("The figures no longer reach %s. The proposal ends by itself.") % review.to_tier.name
