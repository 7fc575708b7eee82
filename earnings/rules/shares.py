"""Who has which part of what a rule gives for a deal. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

_WHOLE, _UNIT = Decimal(100), Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Part:
    """A partner's role in a deal and, for sourcing, its share."""

    partner_id: UUID
    role: str
    share_percent: Decimal | None = None


def shares(
    parts: Sequence[Part], roles: Sequence[str], split: Mapping[str, Decimal]
) -> dict[UUID, tuple[str, Decimal]]:
    """Partner → (role, percent) of what is given for that role, or with a split table ("", percent) of the whole.

    Without a table each partner earns by the first of `roles` that it has; several in one role share it: sourcing by
    their shares, others equally. With a table each role has its percent; what nobody holds stays with the vendor.
    """
    return _by_table(parts, split) if split else _by_role(parts, roles)


def _by_role(parts: Sequence[Part], roles: Sequence[str]) -> dict[UUID, tuple[str, Decimal]]:
    first: dict[UUID, Part] = {}
    for role in roles:
        for part in (p for p in parts if p.role == role):
            first.setdefault(part.partner_id, part)
    found: dict[UUID, tuple[str, Decimal]] = {}
    for role in roles:
        holders = [part for part in first.values() if part.role == role]
        told = [part for part in holders if part.share_percent is not None]
        found |= {p.partner_id: (role, p.share_percent or Decimal(0)) for p in told}
        untold = [part for part in holders if part.share_percent is None]
        rest = max(_WHOLE - sum((p.share_percent or Decimal(0) for p in told), Decimal(0)), Decimal(0))
        found |= {p.partner_id: (role, percent) for p, percent in zip(untold, _even(rest, len(untold)), strict=True)}
    return {partner: share for partner, share in found.items() if share[1] > 0}


def _by_table(parts: Sequence[Part], split: Mapping[str, Decimal]) -> dict[UUID, tuple[str, Decimal]]:
    found: dict[UUID, Decimal] = {}
    for role, percent in sorted(split.items()):
        holders = [part.partner_id for part in parts if part.role == role]
        for partner, own in zip(holders, _even(percent, len(holders)), strict=True):
            found[partner] = found.get(partner, Decimal(0)) + own
    return {partner: ("", percent) for partner, percent in found.items() if percent > 0}


def _even(percent: Decimal, number: int) -> list[Decimal]:
    """A percentage in equal parts of six decimals that make the whole again; the first ones get what is left over."""
    if not number:
        return []
    units, left = divmod(int(percent / _UNIT), number)
    return [(units + (place < left)) * _UNIT for place in range(number)]
