"""What is wise about partners and their people. Pure: verdicts, or the sentence that says why not."""

from calendar import monthrange
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

INVITATION_LIVES = timedelta(days=7)
INVITATIONS_A_DAY = 20
REASSIGNED_AT_ONCE = 500
ROWS_AT_ONCE = 500  # people of one file
INVITATIONS_BY_VENDOR = 2000  # a day


def domain_of(website: str) -> str:
    """The host of a website as people type it, without www; "" when there is none."""
    words = website.strip().casefold()
    host = urlsplit(words if "//" in words else f"//{words}").hostname or ""
    return host.removeprefix("www.")


def no_such_zone(name: str) -> str | None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _("Enter a time zone like Europe/Lisbon.")
    return None


def lapsed(invitation: Any, at: datetime) -> str | None:
    if at < invitation.expires_at:
        return None
    return _("This invitation has expired. Ask the person who invited you for a new one.")


def still_open(invitation: Any, at: datetime) -> str | None:
    return _("This invitation is still open.") if at < invitation.expires_at else None


def above_own(wanted: Collection[str], own: Collection[str]) -> str | None:
    """Why somebody with the permissions `own` can't hand out the permissions `wanted`."""
    if set(wanted) <= set(own):
        return None
    return _("You can't give a role that may do more than yours.")


def too_many_invitations(sent: int, more: int) -> str | None:
    """`sent` in the last 24 hours, `more` now."""
    if sent + more <= INVITATIONS_A_DAY:
        return None
    left = max(INVITATIONS_A_DAY - sent, 0)
    return _("You can send %(limit)d invitations a day, and %(left)d are left. Send the others tomorrow.") % {
        "limit": INVITATIONS_A_DAY,
        "left": left,
    }


def not_reassignable(how_many: int) -> str | None:
    if how_many == 0:
        return _("Choose at least one partner.")
    if how_many > REASSIGNED_AT_ONCE:
        return _("Choose up to %d partners at once.") % REASSIGNED_AT_ONCE
    return None


def leaves_sight(partner: Any, manager_id: Any, reach: Any) -> bool:
    """Whether who is kept to a reach stops seeing a partner once this manager looks after it; None: kept to nothing."""
    if reach is None or partner.region in reach.regions:
        return False
    return not {manager_id, partner.backup_id} & reach.people


def too_many_by_vendor(sent: int, more: int) -> str | None:
    """`sent` by all of the vendor's people in the last 24 hours, `more` now."""
    if sent + more <= INVITATIONS_BY_VENDOR:
        return None
    return _("We send up to %d invitations a day. Send the others tomorrow.") % INVITATIONS_BY_VENDOR


def no_pair(winner: Any, loser: Any) -> str | None:
    """Why two partners can't become one."""
    if winner.pk == loser.pk:
        return _("Choose another partner.")
    if winner.deleted_at or loser.deleted_at:
        return _("One of them is gone already.")
    if winner.is_direct or loser.is_direct:
        return _("Our own team is no partner.")
    return None


def left_before(at: datetime, months: int) -> datetime:
    """The moment so many calendar months before."""
    number = at.year * 12 + at.month - 1 - months
    year, month = divmod(number, 12)
    last = monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))
