"""A small company's world in which everything that belongs to Cobalt says so: what of it reaches others is found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from accounts.models import User
from core import ledger
from core.actor import SYSTEM, Actor
from core.events import record
from core.ids import uuid7
from core.models import ExternalId
from core.money import Money
from core.querysets import PartnerQuerySet
from deals import services
from deals.models import Opportunity
from deals.particulars import Question
from mdf.models import Allocation
from partners.actors import actor_for
from partners.models import ApiKey, Integration, MutualValue, Partner, YearPlan
from tests.deals.conftest import Market, make_market
from tests.factories import (
    NOW,
    ApiKeyFactory,
    Cast,
    ContactFactory,
    InvitationFactory,
    MemberFactory,
    MembershipFactory,
    PartnerFactory,
    StaffFactory,
    UserFactory,
    make_cast,
)
from tests.laws.source import RUNG

CANARY = "CANARY-COBALT-"
_numbers = count(1)
# Columns that name things by a fixed word, or must stay unique in their own way.
_PLAIN = {"token_hash", "hint", "country", "currency", "default_currency", "time_zone", "language", "locale"}


def canary() -> str:
    """A text that belongs to Cobalt alone; never twice the same."""
    return f"{CANARY}{next(_numbers)}."


def scoped_models() -> Iterator[type[models.Model]]:
    """Every model whose rows belong to a partner or to the vendor alone."""
    for model in apps.get_models():
        if model._meta.app_label in RUNG and hasattr(model, "objects"):
            rows = model.objects.all()
            if isinstance(rows, PartnerQuerySet) and rows.partner_path != "":
                yield model


@dataclass
class World:
    """The cast in business, with rows of every kind for Cobalt, and for Acme as many as asked for."""

    market: Market
    people: dict[str, User]
    keys: dict[str, str]  # name → token
    foreign: dict[str, models.Model] = field(default_factory=dict)  # model label → a row of Cobalt's
    size: int = 0

    @property
    def cast(self) -> Cast:
        return self.market.cast

    def actor(self, name: str) -> Actor:
        return actor_for(self.people[name])

    def row(self, label: str) -> models.Model:
        """The row of Cobalt that strangers are tried with; of what is nobody's, any."""
        return self.foreign.get(label) or apps.get_model(label)._base_manager.order_by("pk").first()

    def grow(self) -> None:
        """One more of everything for Acme."""
        self.size += 1
        n, ada, mona = self.size, self.actor("ada"), self.actor("mona")
        for step in ("draft", "sent", "asked", "approved"):
            deal = self.market.draft("ada", website=f"{step}{n}.example", account_name=f"Customer {step} {n}")
            if step != "draft":
                deal = services.submit(deal, by=ada, at=NOW)
            if step == "asked":
                services.ask(deal, Question("Who buys?", ("need",)), by=mona, at=NOW)
            if step == "approved":
                services.approve(deal, by=mona, at=NOW)
        rival = self.market.draft("cy", website=f"both{n}.example", account_name=canary())
        services.submit(rival, by=self.actor("cy"), at=NOW)
        self.market.sent("ada", website=f"both{n}.example", account_name=f"Both {n}")
        acme = self.cast.acme
        ContactFactory(partner=acme)
        InvitationFactory(partner=acme, invited_by=self.cast.bo)
        MemberFactory(partner=acme)
        ApiKeyFactory(partner=acme)
        give_money(acme)
        together(acme, f"With Acme {n}", 2026 + n)
        plant_the_rest(acme, anew=True)


def together(partner: Partner, words: str, year: int) -> None:
    """An integration, what each side gives, a plan."""
    row = Integration.objects.create(partner=partner, name=words, products=[words])
    given = {"integration": row, "title": words, "we_give": words, "they_give": words, "agreed_on": NOW.date()}
    MutualValue.objects.create(partner=partner, **given)
    YearPlan.objects.create(partner=partner, year=year, goal=words, deals=5)


