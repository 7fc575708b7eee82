"""Bars of registrations: a sentence that says why not, or None. Pure."""

from datetime import datetime

from django.utils.translation import gettext as _

from deals.enums import Coverage, Motion
from partners.enums import NOTHING_NEW, WORKING


def not_assessed(deal, at: datetime) -> str | None:
    return None if deal.standing else _("This page is out of date. Load it again.")


def partner_stands_aside(deal, at: datetime) -> str | None:
    if deal.standing.partner_status in WORKING:
        return None
    return _("The partner isn't working with us now. Reactivate the partner first.")


def partner_paused(deal, at: datetime) -> str | None:
    """What is protected stays so; nothing new is registered."""
    if deal.partner.status not in NOTHING_NEW:
        return None
    return _("Your company can't register new deals now. Ask your channel manager.")


def no_agreement(deal, at: datetime) -> str | None:
    """Where partners join by themselves, the terms they ticked then are agreement enough."""
    if deal.standing.has_agreement or deal.standing.policy.agreement == "self_sign_up":
        return None
    return _("The partner has signed no agreement. Ask its admin to sign first.")


def not_your_step(deal, at: datetime) -> str | None:
    return deal.standing.not_readers_step or None


def researched_before(deal, at: datetime) -> str | None:
    """More time is taken once: after that the partner is owed an answer."""
    if deal.standing and deal.standing.researched:
        return _("More time was taken once already. Decide, or ask the partner.")
    return None


def conflict_open(deal, at: datetime) -> str | None:
    return _("A conflict is open. Decide it first.") if deal.standing.open_conflicts else None


def customer_closed(deal, at: datetime) -> str | None:
    standing = deal.standing
    if standing.coverage == Coverage.OPEN or (
        standing.coverage == Coverage.NAMED_PARTNER and standing.covered_by_partner
    ):
        return None
    return _("This customer isn't open to this partner. Change the coverage of the account, or decline.")


def capacity_reached(deal, at: datetime) -> str | None:
    capacity = deal.standing.policy.capacity
    if capacity is None or deal.standing.live < capacity:
        return None
    return _("The partner holds %(live)s protected deals of %(capacity)s. One must close or be released first.") % {
        "live": deal.standing.live,
        "capacity": capacity,
    }


def incomplete(deal, at: datetime) -> str | None:
    if deal.motion == Motion.REFER:
        asked = deal.account_name and deal.website and deal.contact_name and deal.contact_email
        return None if asked else _("Something is missing. Fill in company, website and contact, then send.")
    asked = deal.account_name and deal.amount and deal.product_id and deal.country
    return None if asked else _("Something is missing. Fill in company, country, product and value, then send.")


def past_grace(deal, at: datetime) -> str | None:
    if deal.grace_until and at >= deal.grace_until:
        return _("The protection and its grace have ended. Register the deal anew.")
    return None


def still_protected(deal, at: datetime) -> str | None:
    if deal.protection_expires_at and at < deal.protection_expires_at:
        return _("The protection hasn't ended yet.")
    return None


def appealed_before(deal, at: datetime) -> str | None:
    return _("This was appealed once already. The second decision stands.") if deal.appealed_at else None


def appeal_is_over(deal, at: datetime) -> str | None:
    if deal.appeal_until and at >= deal.appeal_until:
        return _("The time for an appeal has ended. Register the deal anew.")
    return None


def same_person(deal, at: datetime) -> str | None:
    """Whoever declined doesn't decide the appeal."""
    if deal.standing and deal.standing.decided_by_reader:
        return _("You declined this registration. Another person decides the appeal.")
    return None


def not_confirmed(deal, at: datetime) -> str | None:
    if deal.on_behalf and deal.confirmed_at is None:
        return _("The partner hasn't confirmed this registration yet. Ask its people to open it and confirm.")
    return None


def queued(deal, at: datetime) -> str | None:
    if deal.queued_behind_id:
        return _("This registration is in line behind another one. It moves up when the other one ends.")
    return None
