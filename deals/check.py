"""The duplicate check: reads across the wall and answers a partner with a verdict alone."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import Q

from core.scope import elevated
from deals import rules
from deals.enums import LIVE, PROTECTED, Coverage, Stage, Verdict
from deals.models import Account, Opportunity, Registration
from deals.normalise import is_freemail, normal_name, registrable_domain


@dataclass(frozen=True)
class Customer:
    """The keys by which an end customer is recognised. A free-mail domain is no key."""

    domain: str
    name: str
    country: str

    @classmethod
    def of(cls, website: str, account_name: str, country: str) -> "Customer":
        domain = registrable_domain(website)
        return cls("" if is_freemail(domain) else domain, normal_name(account_name), country)

    def __bool__(self) -> bool:
        return bool(self.domain or self.name)

    def rows(self) -> Q:
        """The rows of accounts or registrations that this customer may be."""
        by_domain = Q(domain=self.domain) if self.domain else Q(pk=None)
        same_land = Q(country=self.country) | Q(country="") if self.country else Q()
        by_name = Q(normal_name=self.name) & same_land if self.name else Q(pk=None)
        return by_domain | by_name


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


def _parts(customer: Customer, row) -> tuple[Decimal, dict]:
    domain = bool(customer.domain) and row.domain == customer.domain
    name = bool(customer.name) and row.normal_name == customer.name
    return Decimal("1.0000") if domain else Decimal("0.9000"), {"domain": domain, "name": name}


def _of_registration(customer: Customer, row: Registration, partner_id: UUID) -> Match:
    score, parts = _parts(customer, row)
    if row.partner_id == partner_id:
        verdict = Verdict.YOURS
    elif parts["domain"] or row.status in PROTECTED:
        verdict = Verdict.CONFLICT
    else:
        verdict = Verdict.POSSIBLE
    return Match(verdict, score, parts, registration=row)


def _of_account(customer: Customer, row: Account, direct: Opportunity | None, partner_id: UUID) -> Match | None:
    score, parts = _parts(customer, row)
    closed = row.coverage in (Coverage.HOUSE, Coverage.NO_PARTNER)
    named = row.coverage == Coverage.NAMED_PARTNER and row.owner_partner_id != partner_id
    if not (closed or named or direct or row.customer_since):
        return None
    verdict = Verdict.CUSTOMER if parts["domain"] else Verdict.POSSIBLE
    return Match(verdict, score, parts, account=row, opportunity=direct)


def find(
    customer: Customer, *, partner_id: UUID, product_id: UUID | None, ignore: UUID | None, at: datetime
) -> Findings:
    """Everything near this customer. Own deals count when they are about the same product."""
    if not customer:
        return Findings(Verdict.UNKNOWN)
    with elevated():
        near = Registration.objects.filter(customer.rows(), status__in=LIVE, deleted_at=None)
        near = near.exclude(pk=ignore) if ignore else near
        registrations = [_of_registration(customer, row, partner_id) for row in near.order_by("submitted_at")[:20]]
        accounts = [_of_account(customer, row, direct, partner_id) for row, direct in _accounts(customer)]
    matches = [m for m in registrations if m.verdict != Verdict.YOURS or _same_product(m, product_id)]
    matches += [m for m in accounts if m]
    own = next((m.registration for m in matches if m.verdict == Verdict.YOURS), None)
    return Findings(rules.worst(m.verdict for m in matches), tuple(matches), own)


def _same_product(match: Match, product_id: UUID | None) -> bool:
    return product_id is None or (match.registration is not None and match.registration.product_id == product_id)


def _accounts(customer: Customer) -> list[tuple[Account, Opportunity | None]]:
    """Accounts that may be this customer, each with an open opportunity of the vendor's own team, if there is one."""
    rows = list(Account.objects.filter(customer.rows(), deleted_at=None)[:20])
    direct = Opportunity.objects.filter(account__in=rows, stage=Stage.OPEN, partners=None) if rows else ()
    by_account = {opportunity.account_id: opportunity for opportunity in direct}
    return [(row, by_account.get(row.pk)) for row in rows]


def one_at_a_time(customer: Customer) -> None:
    """Until the transaction ends, nobody else submits a claim on this customer: the first is first."""
    hold(*({customer.domain, customer.name} - {""}))


def hold(*keys: str) -> None:
    """Until the transaction ends, others who hold one of these keys wait; then they see what we did."""
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [key])