def give_money(partner: Partner) -> None:
    """A cent on the ledger, from an account of the vendor to one of the partner."""
    ours = ledger.account("test.ours", partner.pk, "USD")
    theirs = ledger.account("test.theirs", partner.pk, "USD", partner_id=partner.pk)
    legs = ledger.move(ours, theirs, Money(Decimal("0.01"), "USD"))
    ledger.post(record("given", partner, by=SYSTEM, at=NOW, partner_id=partner.pk, data=ledger.told(legs)), legs)


def make_world() -> World:
    """Needs a scope that sees all."""
    market = make_market(make_cast())
    world = World(market, _people(market.cast), _keys(market.cast))
    _cobalt_in_business(world)
    world.grow()
    give_money(market.cast.cobalt)
    plant_the_rest(market.cast.cobalt)
    world.foreign = {m._meta.label: row for m in scoped_models() if (row := row_of(m, market.cast.cobalt))}
    for row in world.foreign.values():
        paint(row)
    return world


def _people(cast: Cast) -> dict[str, User]:
    """One of each role: Acme's people and the vendor's; Cy at Cobalt."""
    named = {name: getattr(cast, name) for name in ("ada", "bo", "cy", "mona", "mark", "olga", "finn", "eve", "root")}
    for name, role in {"max": "marketing", "fay": "finance", "vic": "viewer"}.items():
        named[name] = MemberFactory(partner=cast.acme, role=role, user__name=name.title()).user
    named["sue"] = StaffFactory(name="Sue", staff_role="viewer")
    named["lone"] = UserFactory(name="Lone")  # belongs to no company now
    return named


def _keys(cast: Cast) -> dict[str, str]:
    made = {
        "acme key": ApiKeyFactory.build(partner=cast.acme, scopes=["*"], token="prm_acme"),
        "acme reader": ApiKeyFactory.build(partner=cast.acme, scopes=["deal_registrations:read"], token="prm_reader"),
        "vendor key": ApiKeyFactory.build(scopes=["*"], token="prm_vendor"),
    }
    ApiKey.objects.bulk_create(made.values())
    return {"acme key": "prm_acme", "acme reader": "prm_reader", "vendor key": "prm_vendor"}


def _cobalt_in_business(world: World) -> None:
    """Cobalt registers, is approved, is asked; its people, contacts, keys and external names are there."""
    market, cobalt, mona = world.market, world.cast.cobalt, world.actor("mona")
    Partner.objects.filter(pk=cobalt.pk).update(name=canary(), legal_name=canary(), description=canary())
    User.objects.filter(pk=world.cast.cy.pk).update(name=canary())
    world.people["cy"].refresh_from_db()
    secret = {"contact_name": canary(), "contact_email": "canary-cobalt-0@secret.example", "need": canary()}
    claim = replace(market.cobalt, **secret)
    for n, ending in enumerate(("approved", "asked", "sent")):
        named = replace(claim, website=f"secret-{ending}.example", account_name=f"{canary()}{n}")
        deal = services.register(named, by=world.actor("cy"), at=NOW)
        services.submit(deal, by=world.actor("cy"), at=NOW)
        if ending == "approved":
            services.approve(deal, by=mona, at=NOW)
        if ending == "asked":
            services.ask(deal, Question(canary(), ("need",)), by=mona, at=NOW)
    ContactFactory(partner=cobalt, last_name=canary(), email="canary-cobalt-1@secret.example")
    InvitationFactory(partner=cobalt, email="canary-cobalt-2@secret.example")
    ApiKeyFactory(partner=cobalt, name=canary())
    together(cobalt, canary(), 2026)
    record("noted", deal, by=SYSTEM, at=NOW, partner_id=cobalt.pk, data={"text": canary()})
    name = {"resource": "deal_registration", "object_id": deal.pk, "partner_id": cobalt.pk, "url": canary()}
    ExternalId.objects.create(system="crm", ext_id=canary(), **name)


