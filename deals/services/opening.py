"""What an approval opens: the customer's account and the opportunity, or the partner's place in an open one."""

from datetime import datetime
from decimal import Decimal

from core.actor import SYSTEM, Actor
from core.events import record
from deals import check, rules
from deals.enums import OpportunityKind, PartnerRole, VendorSource
from deals.matching import index
from deals.models import Account, Opportunity, OpportunityPartner, Registration
from deals.rules import leads
from deals.services import roles
from deals.services.conflicts import shared_opportunity


def account_of(deal: Registration, *, by: Actor, at: datetime) -> Account:
    """The end customer this registration is about: the one with its domain or very name, else a new one."""
    customer = check.Customer.of(deal.website, deal.account_name, deal.country)
    check.one_at_a_time(customer)
    found = Account.objects.filter(customer.rows(), deleted_at=None).order_by("-domain", "created_at").first()
    if found:
        return found
    account = Account.objects.create(
        name=deal.account_name, normal_name=customer.name, domain=customer.domain, country=deal.country
    )
    index.renew(account)
    record("created", account, by=by, at=at)
    return account


def open_opportunity(deal: Registration, account: Account, *, by: Actor, at: datetime) -> Opportunity:
    """A new opportunity for the deal; where a decision made one common to two sides, the deal's place in that one."""
    shared = shared_opportunity(deal)
    return _join(deal, *shared, at=at) if shared else _new_opportunity(deal, account, by=by, at=at)


def _join(deal: Registration, opportunity: Opportunity, share: Decimal | None, *, at: datetime) -> Opportunity:
    """The deal's partner sells along; with a share the sourcing is split with those who have it."""
    wanted: list[roles.Wanted] = [row for row in roles.roles_of(opportunity) if row["partner_id"] != deal.partner_id]
    if share is not None:
        wanted = [_scaled(row, 100 - share) for row in wanted]
        theirs = sum(row["share_percent"] for row in wanted if row["role"] == PartnerRole.SOURCING)
        wanted = [*wanted, _role(deal, PartnerRole.SOURCING, 100 - theirs)]  # exactly 100% whatever was rounded
    roles.set_roles(opportunity, [*wanted, _role(deal, PartnerRole.CO_SELL)], by=SYSTEM, at=at)
    roles.renew(opportunity)
    return opportunity


def _role(deal: Registration, role: str, share: Decimal | None = None) -> roles.Wanted:
    return {
        "partner_id": deal.partner_id, "role": role, "share_percent": share, "membership_id": deal.membership_id,
    }  # fmt: skip


def _scaled(row: roles.Wanted, rest: Decimal) -> roles.Wanted:
    """Whoever had all of the sourcing keeps the rest of it."""
    if row["role"] != PartnerRole.SOURCING:
        return row
    return {**row, "share_percent": ((row["share_percent"] or Decimal(100)) * rest / 100).quantize(Decimal("0.01"))}


def _new_opportunity(deal: Registration, account: Account, *, by: Actor, at: datetime) -> Opportunity:
    opportunity = Opportunity.objects.create(
        account=account,
        name=deal.account_name,
        product=deal.product,
        kind=OpportunityKind.NEW,
        amount=deal.amount,
        currency=deal.currency,
        opened_on=at.date(),
        close_on=deal.expected_close_on,
        owner_email=deal.partner.manager.email if deal.partner.manager else "",
        vendor_source=leads.origin(deal.lead.source) if deal.lead else VendorSource.NONE,
    )
    OpportunityPartner.objects.bulk_create(
        OpportunityPartner(
            opportunity=opportunity,
            partner_id=deal.partner_id,
            membership_id=deal.membership_id,
            role=role,
            share_percent=100 if role == PartnerRole.SOURCING else None,
        )
        for role in _first_roles(deal)
    )
    record("created", opportunity, by=by, at=at, partner_id=deal.partner_id)
    return opportunity


def _first_roles(deal: Registration) -> tuple[str, ...]:
    usual = rules.roles_of(deal.motion)
    return leads.roles_of(deal.lead.source, usual) if deal.lead else usual


def assign_owner(opportunity: Opportunity, email: str, *, by: Actor, at: datetime) -> None:
    """Who works on it on our side."""
    if opportunity.owner_email != email:
        Opportunity.objects.filter(pk=opportunity.pk).update(owner_email=email)
        opportunity.refresh_from_db()
        record("updated", opportunity, by=by, at=at, data={"fields": {"owner_email": [None, None]}})
