"""Opportunities without a registration, as the CRM brought them: our own team's, and those partners sell or build."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from deals.enums import Coverage, OpportunityKind, PartnerRole, Stage, VendorSource
from deals.models import Account, Opportunity, OpportunityPartner
from deals.normalise import normal_name
from prm.seed import words
from prm.seed.book import CRM
from prm.seed.people import House, World
from prm.seed.stories import close

DAYS = 810  # of history
ROLES = {
    "reseller": PartnerRole.SELLING,
    "oem": PartnerRole.SELLING,
    "agency": PartnerRole.IMPLEMENTING,
    "strategic": PartnerRole.CO_SELL,
    "technology": PartnerRole.TECHNOLOGY,
    "integration": PartnerRole.TECHNOLOGY,
}  # referral partners register what they bring
BUSY = {"reseller": 2.2, "oem": 0.6, "agency": 4.0, "strategic": 4.0, "technology": 3.0, "integration": 3.0}
LANDS = ("US", "US", "US", "DE", "GB", "GB", "CA", "BR", "FR", "AU", "JP", "IN", "ES", "NL", "IT", "PT", "SG")
WORDS_OF_STAGE = {"Discovery": 15, "Proposal": 40, "Negotiation": 70}


@dataclass
class Seller:
    """Whose pipeline it is: a partner's, or our own team's in a country."""

    house: House | None
    country: str
    currency: str
    accounts: list[Account] = field(default_factory=list)

    @property
    def language(self) -> str:
        return words.COUNTRIES[self.country][3]


def fill(world: World, direct: int, with_partners: int) -> None:
    """So many opportunities of our own team, then so many of partners."""
    _fill(world, [Seller(None, land, words.COUNTRIES[land][2]) for land in LANDS], [1.0] * len(LANDS), direct)
    houses = [house for house in world.houses[3:] or world.houses[-1:] if house.kind in ROLES]
    sellers = [Seller(house, house.partner.country, house.currency) for house in houses]
    if sellers:
        _fill(world, sellers, [house.weight * BUSY[house.kind] for house in houses], with_partners)


def _fill(world: World, sellers: Sequence[Seller], weights: Sequence[float], number: int) -> None:
    dice = world.book.dice
    days = sorted(int(DAYS * (1 - dice.random.random() ** 0.75)) for _n in range(number))
    for ago in reversed(days):
        day = dice.today - timedelta(days=ago)
        able = [(s, w) for s, w in zip(sellers, weights, strict=True) if s.house is None or s.house.works_on(day)]
        able = able or list(zip(sellers, weights, strict=True))
        _tell(world, dice.weighted([s for s, _w in able], [w for _s, w in able]), day)


def _tell(world: World, seller: Seller, day: date) -> None:
    """One opportunity from its first day to its end, if it has one by now."""
    dice = world.book.dice
    at = dice.past(datetime.combine(day, time(9), UTC) + timedelta(minutes=dice.random.randrange(400)))
    row = _open(world, seller, at)
    roles = _give_roles(world, seller.house, row, at)
    days = min(int(dice.random.lognormvariate(0, 0.5) * 62) + 4, 260)
    ends = at + timedelta(days=days)
    if ends >= dice.at:
        return _in_progress(world, row, ends.date())
    won = dice.chance(0.42 if seller.house else 0.3)
    close(world, row, Stage.WON if won else Stage.LOST, ends, CRM)
    for house, held in roles if won else ():
        house.won(row, held)
    return None


def _open(world: World, seller: Seller, at: datetime) -> Opportunity:
    dice = world.book.dice
    customers = [
        account for account in seller.accounts if account.customer_since and account.customer_since <= at.date()
    ]
    again = bool(customers) and dice.chance(0.36)
    account = dice.pick(customers) if again else _account(world, seller, at)
    kind = dice.weighted((OpportunityKind.EXPANSION, OpportunityKind.RENEWAL), (3, 2)) if again else OpportunityKind.NEW
    row = Opportunity(
        account=account, name=account.name, product=dice.pick(world.products), kind=kind, opened_on=at.date(),
        amount=dice.amount(20_000 if seller.house else 31_000, seller.currency), currency=seller.currency,
        close_on=at.date() + timedelta(days=dice.random.randrange(40, 110)), crm_stage="Discovery",
        vendor_source=dice.weighted(VendorSource.values[1:], (5, 3, 4)),
        owner_email=seller.house.manager.email if seller.house else dice.pick(words.DIRECT_SELLERS),
    )  # fmt: skip
    row.list_amount = (row.amount / Decimal("0.85")).quantize(Decimal("0.01")) if seller.house and row.amount else None
    if seller.house is None:
        world.direct.append(row)
    return world.book.add_told(row, at, CRM)


def _account(world: World, seller: Seller, at: datetime) -> Account:
    dice, (name, domain) = world.book.dice, world.customer(seller.language)
    row = Account(
        name=name, normal_name=normal_name(name), domain=domain, country=seller.country,
        industry=dice.pick(words.INDUSTRIES), employee_count=dice.random.randrange(20, 4_000),
        uses=dice.random.sample(words.ADJACENT, dice.random.randrange(0, 4)),
    )  # fmt: skip
    if seller.house is None:
        row.last_vendor_contact_on = dice.today - timedelta(days=dice.random.randrange(1, 90))
        if dice.chance(0.03):
            row.coverage, row.coverage_reason = Coverage.HOUSE, "Sold to directly since the first contract."
    seller.accounts.append(row)
    return world.book.add_told(row, at - timedelta(minutes=1), CRM)


def _give_roles(world: World, house: House | None, row: Opportunity, at: datetime) -> list[tuple[House, list[str]]]:
    """The partner's role, and now and then a second one: of its own or of another partner."""
    if house is None:
        return []
    roles: list[tuple[House, list[str]]] = [(house, [ROLES[house.kind]])]
    if house.kind in ("agency", "strategic") and world.book.dice.chance(0.15):
        roles[0][1].append(PartnerRole.SELLING)
    elif not world.canary and world.book.dice.chance(0.06):
        builders = [h for h in world.houses[3:] if h.works_on(at.date()) and h is not house and h.kind == "agency"]
        roles += [(world.book.dice.pick(builders), [PartnerRole.IMPLEMENTING])] if builders else []
    for other, held in roles:
        for role in held:
            part = OpportunityPartner(opportunity=row, partner=other.partner, membership=other.membership, role=role)
            world.book.add(part, at)
    return roles


def _in_progress(world: World, row: Opportunity, ends: date) -> None:
    """Still open: how far it is, and when it should close."""
    dice = world.book.dice
    row.crm_stage = dice.weighted(list(WORDS_OF_STAGE), (3, 4, 2))
    row.probability_percent = Decimal(WORDS_OF_STAGE[row.crm_stage])
    row.forecast_category = "Commit" if row.crm_stage == "Negotiation" else "Pipeline"
    row.close_on = ends if dice.chance(0.92) else dice.today - timedelta(days=dice.random.randrange(2, 25))
