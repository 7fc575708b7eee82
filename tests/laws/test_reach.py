"""A channel manager who is kept to a region sees and touches nothing of another one: at both walls, at every address."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.http import HttpResponse
from django.test import Client

from core.actor import SYSTEM, Actor
from core.querysets import PartnerQuerySet
from core.scope import scope
from core.walls import Reach, Wall
from partners.actors import actor_for
from partners.models import HouseRules, ManagerRegion, Partner
from partners.roles import of_staff
from tests.factories import StaffFactory
from tests.ground import ground
from tests.laws import test_stranger as stranger
from tests.laws.routes import expected
from tests.laws.source import none
from tests.laws.test_stranger import ENOUGH, Stop, ask, client_of, stops, told
from tests.laws.test_walls import insert_as, walled
from tests.laws.world import CANARY, World, _plant, make_world, paint, row_of, scoped_models, snapshot
from tests.sampled import LONG

# Walled tables that are for those alone who see all partners → why.
SEALED = {
    "core_timer": "bells that the worker alone hears",
    "core_sequence": "the order of all events, kept by the worker",
    "core_unsequenced": "the same",
    "crm_import": "what was loaded for all partners at once; needs crm.import, which managers lack",
    "crm_importfile": "the same",
    "crm_importpiece": "the same",
    "crm_importrow": "the same",
    "crm_savedmapping": "the same",
    "deals_customername": "the index of the conflict check, which crosses the wall for a verdict",
    "deals_accountalias": "the same",
    "deals_distinct": "the same",
    "metrics_snapshot": "figures of all partners, read by who sees all",
    "metrics_covered": "the recompute's own notes",
}

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.sampled]


def make_kept(world: World) -> World:
    """Acme is in the west, Cobalt in the east; Mia is the west's channel manager, and the house keeps her to it."""
    world = deepcopy(world)
    for partner, region in ((world.cast.acme, "West"), (world.cast.cobalt, "East")):
        Partner.objects.filter(pk=partner.pk).update(region=region, manager=None, backup=None)
    world.people["mia"] = StaffFactory(name="Mia", staff_role="channel_manager")
    ManagerRegion.objects.create(person=world.people["mia"], region="West")
    HouseRules.objects.update_or_create(only=True, defaults={"managers_by_region": True})
    for row in world.foreign.values():
        if not of_a_partner(row):
            paint(row, "The house's own")
    world.foreign = {label: row for label, row in world.foreign.items() if of_a_partner(row)}
    world.foreign |= {label: about_cobalt(world, label, path) for label, path in ABOUT.items()}
    return world


in_regions = ground(make_kept, make_world)


@pytest.fixture
def kept(in_regions: World, monkeypatch) -> World:
    monkeypatch.setitem(stranger.VENDOR, "mia", "channel_manager")
    return in_regions


# Models whose rows are of a partner by what they are about.
ABOUT = {
    "deals.RevenueEvent": "opportunity__partners__partner",
    "deals.LeadRanking": "lead__partner",
    "partners.Merge": "loser",
    "deals.AttributionDecision": "opportunity__partners__partner",
}


BETWEEN = {"partners.Merge", "deals.Transfer", "deals.ConflictCase"}  # two partners: for who sees both


def about_cobalt(world: World, label: str, path: str) -> models.Model:
    model, cobalt = apps.get_model(label), world.cast.cobalt
    if not model._base_manager.filter(**{path: cobalt}).exists():
        assert _plant(model, cobalt), label
    return model._base_manager.filter(**{path: cobalt}).first()


def of_a_partner(row: models.Model) -> bool:
    """Not one of the house's own rows, which say nothing of a partner."""
    named = {f.attname for f in row._meta.concrete_fields}
    told_by = {"partner_id", "winner_id", "opportunity_id", "lead_id"} & named
    return bool(told_by) or bool(row._meta.model.objects.all().partner_path)


def by_partner() -> list[type[models.Model]]:
    """Every model whose rows name their partner, Partner itself left out."""
    return [m for m in scoped_models() if "partner_id" in {f.attname for f in m._meta.concrete_fields}]


# --- the walls -------------------------------------------------------------------------------------------------------


def reached() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'reach'")
        return {name for (name,) in cursor.fetchall()}


def test_every_walled_table_says_what_a_kept_manager_sees_of_it():
    """Give a new one a `Reach` beside its `Wall` in the migration, or say here why it is sealed."""
    none(sorted(walled() - reached() - set(SEALED)))
    assert sorted(set(SEALED) & reached()) == []


def test_the_first_wall_is_shut_where_the_second_is(kept):
    mia = kept.actor("mia")
    sealed = [m for m in scoped_models() if m._meta.db_table in SEALED]
    none([m._meta.label for m in sealed if m.objects.visible_to(mia).exists()])


