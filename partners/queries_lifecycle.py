"""What pages ask about how partners come, stay and go."""

from datetime import datetime

from django.db.models import Count, QuerySet

from core.actor import SYSTEM, Actor
from core.scope import elevated
from partners.actors import hash_token
from partners.enums import WORKING, ActionStatus, ApplicationStatus, PartnerStatus, ProgramStatus
from partners.lifecycle import Lifecycle
from partners.models import AgreementText, Application, OnboardingAction, Partner, Program
from partners.queries import companies


def application_with(token: str) -> Application | None:
    """The application a link holds the token of: whoever has the link may see it."""
    with elevated():
        rows = Application.objects.select_related("program")
        return rows.filter(token_hash=hash_token(token), status=ApplicationStatus.SENT).first()


def lapsed_applications(at: datetime) -> QuerySet[Application]:
    return Application.objects.filter(status=ApplicationStatus.SENT, expires_at__lte=at).order_by("expires_at")


def open_programs(actor: Actor) -> QuerySet[Program]:
    """Programs that run."""
    return Program.objects.visible_to(actor).filter(status=ProgramStatus.ACTIVE, deleted_at=None).order_by("name")


def program_to_join() -> Program | None:
    """The program that applications are for: one that lets partners sign up alone, else the first that runs."""
    programs = list(open_programs(SYSTEM))
    alone = (program for program in programs if Lifecycle.of(program.lifecycle).self_sign_up)
    return next(alone, programs[0] if programs else None)


def applications(actor: Actor, partner: Partner) -> QuerySet[Application]:
    """What somebody told of this partner when it, or they, wanted to join; the newest first."""
    rows = Application.objects.visible_to(actor).filter(partner=partner)
    return rows.select_related("program", "partner").order_by("-sent_at")


def join_requests(actor: Actor) -> QuerySet[Application]:
    """Who wants to work at the actor's partner, and waits for its admin."""
    rows = Application.objects.visible_to(actor).filter(status=ApplicationStatus.PASSED_ON)
    return rows.select_related("partner").order_by("due_at", "pk")


def inbound(actor: Actor) -> QuerySet[Application]:
    """Applications that wait for the vendor, the oldest promise first."""
    rows = Application.objects.visible_to(actor).filter(status=ApplicationStatus.WAITING)
    return rows.select_related("partner").order_by("due_at", "pk")


def unvetted(actor: Actor) -> QuerySet[Partner]:
    """Partners that joined by themselves and wait for a check."""
    rows = companies(actor).filter(unvetted_since__isnull=False, status__in=(*WORKING, PartnerStatus.SUSPENDED))
    return rows.order_by("unvetted_since", "pk")


def checklist(actor: Actor, partner: Partner) -> QuerySet[OnboardingAction]:
    rows = OnboardingAction.objects.visible_to(actor).filter(partner=partner)
    return rows.select_related("partner", "decided_by").order_by("place")


def handed_in(actor: Actor) -> QuerySet[OnboardingAction]:
    """What partners sent and we look at, the oldest promise first."""
    rows = OnboardingAction.objects.visible_to(actor).filter(status=ActionStatus.WAITING)
    return rows.select_related("partner").order_by("due_at", "pk")


def leaving(at: datetime) -> QuerySet[Partner]:
    """Partners whose last day has begun to be over somewhere."""
    rows = Partner.objects.filter(status=PartnerStatus.OFFBOARDING, offboarding__effective_on__lte=at.date())
    return rows.select_related("offboarding").order_by("offboarding__effective_on", "pk")


def agreement_texts(actor: Actor) -> QuerySet[AgreementText]:
    """Every version of the terms, the newest first, each with how many accepted it."""
    rows = AgreementText.objects.visible_to(actor).filter(deleted_at=None).select_related("program")
    return rows.annotate(signatures=Count("signed")).order_by("-published_at", "-pk")
