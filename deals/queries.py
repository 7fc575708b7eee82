"""Reads about deals for pages and services."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, Func, IntegerField, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce

from accounts.enums import Kind
from accounts.models import User
from core.actor import SYSTEM, Actor
from core.models import Event
from deals.enums import Stage, Status
from deals.models import Approval, ConflictCase, Opportunity, OwnerQuestion, Registration
from deals.rules import Policy
from deals.standing import approvers, policy_of
from partners.models import Product
from tiers.models import ProgramMembership

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


class _Approver(Func):
    """Whose step of the approval it is: the key of `steps[steps_done]`."""

    template = "((%(expressions)s) ->> 'approver')"
    arg_joiner = " -> "
    output_field = TextField()


def waiting_for_decision(actor: Actor):
    """What the console's queue shows of deals: the steps that are this reader's, and appeals against others; the
    oldest promise first. Who waits in line, or for the partner's own word, is nobody's to decide yet.
    """
    mine = approvers(actor)
    rows = Registration.objects.visible_to(actor).filter(deleted_at=None, queued_behind=None)
    rows = rows.filter(status__in=(Status.IN_REVIEW, Status.APPEALED))  # what the index of due answers holds
    rows = rows.exclude(on_behalf=True, confirmed_at=None)
    present = _Approver(F("steps"), Cast("steps_done", IntegerField()))
    rows = rows.annotate(approver=Coalesce(present, Value("manager", output_field=TextField())))
    wanted = Q(status=Status.IN_REVIEW, approver__in=mine)
    if actor.can("deal.decide"):
        wanted |= Q(status=Status.APPEALED) & (Q(decided_by=None) | ~Q(decided_by_id=actor.id))
    return rows.filter(wanted).select_related("partner").order_by("due_at", "id")


def approvals(deal: Registration) -> list[Approval]:
    """Who said yes to which step, in order."""
    return list(deal.approvals.select_related("decided_by").order_by("step"))


def owner_questions(deal: Registration, actor: Actor) -> list[OwnerQuestion]:
    """Whom of our side we asked, the last one first."""
    rows = OwnerQuestion.objects.visible_to(actor).filter(registration=deal)
    return list(rows.select_related("asked_by", "opportunity").order_by("-asked_at"))


def owner_question(pk: UUID) -> OwnerQuestion | None:
    """The question behind a signed link, with all that its page shows."""
    rows = OwnerQuestion.objects.visible_to(SYSTEM).filter(pk=pk, deleted_at=None)
    return rows.select_related("registration__partner", "registration__product", "asked_by", "opportunity").first()


def direct_opportunity(deal: Registration) -> Opportunity | None:
    """Our own team's open opportunity that the registration collides with, or that stands on its customer."""
    case = deal.conflicts.filter(other_opportunity__isnull=False).select_related("other_opportunity").first()
    if case is not None:
        return case.other_opportunity
    if deal.account is None:
        return None
    rows = Opportunity.objects.filter(account=deal.account, stage=Stage.OPEN, partners=None, deleted_at=None)
    return rows.order_by("-opened_on").first()


def salespeople() -> list[tuple[str, str]]:
    """(e-mail, name) of the vendor's people."""
    rows = User.objects.filter(kind=Kind.VENDOR, is_active=True).order_by("name")
    return list(rows.values_list("email", "name"))


def appeal_text(deal: Registration) -> str:
    """The partner's words of its appeal."""
    told = Event.objects.filter(subject_id=deal.pk, type="deal_registration.appealed").order_by("-id").first()
    return told.data.get("text", "") if told else ""


def program_of(memberships: Sequence[ProgramMembership], motion: str, product: Product | None) -> ProgramMembership:
    """Under which membership a deal is registered unless somebody chooses: the first whose program takes such deals."""
    sku, family = (product.sku, product.family) if product else ("", "")
    fitting = (m for m in memberships if Policy.of(m.program.policy).covers(motion, sku, family))
    return next(fitting, memberships[0])


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
    return policy_of(case.registration).tie_break, asked.values_list("answer", flat=True).first() or ""


def find_own(actor: Actor, pk: UUID) -> Registration | None:
    return registrations(actor).filter(pk=pk).first()