def behind_the_walls(world: World, actor: Actor) -> list[str]:
    """Tables that show this actor rows of Cobalt."""
    found = []
    with scope(actor):
        for model in by_partner():
            rows = model._base_manager.filter(partner_id=world.cast.cobalt.pk).count()
            found += [f"{model._meta.label}: {rows}"] if rows else []
        for label, row in world.foreign.items():
            found += [label] if type(row)._base_manager.filter(pk=row.pk).exists() else []
    return sorted(set(found))


def test_the_second_wall_shows_nothing_of_another_region(kept):
    none(behind_the_walls(kept, kept.actor("mia")))


def test_the_first_wall_shows_nothing_of_another_region(kept):
    mia, found = kept.actor("mia"), []
    for model in by_partner():
        found += [model._meta.label] if model.objects.visible_to(mia).filter(partner_id=kept.cast.cobalt.pk) else []
    for label, row in kept.foreign.items():
        found += [label] if type(row).objects.visible_to(mia).filter(pk=row.pk).exists() else []
    none(found)


def test_a_hole_is_found(kept):
    assert len(behind_the_walls(kept, SYSTEM)) > 30


def test_what_is_of_ones_own_region_is_seen_whole(kept):
    """Else the walls above would hold for want of rows. Between two partners is for who sees both."""
    mia, faults, acme = kept.actor("mia"), [], kept.cast.acme.pk
    for model in by_partner():
        if model._meta.label in BETWEEN or model._meta.db_table in SEALED:
            continue
        every = model._base_manager.filter(partner_id=acme).count()
        first = model.objects.visible_to(mia).filter(partner_id=acme).count()
        with scope(mia):
            second = model._base_manager.filter(partner_id=acme).count()
        if not every == first == second:
            faults.append(f"{model._meta.label}: {every} rows, {first} and {second} seen")
    none(faults)


def test_rows_for_another_region_can_not_be_written(kept):
    mia = kept.actor("mia")
    rows = {k: r for k, r in kept.foreign.items() if r._meta.db_table != "core_event"}
    answers = {label: insert_as(mia, row) for label, row in rows.items()}
    none([f"{label}: {code}" for label, code in answers.items() if code != "42501"])


def test_rows_of_another_region_can_not_be_changed(kept):
    with scope(kept.actor("mia")), connection.cursor() as cursor:
        for row in kept.foreign.values():
            if row._meta.db_table not in ("core_event", "core_sequence"):
                cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE {row._meta.pk.column} = %s", [row.pk])
                assert cursor.rowcount == 0, row._meta.label


