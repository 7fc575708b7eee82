"""The second wall: PostgreSQL itself keeps partners apart, and some tables only grow."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction

from core.actor import NOBODY, Actor
from core.scope import scope
from core.sequencer import sequence
from tests.laws.source import none
from tests.laws.world import World, scoped_models

# Tables whose rows anyone may add for another partner → why.
OPEN_TO_INSERTS = {"core_event": "an act of one partner may be news to another; what it says is the service's business"}
GROWING = ("core_event", "core_sequence")


def _ask(sql: str, params: Iterable = ()) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return cursor.fetchall()


def unwalled() -> list[str]:
    """Tables with a partner_id on which row-level security is not on, or not forced."""
    rows = _ask(
        """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
           WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attname = 'partner_id'
           AND NOT a.attisdropped AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1"""
    )
    return [name for (name,) in rows]


def walled() -> set[str]:
    return {name for (name,) in _ask("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")}


def columns(table: str) -> set[str]:
    return {
        n for (n,) in _ask("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [table])
    }


pytestmark = pytest.mark.django_db


def test_every_table_with_a_partner_is_walled():
    none(unwalled())


def test_every_model_that_is_scoped_is_walled():
    none(sorted({m._meta.db_table for m in scoped_models()} - walled()))


def test_a_table_without_a_wall_is_found(test_database):
    """Planted in the test's own transaction by the owner of the tables."""
    with _as_owner(test_database) as cursor:
        cursor.execute("CREATE TABLE planted (id int, partner_id uuid)")
        cursor.execute("ALTER TABLE planted ENABLE ROW LEVEL SECURITY")
        sql = "SELECT relname FROM pg_class WHERE relname = 'planted' AND NOT (relrowsecurity AND relforcerowsecurity)"
        cursor.execute(sql)
        assert cursor.fetchall() == [("planted",)]


@contextmanager
def _as_owner(database, role: str = "prm_owner") -> Iterator:
    """A connection of its own whose work is undone."""
    own = psycopg2.connect(database.place.url(role, database.name))
    try:
        yield own.cursor()
    finally:
        own.rollback()
        own.close()


