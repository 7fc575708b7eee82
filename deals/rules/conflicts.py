"""Who gets a customer that two sides claim: what the rules propose, and why. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from deals.enums import CaseOutcome, OwnerAnswer, Side, Verdict
from deals.rules.policy import Policy

ALIKE = Decimal("0.75")  # below it, names without a common domain are more likely two companies


@dataclass(frozen=True)
class Claimant:
    """One side of a conflict as the rules see it; our own sales team is a side without a registration."""

    is_registration: bool
    submitted_at: datetime | None = None
    approved_at: datetime | None = None
    protected: bool = False
    live: bool = True
    qualification: int = 0  # how many of the facts that qualify a deal are there


@dataclass(frozen=True)
class Proposal:
    """What the program's rules say; a person decides."""

    outcome: str
    winner: str = ""
    because: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dispute:
    """A conflict with all that the rules look at."""

    ours: Claimant
    other: Claimant
    verdict: str
    score: Decimal
    same_domain: bool
    tie_break: str = "first_submitted"
    owner_answer: str = ""  # of the opportunity's owner, when asked


def propose(dispute: Dispute) -> Proposal:
    """The rules' answer: names that are barely alike, then protection, then our own team, then the tie-break."""
    if not dispute.same_domain and dispute.verdict == Verdict.POSSIBLE and dispute.score < ALIKE:
        return Proposal(CaseOutcome.DIFFERENT, "", (_("Only the names are a little alike. The domains differ."),))
    if not dispute.other.is_registration:
        return _with_our_team(dispute)
    if dispute.other.protected:
        return Proposal(CaseOutcome.FIRST_WINS, Side.OTHER, (_("The other side is protected already."),))
    if not dispute.other.live:
        return Proposal(CaseOutcome.FIRST_WINS, Side.OURS, (_("The other side's registration has ended."),))
    return _TIE_BREAKS[dispute.tie_break](dispute)


def _with_our_team(dispute: Dispute) -> Proposal:
    if dispute.owner_answer == OwnerAnswer.CO_SELL:
        return Proposal(CaseOutcome.CO_SELL, "", (_("Our colleague wants to work on it with the partner."),))
    if dispute.owner_answer == OwnerAnswer.NOT_MINE:
        return Proposal(CaseOutcome.FIRST_WINS, Side.OURS, (_("Our colleague isn't working on it."),))
    if dispute.owner_answer == OwnerAnswer.MINE:
        return Proposal(CaseOutcome.FIRST_WINS, Side.OTHER, (_("Our colleague is working on it."),))
    why = _("Our own team was there first. Ask the owner of the opportunity if you aren't sure.")
    return Proposal(CaseOutcome.FIRST_WINS, Side.OTHER, (why,))


def _first_submitted(dispute: Dispute) -> Proposal:
    ours, other = dispute.ours.submitted_at, dispute.other.submitted_at
    if ours and other and ours < other:
        return Proposal(CaseOutcome.FIRST_WINS, Side.OURS, (_("First in, first served: this one is earlier."),))
    return Proposal(CaseOutcome.FIRST_WINS, Side.OTHER, (_("First in, first served: the other side is earlier."),))


def _first_approved(dispute: Dispute) -> Proposal:
    ours, other = dispute.ours.approved_at, dispute.other.approved_at
    if (ours is None) == (other is None):
        return _first_submitted(dispute)
    side = Side.OURS if other is None else Side.OTHER
    return Proposal(CaseOutcome.FIRST_WINS, side, (_("In this program the first one approved wins."),))


def _best_qualified(dispute: Dispute) -> Proposal:
    ours, other = dispute.ours.qualification, dispute.other.qualification
    if ours == other:
        return _first_submitted(dispute)
    why = _("In this program the better qualified claim wins: %(most)s facts against %(least)s.")
    told = why % {"most": max(ours, other), "least": min(ours, other)}
    return Proposal(CaseOutcome.FIRST_WINS, Side.OURS if ours > other else Side.OTHER, (told,))


def _customer_choice(dispute: Dispute) -> Proposal:
    return Proposal(CaseOutcome.CUSTOMER_CHOICE, "", (_("In this program the customer's written choice decides."),))


_TIE_BREAKS = {
    "first_submitted": _first_submitted,
    "first_approved": _first_approved,
    "best_qualified": _best_qualified,
    "customer_choice": _customer_choice,
}

_QUALIFYING = ("contact_name", "contact_email", "contact_role", "need", "competitor", "how_found", "next_step")


def qualification(deal) -> int:
    """How many of the facts that qualify a deal its partner has told."""
    return sum(bool(getattr(deal, name)) for name in _QUALIFYING) + bool(deal.extra)


def unfit(case, resolution, policy: Policy) -> tuple[str, str] | None:
    """(field, sentence) that says what a decision lacks or may not do; None when it stands."""
    if resolution.outcome == CaseOutcome.CUSTOMER_CHOICE and not policy.customer_may_choose:
        return "outcome", _("In this program the customer's letter doesn't decide. Choose another way.")
    if resolution.outcome in (CaseOutcome.FIRST_WINS, CaseOutcome.CUSTOMER_CHOICE) and not resolution.winner:
        return "winner", _("Choose who gets it.")
    if resolution.outcome == CaseOutcome.CUSTOMER_CHOICE and not resolution.letter:
        return "letter", _("Enter who at the customer wrote what, and when.")
    if resolution.outcome == CaseOutcome.SPLIT and not 0 < (resolution.share_percent or 0) < 100:
        return "share_percent", _("Enter a share between 0 and 100.")
    if resolution.outcome == CaseOutcome.SPLIT and case.other_registration is None:
        return "outcome", _("Credit is shared between partners. With our own team, sell together.")
    return None
