"""The duplicate check: reads across the wall and answers a partner with a verdict alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from core.scope import elevated
from deals import rules
from deals.enums import PROTECTED, Coverage, NameOf, Verdict
from deals.matching import index, model, rows, words
from deals.matching.index import Near
from deals.models import Account, ConflictCase, Opportunity, Registration
from deals.normalise import domain_key, normal_name
from partners.models import Product

MOST = 20  # rows of either kind that a person is shown
_BY_EMAIL = 0.8  # of a customer that is only known to have the contact's mail domain


@dataclass(frozen=True)
class Customer:
    """The keys by which an end customer is recognised. A free-mail domain is no key."""

    domain: str
    name: str
    country: str
    written: str = ""
    mail: str = ""  # the domain of the contact's e-mail address

    @classmethod
    def of(cls, website: str, account_name: str, country: str, contact_email: str = "") -> "Customer":
        mail = domain_key(contact_email) if "@" in contact_email else ""
        return cls(domain_key(website), normal_name(account_name), country, account_name, mail)

    def __bool__(self) -> bool:
        return bool(self.domain or self.name)

    @property
    def identity(self) -> str:
        """By what it is remembered in "not the same"."""
        return index.identity(self.domain, self.written)

    def rows(self) -> Q:
        """The rows of accounts or registrations that this customer may be."""
        by_domain = Q(domain=self.domain) if self.domain else Q(pk=None)
        same_land = Q(country=self.country) | Q(country="") if self.country else Q()
        by_name = Q(normal_name=self.name) & same_land if self.name else Q(pk=None)
        return by_domain | by_name

    def elsewhere(self, country: str) -> bool:
        """Whether the country is known to be another one."""
        return bool(self.country and country and self.country != country)


@dataclass(frozen=True)
class Match:
    """One row that may be the same customer, and why."""

    verdict: str
    score: Decimal
    parts: dict
    registration: Registration | None = None
    account: Account | None = None
    opportunity: Opportunity | None = None


@dataclass(frozen=True)
class Findings:
    verdict: str
    matches: tuple[Match, ...] = ()
    own: Registration | None = None


@dataclass(frozen=True)
class _Around:
    """What the index knows near a customer, and which customers it is known not to be."""

    customer: Customer
    by_owner: dict[UUID, Near] = field(default_factory=dict)  # registrations
    by_account: dict[UUID, Near] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()

    @classmethod
    def of(cls, customer: Customer) -> "_Around":
        near = index.near(customer.written, model.POSSIBLE) if customer.name else []
        accounts = {one.account_id: one for one in reversed(near) if one.account_id}
        owners = {one.owner_id: one for one in near if not one.account_id}
        return cls(customer, owners, accounts, index.told_apart(customer.identity))

    def wanted(self) -> rows.Wanted:
        who = self.customer
        return rows.Wanted((who.domain, who.mail), who.name, who.country, tuple(self.by_owner), tuple(self.by_account))

    def evidence(self, row: Registration | Account) -> "_Evidence | None":
        """Why the row may be this customer; None when it was told apart or is of another country."""
        written = row.name if isinstance(row, Account) else row.account_name
        if identity_of(row) in self.apart:
            return None
        found = _Evidence(self.customer, row, written, self._near(row))
        return found if found.holds else None

    def _near(self, row: Registration | Account) -> Near | None:
        account = row.pk if isinstance(row, Account) else row.account_id
        near = (self.by_owner.get(row.pk), self.by_account.get(account) if account else None)
        return max(filter(None, near), key=lambda one: one.score.value, default=None)


class _Evidence:
    """How sure it is that a row is the customer: domain, then name, then the contact's e-mail domain."""

    def __init__(self, customer: Customer, row: Registration | Account, written: str, near: Near | None) -> None:
        self.domain = bool(customer.domain) and row.domain == customer.domain
        self.email = bool(customer.mail) and row.domain == customer.mail
        self.name = bool(customer.name) and row.normal_name == customer.name
        self.near = near
        self.abroad = customer.elsewhere(row.country)
        self.other_domain = bool(customer.domain and row.domain) and not self.domain
        self.judged = near.score if near else model.score(words.name(customer.written), words.name(written))

    @property
    def holds(self) -> bool:
        named = self.name or self.near is not None
        return self.domain or self.email or (named and not self.abroad)

    @property
    def same(self) -> bool:
        """The very company: by domain, or by a name that is as good as equal."""
        return self.domain or self.name or (self.judged.value >= model.SAME_COMPANY and not self.other_domain)

    @property
    def sure(self) -> bool:
        """Sure enough to say "conflict"."""
        return self.domain or (self.same and self.judged.value >= model.SAME_COMPANY and not self.other_domain)

    @property
    def score(self) -> Decimal:
        named = self.judged.value if self.name or self.near else 0.0
        value = 1.0 if self.domain else max(named, _BY_EMAIL if self.email else 0.0)
        return Decimal(str(round(value, 4)))

    def parts(self) -> dict[str, Any]:
        """For the manager's page: what matched, and the comparison of the names part by part."""
        shown = self.judged.parts.shown()
        met = {"domain": self.domain, "name": self.name, "email": self.email}
        alias = {"alias": True, "known_as": self.near.name} if self.near and self.near.kind == NameOf.ALIAS else {}
        return {**shown, **met, **alias, "alike": round(self.judged.value, 4), "words": shown["shared"]}


