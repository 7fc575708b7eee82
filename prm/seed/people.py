"""Who there is: the vendor's people, the partners with their people, and what was agreed and noted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

from django.utils.text import slugify

from accounts.enums import Kind
from accounts.models import User
from core.actor import SYSTEM, Actor
from deals.enums import OpportunityKind, PartnerRole
from deals.models import Opportunity, Registration
from metrics.rules import KINDS_OF_ROLE
from partners.enums import MemberRole, PartnerStatus, PortalAccess
from partners.models import Agreement, Contact, Member, Note, Partner, Product, Program
from partners.roles import of_member, of_staff
from prm.seed import words
from prm.seed.book import Book
from tiers.models import ProgramMembership, ProgramVersion, Tier

AGREEMENT = "Partner agreement"
FIRST_DAY = 1_000  # days before now when the vendor's own people came
CAST = {
    "mona": ("Mona Meyer", "channel_manager"),
    "mark": ("Mark Mensah", "channel_marketing"),
    "olga": ("Olga Orlova", "channel_operations"),
    "finn": ("Finn Falk", "finance"),
    "eve": ("Eve Evans", "executive"),
    "root": ("Root Rasmussen", "administrator"),
    "milo": ("Milo Brandt", "channel_manager"),
    "mina": ("Mina Sato", "channel_manager"),
    "omar": ("Omar Haddad", "channel_operations"),
}
# of partners: first name, last name, role, job
OWN_PEOPLE = {
    "Acme": (
        ("Ada", "Alves", MemberRole.SALES, "Account executive"),
        ("Bo", "Barros", MemberRole.ADMIN, "Managing partner"),
        ("Rita", "Cardoso", MemberRole.MARKETING, "Marketing lead"),
        ("Hugo", "Neves", MemberRole.SALES, "Solution architect"),
        ("Marta", "Pinho", MemberRole.FINANCE, "Head of finance"),
    ),
    "Cobalt": (
        ("Cy", "Castro", MemberRole.ADMIN, "Managing partner"),
        ("Lola", "Prieto", MemberRole.SALES, "Account executive"),
        ("Iván", "Robles", MemberRole.SALES, "Account executive"),
    ),
}
SHORT = {"Ada", "Bo", "Cy"}  # who signs in as first name at company
COUNTED = {PartnerRole.SELLING, PartnerRole.SOURCING}  # roles that the default program counts for tiers
MANAGERS = {"EMEA": "mona", "AMER": "milo", "APAC": "mina"}


@dataclass(frozen=True)
class Rules:
    """The program all partners are in, its version in force and its tiers, lowest first."""

    program: Program
    version: ProgramVersion
    tiers: tuple[Tier, ...]


@dataclass
class House:
    """A partner while the plan is made."""

    partner: Partner
    membership: ProgramMembership
    kind: str
    language: str
    joined: date
    left: date | None  # from when nothing commercial happens any more
    weight: float
    manager: User
    sellers: list[User] = field(default_factory=list)
    deals: list[Registration] = field(default_factory=list)
    wins: list[date] = field(default_factory=list)  # closing days of deals that count for the tier
    done: list[tuple[str, datetime]] = field(default_factory=list)  # commercial events by kind

    @property
    def zone(self) -> str:
        return self.partner.time_zone

    @property
    def currency(self) -> str:
        return self.partner.default_currency

    def won(self, row: Opportunity, roles: Iterable[str]) -> None:
        """A deal closed in which the partner had these roles."""
        assert row.closed_on
        at = datetime.combine(row.closed_on, time(0), UTC)
        self.done += [(kind, at) for role in roles for kind in KINDS_OF_ROLE[role]]
        if row.kind != OpportunityKind.RENEWAL and COUNTED & set(roles):
            self.wins.append(row.closed_on)

    def works_on(self, day: date) -> bool:
        return self.joined + timedelta(days=20) <= day and (self.left is None or day < self.left)


@dataclass
class World:
    """What every part of the plan builds on."""

    book: Book
    rules: Rules
    canary: bool = False
    staff: dict[str, User] = field(default_factory=dict)
    houses: list[House] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    names: dict[str, Iterator[tuple[str, str]]] = field(default_factory=dict)
    direct: list[Opportunity] = field(default_factory=list)  # deals of the vendor's own team, the oldest first

    def customer(self, language: str) -> tuple[str, str]:
        """The next company name that nobody had yet, and its domain."""
        language = language if language in words.CUSTOMERS else "en"
        if language not in self.names:
            self.names[language] = _customers(self.book, language)
        return next(self.names[language])

    def person(self, language: str) -> tuple[str, str]:
        dice = self.book.dice
        return dice.pick(words.FIRST_NAMES[language]), dice.pick(words.LAST_NAMES[language])


def _customers(book: Book, language: str) -> Iterator[tuple[str, str]]:
    roots, trades, forms = words.CUSTOMERS[language]
    pairs = list(product(roots, trades))
    book.dice.random.shuffle(pairs)
    joined = ((f"{a} & {b}", trade) for a in roots for b in roots if a < b for trade in trades)
    for root, trade in (*pairs, *joined):
        name = f"{root} {trade}"
        yield f"{name} {book.dice.pick(forms)}", f"{slugify(name).replace('-', '')}.example"


def actor(user: User) -> Actor:
    """Who acted, for an event of the past."""
    return Actor(
        str(user), user.kind, user.pk, permissions=of_staff(user.staff_role) if user.is_staff else of_member("admin")
    )


# --- the vendor ---


def hire(world: World) -> None:
    """The vendor's people and products."""
    book, day = world.book, world.book.dice.today - timedelta(days=FIRST_DAY)
    for name, (full, role) in CAST.items():
        at = book.dice.working(day, "UTC")
        user = User(email=f"{name}@northwind.example", name=full, kind=Kind.VENDOR, staff_role=role, is_staff=True)
        world.staff[name] = book.add_told(user, at, SYSTEM, kind=user.kind, role=role)
    for sku, name, family, price in words.PRODUCTS:
        row = Product(sku=sku, name=name, family=family, list_price=price)
        world.products.append(book.add(row, book.dice.working(day, "UTC")))


