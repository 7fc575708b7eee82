"""Leads: their clocks, and what a partner may know of one before it accepts. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from core.calendar import days_after
from core.hours import after_working_time, working_time
from deals.enums import LeadSource, PartnerRole, Temperature, VendorSource

HOT_ANSWER = timedelta(hours=4)  # working time, as the next ones
FIRST_CONTACT = timedelta(hours=48)
TAKEN_BACK = timedelta(hours=40)  # after a lead went stale
PLACED = {Temperature.HOT: timedelta(hours=4)}  # how soon we find a partner for a lead
PLACED_ELSE = timedelta(hours=8)
UPDATE_DAYS = 14
HIDDEN = "•••"
SIZES = ((50, "1–49"), (250, "50–249"), (1000, "250–999"))
LARGEST = "1,000+"

# --- clocks


def answer_due(at: datetime, temperature: str, hours: int, zone: str) -> datetime:
    """When an offer ends: so many working hours of the partner after `at`; a hot lead waits four at most."""
    span = timedelta(hours=hours)
    return after_working_time(at, min(span, HOT_ANSWER) if temperature == Temperature.HOT else span, zone)


def answer_reminders(at: datetime, due: datetime, zone: str) -> dict[str, datetime | None]:
    """Half way through the time to answer, and an hour before it ends where that is later."""
    half = after_working_time(at, working_time(at, due, zone) / 2, zone)
    last = due - timedelta(hours=1)
    return {"remind": half if half < due else None, "remind_last": last if last > half else None}


def first_contact_due(at: datetime, zone: str) -> datetime:
    return after_working_time(at, FIRST_CONTACT, zone)


def update_due(at: datetime, zone: str) -> datetime:
    """The end of the local day until which the partner owes news."""
    return days_after(at, UPDATE_DAYS, zone)


def news_reminder(at: datetime, due: datetime, zone: str) -> datetime:
    """When a partner is reminded that news are due: three quarters of the working time have gone."""
    return after_working_time(at, working_time(at, due, zone) * 3 / 4, zone)


def taken_back_at(at: datetime, zone: str) -> datetime:
    """When a lead that went stale at `at` comes back to the vendor."""
    return after_working_time(at, TAKEN_BACK, zone)


def placing_due(since: datetime, temperature: str, zone: str = "UTC") -> datetime:
    """Until when we want to have found a partner for a lead that waits with us since then."""
    return after_working_time(since, PLACED.get(Temperature(temperature), PLACED_ELSE), zone)


def too_late(offer, at: datetime) -> str | None:
    return _("The time to answer has ended. This lead goes to another partner.") if at >= offer.due_at else None


# --- what may be known before

_MAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]+\s*(?:@|\(at\)|\[at\])\s*[\w-]+(?:\.[\w-]+)*", re.IGNORECASE)
_ADDRESS = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]*://|www\.)\S+|(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}\b(?:/\S*)?", re.IGNORECASE
)
_HANDLE = re.compile(r"(?<!\w)@\w+")
_PHONE = re.compile(r"(?<!\w)\+?\(?\d(?:[\s()./-]*\d){6,}")
_WORD = re.compile(r"[^\W_]+")
SHORTEST = 3  # letters of a name's part that is hidden wherever it stands as a word
TELLING = 6  # letters of a part that is hidden inside other words as well


def _base(char: str) -> str:
    """One letter for one letter, so that places in the text stay where they are."""
    return (unicodedata.normalize("NFKD", char)[:1] or char).lower()[:1] or char


def _folded(text: str) -> str:
    return "".join(map(_base, text))


def _hidden(words: list[str]) -> str:
    """The words of a name, however they are joined. Long ones, and scripts that join words, count inside others."""
    joined = r"[\W_]*".join(map(re.escape, words))
    letters = "".join(words)
    inside = len(letters) >= TELLING or any(ord(char) > 0x24F for char in letters)
    return joined if inside else rf"(?<![^\W_])(?:{joined})(?![^\W_])"


def _of_names(names: Iterable[str]) -> re.Pattern[str] | None:
    """Every name as a whole, and every part of one that is long enough."""
    several = [_WORD.findall(_folded(name)) for name in names]
    wholes = {_hidden(words) for words in several if len("".join(words)) > 1}
    parts = {_hidden([word]) for words in several for word in words if len(word) >= SHORTEST}
    found = sorted(wholes | parts, key=len, reverse=True)
    return re.compile("|".join(found)) if found else None


def masked(text: str, names: Iterable[str] = ()) -> str:
    """The text without e-mail addresses, web addresses, phone numbers and these names (any part of them)."""
    for pattern in (_MAIL, _ADDRESS, _HANDLE, _PHONE):
        text = pattern.sub(HIDDEN, text)
    known = _of_names(names)
    if known is not None:
        for found in reversed(list(known.finditer(_folded(text)))):
            text = text[: found.start()] + HIDDEN + text[found.end() :]
    return re.sub(rf"{HIDDEN}(?:[\s,;]*{HIDDEN})+", HIDDEN, text)


def names_in(lead) -> list[str]:
    """What must not be said of a lead: its company, its web name and its person."""
    site = re.sub(r"^\w+://|^www\.", "", lead.website.lower()).split("/")[0].rpartition(".")[0]
    local = lead.contact_email.partition("@")
    return [lead.account_name, lead.normal_name, site, lead.domain.partition(".")[0], lead.contact_name,
            local[0], local[2].rpartition(".")[0]]  # fmt: skip


def size_band(employees: int | None) -> str:
    if not employees:
        return ""
    return next((band for below, band in SIZES if employees < below), LARGEST)


def teaser(lead) -> dict[str, Any]:
    """All that a partner may know of a lead before it accepts."""
    names = names_in(lead)
    return {
        "country": lead.country,
        "region": masked(lead.region, names),
        "industry": masked(lead.industry, names),
        "size": size_band(lead.employee_count),
        "product": lead.product.name if lead.product else "",
        "need": masked(lead.need, names),
        "temperature": str(lead.temperature),
        "source": str(lead.source),
    }


# --- what became of it

_ORIGINS: dict[str, VendorSource] = {
    LeadSource.INBOUND: VendorSource.INBOUND,
    LeadSource.MARKETING: VendorSource.MARKETING,
    LeadSource.EVENT: VendorSource.MARKETING,
    LeadSource.SALES: VendorSource.SALES_OUTBOUND,
}


def origin(source: str) -> VendorSource:
    """The vendor's source of an opportunity that came from a lead; a partner's campaign is none of ours."""
    return _ORIGINS.get(source, VendorSource.NONE)


def roles_of(source: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """The partner's roles in it: our lead is sold by the partner, not sourced."""
    if origin(source) == VendorSource.NONE:
        return usual
    return tuple(role for role in usual if role != PartnerRole.SOURCING) or (PartnerRole.SELLING,)
