"""What a program asks of a registration: sentences that say why it doesn't fit. Pure."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.calendar import working_days_after
from deals.rules.policy import Policy
from deals.rules.questions import missing


def below_minimum(deal, at: datetime) -> str | None:
    policy = deal.standing.policy
    least = policy.minimum_amount
    if least is None or deal.amount is None:
        return None
    if deal.amount > least or (deal.amount == least and policy.minimum_suffices):
        return None
    if policy.minimum_suffices:
        return _("The value is below the program's minimum of %s. Ask for more, or decline.") % f"{least:,}"
    return _("The value must be above the program's minimum of %s. Ask for more, or decline.") % f"{least:,}"


def too_few(deal, at: datetime) -> str | None:
    least = deal.standing.policy.minimum_quantity
    if least is None or deal.quantity >= least:
        return None
    return _("The program asks for %(least)s pieces; this is for %(quantity)s.") % {
        "least": least,
        "quantity": deal.quantity,
    }


def country_excluded(deal, at: datetime) -> str | None:
    if deal.country not in deal.standing.policy.excluded_countries:
        return None
    return _("The program doesn't take registrations for customers in this country.")


def kind_excluded(deal, at: datetime) -> str | None:
    if deal.extra.get("deal_kind") not in deal.standing.policy.excluded_kinds:
        return None
    return _("The program doesn't take tenders or contracts of this kind.")


def tender_rule(deal, at: datetime) -> str | None:
    """A tender may be refused, or must be registered or approved before it was published."""
    policy: Policy = deal.standing.policy
    if policy.tender == "none" or deal.extra.get("deal_kind") != "tender" or _excepted(deal):
        return None
    if policy.tender == "refused":
        return _("The program doesn't take tenders.")
    early = deal.submitted_at if policy.tender == "registered_before_publication" else at
    published = _day(deal.extra.get("tender_published_on"))
    if published is None or early is None or _local(early, deal) < published:
        return None
    if policy.tender == "registered_before_publication":
        return _("The tender was published before it was registered.")
    return _("The tender was published before it could be approved.")


def _excepted(deal) -> bool:
    """Whoever was in the customer's proof of concept may register a tender after its publication."""
    return deal.standing.policy.proof_of_concept_excepted and deal.extra.get("in_proof_of_concept") is True


def known_customer(deal, at: datetime) -> str | None:
    since = deal.standing.customer_since
    if since is None or not deal.standing.policy.new_customers_only:
        return None
    return _("The program is for new customers only. This one has bought from us since %s.") % since


def in_contact(deal, at: datetime) -> str | None:
    months, last = deal.standing.policy.no_vendor_contact_months, deal.standing.last_vendor_contact_on
    if months is None or last is None or _months_after(last, months) <= _local(deal.submitted_at or at, deal):
        return None
    return _("Our own team was in contact with the customer on %(day)s, within %(months)s months.") % {
        "day": last,
        "months": months,
    }


def in_pipeline(deal, at: datetime) -> str | None:
    if not (deal.standing.policy.not_in_pipeline and deal.standing.in_pipeline):
        return None
    return _("Our own team has an open opportunity with this customer.")


def closes_too_soon(deal, at: datetime) -> str | None:
    days, sent = deal.standing.policy.close_working_days_away, deal.submitted_at
    if days is None or sent is None or deal.expected_close_on is None:
        return None
    if deal.expected_close_on >= _local(working_days_after(sent, days, deal.partner.time_zone), deal):
        return None
    return _("It was registered less than %s working days before its close.") % days


def tier_too_low(deal, at: datetime) -> str | None:
    standing = deal.standing
    if standing.minimum_rank is None or (
        standing.tier_rank is not None and standing.tier_rank >= standing.minimum_rank
    ):
        return None
    return _("The partner's tier is too low. The program asks for %s or higher.") % standing.policy.minimum_tier


def competes(deal, at: datetime) -> str | None:
    if not (deal.standing.policy.competitor_forbidden and deal.extra.get("bids_competitor") is True):
        return None
    return _("The partner offers a competing product in the same opportunity.")


def discounted_already(deal, at: datetime) -> str | None:
    """One discount per opportunity: neither a special price beside it nor a second registrant with a discount."""
    policy = deal.standing.policy
    if not policy.one_discount_per_opportunity:
        return None
    if deal.extra.get("special_pricing") is True:
        return _("This opportunity has a special price already.")
    if policy.second_registrant == "none" and deal.standing.others_protected:
        return _("Another registration of this opportunity has its discount already.")
    return None


def joint_call_missing(deal, at: datetime) -> str | None:
    units = deal.standing.policy.joint_call_above_units
    if units is None or deal.quantity <= units or deal.extra.get("joint_call_on"):
        return None
    return _("Above %s pieces a joint call with the customer comes first. Ask for its date.") % units


def answers_missing(deal, at: datetime) -> str | None:
    labels = missing(deal.standing.policy, deal)
    return _("Answers are missing: %s. Ask the partner.") % ", ".join(labels) if labels else None


_ALL: tuple[Callable[[Any, datetime], str | None], ...] = (
    below_minimum, too_few, country_excluded, kind_excluded, tender_rule, known_customer, in_contact, in_pipeline,
    closes_too_soon, tier_too_low, competes, discounted_already, joint_call_missing, answers_missing,
)  # fmt: skip


def unmet(deal, at: datetime) -> list[str]:
    """Every condition of the program that the registration doesn't meet, as sentences."""
    return [why for condition in _ALL if (why := condition(deal, at))]


def not_eligible(deal, at: datetime) -> str | None:
    """The first condition of the program that isn't met."""
    return next(iter(unmet(deal, at)), None)


def _local(at: datetime, deal) -> date:
    return at.astimezone(ZoneInfo(deal.partner.time_zone)).date()


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _months_after(day: date, months: int) -> date:
    """The same day so many months on; the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
