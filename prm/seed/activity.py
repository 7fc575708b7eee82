"""When partners were active: the labels that time and commercial events set, and how a few of them left."""

from datetime import UTC, datetime, time, timedelta

from core.actor import SYSTEM, Actor
from metrics.rules import QUALIFYING
from partners.activity import ACTIVE_FOR
from partners.enums import PartnerStatus, PartnerType
from prm.seed.earnings import month_ends, reporting
from prm.seed.people import House, World, actor

S = PartnerStatus
VERBS = {S.ACTIVE: "activated", S.INACTIVE: "deactivated", S.SUSPENDED: "suspended", S.OFFBOARDED: "offboarded"}
LEAVING = (S.SUSPENDED, S.OFFBOARDED)


def settle(world: World) -> None:
    """Every partner's label now, and each time it changed."""
    _usage(world)
    for house in world.houses:
        if house.partner.status != S.ONBOARDING:
            _live(world, house)


def _usage(world: World) -> None:
    """OEM partners do business when they report what they used."""
    houses = {house.membership.pk: house for house in world.houses if house.kind == PartnerType.OEM}
    members = sorted((house.membership for house in houses.values()), key=lambda m: (m.created_at, m.pk))
    for until in month_ends(world.book.dice.at):
        for _place, member in reporting(members, until):
            houses[member.pk].done.append(("usage", until))


def _live(world: World, house: House) -> None:
    end, house.partner.status = house.partner.status, S.ONBOARDING
    last = world.book.dice.working(house.joined + timedelta(days=19), house.zone)
    _label(world, house, S.ACTIVE, last, actor(house.manager))
    until = datetime.combine(house.left, time(11), UTC) if end in LEAVING and house.left else world.book.dice.at
    done = sorted(at for kind, at in house.done if kind in QUALIFYING[house.kind] and at <= until)
    for at in (*done, until):
        if (at - last > ACTIVE_FOR or (at is until and at - last == ACTIVE_FOR)) and house.partner.status == S.ACTIVE:
            _label(world, house, S.INACTIVE, last + ACTIVE_FOR, SYSTEM)
        if house.partner.status == S.INACTIVE and at is not until:
            _label(world, house, S.ACTIVE, at, SYSTEM)
        last = max(last, at)
    if end in LEAVING and house.left:
        _label(world, house, S(end), until, actor(world.staff["olga"]))


def _label(world: World, house: House, status: PartnerStatus, at: datetime, by: Actor) -> None:
    row = house.partner
    moved = {"status": [str(row.status), str(status)]}
    row.status, row.version = status, row.version + 1
    world.book.tell(row, VERBS[status], at, by, partner_id=row.pk, changes=moved)
