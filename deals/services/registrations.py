"""A claim is written, sent and taken back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.errors import Forbidden, IllegalTransition, Refused
from core.events import record
from core.scope import elevated
from deals import rules
from deals.enums import Status
from deals.models import Registration
from deals.particulars import Claim
from deals.services import answering
from deals.services.conflicts import look_around, open_cases
from deals.services.conversion import converted
from deals.services.decisions import approve_by_rule, refuse_misfits, renewed_steps
from deals.services.writing import with_keys, write
from deals.standing import policy_of
from deals.workflow import REGISTRATION
from tiers import benefits


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
        on_behalf=by.inside,
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
    """Sends a draft: its moment is the priority; the duplicate check decides what the review must look at.

    What the program's rule covers is approved at once; what the vendor wrote waits for the partner's word first.
    """
    REGISTRATION.check(deal, "submit", by=by, at=at)
    benefits.require(deal.membership, "deal_registration", at=at)
    _refuse_unfit(deal)
    findings = look_around(deal, at)
    if findings.own:
        raise Refused(
            _("You registered this customer for this product already: %s.") % findings.own.reference, code="duplicate"
        )
    REGISTRATION.fire(
        deal, "submit", by=by, at=at, submitted_at=at, verdict=findings.verdict, **answering.fresh(deal, at),
        **renewed_steps(deal),
    )  # fmt: skip
    open_cases(deal, findings)
    REGISTRATION.fire(deal, "take_up", by=SYSTEM, at=at)
    converted(deal, by=by, at=at)
    answering.watch(deal)
    return approve_by_rule(deal, at=at)


def _refuse_unfit(deal: Registration) -> None:
    """Raises Refused when the program doesn't take such deals, or its own questions aren't answered."""
    policy, product = policy_of(deal), deal.product
    if not policy.covers(deal.motion, product.sku if product else "", product.family if product else ""):
        told = _("This program doesn't take such deals. Choose another way of selling, product or program.")
        raise Refused(told, field="motion", code="not_covered")
    refuse_misfits(deal, deal.extra)
    open_questions = rules.missing(policy, deal)
    if open_questions:
        raise Refused(_("Answer these as well: %s.") % ", ".join(open_questions), code="incomplete")


@transaction.atomic
def confirm(deal: Registration, *, by: Actor, at: datetime) -> Registration:
    """The partner's people stand by what the vendor registered for them; from now on our clock runs."""
    by.require("deal.register")
    if by.inside:
        raise Forbidden(_("The partner's own people confirm it."), code="four_eyes_required")
    if not deal.on_behalf or deal.confirmed_at or deal.status not in (Status.IN_REVIEW, Status.ACTION_REQUIRED):
        raise IllegalTransition(_("There is nothing to confirm here."))
    write(deal, {"confirmed_at": at})
    record("confirmed", deal, by=by, at=at, partner_id=deal.partner_id)
    if deal.status == Status.IN_REVIEW:
        write(deal, answering.fresh(deal, at))
        answering.watch(deal)
    return approve_by_rule(deal, at=at)


@transaction.atomic
def withdraw(deal: Registration, *, by: Actor, at: datetime) -> Registration:
    """The partner takes its claim back before a decision."""
    REGISTRATION.fire(deal, "withdraw", by=by, at=at, due_at=None, clock_left=None, closed_at=at)
    answering.watch(deal)
    return deal
