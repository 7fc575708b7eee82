"""More days of protection: asked for and answered, or given by the rules where there was customer activity."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.errors import Refused
from core.events import record
from core.models import Event
from deals import rules
from deals.enums import PROTECTED, RequestStatus, Status, TouchStatus
from deals.models import Extension, Registration, Touch
from deals.particulars import Reason
from deals.rules.policy import Extension as Terms
from deals.services.requests import answered, must_be, only_one, person
from deals.services.winding import span_of, wind
from deals.standing import policy_of
from deals.workflow import REGISTRATION, REQUEST


@transaction.atomic
def request_extension(deal: Registration, reason: Reason, *, by: Actor, at: datetime) -> Extension:
    """The partner asks for more days. Raises Refused where the program, or the deal's state, gives none."""
    by.require("deal.update")
    must_be(deal, (*PROTECTED, Status.EXPIRED), _("Only protected deals can be extended."))
    terms = policy_of(deal).extension
    why = refusal(deal, terms, at)
    if why:
        raise Refused(why, code="rule")
    if terms.needs_reason and not reason.text:
        raise Refused(_("Enter why you need more time."), field="text")
    only_one(Extension.objects.all(), deal, _("You asked for an extension already. We answer that one first."))
    due = rules.request_due(at, deal.partner.time_zone)
    extension = Extension.objects.create(
        partner_id=deal.partner_id, registration=deal, days=terms.days, reason=reason.text,
        requested_at=at, requested_by_id=person(by), due_at=due,
    )  # fmt: skip
    data = {"text": reason.text, "days": terms.days, "registration": deal.public_id}
    record("requested", extension, by=by, at=at, partner_id=deal.partner_id, data=data)
    return extension


def refusal(deal: Registration, terms: Terms, at: datetime) -> str | None:
    """Why this deal gets no extension now; None when it may be asked for."""
    if terms.mode == "none":
        return _("This program extends no protection. Register the deal anew when it has ended.")
    if terms.before_expiry and deal.status == Status.EXPIRED:
        return _("The protection has ended. An extension is asked for before its end.")
    if deal.status == Status.EXPIRED and (why := rules.past_grace(deal, at)):
        return why
    given = Extension.objects.filter(registration=deal, status=RequestStatus.GRANTED).count()
    if terms.maximum is not None and given >= terms.maximum:
        return _("This deal was extended as often as the program allows.")
    return None


def no_extension(deal: Registration, at: datetime) -> str | None:
    """Why the partner can't ask for more days now; None when it can."""
    asked = Extension.objects.filter(registration=deal, status=RequestStatus.REQUESTED).exists()
    return _("You asked already. We answer that first.") if asked else refusal(deal, policy_of(deal).extension, at)


@transaction.atomic
def grant_extension(extension: Extension, answer: Reason, *, by: Actor, at: datetime) -> Extension:
    """Gives the days that were asked for."""
    about = {"text": answer.text, "days": extension.days, "registration": extension.registration.public_id}
    REQUEST.fire(extension, "grant", by=by, at=at, **answered(by, at), answer=answer.text, data=about)
    _prolong(extension.registration, extension.days, answer.text, at)
    return extension


@transaction.atomic
def refuse_extension(extension: Extension, answer: Reason, *, by: Actor, at: datetime) -> Extension:
    """Gives no more days, and says why."""
    about = {"text": answer.text, "registration": extension.registration.public_id}
    REQUEST.fire(extension, "refuse", by=by, at=at, **answered(by, at), answer=answer.text, data=about)
    return extension


@transaction.atomic
def extend_for_activity(deal: Registration, *, at: datetime) -> bool:
    """Gives the one automatic extension where the customer was active of late; whether it did."""
    terms = policy_of(deal).extension
    if terms.mode != "auto" or deal.status not in PROTECTED or refusal(deal, terms, at):
        return False
    if Extension.objects.filter(registration=deal, automatic=True).exists():
        return False
    if not active_since(deal, at - timedelta(days=terms.activity_days)):
        return False
    extension = Extension.objects.create(
        partner_id=deal.partner_id, registration=deal, days=terms.days, automatic=True, status=RequestStatus.GRANTED,
        requested_at=at, decided_at=at,
    )  # fmt: skip
    text = _("You worked with the customer lately, so the protection goes on by itself.")
    data = {"text": text, "days": terms.days, "registration": deal.public_id, "automatic": True}
    record("granted", extension, by=SYSTEM, at=at, partner_id=deal.partner_id, data=data)
    _prolong(deal, terms.days, text, at)
    return True


def active_since(deal: Registration, since: datetime) -> bool:
    """Whether the partner reported progress, moved the opportunity or claimed a touch after `since`."""
    ids = [deal.pk, *([deal.opportunity_id] if deal.opportunity_id else [])]
    told = ("deal_registration.updated", "opportunity.updated")
    events = Event.objects.filter(subject_id__in=ids, type__in=told, at__gt=since, actor_kind__in=("partner", "api"))
    mine = Q(opportunity=deal.opportunity_id, partner=deal.partner_id, entered_at__gt=since)
    touches = Touch.objects.filter(mine).exclude(status=TouchStatus.REFUSED) if deal.opportunity_id else None
    return events.exists() or (touches is not None and touches.exists())


def _prolong(deal: Registration, days: int, text: str, at: datetime) -> None:
    span = span_of(deal)
    end, grace = span.after(days), span.after(days + policy_of(deal).grace_days)
    if end <= at:
        raise Refused(_("These days have passed already. Ask the partner to register the deal anew."))
    REGISTRATION.fire(
        deal, "extend", by=SYSTEM, at=at, protection_expires_at=end, grace_until=grace,
        data={"text": text, "days": days, "protected_until": end.isoformat()},
    )  # fmt: skip
    wind(deal, at)