def test_a_row_of_ones_own_region_can_not_be_given_to_another(kept):
    deal = kept.market.draft("ada", website="own.example")
    with (
        pytest.raises(DatabaseError) as refusal,
        transaction.atomic(),
        scope(kept.actor("mia")),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE deals_registration SET partner_id = %s WHERE id = %s", [kept.cast.cobalt.pk, deal.pk])
    assert refusal.value.__cause__.pgcode == "42501"


def test_reaches_are_about_tables_with_walls():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    every = [op for one in loader.disk_migrations.values() for op in one.operations]
    behind = {op._constructor_args[0][0] for op in every if isinstance(op, Wall)}
    none(
        [
            op._constructor_args[0][0]
            for op in every
            if isinstance(op, Reach) and op._constructor_args[0][0] not in behind
        ]
    )


# --- every address ---------------------------------------------------------------------------------------------------


def consoles(world: World) -> Iterator[Stop]:
    """Addresses that the vendor's people open, filled with Cobalt's records."""
    for stop in stops(world):
        if stop.rule.door in ("console", "records", "account", "public") and not stop.path.startswith("/accounts/"):
            yield stop


def walk(client: Client, world: World) -> Iterator[tuple[Stop, str, HttpResponse]]:
    """What Mia is answered at every address, and what names one of Cobalt's records she sends, too.

    In the short form the verbs of a page are sent, and one of them is read: that leads back to the page.
    """
    read: set[str] = set()
    for stop in consoles(world):
        if LONG or stop.route.template not in read:
            yield stop, "GET", ask(client, "GET", stop.path)
        if names_cobalts(world, stop):
            yield stop, "POST", ask(client, "POST", stop.path)
        read.add(stop.route.template)


def finds(world: World) -> Iterator[str]:
    """What Mia brings home of Cobalt: a word, a record told from an unused id, a broken page, a changed row."""
    client, before = client_of(world, "mia"), snapshot()
    twins = stranger.Twins(client)
    for stop, method, response in walk(client, world):
        yield from tales_or_broken(stop, method, response)
        if names_cobalts(world, stop) and stop.rule.door != "public":
            yield from twins.differences(response, method, stop, told_by_table(stop) == 403)
            yield from open_doors(stop, method, response)
    after = snapshot()
    yield from (f"{table} has changed" for table in before if before[table] != after[table])


def tales_or_broken(stop: Stop, method: str, response: HttpResponse) -> Iterator[str]:
    name = f"{method} {stop.path} ({stop.route.name}): {response.status_code}"
    yield from stranger._tales(response, name)
    if response.status_code >= 500:
        yield f"{name} is broken"


def open_doors(stop: Stop, method: str, response: HttpResponse) -> Iterator[str]:
    if response.status_code == 200:
        yield f"{method} {stop.path} ({stop.route.name}) is no refusal"


def names_cobalts(world: World, stop: Stop) -> bool:
    return stop.names_a_record and cobalts(world, stop)


def cobalts(world: World, stop: Stop) -> bool:
    """Whether the address names one of Cobalt's rows, not one of the house's."""
    return not about(stop) or about(stop) in world.foreign


def about(stop: Stop) -> str:
    """The model whose record the address names, where it is one."""
    return (stop.rule.of if isinstance(stop.rule.of, str) else "") or stop.route.model_label


def test_no_address_gives_away_another_region(kept):
    none(list(finds(kept)))


def reads(world: World, *, named: bool = False) -> Iterator[tuple[Stop, HttpResponse]]:
    """What Mia reads, or of it what names one of Cobalt's records.

    In the short form only where the table lets her in: elsewhere nobody comes as far as a wall.
    """
    client = client_of(world, "mia")
    for stop in consoles(world):
        closed = told_by_table(stop) == 403 or "verb" in stop.route.places
        if (LONG or not closed) and (names_cobalts(world, stop) or not named):
            yield stop, ask(client, "GET", stop.path)


def told_by_table(stop: Stop) -> int:
    return expected(stop.rule, "vendor", stranger.may("mia", stranger._needs(stop)))


def test_the_second_wall_alone_gives_nothing_away(kept, monkeypatch):
    monkeypatch.setattr(PartnerQuerySet, "first_wall", False)
    none([fault for stop, response in reads(kept) for fault in tales_or_broken(stop, "GET", response)])


def test_the_first_wall_alone_gives_nothing_away(kept, monkeypatch):
    monkeypatch.setattr("core.scope._tell_database", lambda actor, using: stranger._open(using))
    seen = [(stop, answer.status_code) for stop, answer in reads(kept, named=True)]
    none([f"{stop.path} ({stop.route.name}): {code}" for stop, code in seen if code == 200 or code >= 500])


def test_without_the_rule_she_sees_all(kept):
    """Bites the other way round: the same walk finds Cobalt as soon as the house doesn't keep its managers."""
    HouseRules.objects.update(managers_by_region=False)
    told = (fault for stop, response in reads(kept) for fault in tales_or_broken(stop, "GET", response))
    assert len(list(islice((fault for fault in told if "tells about" in fault), ENOUGH))) == ENOUGH
    mia = kept.people["mia"]
    assert actor_for(mia) == Actor(
        "Mia", "vendor", mia.pk, sees_all=True, permissions=of_staff("channel_manager")
    )  # fmt: skip


def test_her_own_region_is_open_to_her(kept):
    """Every address with Acme's records answers as it does without the rule: mostly as the table says, which needs no
    second look.
    """
    rows = {label: row_of(apps.get_model(label), kept.cast.acme) for label in kept.foreign}
    kept.foreign = {label: row for label, row in rows.items() if row is not None}
    client, faults = client_of(kept, "mia"), []
    for stop, bound in reads(kept):
        if about(stop) in BETWEEN or bound.status_code == told_by_table(stop):
            continue
        HouseRules.objects.update(managers_by_region=False)
        free = ask(client, "GET", stop.path)
        HouseRules.objects.update(managers_by_region=True)
        if free.status_code != bound.status_code:
            faults.append(f"{stop.path} ({stop.route.name}): {bound.status_code}, not {free.status_code}")
    none(faults)


# --- who is kept -----------------------------------------------------------------------------------------------------


def seen_by(person: Any) -> list[str]:
    return sorted(Partner.objects.visible_to(actor_for(person)).values_list("domain", flat=True).distinct())


def test_only_channel_managers_are_kept(kept):
    kept_ones = [name for name in stranger.VENDOR if actor_for(kept.people[name]).reach is not None]
    assert kept_ones == ["mona", "mia"]
    assert CANARY in told(ask(client_of(kept, "olga"), "GET", "/admin/partners/partner/"))
    assert CANARY not in told(ask(client_of(kept, "mia"), "GET", "/admin/partners/partner/"))
