"""Which partner earns by which rule from a won deal: fixed when it is won, frozen once anything has accrued."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.actor import SYSTEM
from core.events import Told, record_many
from earnings import rules
from earnings.dossier import Deal, Dossier, Held, terms_day
from earnings.enums import ROLES, Basis, CancelReason
from earnings.models import Entitlement, RevenueRule


@dataclass(frozen=True, slots=True)
class Ground:
    """Why the terms of a day hold for a partner: its registration's approval, or the close."""

    day: date
    tier_key: str
    registration_id: UUID | None = None

    @property
    def basis(self) -> Basis:
        return Basis.REGISTERED if self.registration_id else Basis.CLOSED


class Changes:
    """Entitlements that begin and end in one unit of work."""

    def __init__(self, at: datetime):
        self.at = at
        self.begun: list[Entitlement] = []
        self.ended: list[Entitlement] = []

    def write(self) -> None:
        for one in self.ended:
            Entitlement.objects.filter(pk=one.pk).update(ended_at=one.ended_at, ended_reason=one.ended_reason)
        Entitlement.objects.bulk_create(self.begun)
        told: list[Told] = [("ended", one, one.partner_id, {"reason": one.ended_reason}) for one in self.ended]
        told += [("begun", one, one.partner_id, _about(one)) for one in self.begun]
        if told:
            record_many(told, by=SYSTEM, at=self.at)


def _about(one: Entitlement) -> dict[str, Any]:
    return {"rule": one.rule.key, "number": one.rule.number, "opportunity": one.opportunity.public_id,
            "terms_on": one.terms_on.isoformat(), "share_percent": str(one.share_percent)}  # fmt: skip


def entitle(deal: Deal, dossier: Dossier, changes: Changes) -> None:
    """Brings the entitlements of a deal in line with who works on it; groups that have earned, or that came by a
    merge, keep theirs."""
    wanted = {_terms_of(one): one for one in _wanted(deal, dossier)} if deal.won_on else {}
    kept = [one for one in deal.running if deal.won_on and (one.inherited or deal.earned.get(one.pk))]
    frozen = {_group(one) for one in kept}
    for one in deal.running:
        if _group(one) not in frozen and wanted.pop(_terms_of(one), None) is None:
            _end(one, deal, changes)
    for one in wanted.values():
        if _group(one) not in frozen:
            changes.begun.append(one)
            deal.entitlements.append(one)


def _group(one: Entitlement) -> tuple[UUID, str]:
    return one.membership.program_id, one.membership.partner_type


def _end(one: Entitlement, deal: Deal, changes: Changes) -> None:
    lost = deal.opportunity.stage == "lost" or deal.opportunity.deleted_at is not None
    reason = CancelReason.REVALUED if deal.won_on else CancelReason.LOST if lost else CancelReason.REOPENED
    one.ended_at, one.ended_reason = changes.at, reason
    changes.ended.append(one)


def _terms_of(one: Entitlement) -> tuple[Any, ...]:
    """What makes two entitlements the same."""
    return (
        one.membership_id, one.rule_id, one.basis, one.terms_on, one.won_on, one.role, one.share_percent, one.currency,
        one.accrues_on,
    )  # fmt: skip


def _wanted(deal: Deal, dossier: Dossier) -> Iterator[Entitlement]:
    seen: set[UUID] = set()
    for place, part in enumerate(deal.parts):
        if part.membership.pk not in seen:
            seen.add(part.membership.pk)
            yield from _of(part, place, deal, dossier)


def _of(part: Held, place: int, deal: Deal, dossier: Dossier) -> Iterator[Entitlement]:
    """What one partner may earn from the deal: for each kind the most specific rule."""
    ground = _ground(part, deal, dossier)
    found = rules.choose(dossier.rules, _case(part, ground, deal, dossier))
    partners = [rules.Part(p.partner_id, p.role, p.share_percent) for p in deal.parts if p.group == part.group]
    for rule in found.values():
        split = {role: Decimal(str(percent)) for role, percent in rule.split.items()}
        roles = rule.roles or ROLES[rule.partner_type]
        role, percent = rules.shares(partners, roles, split).get(part.partner_id, ("", Decimal(0)))
        if percent:
            yield _entitlement(part, deal, rule, ground, role=role, share_percent=percent, place=place,
                               accrues_on=dossier.accrues_on(rule.program_id))  # fmt: skip


def _ground(part: Held, deal: Deal, dossier: Dossier) -> Ground:
    registration = deal.registrations.get(part.partner_id)
    assert deal.won_on
    if registration is None:
        return Ground(deal.won_on, dossier.tiers.on(part.membership, deal.won_on))
    day = terms_day(registration)
    told = registration.terms.get("tier")
    return Ground(day, told or dossier.tiers.on(part.membership, day), registration.pk)


def _case(part: Held, ground: Ground, deal: Deal, dossier: Dossier) -> rules.Case:
    row = deal.opportunity
    return rules.Case(
        program_id=part.membership.program_id,
        partner_type=part.membership.partner_type,
        day=ground.day,
        currency=row.currency,
        tier_id=dossier.tiers.id_of(part.membership, ground.tier_key),
        product_id=row.product_id,
        family=row.product.family if row.product else "",
        country=row.account.country if row.account else "",
        region=part.membership.partner.region,
        registered=ground.registration_id is not None,
    )


def _entitlement(part: Held, deal: Deal, rule: RevenueRule, ground: Ground, **share: Any) -> Entitlement:
    assert deal.won_on
    return Entitlement(
        partner_id=part.partner_id, membership=part.membership, opportunity=deal.opportunity, rule=rule,
        registration_id=ground.registration_id, basis=ground.basis, terms_on=ground.day, won_on=deal.won_on,
        tier_key=ground.tier_key, currency=rule.pay_currency or deal.opportunity.currency, **share,
    )  # fmt: skip