def _of_registration(around: _Around, row: Registration, partner_id: UUID) -> Match | None:
    found = around.evidence(row)
    if found is None or (row.partner_id == partner_id and not found.same):
        return None
    if row.partner_id == partner_id:
        verdict = Verdict.YOURS
    elif found.sure or (found.same and row.status in PROTECTED):
        verdict = Verdict.CONFLICT
    else:
        verdict = Verdict.POSSIBLE
    return Match(verdict, found.score, found.parts(), registration=row)


def _of_account(around: _Around, row: Account, direct: Opportunity | None, partner_id: UUID) -> Match | None:
    found = around.evidence(row)
    house = next((one for one in _line(row) if _is_taken(one, partner_id)), None)
    if found is None or not (house or direct):
        return None
    of_parent = house is not None and house is not row
    verdict = Verdict.CUSTOMER if found.domain and not of_parent else Verdict.POSSIBLE
    parts = {**found.parts(), "parent": True, "belongs_to": house.name} if of_parent and house else found.parts()
    return Match(verdict, found.score, parts, account=row, opportunity=direct)


def _line(row: Account) -> Iterator[Account]:
    """The account and the companies above it, as far as they were read."""
    yield row
    if row.parent:
        yield row.parent
        if row.parent.parent:
            yield row.parent.parent


def _is_taken(row: Account, partner_id: UUID) -> bool:
    """Whether the vendor or a named partner has the account to itself."""
    named = row.coverage == Coverage.NAMED_PARTNER and row.owner_partner_id != partner_id
    return named or row.coverage in (Coverage.HOUSE, Coverage.NO_PARTNER) or bool(row.customer_since)


def find(
    customer: Customer, *, partner_id: UUID, product_id: UUID | None, ignore: UUID | None, at: datetime
) -> Findings:
    """Everything near this customer. Own deals count when they are about the same product."""
    if not customer:
        return Findings(Verdict.UNKNOWN)
    with elevated():
        around = _Around.of(customer)
        near = rows.claims(around.wanted(), MOST, ignore=ignore, at=at)
        product = rows.products(near, product_id)
        claims = [row for row in near if row.partner_id == partner_id or _covers(row, product)]
        registrations = [_of_registration(around, row, partner_id) for row in claims]
        accounts = [_of_account(around, row, direct, partner_id) for row, direct in _accounts(around)]
    found = [m for m in registrations if m and (m.verdict != Verdict.YOURS or _same_product(m, product_id))]
    found += [m for m in accounts if m]
    return Findings(rules.worst(m.verdict for m in found), tuple(_surest_first(found)), _own(found))


def _covers(row: Registration, product: Product | None) -> bool:
    """Whether another partner's registration reaches this product, by the scope that its program gives."""
    scope = rules.Policy.of(row.membership.program.policy).scope
    if scope == "account" or product is None or row.product is None:
        return True
    if scope == "opportunity" or not product.family:
        return row.product_id == product.pk
    return row.product.family == product.family


def _own(found: Iterable[Match]) -> Registration | None:
    return next((m.registration for m in found if m.verdict == Verdict.YOURS), None)


def _surest_first(found: list[Match]) -> list[Match]:
    return sorted(found, key=lambda match: -match.score)


def _same_product(match: Match, product_id: UUID | None) -> bool:
    return product_id is None or (match.registration is not None and match.registration.product_id == product_id)


def _accounts(around: _Around) -> list[tuple[Account, Opportunity | None]]:
    """Accounts that may be this customer, each with an open opportunity of the vendor's own team, if there is one."""
    found = rows.accounts(around.wanted(), MOST)
    by_account = rows.direct(found)
    return [(row, by_account.get(row.pk)) for row in found]


def identity_of(row: Registration | Account) -> str:
    """By what the customer of a row is remembered in "not the same"."""
    return index.identity(domain_key(row.domain), row.name if isinstance(row, Account) else row.account_name)


def sides_of(case: ConflictCase) -> tuple[str, str]:
    """The identities of the two customers of a conflict; equal ones can't be told apart."""
    ours = identity_of(case.registration)
    other = case.other_registration or case.other_account
    return ours, identity_of(other) if other else ours


def one_at_a_time(customer: Customer) -> None:
    """Until the transaction ends, nobody else submits a claim on this customer: the first is first."""
    letters = words.name(customer.written).compact
    hold(*({customer.domain, customer.name, letters} - {""}))


def hold(*keys: str) -> None:
    """Until the transaction ends, others who hold one of these keys wait; then they see what we did."""
    with connection.cursor() as cursor:  # in the order that everybody takes them
        cursor.execute(
            "SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(t, 7) AS k "
            "FROM unnest(%s::text[]) AS t ORDER BY k) AS keys",
            [list(keys)],
        )
