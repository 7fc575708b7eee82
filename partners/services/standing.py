"""Moves of a partner in its life with the vendor, up to its suspension."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.actor import SYSTEM, Actor
from core.errors import Stale
from core.events import record
from partners.enums import ApplicationStatus, MemberRole, PartnerStatus
from partners.models import Application, Partner
from partners.particulars import Because, Invites
from partners.services.agreements import settle_terms
from partners.services.leaving import end_access
from partners.services.people import invite
from partners.workflow import APPLICATION, PARTNER


def reach_out(partner: Partner, *, by: Actor, at: datetime) -> None:
    """We talked to a candidate."""
    PARTNER.fire(partner, "reach_out", by=by, at=at)


def evaluate(partner: Partner, *, by: Actor, at: datetime) -> None:
    """We look whether it fits."""
    PARTNER.fire(partner, "evaluate", by=by, at=at)


@transaction.atomic
def approve(partner: Partner, *, by: Actor, at: datetime) -> None:
    """It may become a partner: its first admin is invited, and with the terms accepted the onboarding begins."""
    application = _waiting(partner)
    PARTNER.fire(partner, "approve", by=by, at=at, data=_place(application), joined_on=at.date())
    if application is not None:
        APPLICATION.fire(application, "accept", by=by, at=at)
        invite(partner, Invites((application.email,), MemberRole.ADMIN), by=by, at=at)
    settle_terms(partner, at=at)


def _waiting(partner: Partner) -> Application | None:
    rows = Application.objects.filter(partner=partner, status=ApplicationStatus.WAITING)
    return rows.select_related("program").order_by("sent_at").first()


def _place(application: Application | None) -> dict[str, str]:
    """Into which program it comes, and as what: read by who keeps the memberships."""
    if application is None:
        return {}
    return {"program": application.program.public_id, "partner_type": application.partner_type}


@transaction.atomic
def vet(partner: Partner, *, by: Actor, at: datetime) -> None:
    """A partner that joined by itself is what it says: margins, leads and market funds are open to it now."""
    by.require("partner.approve")
    rows = Partner.objects.filter(pk=partner.pk, unvetted_since__isnull=False)
    if rows.update(unvetted_since=None) != 1:
        raise Stale(_("Somebody was faster: this partner is checked."))
    partner.refresh_from_db()
    record("vetted", partner, by=by, at=at, partner_id=partner.pk)


def nurture(partner: Partner, because: Because, *, by: Actor, at: datetime) -> None:
    """Not now; we stay in touch."""
    PARTNER.fire(partner, "nurture", by=by, at=at, data=because.told)


@transaction.atomic
def decline(partner: Partner, because: Because, *, by: Actor, at: datetime) -> None:
    """It doesn't become a partner; who came in alone and wasn't checked yet loses its access."""
    application = _waiting(partner)
    PARTNER.fire(partner, "decline", by=by, at=at, data=because.told, unvetted_since=None)
    if application is not None:
        APPLICATION.fire(application, "decline", by=by, at=at)
    end_access(partner, by=by, at=at)


def suspend(partner: Partner, because: Because, *, by: Actor, at: datetime) -> None:
    """No new registrations, market funds and leads; what is protected stays so."""
    PARTNER.fire(partner, "suspend", by=by, at=at, data=because.told, suspended_from=partner.status)


def resume(partner: Partner, *, by: Actor, at: datetime) -> None:
    """Back to where it was."""
    step = "resume_onboarding" if partner.suspended_from == PartnerStatus.ONBOARDING else "resume"
    PARTNER.fire(partner, step, by=by, at=at, suspended_from="")


def take_in_alone(partner: Partner, application: Application, *, at: datetime) -> None:
    """The moves of a partner that signed up by itself, as far as they need no person."""
    PARTNER.fire(partner, "evaluate", by=SYSTEM, at=at)
    PARTNER.fire(partner, "approve", by=SYSTEM, at=at, data=_place(application), joined_on=at.date(), unvetted_since=at)