# --- partners ---


def firms(number: int) -> list[tuple[str, str, str, str]]:
    """So many firms: those with a story first, then as many as needed."""
    first, second = words.MORE_FIRMS
    types = [kind for _name, _form, kind, _country in words.FIRMS]
    lands = list(words.COUNTRIES)
    more = [
        (f"{b} {a}", "Ltd", types[i % 40], lands[i % len(lands)]) for i, (a, b) in enumerate(product(second, first))
    ]
    endless = [(f"{name} {n}", *rest) for n in range(2, 2 + number // 250) for name, *rest in more]
    return [*words.FIRMS, *more, *endless][:number]


def settle(world: World, number: int) -> None:
    """All partners with their people, in the order of their size in the story."""
    for place, firm in enumerate(firms(number)):
        world.houses.append(_house(world, place, firm, number))


def _house(world: World, place: int, firm: tuple[str, str, str, str], number: int) -> House:
    book, (name, _form, kind, country) = world.book, firm
    status, left_ago = _fate(place, number)
    age = 40 + place if status == PartnerStatus.ONBOARDING else book.dice.random.randrange(420, 980)
    joined = book.dice.today - timedelta(days=960 - 20 * place if place < 3 else age)
    left = book.dice.today - timedelta(days=left_ago) if left_ago else None
    manager = world.staff[MANAGERS[words.COUNTRIES[country][0]]]
    partner = _partner(world, firm, status, joined, manager)
    membership = _membership(world, partner, kind, manager)
    weight = 1.0 / (1 + place % 13) ** 1.1
    house = House(partner, membership, kind, words.COUNTRIES[country][3], joined, left, weight, manager)
    _people(world, house, name)
    _sign(world, house)
    _write_notes(world, house)
    return house


def _fate(place: int, number: int) -> tuple[str, int]:
    """(status, for how many days nothing has happened) of the partner at a place."""
    if number < 20 or place < 12:
        return PartnerStatus.ACTIVE, 0
    special = {
        22: (PartnerStatus.INACTIVE, 118), 24: (PartnerStatus.INACTIVE, 140), 35: (PartnerStatus.INACTIVE, 203),
        28: (PartnerStatus.SUSPENDED, 45), 33: (PartnerStatus.OFFBOARDED, 260),
        30: (PartnerStatus.ONBOARDING, 0), 36: (PartnerStatus.ONBOARDING, 0), 39: (PartnerStatus.ONBOARDING, 0),
    }  # fmt: skip
    return special.get(place % 40, (PartnerStatus.ACTIVE, 0))


def _partner(world: World, firm: tuple[str, str, str, str], status: str, joined: date, manager: User) -> Partner:
    book, (name, form, kind, country) = world.book, firm
    region, zone, currency, _language = words.COUNTRIES[country]
    domain = f"{slugify(name).replace('-', '')}.example"
    others = [world.staff[key] for key in ("milo", "mina") if world.staff[key] is not manager]
    row = Partner(
        name=name, legal_name=f"{name} {form}", status=status, manager=manager, backup=book.dice.pick(others),
        website=f"https://www.{domain}", domain=domain, country=country, region=region, territories=[country],
        industries=book.dice.random.sample(words.INDUSTRIES, 2), default_currency=currency, time_zone=zone,
        specialisations=book.dice.random.sample(words.SPECIALITIES, 2), description=words.DESCRIPTIONS[kind],
        employee_count=book.dice.random.randrange(6, 240), joined_on=joined,
        is_listed=status == PartnerStatus.ACTIVE,
    )  # fmt: skip
    at = book.dice.working(joined, zone)
    book.add(row, at)
    book.tell(row, "created", at, actor(manager), partner_id=row.pk, status=PartnerStatus.ONBOARDING)
    return row


def _membership(world: World, partner: Partner, kind: str, manager: User) -> ProgramMembership:
    program, since = world.rules.program, partner.joined_on
    row = ProgramMembership(partner=partner, program=program, partner_type=kind, starts_on=since)  # type: ignore[misc]
    at = partner.created_at + timedelta(minutes=5)
    return world.book.add_told(row, at, actor(manager), partner_id=partner.pk)


def _people(world: World, house: House, name: str) -> None:
    own = OWN_PEOPLE.get(name) or [
        (*world.person(house.language), role, world.book.dice.pick(words.PARTNER_JOBS))
        for role in (MemberRole.ADMIN, MemberRole.SALES, MemberRole.SALES, MemberRole.MARKETING)
    ]
    taken: set[str] = set()
    for first, last, role, job in own:
        email = f"{slugify(first)}@" if first in SHORT else f"{slugify(first)}.{slugify(last)}@"
        if email not in taken:
            _member(world, house, (first, last, email + house.partner.domain, role, job))
        taken.add(email)
    for _n in range(world.book.dice.random.randrange(1, 3)):
        _contact(world, house, (*world.person(house.language), world.book.dice.pick(words.PARTNER_JOBS)))


def _member(world: World, house: House, person: tuple[str, str, str, str, str]) -> None:
    book, (first, last, email, role, job), partner = world.book, person, house.partner
    at = book.dice.working(house.joined + timedelta(days=book.dice.random.randrange(1, 9)), house.zone)
    user = book.add(User(email=email, name=f"{first} {last}", time_zone=house.zone), at)
    me = actor(user)
    book.tell(user, "created", at, me, kind=user.kind, role="")
    book.add_told(Member(partner=partner, user=user, role=role), at, me, partner_id=partner.pk, role=role)
    contact = Contact(
        partner=partner, user=user, first_name=first, last_name=last, email=email, job_title=job,
        roles=["sales"] if role == MemberRole.SALES else [], is_primary=role == MemberRole.ADMIN,
        portal_access=PortalAccess.ACTIVE,
    )  # fmt: skip
    book.add_told(contact, at, me, partner_id=partner.pk)
    if role in (MemberRole.SALES, MemberRole.ADMIN):
        house.sellers.append(user)
    if first == "Ada":
        house.sellers.insert(0, user)  # she brings most of Acme's deals


def _contact(world: World, house: House, person: tuple[str, str, str]) -> None:
    book, (first, last, job), partner = world.book, person, house.partner
    email = f"{slugify(first)}.{slugify(last)}.{book.dice.random.randrange(10, 99)}@{partner.domain}"
    at = book.dice.working(house.joined + timedelta(days=book.dice.random.randrange(10, 40)), house.zone)
    row = Contact(partner=partner, first_name=first, last_name=last, email=email, job_title=job, roles=["technical"])
    book.add_told(row, at, actor(house.manager), partner_id=partner.pk)


def _sign(world: World, house: House) -> None:
    book, partner = world.book, house.partner
    if partner.status == PartnerStatus.ONBOARDING and book.dice.chance(0.3):
        return  # still with their lawyers
    at = book.dice.working(house.joined + timedelta(days=book.dice.random.randrange(9, 13)), house.zone)
    row = Agreement(
        partner=partner, title=AGREEMENT, text_version="3.1", signed_at=at, signed_by=str(house.sellers[-1])
    )
    book.add(row, at)
    book.tell(row, "recorded", at, actor(house.manager), partner_id=partner.pk, title=AGREEMENT, version="3.1")


def _write_notes(world: World, house: House) -> None:
    book = world.book
    for _n in range(book.dice.random.randrange(1, 4)):
        ago = book.dice.random.randrange(5, max(6, (book.dice.today - house.joined).days - 20))
        at = book.dice.working(book.dice.today - timedelta(days=ago), house.zone)
        row = Note(partner=house.partner, author=house.manager, text=book.dice.pick(words.NOTES), at=at)
        book.add_told(row, at, actor(house.manager), partner=house.partner.public_id)