# --- rows of any model --------------------------------------------------------------------------------------------


def row_of(model: type[models.Model], partner: Partner) -> Any:
    """A row of this partner, or one of the vendor that is about it."""
    if model is Partner:
        return Partner.objects.get(pk=partner.pk)
    named = {f.name: f for f in model._meta.concrete_fields}
    if "partner" in named or "partner_id" in named:
        return model._base_manager.filter(partner_id=partner.pk).order_by("pk").first()
    if model.objects.all().partner_path:
        return model.objects.all().of_partners([partner.pk]).order_by("pk").first()
    return model._base_manager.order_by("pk").first()


def plant_the_rest(partner: Partner, *, anew: bool = False) -> None:
    """A row for this partner in every table that has none (or, `anew`, one more in those made only here)."""
    waiting = [m for m in scoped_models() if row_of(m, partner) is None or (anew and m._meta.label in _planted)]
    for _round in range(3):  # a row may need one that is planted later
        waiting = [model for model in waiting if not _plant(model, partner)]


_planted: set[str] = set()


def _plant(model: type[models.Model], partner: Partner) -> bool:
    try:
        with transaction.atomic():
            model._base_manager.create(**_values(model, partner))
    except Exception:  # the law of unplanted tables tells which ones need a recipe
        return False
    _planted.add(model._meta.label)
    return True


def _values(model: type[models.Model], partner: Partner) -> dict[str, Any]:
    wanted = (f for f in model._meta.concrete_fields if _is_wanted(f))
    return {f.name: _value(f, partner) for f in wanted} | _recipe(model, partner)


def _is_wanted(f: models.Field) -> bool:
    if f.is_relation:
        return not f.null
    by_itself = isinstance(f, models.fields.AutoFieldMixin) or f.has_default() or f.null
    return not by_itself and f.db_default is models.NOT_PROVIDED


def _value(f: models.Field, partner: Partner) -> Any:
    if f.is_relation:
        return _related(f, partner)
    if f.choices:
        return f.choices[0][0]
    makers: dict[type, Callable[[], Any]] = {
        models.BooleanField: lambda: False,
        models.DateTimeField: lambda: NOW + timedelta(seconds=next(_numbers)),
        models.DateField: lambda: NOW.date() + timedelta(days=next(_numbers)),
        models.DecimalField: lambda: Decimal(1),
        models.IntegerField: lambda: next(_numbers) % 30_000,
        models.UUIDField: uuid7,
        models.JSONField: dict,
        models.DurationField: timedelta,
    }
    found = next((make for kind, make in makers.items() if isinstance(f, kind)), None)
    return found() if found else _words(f, partner)[: f.max_length]


def _words(f: models.Field, partner: Partner) -> str:
    """A canary in what is Cobalt's; plain words in rows of others and in those that everybody may read."""
    is_cobalts = partner.domain == "cobalt.example" and f.model in set(scoped_models())
    return canary() if is_cobalts else f"Text {next(_numbers)}"


def _related(f: models.Field, partner: Partner) -> Any:
    if f.related_model is Partner:
        return partner
    if f.related_model is User:
        return User.objects.filter(memberships__partner=partner).first()
    if f.related_model in set(scoped_models()):
        return row_of(f.related_model, partner)
    shared = f.related_model._base_manager
    return shared.order_by("pk").first() or shared.create(**_values(f.related_model, partner))


