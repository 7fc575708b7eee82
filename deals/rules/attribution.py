"""Who is credited for an opportunity: the terms as data, and why one piece of evidence counts or doesn't. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from deals.enums import Evidence, TouchKind, VendorSource

RANKED = (Evidence.REGISTRATION, Evidence.REFERRAL, Evidence.CAMPAIGN, Evidence.LINK)
OURS = (VendorSource.MARKETING, VendorSource.SALES_OUTBOUND)
LONGEST_DAYS = 3650


def _days() -> dict[str, int | None]:
    days = {Evidence.REGISTRATION: None, Evidence.REFERRAL: None, Evidence.CAMPAIGN: 180, Evidence.LINK: 90}
    return {str(evidence): lives for evidence, lives in days.items()}


@dataclass(frozen=True)
class Terms:
    """One version of the rules of attribution. A manager's decision stands above all of it."""

    days: Mapping[str, int | None] = field(default_factory=_days)  # how long evidence lives; None: to its own end
    ranks: Sequence[str] = tuple(str(one) for one in RANKED)  # strongest first; what is left out doesn't count
    late_days: int = 30  # evidence of so many days after the opening still counts
    touch_kinds: Sequence[str] = tuple(str(one) for one in TouchKind)
    touch_days_before: int = 90  # of the opening
    touch_entered_days: int = 14  # after the close

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> "Terms":
        """The terms that stored data describes, with what holds where it is silent."""
        known = {f.name: definition[f.name] for f in fields(cls) if f.name in definition}
        return cls(**known | {"days": {**_days(), **known.get("days", {})}})

    def definition(self) -> dict[str, Any]:
        """As data, whole: what is stored with a version."""
        found = asdict(self)
        return {**found, "days": dict(self.days), "ranks": list(self.ranks), "touch_kinds": list(self.touch_kinds)}


@dataclass(frozen=True)
class Deal:
    """An opportunity as attribution sees it."""

    opened_on: date
    closed_on: date | None  # None while open
    vendor_source: str = VendorSource.NONE


@dataclass(frozen=True)
class Proof:
    """One piece of evidence that a partner brought the opportunity."""

    evidence: str
    on: date
    ends_on: date | None = None  # the last day it lives by itself; None: no end of its own
    own: bool = True  # about this very opportunity, not only about its customer
    beside_direct: bool = False  # another direct opportunity was open on the account on its day


def sourcing_bar(proof: Proof, deal: Deal, terms: Terms) -> str | None:
    """Why this evidence doesn't source the opportunity; None when it does unless a stronger one stands."""
    if proof.evidence not in terms.ranks:
        return _("This kind of evidence doesn't count under these rules.")
    if proof.ends_on is not None and proof.ends_on < deal.opened_on:
        return _("It had ended before the opportunity was opened.")
    if proof.on > deal.opened_on:
        return _late_bar(proof, deal, terms)
    lives = terms.days.get(proof.evidence)
    if lives is not None and proof.on + timedelta(days=lives) < deal.opened_on:
        return _("It was more than %d days old when the opportunity was opened.") % lives
    return None


def _late_bar(proof: Proof, deal: Deal, terms: Terms) -> str | None:
    if proof.on > deal.opened_on + timedelta(days=terms.late_days):
        return _("It came more than %d days after the opportunity was opened.") % terms.late_days
    if not proof.own:
        return _("It came after the opening and isn't about this very opportunity.")
    if deal.vendor_source in OURS:
        return _("It came after the opening, and our own marketing or sales had brought the opportunity.")
    if proof.beside_direct:
        return _("It came after the opening, and another direct opportunity was open on the account.")
    return None


def influence_bar(kind: str | None, happened: date, entered: date, deal: Deal, terms: Terms) -> str | None:
    """Why a confirmed touch (`kind` None: an accepted lead of ours) doesn't influence; None when it does."""
    if kind is not None and kind not in terms.touch_kinds:
        return _("This kind of touch doesn't count under these rules.")
    if happened < deal.opened_on - timedelta(days=terms.touch_days_before):
        return _("It was more than %d days before the opening.") % terms.touch_days_before
    if deal.closed_on is not None and happened > deal.closed_on:
        return _("It was after the close.")
    if deal.closed_on is not None and entered > deal.closed_on + timedelta(days=terms.touch_entered_days):
        return too_late(terms)
    return None


def too_late(terms: Terms) -> str:
    return _("It was entered more than %d days after the close. It is kept, and never counts.") % (
        terms.touch_entered_days
    )


def without_opportunity(touch: Any, at: datetime) -> str | None:
    return None if touch.opportunity_id else _("Link it to an opportunity first.")


_WHOLE = ("late_days", "touch_days_before", "touch_entered_days")


def faults(definition: Any) -> list[str]:
    """What is wrong with rules as data, in words; nothing when they can be used."""
    if not isinstance(definition, Mapping):
        return [_("The rules must be a table of names and values.")]
    known = {f.name for f in fields(Terms)}
    found = [_("%s is no part of the rules.") % name for name in sorted(set(map(str, definition)) - known)]
    found += [_bad_number(n) for n in _WHOLE if n in definition and not _is_days(definition[n])]
    found += _bad_words("ranks", definition.get("ranks", ()), {str(one) for one in RANKED})
    found += _bad_words("touch_kinds", definition.get("touch_kinds", ()), set(TouchKind.values))
    return found + _bad_lives(definition.get("days", {}))


def _bad_lives(days: Any) -> list[str]:
    if not isinstance(days, Mapping):
        return [_("days must be a table of evidence and days.")]
    found = _bad_words("days", list(days), {str(one) for one in RANKED})
    return found + [_bad_number(f"days.{n}") for n, v in days.items() if v is not None and not _is_days(v)]


def _is_days(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LONGEST_DAYS


def _bad_number(name: str) -> str:
    return _("%(name)s must be a whole number of days from 0 to %(most)d.") % {"name": name, "most": LONGEST_DAYS}


def _bad_words(name: str, words: Any, known: set[str]) -> list[str]:
    if not isinstance(words, list | tuple) or len(set(map(str, words))) != len(words):
        return [_("%s must be a list, each word once.") % name]
    return [_("%(name)s doesn't know %(word)s.") % {"name": name, "word": w} for w in words if str(w) not in known]
