"""A claim is written, sent and taken back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.errors import Refused
from core.events import record
from core.scope import elevated
from deals import rules
from deals.enums import Status
from deals.models import Registration
from deals.particulars import Claim
from deals.queries import policy_of
from deals.services.conflicts import look_around, open_cases
from deals.services.writing import with_keys, write
from deals.workflow import REGISTRATION


def _may_register(claim: Claim, by: Actor) -> None:
    by.require("deal.register")
    if claim.membership.status != "active":
        raise Refused(_("This program membership has ended. Choose another one."), field="membership")


@transaction.atomic
def register(claim: Claim, *, by: Actor, at: datetime, pk: UUID | None = None) -> Registration:
    """A new draft under the claim's membership; on behalf of the partner when the vendor's people write it."""
    _may_register(claim, by)
    if pk and _is_taken(pk):
        raise Refused(_("This form was used already. Load the page again."), code="id_taken")
    known = {"pk": pk} if pk else {}
    deal = Registration.objects.create(
        **known,
        partner_id=claim.membership.partner_id,
        created_by_id=by.id if by.kind in ("partner", "vendor") else None,
        on_behalf=by.sees_all,
        **with_keys(claim.values()),
    )
    record("created", deal, by=by, at=at, partner_id=deal.partner_id)
    return deal


def _is_taken(pk: UUID) -> bool:
    """Whether somebody, perhaps behind the wall, has a registration with this id."""
    with elevated():
        return Registration.objects.filter(pk=pk).exists()


@transaction.atomic
def redraft(deal: Registration, claim: Claim, *, by: Actor, at: datetime) -> Registration:
    """Writes the present words of a draft. A draft's edits are nobody's business yet, so they leave no event."""
    by.require("deal.register")
    if deal.status != Status.DRAFT:
        raise Refused(_("This registration was sent already."), code="illegal_transition")
    values = {n: v for n, v in with_keys(claim.values()).items() if getattr(deal, n) != v}
    if values:
        write(deal, values)
    return deal


@transaction.atomic
def submit(deal: Registration, *, by: Actor, at: datetime) -> Registration:
    """Sends a draft: its moment is the priority; the duplicate check decides what the review must look at."""
    REGISTRATION.check(deal, "submit", by=by, at=at)
    findings = look_around(deal, at)
    if findings.own:
        raise Refused(
            _("You registered this customer for this product already: %s.") % findings.own.reference, code="duplicate"
        )
    due = rules.decision_due(policy_of(deal), deal.motion, at, deal.partner.time_zone)
    REGISTRATION.fire(deal, "submit", by=by, at=at, submitted_at=at, due_at=due, verdict=findings.verdict)
    open_cases(deal, findings)
    REGISTRATION.fire(deal, "take_up", by=SYSTEM, at=at)
    return deal


@transaction.atomic
def withdraw(deal: Registration, *, by: Actor, at: datetime) -> Registration:
    """The partner takes its claim back before a decision."""
    REGISTRATION.fire(deal, "withdraw", by=by, at=at, due_at=None, clock_left=None, closed_at=at)
    return deal
