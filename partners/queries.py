"""What pages ask about partners and their people."""

from datetime import date, datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now, TruncDate

from accounts.enums import Kind
from accounts.models import User
from accounts.queries import second_factor_of
from core.actor import Actor
from core.models import Event
from core.scope import elevated
from partners.actors import hash_token
from partners.enums import InvitationStatus, StaffRole
from partners.models import (
    Absence,
    Agreement,
    ApiKey,
    Call,
    Contact,
    Integration,
    Invitation,
    ManagerRegion,
    ManagerTerm,
    Member,
    Merge,
    MutualValue,
    Note,
    Partner,
    PartnerExport,
    YearPlan,
)

EVENTS_SHOWN = 30


def companies(actor: Actor) -> QuerySet[Partner]:
    """The partners an actor may see, each with who looks after it."""
    return Partner.objects.visible_to(actor).filter(deleted_at=None).select_related("manager", "backup", "parent")


def own_company(actor: Actor) -> Partner | None:
    """The partner somebody works for."""
    return companies(actor).order_by("created_at").first()


def merged(actor: Actor, reference: str) -> Partner | None:
    """The partner that this one became part of."""
    rows = Partner.objects.visible_to(actor).filter(reference=reference, merged_into__isnull=False)
    row = rows.select_related("merged_into").first()
    return row.merged_into if row else None


def merges(actor: Actor) -> QuerySet[Merge]:
    """Proposals that wait for a second person, the first first."""
    rows = Merge.objects.visible_to(actor).filter(status="proposed").select_related("loser", "winner", "proposed_by")
    return rows.order_by("proposed_at", "pk")


def members(actor: Actor, partner: Partner | None = None) -> QuerySet[Member]:
    """Who works for a partner now, each with `two_step`."""
    rows = Member.objects.visible_to(actor).filter(ended_at=None).select_related("user", "partner")
    rows = rows.filter(partner=partner) if partner else rows
    return rows.annotate(two_step=second_factor_of("user_id")).order_by("user__name", "pk")


def open_invitations(actor: Actor, partner: Partner | None = None) -> QuerySet[Invitation]:
    """Invitations that wait or ran out, the newest first."""
    states = (InvitationStatus.SENT, InvitationStatus.EXPIRED)
    rows = Invitation.objects.visible_to(actor).filter(status__in=states).select_related("invited_by", "partner")
    return (rows.filter(partner=partner) if partner else rows).order_by("-sent_at", "-pk")


def invitation_with(token: str) -> Invitation | None:
    """The invitation a link holds the token of, across all partners: whoever has the link may see it."""
    with elevated():
        rows = Invitation.objects.select_related("partner", "invited_by")
        return rows.filter(token_hash=hash_token(token)).first()


