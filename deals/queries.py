"""Reads about deals for pages and services."""

from datetime import datetime, timedelta
from uuid import UUID

from core.actor import Actor
from deals.enums import PROTECTED, Status
from deals.models import ConflictCase, OwnerQuestion, Registration
from deals.rules import expiring_from
from deals.standing import policy_of
from partners.models import Product
from tiers.models import ProgramMembership

_LONGEST_NOTICE = timedelta(days=120)
LIST_FIELDS = (
    "id", "reference", "account_name", "status", "amount", "currency", "expected_close_on", "due_at", "question",
    "protection_expires_at", "created_at", "updated_at", "version", "partner_id", "rejection_code",
)  # fmt: skip


def registrations(actor: Actor):
    """The registrations an actor may see, with what a page about one shows."""
    rows = Registration.objects.visible_to(actor).filter(deleted_at=None)
    return rows.select_related(
        "partner__manager", "membership__program", "membership__tier", "product", "account", "opportunity", "decided_by"
    )


def memberships(partner_ids) -> list[ProgramMembership]:
    """The active program memberships under which partners can register."""
    rows = ProgramMembership.objects.filter(partner_id__in=partner_ids, status="active", program__status="active")
    return list(rows.select_related("program", "partner", "tier").order_by("starts_on"))


def products() -> list[Product]:
    return list(Product.objects.filter(is_active=True, deleted_at=None).order_by("name"))


def waiting_for_decision(actor: Actor):
    """What the console's queue shows of deals: the oldest promise first."""
    rows = Registration.objects.visible_to(actor).filter(status=Status.IN_REVIEW, deleted_at=None)
    return rows.select_related("partner").order_by("due_at", "id")


def conflicts(deal: Registration, actor: Actor) -> list[ConflictCase]:
    rows = ConflictCase.objects.visible_to(actor).filter(registration=deal)
    return list(
        rows.select_related("other_registration__partner", "other_account", "other_opportunity").order_by("created_at")
    )


def cases(actor: Actor):
    """Conflict cases with everything the decision page shows."""
    return ConflictCase.objects.visible_to(actor).select_related(
        "registration__partner", "registration__membership__tier", "registration__membership__program",
        "registration__product", "other_registration__partner", "other_registration__membership__tier",
        "other_registration__product", "other_account", "other_opportunity__product", "decided_by",
    )  # fmt: skip


def ground_of(case: ConflictCase) -> tuple[str, str]:
    """(the program's tie-break, the last answer of the opportunity's owner) for the rules' proposal."""
    asked = OwnerQuestion.objects.filter(registration=case.registration).exclude(answer="").order_by("-answered_at")
    tie_break = getattr(policy_of(case.registration), "tie_break", "first_submitted")
    return tie_break, asked.values_list("answer", flat=True).first() or ""


def due_to_expire(at: datetime):
    """Protected registrations whose protection has ended, for the sweep."""
    return Registration.objects.filter(status__in=PROTECTED, protection_expires_at__lte=at)


def due_to_approach(at: datetime):
    """Approved registrations near the end of their protection, for the sweep."""
    rows = Registration.objects.filter(status=Status.APPROVED, protection_expires_at__gt=at)
    rows = rows.select_related("membership__program", "partner")
    return [row for row in rows.filter(protection_expires_at__lte=at + _LONGEST_NOTICE) if _near(row, at)]


def _near(deal: Registration, at: datetime) -> bool:
    end = deal.protection_expires_at
    return end is not None and at >= expiring_from(end, policy_of(deal))


def find_own(actor: Actor, pk: UUID) -> Registration | None:
    return registrations(actor).filter(pk=pk).first()