# Values that a generic row can't guess: model label → what to fill in.
RECIPES: dict[str, Callable[[Partner], dict[str, Any]]] = {
    "core.StoredFile": lambda partner: {"partner_id": partner.pk},
    "partners.Application": lambda partner: {"partner": partner},
    "crm.ImportFile": lambda partner: {"kind": "accounts", "suffix": ".csv"},
    "crm.ImportPiece": lambda partner: {"content": canary().encode()},
    "deals.RevenueEvent": lambda partner: {
        "opportunity": Opportunity.objects.filter(partners__partner=partner).first()
    },
    "earnings.Entitlement": lambda partner: {
        "opportunity": Opportunity.objects.filter(partners__partner=partner).order_by("-pk").first(),
    },
    "earnings.BankDetails": lambda partner: {"holder": "A holder", "hint": "1234", "changed_by": "Somebody"},
    "earnings.RevenueRule": lambda partner: {"percent": Decimal(10)},
    "earnings.UsageReport": lambda partner: {"period_end": NOW.date() + timedelta(days=60_000)},
    "deals.Lead": lambda partner: {
        "partner": partner,
        "status": "accepted",
        "accepted_at": NOW,
        "account_name": "A lead",
    },
    "mdf.Allocation": lambda partner: {"currency": "USD"},
    "mdf.Request": lambda partner: {
        "allocation": Allocation.objects.filter(partner=partner).earliest("pk"),
        "submitted_at": NOW,
        "currency": "USD",
    },
    "mdf.Activity": lambda partner: {"place_in_request": next(_numbers) % 30_000, "currency": "USD"},
    "mdf.Claim": lambda partner: {"currency": "USD"},
    "mdf.InvoiceLine": lambda partner: {"currency": "USD"},
    "tiers.BenefitRequest": lambda partner: {"wanted": "A press note"},
    "tiers.TierOverride": lambda partner: {"reason": "Launch partner"},
    "deals.AttributionDecision": lambda partner: {"partner": partner},
    "deals.Touch": lambda partner: {"opportunity": Opportunity.objects.filter(partners__partner=partner).first()},
    "partners.Absence": lambda partner: {"delegate": StaffFactory()},
    "partners.Merge": lambda partner: {"winner": PartnerFactory(), "loser": partner},
    "deals.RoutingRule": lambda partner: {"partner": partner},
    "deals.Transfer": lambda partner: {
        "to_partner": PartnerFactory(),
        "to_membership": MembershipFactory(),
        "account_name": "Contoso",
    },
}


def _recipe(model: type[models.Model], partner: Partner) -> dict[str, Any]:
    known = RECIPES.get(model._meta.label)
    return known(partner) if known else {}


_SEALED = {"core_event", "core_sequence", "core_ledgeraccount", "core_ledgertransaction", "core_ledgerentry"}


def paint(row: models.Model, words: str = "") -> None:
    """Writes a canary, or the words, into every free text of the row."""
    if row._meta.db_table in _SEALED:
        return
    fields = [f for f in row._meta.concrete_fields if _is_free_text(f)]
    values: dict[str, Any] = {f.name: (words or canary() + "x" * 20)[: f.max_length] for f in fields}
    if "metadata" in {f.name for f in row._meta.concrete_fields}:
        values["metadata"] = {"note": words or canary()}
    if values:
        type(row)._base_manager.filter(pk=row.pk).update(**values)
        row.refresh_from_db()


def _is_free_text(f: models.Field) -> bool:
    if not isinstance(f, models.CharField | models.TextField) or isinstance(f, models.SlugField):
        return False
    if f.choices or f.unique or f.name in _PLAIN or f.db_default is not models.NOT_PROVIDED:
        return False
    return f.max_length is None or f.max_length >= 40


# Tables that reading may write: clocks of sessions, the last use of a key, the place of events in their order.
_WRITTEN_BY_READING = {"accounts_session", "partners_apikey", "core_sequence", "core_unsequenced"}


def snapshot() -> dict[str, str]:
    """Table → a digest of all rows, of our own tables that only writing changes."""
    ours = (m._meta.db_table for m in apps.get_models() if m._meta.app_label in RUNG)
    tables = [table for table in ours if table not in _WRITTEN_BY_READING]
    digests = (f"SELECT '{t}', md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {t} t" for t in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(digests))
        return {table: digest or "" for table, digest in cursor.fetchall()}
