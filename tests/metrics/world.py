"""A small business to measure: partners in a program, opportunities, registrations."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from deals.enums import Motion, OpportunityKind, PartnerRole, Stage, Status
from deals.models import Account, Opportunity, OpportunityPartner, Registration
from tests.factories import MembershipFactory, PartnerFactory

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def partner(**more):
    """A partner with a membership, as `.membership`."""
    made = PartnerFactory(**more)
    made.membership = MembershipFactory(partner=made)
    return made


def opportunity(stage=Stage.OPEN, amount="1000", opened=TODAY - timedelta(days=30), closed=None, **more):
    values = {"account": Account.objects.create(name="Customer"), "currency": "USD", "kind": OpportunityKind.NEW} | more
    if stage != Stage.OPEN and closed is None:
        closed = TODAY - timedelta(days=1)
    return Opportunity.objects.create(
        stage=stage, amount=None if amount is None else Decimal(amount), opened_on=opened, closed_on=closed, **values
    )


def register(by, deal, status=Status.APPROVED, sent=None, motion=Motion.RESELL, grace=None, **more):
    """A registration of `by` on `deal`, decided when it was sent, and the roles that approval gives."""
    sent = sent or midnight(deal.opened_on or TODAY)
    made = Registration.objects.create(
        partner=by, membership=by.membership, motion=motion, status=status, account=deal.account, opportunity=deal,
        account_name="Customer", amount=deal.amount or 1, submitted_at=sent, decided_at=sent, decided_label="Mona",
        protection_expires_at=sent + timedelta(days=90), grace_until=grace or sent + timedelta(days=97), **more,
    )  # fmt: skip
    roles(by, deal, PartnerRole.SOURCING, PartnerRole.SELLING)
    return made


def roles(by, deal, *names, **more):
    for name in names:
        OpportunityPartner.objects.get_or_create(
            opportunity=deal, partner=by, role=name, defaults={"membership": by.membership} | more
        )


def sourced(by, **deal):
    """An opportunity that `by` registered and sourced."""
    made = opportunity(**deal)
    register(by, made)
    return made