def lapsed_invitations(at: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(status=InvitationStatus.SENT, expires_at__lte=at).order_by("expires_at")


def contacts(actor: Actor, partner: Partner) -> QuerySet[Contact]:
    rows = Contact.objects.visible_to(actor).filter(partner=partner, deleted_at=None)
    return rows.order_by("-is_primary", "last_name", "first_name")


def notes(actor: Actor, partner: Partner) -> QuerySet[Note]:
    """Internal notes, the newest first; nothing for anybody but the vendor."""
    rows = Note.objects.visible_to(actor).filter(partner=partner, deleted_at=None)
    return rows.select_related("author").order_by("-at", "-pk")


def agreements(actor: Actor, partner: Partner) -> QuerySet[Agreement]:
    return Agreement.objects.visible_to(actor).filter(partner=partner, deleted_at=None).order_by("-signed_at")


def events(actor: Actor, partner: Partner) -> list[Event]:
    """The last things that happened with a partner, the newest first. What the system did by itself is left out."""
    rows = Event.objects.visible_to(actor).filter(Q(partner_id=partner.pk) | Q(subject_id=partner.pk))
    return list(rows.exclude(actor_kind="system").order_by("-id")[:EVENTS_SHOWN])


def keys(actor: Actor) -> QuerySet[ApiKey]:
    """API keys, those that work first."""
    rows = ApiKey.objects.visible_to(actor).filter(deleted_at=None).select_related("partner", "created_by")
    return rows.order_by("-revoked_at", "-created_at")


def regions(actor: Actor) -> list[str]:
    rows = Partner.objects.visible_to(actor).exclude(region="").order_by("region")
    return list(rows.values_list("region", flat=True).distinct())


def channel_managers() -> QuerySet[User]:
    """Who may be kept to regions, each with `places`, the names of theirs, and `seen`, how many partners that makes."""
    mine = ManagerRegion.objects.filter(person=OuterRef("pk")).order_by("region").values("region")
    theirs = ManagerRegion.objects.filter(person=OuterRef(OuterRef("pk"))).values("region")
    own = Q(region__in=theirs) | Q(manager=OuterRef("pk")) | Q(backup=OuterRef("pk"))
    count = Partner.objects.filter(own, deleted_at=None).order_by().values(n=Func(F("pk"), function="count"))
    people = User.objects.filter(kind=Kind.VENDOR, staff_role=StaffRole.CHANNEL_MANAGER, is_active=True)
    return people.annotate(places=ArraySubquery(mine), seen=Subquery(count)).order_by("name", "pk")


def regions_of(person: User) -> list[str]:
    return list(ManagerRegion.objects.filter(person=person).order_by("region").values_list("region", flat=True))


def unlooked_after(actor: Actor) -> tuple[list[str], int]:
    """(regions of partners that are no channel manager's, how many partners have no region)."""
    partners = Partner.objects.visible_to(actor).filter(deleted_at=None)
    known = ManagerRegion.objects.filter(person__in=channel_managers().values("pk")).values("region")
    nobodys = partners.exclude(region="").exclude(region__in=known).order_by("region")
    return list(nobodys.values_list("region", flat=True).distinct()), partners.filter(region="").count()


def managers(actor: Actor) -> list[tuple[UUID, str]]:
    """Who looks after at least one partner."""
    rows = Partner.objects.visible_to(actor).exclude(manager=None).order_by("manager__name")
    return list(rows.values_list("manager_id", "manager__name").distinct())


def never_here(actor: Actor) -> QuerySet[Member]:
    """Members who have not signed in yet, the oldest first."""
    rows = Member.objects.visible_to(actor).filter(ended_at=None, user__last_login=None, user__is_active=True)
    return rows.select_related("user", "partner").order_by("created_at", "pk")


def first_time_here(actor: Actor) -> QuerySet[Member]:
    """Members who have signed in, those who joined last first."""
    rows = Member.objects.visible_to(actor).filter(ended_at=None, user__last_login__isnull=False)
    return rows.select_related("user", "partner").order_by("-created_at", "-pk")


# --- what both sides do together ------------------------------------------------------------------------------------


def integrations(actor: Actor, partner: Partner) -> QuerySet[Integration]:
    """Those that live first, by name."""
    rows = Integration.objects.visible_to(actor).filter(partner=partner, deleted_at=None)
    return rows.order_by("status", "name")


def mutual_values(actor: Actor, partner: Partner) -> QuerySet[MutualValue]:
    rows = MutualValue.objects.visible_to(actor).filter(partner=partner, deleted_at=None)
    return rows.select_related("integration").order_by("-agreed_on", "-pk")


def calls(actor: Actor, partner: Partner) -> QuerySet[Call]:
    """Talks, the newest first; nothing for anybody but the vendor."""
    rows = Call.objects.visible_to(actor).filter(partner=partner, deleted_at=None)
    return rows.select_related("author").order_by("-at", "-pk")


def next_steps(actor: Actor) -> QuerySet[Call]:
    """Next steps with a time that nobody has done yet, the first due first."""
    rows = Call.objects.visible_to(actor).filter(done_at=None, next_step_due__isnull=False, deleted_at=None)
    return rows.exclude(next_step="").select_related("partner").order_by("next_step_due", "pk")


def plan_of(actor: Actor, partner: Partner, year: int) -> YearPlan | None:
    return YearPlan.objects.visible_to(actor).filter(partner=partner, year=year, deleted_at=None).first()


def years(actor: Actor, partner: Partner) -> list[int]:
    """The years there is a plan for, the last first."""
    rows = YearPlan.objects.visible_to(actor).filter(partner=partner, deleted_at=None)
    return list(rows.order_by("-year").values_list("year", flat=True))


# --- who looks after partners -----------------------------------------------------------------------------------------


def terms(actor: Actor, partner: Partner) -> QuerySet[ManagerTerm]:
    """Who looks after a partner, looked after it and will, the last first."""
    rows = ManagerTerm.objects.visible_to(actor).filter(partner=partner, deleted_at=None)
    return rows.select_related("manager", "backup").order_by("-since", "-pk")


def manager_on(actor: Actor, partner: Partner, day: date) -> User | None:
    """Who looked after a partner on a day: history stays with them."""
    held = terms(actor, partner).exclude(begun_at=None)
    term = held.filter(since__lte=day).filter(Q(until=None) | Q(until__gt=day)).first()
    if term:
        return term.manager
    return None if held.exists() else partner.manager


def due_terms(at: datetime) -> QuerySet[ManagerTerm]:
    """Announced changes whose day is here."""
    rows = ManagerTerm.objects.filter(begun_at=None, since__lte=at.date())
    return rows.select_related("manager", "backup").order_by("since", "pk")


def absences(actor: Actor, on: date) -> QuerySet[Absence]:
    """Absences that are not over, the next first."""
    rows = Absence.objects.visible_to(actor).filter(cancelled_at=None, last_day__gte=on)
    return rows.select_related("person", "delegate").order_by("first_day", "pk")


def stands_in_for(actor: Actor, day: date) -> list[UUID]:
    """For whom somebody of the vendor decides on a day."""
    return list(
        absences(actor, day).filter(delegate_id=actor.id, first_day__lte=day).values_list("person_id", flat=True)
    )


def delegate_of(person: User) -> User | None:
    """Who decides for somebody today, or None when they are here. By the clock of the database."""
    with elevated():
        today = TruncDate(Now())
        rows = Absence.objects.filter(person=person, cancelled_at=None, first_day__lte=today, last_day__gte=today)
        row = rows.select_related("delegate").first()
        return row.delegate if row and row.delegate.is_active else None


def exports(actor: Actor, partner: Partner) -> QuerySet[PartnerExport]:
    """Files of a partner's data, the newest first."""
    return PartnerExport.objects.visible_to(actor).filter(partner=partner).order_by("-asked_at", "-pk")
