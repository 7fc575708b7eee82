"""The seven metrics: key, name, unit, which way is good, how each is counted. The one table that every door reads."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

MONEY, PARTNERS, PERCENT, POINTS, RATIO, DAYS = "money", "partners", "percent", "points", "ratio", "days"


@dataclass(frozen=True, slots=True)
class Definition:
    """How a metric is counted. `waits_for` says which input is not there yet; then its value is null."""

    key: str
    name: Any
    unit: str
    text: Any
    rows: Any = ""  # words of the link to the rows, with %(n)s
    lower_is_better: bool = False
    over_period: bool = False  # a flow of a period; else a stock as of a day
    waits_for: Any = ""
    version: int = 1


DEFINITIONS = (
    Definition(
        "partner_sourced_pipeline",
        _("Partner-sourced pipeline"),
        MONEY,
        _(
            "Sum of the amounts of open new and expansion opportunities that a partner sourced: an approved "
            "registration or referral was live when the opportunity was opened. Each opportunity counts once. Renewals "
            "are a line of their own. Other currencies count at the rate of the day shown; estimated amounts are "
            "marked."
        ),
        _("See the %(n)s open opportunities"),
    ),
    Definition(
        "partner_influenced_pipeline",
        _("Partner-influenced pipeline"),
        MONEY,
        _(
            "Sum of the amounts of open new and expansion opportunities that a partner influenced and none sourced: a "
            "confirmed touch or an accepted lead of ours lies between 90 days before the opening and the close. An "
            "opportunity counts once, however many partners touched it; broken down, it counts for each of them. "
            "Renewals are a line of their own."
        ),
        _("See the %(n)s open opportunities"),
    ),
    Definition(
        "active_partners_90d",
        _("Active partners, 90 days"),
        PARTNERS,
        _(
            "Partners with at least one commercial event in the 90 × 24 hours before the moment shown: an approved "
            "registration, a won deal, and what the partner's type counts besides. Beside it the share of all partners "
            "that are onboarding, active or inactive."
        ),
        _("See the %(n)s partners"),
    ),
    Definition(
        "partner_sourced_revenue_percent",
        _("Partner-sourced revenue"),
        PERCENT,
        _(
            "Closed-won amounts that partners sourced, as a share of all closed-won amounts, partners' and direct, by "
            "close date in the period, in the reporting currency at the rate of the close date. No value where nothing "
            "was won."
        ),
        _("See the %(n)s won opportunities"),
        over_period=True,
    ),
    Definition(
        "partner_nps",
        _("Partner satisfaction"),
        POINTS,
        _(
            "Of the last answer per person in 12 months to “How likely are you to recommend our partner program?”: "
            "share of 9 and 10 minus share of 0 to 6."
        ),
        waits_for=_("Waits for the first survey of partners."),
    ),
    Definition(
        "mdf_roi",
        _("MDF return"),
        RATIO,
        _(
            "Pipeline that funded activities generated, for each unit of market funds paid and not clawed back. An "
            "opportunity, open, won or lost, counts when a confirmed touch with the activity's tracking code, or a "
            "registered lead that came with it, lies between its start and 180 days after its end; of several "
            "activities each gets its part. The period is that in which activities ended. Those whose 180 days still "
            "run are shown apart; those not paid are listed, not counted as zero."
        ),
        _("See the %(n)s activities"),
        over_period=True,
    ),
    Definition(
        "time_to_first_deal_days",
        _("Time to first deal"),
        DAYS,
        _(
            "Median of the days from a partner's first agreement to its first won new-business deal. Partners without "
            "one count for as long as they have had none (Kaplan–Meier), also those that left. Deals won before the "
            "agreement are left out. Where fewer than half get one in sight, the share within 180 days is shown."
        ),
        _("See the %(n)s partners"),
        lower_is_better=True,
    ),
)
BY_KEY = {definition.key: definition for definition in DEFINITIONS}
KEYS = tuple(BY_KEY)
