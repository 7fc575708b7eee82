"""What the services of partners are told, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from accounts.models import User
from core.files import Clean
from partners.enums import Direction, Maker, OpenClaims, OpenDeals, OpenEarnings, OpenLeads, PartnerStatus
from partners.models import AgreementText, Contact, Integration, Partner, Program


class Values:
    """Column → value."""

    def values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]


@dataclass(frozen=True)
class Company(Values):
    """What is known about a partner company."""

    name: str
    legal_name: str = ""
    website: str = ""
    country: str = ""
    region: str = ""
    territories: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    specialisations: tuple[str, ...] = ()
    description: str = ""
    employee_count: int | None = None
    tax_id: str = ""
    default_currency: str = "USD"
    time_zone: str = "UTC"
    is_listed: bool = False
    parent: Partner | None = None

    LISTS = ("territories", "industries", "specialisations")
    # what the partner's own admin may change
    PROFILE = frozenset({
        "website", "country", "territories", "industries", "specialisations", "description", "employee_count",
        "time_zone", "is_listed",
    })  # fmt: skip

    @classmethod
    def of(cls, partner: Partner) -> Self:
        """The values as they stand, for `dataclasses.replace`."""
        names = [field.name for field in fields(cls)]
        return cls(**{n: tuple(getattr(partner, n)) if n in cls.LISTS else getattr(partner, n) for n in names})  # type: ignore[arg-type]

    def values(self) -> dict[str, Any]:
        return super().values() | {name: list(getattr(self, name)) for name in self.LISTS}


@dataclass(frozen=True)
class Amendment:
    """What a form showed and somebody changed: columns of Company, and the version of the row it showed."""

    values: Mapping[str, Any]
    version: int | None = None


@dataclass(frozen=True)
class Care:
    """Who of the vendor looks after a partner."""

    manager: User | None
    backup: User | None = None


@dataclass(frozen=True)
class NewCare:
    """Who looks after a partner from a day on; None: from now on."""

    care: Care
    since: date | None = None


@dataclass(frozen=True)
class Away(Values):
    """Somebody of the vendor is away, first and last day included, and somebody else decides."""

    person: User
    delegate: User
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Person(Values):
    """A contact of a partner."""

    last_name: str
    email: str
    first_name: str = ""
    phone: str = ""
    job_title: str = ""
    roles: tuple[str, ...] = ()
    is_primary: bool = False
    locale: str = ""
    time_zone: str = ""

    @classmethod
    def of(cls, contact: Contact) -> Self:
        names = [field.name for field in fields(cls)]
        return cls(**{n: tuple(contact.roles) if n == "roles" else getattr(contact, n) for n in names})  # type: ignore[arg-type]

    def values(self) -> dict[str, Any]:
        return super().values() | {"roles": list(self.roles)}


@dataclass(frozen=True)
class Words:
    text: str


@dataclass(frozen=True)
class Signature(Values):
    """A signed contract text."""

    title: str
    text_version: str
    signed_by: str
    signed_at: datetime
    ip: str | None = None


@dataclass(frozen=True)
class Invites:
    """Addresses to invite, all with one role."""

    emails: tuple[str, ...]
    role: str


@dataclass(frozen=True)
class Guest:
    """Somebody of a file to invite."""

    partner: Partner
    email: str
    role: str


@dataclass(frozen=True)
class Newcomer:
    """What somebody new tells when they accept. Without a password they sign in by code."""

    name: str
    password: str | None = None


@dataclass(frozen=True)
class Role:
    role: str


@dataclass(frozen=True)
class KeyTerms:
    """What an API key shall be good for. Without a partner it is the vendor's own and sees all."""

    name: str
    scopes: tuple[str, ...]
    partner: Partner | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Start:
    """How a partner begins."""

    status: str = PartnerStatus.ONBOARDING
    joined_on: date | None = None
    care: Care | None = None


@dataclass(frozen=True)
class Link(Values):
    """What is known about an integration."""

    name: str
    products: tuple[str, ...] = ()
    direction: str = Direction.BOTH
    built_by: str = Maker.PARTNER
    maintained_by: str = Maker.PARTNER
    link: str = ""
    joint_customers: int = 0
    last_reviewed: date | None = None

    @classmethod
    def of(cls, row: Integration) -> Self:
        names = [field.name for field in fields(cls)]
        return cls(**{n: tuple(row.products) if n == "products" else getattr(row, n) for n in names})  # type: ignore[arg-type]

    def values(self) -> dict[str, Any]:
        link = f"https://{self.link}" if self.link and "//" not in self.link else self.link
        return super().values() | {"products": list(self.products), "link": link}


@dataclass(frozen=True)
class Worth(Values):
    """What each side gives the other."""

    title: str
    we_give: str
    they_give: str
    agreed_on: date
    review_on: date | None = None
    integration: Integration | None = None


@dataclass(frozen=True)
class CallReport(Values):
    """A talk with a partner and the next step from it."""

    at: datetime
    with_whom: str
    summary: str
    next_step: str = ""
    next_step_due: datetime | None = None


@dataclass(frozen=True)
class Plan(Values):
    """One page about one year. `version` is of the plan that was shown; None for the first."""

    year: int
    goal: str
    revenue: Decimal | None = None
    currency: str = "USD"
    deals: int | None = None
    certified_people: int | None = None
    campaigns: int | None = None
    we_do: str = ""
    they_do: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Because:
    """Why a partner is refused, put off, suspended: a code for figures, words for people."""

    reason: str
    text: str

    @property
    def told(self) -> dict[str, str]:
        return {"reason": str(self.reason), "text": self.text}


@dataclass(frozen=True)
class Applicant(Values):
    """What somebody tells who wants to become a partner."""

    program: Program
    partner_type: str
    company: str
    website: str
    name: str
    email: str
    country: str = ""
    message: str = ""


@dataclass(frozen=True)
class Click:
    """Terms accepted by a click: which, and from where."""

    text: AgreementText
    ip: str | None = None


@dataclass(frozen=True)
class Terms(Values):
    """A new version of the terms."""

    key: str
    title: str
    text_version: str
    text: str
    program: Program | None = None
    partner_type: str = ""


@dataclass(frozen=True)
class Handed:
    """What a partner sends for a line of its checklist."""

    text: str = ""
    files: tuple[Clean, ...] = ()


@dataclass(frozen=True)
class Leaving(Values):
    """How a partner leaves."""

    effective_on: date
    reason: str
    text: str
    deals: str = OpenDeals.KEEP
    claims: str = OpenClaims.PAY
    earnings: str = OpenEarnings.PAY_OUT
    leads: str = OpenLeads.RECALL


@dataclass(frozen=True)
class Joining:
    """Which partner goes into another, and why."""

    loser: Partner
    reason: str


@dataclass(frozen=True)
class Keeping:
    """For how many months we keep who has left; None is for ever."""

    months: int | None


@dataclass(frozen=True)
class Sight:
    """Whether channel managers see the partners of their regions alone."""

    by_region: bool


@dataclass(frozen=True)
class Regions:
    """The regions of a channel manager."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Logo:
    """The picture in the directory; None: none."""

    picture: Clean | None
