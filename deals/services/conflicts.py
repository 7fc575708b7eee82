"""Claims on one customer: found, opened as cases, and what a decision made common."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from core.scope import elevated
from deals import check
from deals.enums import PROTECTED, CaseOutcome, Stage, Verdict
from deals.matching import index
from deals.models import ConflictCase, Opportunity, Registration


def look_around(deal: Registration, at: datetime) -> check.Findings:
    customer = check.Customer.of(deal.website, deal.account_name, deal.country, deal.contact_email)
    check.one_at_a_time(customer)
    return check.find(customer, partner_id=deal.partner_id, product_id=deal.product_id, ignore=deal.pk, at=at)


def open_cases(deal: Registration, findings: check.Findings) -> None:
    """A case per rival: a person of the vendor decides it before the registration can be approved."""
    with elevated():  # whom it collides with is hidden from the partner whose act this is
        known = set(deal.conflicts.values_list("other_registration_id", "other_account_id"))
        fresh = [m for m in findings.matches if m.verdict != Verdict.YOURS and _rival(m) not in known]
        ConflictCase.objects.bulk_create(_case(deal, match) for match in fresh)
        index.renew(deal)


def _rival(match: check.Match) -> tuple[UUID | None, UUID | None]:
    return getattr(match.registration, "pk", None), getattr(match.account, "pk", None)


def _case(deal: Registration, match: check.Match) -> ConflictCase:
    return ConflictCase(
        partner_id=deal.partner_id,
        registration=deal,
        other_registration=match.registration,
        other_account=match.account,
        other_opportunity=match.opportunity,
        verdict=match.verdict,
        score=match.score,
        parts=match.parts,
    )


def shared_opportunity(deal: Registration) -> tuple[Opportunity, Decimal | None] | None:
    """The open opportunity that a decision made common to this deal and another side, with the deal's sourcing share
    (None: it sells along, the sourcing stays where it is)."""
    cases = ConflictCase.objects.filter(
        Q(registration=deal) | Q(other_registration=deal), outcome__in=(CaseOutcome.CO_SELL, CaseOutcome.SPLIT)
    ).select_related("registration__opportunity", "other_registration__opportunity", "other_opportunity")
    found = ((_common(case, deal), _share(case, deal)) for case in cases.order_by("decided_at"))
    return next(((one, share) for one, share in found if one is not None and one.stage == Stage.OPEN), None)


def _common(case: ConflictCase, deal: Registration) -> Opportunity | None:
    if case.other_registration is None:
        return case.other_opportunity
    other = case.other_registration if case.registration_id == deal.pk else case.registration
    return other.opportunity if other.status in PROTECTED else None


def _share(case: ConflictCase, deal: Registration) -> Decimal | None:
    if case.outcome != CaseOutcome.SPLIT or case.share_percent is None:
        return None
    return case.share_percent if case.registration_id == deal.pk else 100 - case.share_percent
