"""How a partner leaves: the plan, the last day, the end of every access."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.services import shut_out
from core import slots
from core.actor import SYSTEM, Actor
from core.calendar import end_of_local_day
from core.errors import Refused
from core.events import record
from partners.enums import InvitationStatus
from partners.models import ApiKey, Invitation, Member, Offboarding, Partner
from partners.particulars import Leaving
from partners.workflow import INVITATION, PARTNER


@transaction.atomic
def offboard(partner: Partner, leaving: Leaving, *, by: Actor, at: datetime) -> Offboarding:
    """Begins the end: nothing new from now on; the plan says what becomes of what is open."""
    if leaving.effective_on < at.astimezone(ZoneInfo(partner.time_zone)).date():
        raise Refused(_("Enter a day from today on."), field="effective_on")
    told = {name: str(value) for name, value in leaving.values().items()}
    PARTNER.fire(partner, "offboard", by=by, at=at, data=told)
    return Offboarding.objects.create(partner=partner, begun_at=at, **leaving.values())


def blockers(partner: Partner, at: datetime) -> list[str]:
    """Why it can't leave yet, in the words of the apps that hold its money."""
    return slots.ask("offboarding_blocker", SYSTEM, partner, at=at)


def prepared(partner: Partner, at: datetime) -> Partner:
    """The partner with what the bars of its last step look at."""
    partner.last_day_ends = end_of_local_day(partner.offboarding.effective_on, partner.time_zone)  # type: ignore[attr-defined]
    partner.blockers = blockers(partner, at)  # type: ignore[attr-defined]
    return partner


@transaction.atomic
def leave(partner: Partner, *, by: Actor, at: datetime) -> None:
    """The partnership is over. Raises Refused before the last day and while money is open."""
    plan = partner.offboarding
    PARTNER.fire(prepared(partner, at), "leave", by=by, at=at, data={"deals": plan.deals, "reason": plan.reason})
    Offboarding.objects.filter(pk=plan.pk).update(ended_at=at)
    end_access(partner, by=by, at=at)


def end_access(partner: Partner, *, by: Actor, at: datetime) -> None:
    """Nobody signs in for this partner, no key works, no invitation can be used."""
    for member in Member.objects.filter(partner=partner, ended_at=None).select_related("user").order_by("pk"):
        Member.objects.filter(pk=member.pk).update(ended_at=at)
        member.refresh_from_db()
        record("removed", member, by=by, at=at, partner_id=partner.pk)
        shut_out(member.user, by=by, at=at)
    for key in ApiKey.objects.filter(partner=partner, revoked_at=None).order_by("pk"):
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=at)
        key.refresh_from_db()
        record("revoked", key, by=by, at=at, partner_id=partner.pk, data={"name": key.name})
    for invitation in Invitation.objects.filter(partner=partner, status=InvitationStatus.SENT).order_by("pk"):
        INVITATION.fire(invitation, "revoke", by=SYSTEM, at=at)
