"""What the console reads of requests and claims."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Prefetch, Q, QuerySet, TextField
from django.db.models.functions import Cast

from core.actor import Actor
from core.models import LedgerAccount
from mdf import money
from mdf.enums import ClaimStatus, RequestStatus
from mdf.models import Activity, Claim, Payment, Request, StepTaken
from mdf.queries import own
from mdf.services.deciding import PERMISSIONS
from partners.enums import WORKING
from partners.models import Partner, Program
from tiers.models import ProgramMembership


class _Present(Func):
    """Whose step it is: the word of `steps` at the place `steps_done`."""

    template, arg_joiner, output_field = "(%(expressions)s)", " ->> ", TextField()


def requests(actor: Actor) -> QuerySet[Request]:
    """The requests an actor may see, with what pages about them show."""
    return own.requests(actor).select_related("allocation__budget")


def with_activities(actor: Actor) -> QuerySet[Request]:
    """The same with their activities in order, the budget lines and the claims."""
    activities = Activity.objects.visible_to(actor).order_by("place_in_request").prefetch_related("lines", "claims")
    return requests(actor).prefetch_related(Prefetch("activities", activities))


def approvers(actor: Actor) -> list[str]:
    """Whose steps this reader takes."""
    return [approver for approver, permission in PERMISSIONS.items() if actor.can(permission)]


def waiting_requests(actor: Actor) -> QuerySet[Request]:
    """What waits for this very person: steps of its role, not of what it wrote or has signed; the oldest promise first.

    What we wrote for a partner waits for the partner's own word first.
    """
    rows = requests(actor).filter(status=RequestStatus.IN_REVIEW).exclude(on_behalf=True, confirmed_at=None)
    rows = rows.annotate(approver=_Present(F("steps"), Cast("steps_done", IntegerField())))
    signed = StepTaken.objects.visible_to(actor).filter(decided_by_id=actor.id, round=F("request__round"))
    rows = rows.filter(approver__in=approvers(actor)).exclude(created_by_id=actor.id)
    return rows.exclude(pk__in=signed.values("request_id")).order_by("due_at", "id")


def signed(request: Request, actor: Actor) -> list[StepTaken]:
    """Who said yes to which step of the present round, in order."""
    rows = StepTaken.objects.visible_to(actor).filter(request=request, round=request.round)
    return list(rows.select_related("decided_by").order_by("step"))


def programs(actor: Actor) -> QuerySet[Program]:
    return Program.objects.visible_to(actor).filter(deleted_at=None).order_by("name")


def in_program(actor: Actor, program: Program) -> list[Partner]:
    """The partners that may get a part of a program's budget, by name."""
    members = ProgramMembership.objects.visible_to(actor).filter(program=program, status="active", deleted_at=None)
    rows = Partner.objects.visible_to(actor).filter(pk__in=members.values("partner_id"), status__in=WORKING)
    return list(rows.order_by("name"))


def waiting_claims(actor: Actor) -> QuerySet[Claim]:
    """Claims to decide that this person did not write, the oldest promise first."""
    if not actor.can("mdf.decide"):
        return Claim.objects.visible_to(actor).none()
    rows = own.claims(actor).filter(status=ClaimStatus.IN_REVIEW).exclude(created_by_id=actor.id)
    return rows.order_by("due_at", "id")


def payable(actor: Actor) -> QuerySet[Claim]:
    """Claims of which something is owed and not ordered yet, what is due first first."""
    accounts = LedgerAccount.objects.visible_to(actor).filter(kind=money.CLAIMED, owner_id=OuterRef("pk"))
    rows = own.claims(actor).filter(Exists(accounts.filter(balance__gt=0)), status=ClaimStatus.PAYABLE)
    return rows.order_by("pay_by", "id")


def payments(actor: Actor) -> QuerySet[Payment]:
    rows = Payment.objects.visible_to(actor).filter(deleted_at=None)
    return rows.select_related(
        "partner", "ordered_by", "released_by", "claim__activity__request__membership__program__fund_terms"
    )


def late(rows: QuerySet, at: datetime) -> dict[str, Any]:
    """How many wait in all, and how many of them are late."""
    return rows.order_by().aggregate(total=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
