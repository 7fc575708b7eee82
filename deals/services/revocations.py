"""A protection is taken back: one of the vendor's people proposes it, another one carries it out."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Forbidden, Refused
from core.events import record
from deals.models import Registration, Revocation
from deals.particulars import Reason
from deals.services.requests import answered, must_be_protected, only_one, person
from deals.services.winding import wind
from deals.workflow import REGISTRATION, REQUEST


@transaction.atomic
def propose_revocation(deal: Registration, reason: Reason, *, by: Actor, at: datetime) -> Revocation:
    """One person's proposal; nothing happens to the deal, and the partner hears nothing, until another confirms it."""
    by.require("deal.decide")
    must_be_a_person(by)
    must_be_protected(deal)
    if not reason.text:
        raise Refused(_("Enter why. The partner reads it when a second person confirms."), field="text")
    only_one(
        Revocation.objects.all(), deal, _("Somebody proposed this already. Another person confirms or refuses it.")
    )
    revocation = Revocation.objects.create(
        partner_id=deal.partner_id, registration=deal, reason=reason.text, requested_at=at, requested_by_id=person(by)
    )
    data = {"text": reason.text, "registration": deal.public_id}
    record("requested", revocation, by=by, at=at, data=data)
    return revocation


def must_be_a_person(by: Actor) -> None:
    """Four eyes are those of people. Raises Forbidden for keys."""
    if by.kind != "vendor":
        raise Forbidden(_("Two of our people revoke a protection. A key can't."), code="four_eyes_required")


@transaction.atomic
def confirm_revocation(revocation: Revocation, *, by: Actor, at: datetime) -> Revocation:
    """The second person's yes: the protection ends now, with the reason the first one gave."""
    by.require("deal.decide")
    must_be_a_person(by)
    if revocation.requested_by_id == by.id:
        raise Forbidden(_("You proposed this. Another person confirms it."), code="four_eyes_required")
    deal = revocation.registration
    must_be_protected(deal)
    about = {"registration": deal.public_id}
    REQUEST.fire(revocation, "grant", by=by, at=at, **answered(by, at), data=about)
    REGISTRATION.fire(deal, "revoke", by=by, at=at, closed_at=at, data={"text": revocation.reason})
    wind(deal, at)
    return revocation


@transaction.atomic
def refuse_revocation(revocation: Revocation, *, by: Actor, at: datetime) -> Revocation:
    """The deal stays protected; who proposed it may take it back the same way."""
    about = {"registration": revocation.registration.public_id}
    REQUEST.fire(revocation, "refuse", by=by, at=at, **answered(by, at), data=about)
    return revocation
