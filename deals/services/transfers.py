"""A protected deal goes to another partner: by the customer's letter, or because both partners agree."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.errors import IllegalTransition, Refused, Stale
from core.events import record
from core.scope import elevated
from deals.enums import CaseStatus, RequestStatus, Stage, TransferBasis
from deals.models import ConflictCase, Registration, Transfer
from deals.particulars import Handover, Reason
from deals.services import roles
from deals.services.requests import answered, must_be_protected, only_one, person
from deals.services.winding import wind
from deals.services.writing import write
from deals.workflow import REGISTRATION, REQUEST
from tiers.models import ProgramMembership

# What the successor takes over of the deal; notes and plans of the one who gives stay its own.
_TAKEN = (
    "motion", "account_name", "website", "domain", "normal_name", "country", "contact_name", "contact_email",
    "contact_role", "product_id", "quantity", "amount", "currency", "expected_close_on", "account_id",
    "opportunity_id", "verdict", "submitted_at", "protection_expires_at", "grace_until",
)  # fmt: skip


@transaction.atomic
def offer_transfer(deal: Registration, handover: Handover, *, by: Actor, at: datetime) -> Transfer:
    """The partner offers its deal to the one it names; that one agrees or not, then the vendor confirms."""
    by.require("deal.register")
    transfer = _request(deal, handover, TransferBasis.BOTH_AGREE, by=by, at=at)
    _told("offered", transfer, by=by, at=at)
    return transfer


@transaction.atomic
def hand_over(deal: Registration, handover: Handover, *, by: Actor, at: datetime) -> Transfer:
    """The vendor's decision by the customer's letter: the deal goes to the partner the customer named."""
    by.require("deal.decide")
    if not handover.text:
        raise Refused(_("Enter who at the customer wrote what, and when."), field="text")
    transfer = _request(deal, handover, TransferBasis.CUSTOMER_LETTER, by=by, at=at)
    return _carry_out(transfer, handover.text, by=by, at=at)


def _request(deal: Registration, handover: Handover, basis: TransferBasis, *, by: Actor, at: datetime) -> Transfer:
    must_be_protected(deal)
    only_one(Transfer.objects.all(), deal, _("A transfer of this deal is open already. It is answered first."))
    taker = _taker(deal, handover.to_partner, by)
    by_letter = basis == TransferBasis.CUSTOMER_LETTER
    with elevated():  # the row belongs to both partners
        return Transfer.objects.create(
            partner_id=deal.partner_id, registration=deal, account_name=deal.account_name, basis=basis,
            to_partner_id=taker.partner_id, to_membership=taker, letter=handover.text if by_letter else "",
            requested_at=at, requested_by_id=person(by), giver_agreed_at=None if by_letter else at,
        )  # fmt: skip


def _taker(deal: Registration, reference: str, by: Actor) -> ProgramMembership:
    """The named partner's place in the deal's program. The same words for unknown partners and for strangers to it."""
    with elevated():  # a partner knows the reference of another one from that one alone
        every = ProgramMembership.objects.visible_to(by) if by.inside else ProgramMembership.objects.all()
        rows = every.filter(
            partner__reference=reference.strip().upper(), partner__deleted_at=None, status="active",
            program_id=deal.membership.program_id,
        )  # fmt: skip
        found = rows.exclude(partner_id=deal.partner_id).select_related("partner", "tier", "program").first()
    if found is None:
        raise Refused(_("No other partner in this program has this number."), field="to_partner", code="not_found")
    return found


@transaction.atomic
def agree_to_transfer(transfer: Transfer, *, by: Actor, at: datetime) -> Transfer:
    """The other partner takes the deal; the vendor confirms."""
    by.require("deal.register")
    _must_be_takers(transfer, by)
    rows = Transfer.objects.filter(pk=transfer.pk, status=RequestStatus.REQUESTED, taker_agreed_at=None)
    if rows.update(taker_agreed_at=at) != 1:
        raise Stale(_("Somebody was faster: this offer is answered."))
    transfer.refresh_from_db()
    with elevated():  # the event is the giver's
        _told("agreed", transfer, by=by, at=at)
    return transfer


@transaction.atomic
def decline_transfer(transfer: Transfer, *, by: Actor, at: datetime) -> Transfer:
    """The other partner doesn't take it."""
    by.require("deal.register")
    _must_be_takers(transfer, by)
    with elevated():  # the event is the giver's
        _refuse(transfer, _("The other partner declined."), by=SYSTEM, at=at)
    return transfer