def test_the_program_works_as_a_role_without_privileges():
    own = _ask("SELECT current_user, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    assert own == [("prm_app", False, False, False)]
    assert _ask("SELECT relname FROM pg_class WHERE relowner = 'prm_app'::regrole") == []
    assert _ask("SELECT pg_has_role('prm_owner', 'member'), pg_has_role('prm_read', 'member')") == [(False, False)]


def test_the_owner_of_the_tables_is_no_superuser_either():
    rows = _ask(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname IN ('prm_owner', 'prm_read') ORDER BY 1"
    )
    assert rows == [("prm_owner", False, False), ("prm_read", False, True)]


def test_every_walled_table_holds_a_row_of_cobalt(world):
    """Else the laws below would hold for want of rows. Give such a table a recipe in tests/laws/world.py."""
    none(sorted({m._meta.label for m in scoped_models()} - set(world.foreign)))


def _seen(table: str) -> int:
    return _ask(f"SELECT count(*) FROM {table}")[0][0]


@pytest.mark.parametrize("partners", ["", "{}", None])
def test_without_an_actor_no_walled_row_is_seen(world, partners):
    with scope(NOBODY):
        if partners is not None:
            _ask("SELECT set_config('app.partners', %s, true)", [partners])
        seen = {m._meta.db_table: _seen(m._meta.db_table) for m in scoped_models()}
    none([f"{table}: {rows}" for table, rows in seen.items() if rows])


def _acme(world: World) -> Actor:
    return Actor("Acme", "partner", partner_ids=frozenset({world.cast.acme.pk}))


def holes(world: World, actor: Actor) -> list[str]:
    """Tables that show this actor rows of another partner than Acme, or the very rows of Cobalt."""
    found = []
    with scope(actor):
        for table in sorted({m._meta.db_table for m in scoped_models()}):
            if "partner_id" in columns(table):
                sql = f"SELECT count(*) FROM {table} WHERE partner_id <> %s OR partner_id IS NULL"
                [(rows,)] = _ask(sql, [world.cast.acme.pk])
                found += [f"{table}: {rows}"] if rows else []
        found += [n for n, row in world.foreign.items() if type(row)._base_manager.filter(pk=row.pk).exists()]
    return found


def test_an_actor_sees_its_own_rows_alone(world):
    none(holes(world, _acme(world)))


def test_a_hole_in_the_wall_is_found(world):
    everything = Actor("Acme", "partner", partner_ids=frozenset({world.cast.acme.pk}), sees_all=True)
    assert len(holes(world, everything)) > 10


def insert_as(actor: Actor, row) -> str:
    """The SQLSTATE of adding a copy of the row under this actor; "" when it was let in."""
    table = row._meta.db_table
    own = ", ".join(f'"{f.column}"' for f in row._meta.concrete_fields if not f.generated)
    [(copy,)] = _ask(f"SELECT to_jsonb(t)::text FROM {table} t WHERE {row._meta.pk.column} = %s", [row.pk])
    try:
        with transaction.atomic(), scope(actor), connection.cursor() as cursor:
            told = f"INSERT INTO {table} ({own}) SELECT {own} FROM jsonb_populate_record(NULL::{table}, %s)"
            cursor.execute(told, [copy])
    except DatabaseError as refusal:
        return refusal.__cause__.pgcode
    return ""


def test_nobody_adds_a_row_for_another_partner(world):
    """The wall stands before every other constraint, so a copy of an existing row is refused by it first."""
    rows = {label: row for label, row in world.foreign.items() if row._meta.db_table not in OPEN_TO_INSERTS}
    answers = {label: insert_as(_acme(world), row) for label, row in rows.items()}
    none([f"{label}: {code}" for label, code in answers.items() if code != "42501"])


def test_a_row_of_ones_own_passes_the_wall(world):
    """Bites the other way round: the refusal above is the wall's, not a matter of privileges."""
    own = world.market.draft("ada", website="own.example")
    assert insert_as(_acme(world), own) == "23505"


def test_nobody_changes_or_removes_a_row_of_another_partner(world):
    with scope(_acme(world)), connection.cursor() as cursor:
        for row in world.foreign.values():
            if row._meta.db_table not in GROWING:
                cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE {row._meta.pk.column} = %s", [row.pk])
                assert cursor.rowcount == 0, row._meta.label


def test_nobody_gives_a_row_of_its_own_to_another_partner(world):
    deal = world.market.draft("ada", website="own.example")
    with (
        pytest.raises(DatabaseError) as refusal,
        transaction.atomic(),
        scope(_acme(world)),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE deals_registration SET partner_id = %s WHERE id = %s", [world.cast.cobalt.pk, deal.pk])
    assert refusal.value.__cause__.pgcode == "42501"


# --- tables that only grow ----------------------------------------------------------------------------------------


def _refused(sql: str) -> str | None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError as refusal:
        return refusal.__cause__.pgcode
    return None


@pytest.mark.parametrize("table", GROWING)
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE {0} SET {1} = {1}",
        "DELETE FROM {0}",
        "TRUNCATE {0}",
        "ALTER TABLE {0} DISABLE TRIGGER ALL",
        "ALTER TABLE {0} DISABLE ROW LEVEL SECURITY",
        "DROP TABLE {0}",
        "DROP TRIGGER grows_only ON {0}",
    ],
)
def test_the_log_only_grows(world, table, sql):
    sequence()
    if not _ask("SELECT count(*) FROM core_sequence")[0][0]:  # events of a test's own transaction wait for ever
        _ask("INSERT INTO core_sequence VALUES (1, (SELECT min(id) FROM core_event), '', '') RETURNING 1")
    column = {"core_event": "type", "core_sequence": "hash"}[table]
    assert _refused(sql.format(table, column)) == "42501"


@pytest.mark.parametrize(
    "sql",
    [
        "SET session_replication_role = replica",
        "SET LOCAL session_replication_role = replica",
        "SET ROLE prm_owner",
        "SET ROLE prm_read",
        "ALTER ROLE prm_app BYPASSRLS",
        "CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DROP POLICY wall_read ON deals_registration",
        "ALTER TABLE deals_registration NO FORCE ROW LEVEL SECURITY",
    ],
)
def test_the_program_cannot_take_its_walls_down(sql):
    assert _refused(sql) == "42501"


def test_the_guard_of_the_log_bites_by_its_trigger(test_database):
    """Without the trigger the same statement passes: planted by the owner, in a transaction that is undone."""
    with _as_owner(test_database, "postgres") as cursor:
        cursor.execute("INSERT INTO core_sequence VALUES (1, 1, '', '')")
        cursor.execute("SAVEPOINT before")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("DELETE FROM core_sequence")
        cursor.execute("ROLLBACK TO before")
        cursor.execute("DROP TRIGGER grows_only ON core_sequence")
        cursor.execute("DELETE FROM core_sequence")
        assert cursor.rowcount == 1


def test_every_table_belongs_to_the_owner():
    owners = "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert _ask(owners) == [("prm_owner",)]
