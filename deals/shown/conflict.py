"""The two sides of a conflict, for the vendor."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import Money
from deals import rules
from deals.enums import LIVE, PROTECTED, CaseOutcome, Side
from deals.models import ConflictCase, Opportunity, Registration
from deals.shown.deal import value
from partners.countries import country_name


@dataclass(frozen=True)
class Rival:
    """The other side of a conflict case, in brief."""

    case: ConflictCase
    title: str
    owner: str
    when: datetime | None
    worth: Money | None
    why: str
    href: str = ""


def rival(case: ConflictCase) -> Rival:
    other, account, direct = case.other_registration, case.other_account, case.other_opportunity
    why = _(" and ").join(reasons(case.parts))
    if other:
        link = other.get_console_url()
        return Rival(case, other.account_name, other.partner.name, other.submitted_at, value(other), why, link)
    return Rival(case, account.name if account else "", _("Our own sales team"), None, _worth(direct), why)


def _worth(direct: Opportunity | None) -> Money | None:
    return Money(direct.amount, direct.currency) if direct and direct.amount is not None else None


_PARTS: dict[str, Any] = {
    "domain": gettext_lazy("same domain"),
    "name": gettext_lazy("same name"),
    "alias": gettext_lazy("known under both names"),
    "parent": gettext_lazy("one belongs to the other"),
    "email": gettext_lazy("same mail domain of the contact"),
}


def reasons(parts: dict[str, Any]) -> list[str]:
    """Why two rows matched, in words: "same domain", "name 94 % alike"."""
    met = [str(words) for key, words in _PARTS.items() if parts.get(key) is True]
    alike = parts.get("alike")
    return [*met, _("name %d%% alike") % round(float(alike) * 100)] if alike and not parts.get("name") else met


@dataclass(frozen=True)
class Line:
    """One fact of both sides; `differs` marks what tells them apart."""

    label: str
    ours: Any
    other: Any
    differs: bool = False


@dataclass(frozen=True)
class Part:
    """One part score of the match, 0 to 100."""

    label: str
    percent: int


@dataclass(frozen=True)
class Comparison:
    """Everything the decision page shows."""

    lines: tuple[Line, ...]
    parts: tuple[Part, ...]
    why: str
    proposal: str
    because: tuple[str, ...]


def _of_registration(deal: Registration) -> dict[str, Any]:
    tier = deal.membership.tier
    until = deal.protection_expires_at if deal.status in PROTECTED else None
    return {
        "who": f"{deal.partner.name} · {tier.name}" if tier else deal.partner.name,
        "customer": deal.account_name, "domain": deal.domain, "country": country_name(deal.country),
        "sent": deal.submitted_at, "status": deal.get_status_display(), "until": until,
        "product": deal.product.name if deal.product else "", "value": value(deal), "close": deal.expected_close_on,
        "contact": " · ".join(filter(None, (deal.contact_name, deal.contact_role, deal.contact_email))),
        "need": deal.need, "next": deal.next_step,
    }  # fmt: skip


def _of_our_team(case: ConflictCase) -> dict[str, Any]:
    account, direct = case.other_account, case.other_opportunity
    return {
        "who": _("Our own sales team"),
        "customer": account.name if account else "", "domain": account.domain if account else "",
        "country": country_name(account.country) if account else "",
        "sent": None, "status": _standing(case), "until": None,
        "product": direct.product.name if direct and direct.product else "", "value": _worth(direct),
        "close": direct.close_on if direct else None, "contact": direct.owner_email if direct else "", "need": "",
        "next": "",
    }  # fmt: skip


def _standing(case: ConflictCase) -> str:
    account, direct = case.other_account, case.other_opportunity
    if direct:
        return _("Open since %s") % direct.opened_on if direct.opened_on else _("Open")
    if account and account.customer_since:
        return _("Customer since %s") % account.customer_since
    return account.get_coverage_display() if account else ""


_LABELS: dict[str, Any] = {
    "who": gettext_lazy("Who"), "customer": gettext_lazy("Customer"), "domain": gettext_lazy("Domain"),
    "country": gettext_lazy("Country"), "sent": gettext_lazy("Sent"), "status": gettext_lazy("Status"),
    "until": gettext_lazy("Protected until"), "product": gettext_lazy("Product"), "value": gettext_lazy("Value"),
    "close": gettext_lazy("Expected close"), "contact": gettext_lazy("Contact"),
    "need": gettext_lazy("What the customer needs"), "next": gettext_lazy("Next step"),
}  # fmt: skip
_ALWAYS_DIFFERENT = ("who", "sent", "status", "until")


def comparison(case: ConflictCase, proposal: rules.Proposal) -> Comparison:
    """Both sides line by line, why they matched, and what the rules propose."""
    ours = _of_registration(case.registration)
    other = _of_registration(case.other_registration) if case.other_registration else _of_our_team(case)
    lines = (
        Line(str(label), ours[key], other[key], key not in _ALWAYS_DIFFERENT and _differ(ours[key], other[key]))
        for key, label in _LABELS.items()
        if ours[key] or other[key]
    )
    return Comparison(
        tuple(lines), _parts(case), _(" and ").join(reasons(case.parts)), proposed(proposal, case), proposal.because
    )


def _differ(one: Any, two: Any) -> bool:
    plain: Callable[[Any], Any] = lambda v: v.casefold() if isinstance(v, str) else v  # noqa: E731 - used twice, here
    return bool(one and two) and plain(one) != plain(two)


_SCORES: dict[str, Any] = {
    "alike": gettext_lazy("Name"), "letters": gettext_lazy("Letters"), "words": gettext_lazy("Words"),
    "strongest": gettext_lazy("Rarest word"), "first": gettext_lazy("First word"),
}  # fmt: skip


def _parts(case: ConflictCase) -> tuple[Part, ...]:
    found = ((label, case.parts.get(key)) for key, label in _SCORES.items())
    known = [(label, s) for label, s in found if isinstance(s, int | float) and not isinstance(s, bool)]
    return tuple(Part(str(label), round(min(1, s) * 100)) for label, s in known)


def proposed(proposal: rules.Proposal, case: ConflictCase) -> str:
    """The proposal as a sentence with names, for the vendor alone."""
    if proposal.outcome == CaseOutcome.FIRST_WINS:
        other = case.other_registration.partner.name if case.other_registration else _("our own team")
        return _("%s gets it.") % (case.registration.partner.name if proposal.winner == Side.OURS else other)
    return f"{CaseOutcome(proposal.outcome).label}."


def dispute(case: ConflictCase, tie_break: str, owner_answer: str) -> rules.Dispute:
    """The conflict as the rules see it."""
    other = case.other_registration
    return rules.Dispute(
        ours=_claimant(case.registration),
        other=_claimant(other) if other else rules.Claimant(is_registration=False),
        verdict=case.verdict,
        score=Decimal(case.score),
        same_domain=bool(case.parts.get("domain")),
        tie_break=tie_break,
        owner_answer=owner_answer,
    )


def _claimant(deal: Registration) -> rules.Claimant:
    return rules.Claimant(
        is_registration=True,
        submitted_at=deal.submitted_at,
        approved_at=deal.decided_at if deal.status in PROTECTED else None,
        protected=deal.status in PROTECTED,
        live=deal.status in LIVE,
        qualification=rules.qualification(deal),
    )


_TOLD: dict[tuple[str, str], Any] = {
    ("first_wins", "winner"): gettext_lazy("Yours is the claim that counts. We go on with the review."),
    ("first_wins", "loser"): gettext_lazy(
        "Another registration for this customer came earlier. Yours is next in line; we'll tell you when it moves up."
    ),
    ("customer_choice", "winner"): gettext_lazy("The customer has chosen to work with you."),
    ("customer_choice", "loser"): gettext_lazy("The customer has chosen another way in writing."),
    ("co_sell", ""): gettext_lazy("You'll work on this customer together with others. Your manager will call you."),
    ("split", ""): gettext_lazy("The credit for this customer is shared. Your manager will call you."),
    ("different", ""): gettext_lazy("We looked into it: nobody else is near this customer. We go on with the review."),
}


def preset(proposal: rules.Proposal, case: ConflictCase) -> dict[str, Any]:
    """What the form starts with when one follows the proposal. Who is protected already has nothing to read."""
    other = case.other_registration
    heard = other is not None and other.status not in PROTECTED
    return {
        "outcome": proposal.outcome, "winner": proposal.winner, "reason": " ".join(proposal.because),
        "ours_told": _told(proposal, Side.OURS), "other_told": _told(proposal, Side.OTHER) if heard else "",
    }  # fmt: skip


def _told(proposal: rules.Proposal, side: str) -> str:
    if proposal.outcome == CaseOutcome.DIFFERENT and side == Side.OTHER:
        return ""
    part = ("winner" if proposal.winner == side else "loser") if proposal.winner else ""
    return str(_TOLD.get((proposal.outcome, part), ""))
