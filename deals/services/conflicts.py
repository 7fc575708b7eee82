"""Claims on one customer: found, and decided for good."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Stale
from core.events import record
from core.scope import elevated
from deals import check
from deals.enums import CaseStatus, Verdict
from deals.models import ConflictCase, Registration
from deals.particulars import Resolution


def look_around(deal: Registration, at: datetime) -> check.Findings:
    customer = check.Customer.of(deal.website, deal.account_name, deal.country)
    check.one_at_a_time(customer)
    return check.find(customer, partner_id=deal.partner_id, product_id=deal.product_id, ignore=deal.pk, at=at)


def open_cases(deal: Registration, findings: check.Findings) -> None:
    """A case per rival: a person of the vendor decides it before the registration can be approved."""
    with elevated():  # whom it collides with is hidden from the partner whose act this is
        known = set(deal.conflicts.values_list("other_registration_id", "other_account_id"))
        fresh = [m for m in findings.matches if m.verdict != Verdict.YOURS and _rival(m) not in known]
        ConflictCase.objects.bulk_create(_case(deal, match) for match in fresh)


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


@transaction.atomic
def resolve(case: ConflictCase, resolution: Resolution, *, by: Actor, at: datetime) -> ConflictCase:
    """Decides a conflict case for good. The registration itself is then approved or declined as any other."""
    by.require("deal.decide")
    rows = ConflictCase.objects.filter(pk=case.pk, status=CaseStatus.OPEN)
    done = rows.update(
        status=CaseStatus.RESOLVED, outcome=resolution.outcome, reason=resolution.reason, decided_at=at,
        decided_by_id=by.id if by.kind == "vendor" else None,
    )  # fmt: skip
    if done != 1:
        raise Stale(_("Somebody was faster: this conflict is decided."))
    case.refresh_from_db()
    moved = {"status": [CaseStatus.OPEN, CaseStatus.RESOLVED], "outcome": ["", resolution.outcome]}
    record("resolved", case, by=by, at=at, data={"changes": moved})
    return case