def _must_be_takers(transfer: Transfer, by: Actor) -> None:
    if transfer.to_partner_id not in by.partner_ids:
        raise IllegalTransition(_("The partner it was offered to answers."))


@transaction.atomic
def confirm_transfer(transfer: Transfer, answer: Reason, *, by: Actor, at: datetime) -> Transfer:
    """The vendor's yes to what both partners agreed on."""
    if transfer.taker_agreed_at is None:
        raise Refused(_("The other partner hasn't agreed yet."))
    return _carry_out(transfer, answer.text, by=by, at=at)


@transaction.atomic
def refuse_transfer(transfer: Transfer, answer: Reason, *, by: Actor, at: datetime) -> Transfer:
    """The deal stays where it is, and both are told why."""
    _refuse(transfer, answer.text, by=by, at=at)
    return transfer


def _refuse(transfer: Transfer, text: str, *, by: Actor, at: datetime) -> None:
    REQUEST.fire(transfer, "refuse", by=by, at=at, **answered(by, at), answer=text, data={"text": text})


def _told(verb: str, transfer: Transfer, *, by: Actor, at: datetime) -> None:
    """The event is the giver's to read; the taker reads the transfer itself."""
    data = {"account": transfer.account_name}
    record(verb, transfer, by=by, at=at, partner_id=transfer.partner_id, data=data)


def _carry_out(transfer: Transfer, text: str, *, by: Actor, at: datetime) -> Transfer:
    deal = transfer.registration
    must_be_protected(deal)
    with elevated():  # the opportunity and the line are shared with others
        successor = _successor(transfer, by=by, at=at)
        REQUEST.fire(
            transfer, "grant", by=by, at=at, **answered(by, at), answer=text, successor=successor,
            data={"text": text, "registration": deal.public_id},
        )  # fmt: skip
        REGISTRATION.fire(deal, "transfer", by=by, at=at, closed_at=at, data={"text": text})
        wind(deal, at)
        wind(successor, at)
        _take_place(deal, successor, by=by, at=at)
    return transfer


def _successor(transfer: Transfer, *, by: Actor, at: datetime) -> Registration:
    """The taker's registration: the same customer, priority, opportunity and end of protection."""
    deal, tier = transfer.registration, transfer.to_membership.tier
    values: dict[str, Any] = {name: getattr(deal, name) for name in _TAKEN}
    successor = Registration.objects.create(
        **values, partner_id=transfer.to_partner_id, membership=transfer.to_membership, status=deal.status,
        decided_at=at, decided_by_id=person(by), decided_label=by.label,
        terms={**deal.terms, "tier": tier.key if tier else None},
    )  # fmt: skip
    data = {"protected_until": deal.protection_expires_at.isoformat() if deal.protection_expires_at else None}
    record("received", successor, by=by, at=at, partner_id=successor.partner_id, data=data)
    return successor


def _take_place(deal: Registration, successor: Registration, *, by: Actor, at: datetime) -> None:
    """The taker stands where the giver stood: in the open opportunity, in the line, in open conflicts."""
    for one in Registration.objects.filter(queued_behind=deal):
        write(one, {"queued_behind": successor})
    ConflictCase.objects.filter(other_registration=deal, status=CaseStatus.OPEN).update(other_registration=successor)
    opportunity = deal.opportunity
    if opportunity is None or opportunity.stage != Stage.OPEN:
        return  # credit for what is closed stays with who closed it
    wanted = _rewritten(roles.roles_of(opportunity), deal, successor)
    roles.set_roles(opportunity, wanted, by=SYSTEM, at=at)


def _rewritten(rows: list[dict[str, Any]], giver: Registration, taker: Registration) -> list[dict[str, Any]]:
    """The roles with the taker in the giver's place; where it had the same role already, their shares add up."""
    merged: dict[tuple, dict[str, Any]] = {}
    for row in rows:
        if row["partner_id"] == giver.partner_id:
            row = row | {"partner_id": taker.partner_id, "membership_id": taker.membership_id}  # noqa: PLW2901
        key = (row["partner_id"], row["role"])
        shares = [r["share_percent"] for r in (merged.get(key), row) if r and r["share_percent"] is not None]
        merged[key] = row | {"share_percent": sum(shares) if shares else None}
    return list(merged.values())
