"""Rows of tests, valid and without surprises. Ask for what the test is about; the rest is filled in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import factory
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from accounts.enums import Kind
from accounts.models import User
from core.actor import Actor
from earnings.enums import Direction, RuleKind
from earnings.models import RevenueRule
from partners.actors import actor_for, hash_token
from partners.enums import MemberRole, PartnerStatus, PartnerType, ProgramStatus
from partners.models import Agreement, ApiKey, Contact, Invitation, Member, Partner, Product, Program
from tiers.models import ProgramMembership, Tier

PASSWORD = "demo-password"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class UserFactory(DjangoModelFactory):
    """A person of a partner; `StaffFactory` for the vendor's people. Signs in with PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@partner.example")
    name = factory.Sequence(lambda n: f"Person {n}")
    kind = Kind.PARTNER
    is_staff = factory.LazyAttribute(lambda user: user.kind == Kind.VENDOR)
    password = factory.LazyFunction(lambda: make_password(PASSWORD))

    @factory.post_generation
    def address(self, create, extracted, **_more):
        if create:
            EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=True)


class StaffFactory(UserFactory):
    email = factory.Sequence(lambda n: f"colleague{n}@northwind.example")
    kind = Kind.VENDOR
    staff_role = "channel_manager"


class PartnerFactory(DjangoModelFactory):
    class Meta:
        model = Partner

    name = factory.Sequence(lambda n: f"Partner {n}")
    status = PartnerStatus.ACTIVE
    country = "PT"
    region = "EMEA"


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = Member

    partner = factory.SubFactory(PartnerFactory)
    user = factory.SubFactory(UserFactory)
    role = MemberRole.SALES


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    partner = factory.SubFactory(PartnerFactory)
    first_name = "Con"
    last_name = factory.Sequence(lambda n: f"Tact {n}")
    email = factory.Sequence(lambda n: f"contact{n}@partner.example")


class InvitationFactory(DjangoModelFactory):
    """An open invitation; `token` is what the mail would hold."""

    class Meta:
        model = Invitation

    class Params:
        token = factory.Sequence(lambda n: f"token-{n}")

    partner = factory.SubFactory(PartnerFactory)
    email = factory.Sequence(lambda n: f"invited{n}@partner.example")
    role = MemberRole.SALES
    token_hash = factory.LazyAttribute(lambda invitation: hash_token(invitation.token))
    sent_at = NOW
    expires_at = NOW + timedelta(days=7)


class ApiKeyFactory(DjangoModelFactory):
    """The vendor's own key; give `partner` to bind it. `token` is what the client sends."""

    class Meta:
        model = ApiKey

    class Params:
        token = factory.Sequence(lambda n: f"prm_test_{n}")

    name = factory.Sequence(lambda n: f"Key {n}")
    token_hash = factory.LazyAttribute(lambda key: hash_token(key.token))
    hint = factory.LazyAttribute(lambda key: key.token[:8])
    scopes = factory.LazyFunction(lambda: ["*"])


class ProgramFactory(DjangoModelFactory):
    class Meta:
        model = Program

    key = factory.Sequence(lambda n: f"program-{n}")
    name = factory.Sequence(lambda n: f"Program {n}")
    status = ProgramStatus.ACTIVE


class TierFactory(DjangoModelFactory):
    class Meta:
        model = Tier

    program = factory.SubFactory(ProgramFactory)
    rank = factory.Sequence(lambda n: n)
    key = factory.LazyAttribute(lambda tier: f"tier-{tier.rank}")
    name = factory.LazyAttribute(lambda tier: f"Tier {tier.rank}")


class MembershipFactory(DjangoModelFactory):
    """A partner's place in a program."""

    class Meta:
        model = ProgramMembership

    partner = factory.SubFactory(PartnerFactory)
    program = factory.SubFactory(ProgramFactory)
    partner_type = PartnerType.RESELLER
    tier = factory.SubFactory(TierFactory, program=factory.SelfAttribute("..program"))
    starts_on = date(2026, 1, 1)


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    sku = factory.Sequence(lambda n: f"SKU-{n}")
    name = factory.Sequence(lambda n: f"Product {n}")


class RevenueRuleFactory(DjangoModelFactory):
    """10% commission for whoever referred the customer, for a year."""

    class Meta:
        model = RevenueRule

    key = factory.Sequence(lambda n: f"rule-{n}")
    name = factory.Sequence(lambda n: f"Rule {n}")
    program = factory.SubFactory(ProgramFactory)
    partner_type = PartnerType.REFERRAL
    kind = RuleKind.COMMISSION
    direction = Direction.PAYABLE
    percent = 10
    duration_months = 12
    effective_from = date(2020, 1, 1)


class AgreementFactory(DjangoModelFactory):
    class Meta:
        model = Agreement

    partner = factory.SubFactory(PartnerFactory)
    title = "Partner agreement"
    text_version = "1"
    signed_at = NOW - timedelta(days=300)
    signed_by = "Bo"


@dataclass(frozen=True)
class Cast:
    """The people of all tests: Acme's Ada (sales) and Bo (admin), rival Cobalt's Cy (admin), the vendor's staff."""

    acme: Partner
    cobalt: Partner
    ada: User
    bo: User
    cy: User
    mona: User
    mark: User
    olga: User
    finn: User
    eve: User
    root: User

    def actor(self, name: str) -> Actor:
        """What the person `name` may see and do."""
        return actor_for(getattr(self, name))


STAFF = {
    "mona": "channel_manager",
    "mark": "channel_marketing",
    "olga": "channel_operations",
    "finn": "finance",
    "eve": "executive",
    "root": "administrator",
}


def _colleague(name: str, role: str) -> User:
    return StaffFactory(email=f"{name}@northwind.example", name=name.title(), staff_role=role)


def _person(name: str, partner: Partner, role: str) -> User:
    user = UserFactory(email=f"{name}@{partner.domain}", name=name.title())
    MemberFactory(partner=partner, user=user, role=role)
    return user


def make_cast() -> Cast:
    """The cast, once per test; needs a scope that sees all."""
    staff = {name: _colleague(name, role) for name, role in STAFF.items()}
    acme = PartnerFactory(name="Acme", domain="acme.example", manager=staff["mona"])
    cobalt = PartnerFactory(name="Cobalt", domain="cobalt.example", manager=staff["mona"])
    ada, bo = _person("ada", acme, MemberRole.SALES), _person("bo", acme, MemberRole.ADMIN)
    return Cast(acme, cobalt, ada, bo, _person("cy", cobalt, MemberRole.ADMIN), **staff)
