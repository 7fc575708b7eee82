"""Migration operations: the second wall between partners, versions by trigger, tables that only grow."""

from typing import Any

from django.db.migrations.operations import RunSQL

SEES_ALL = "(SELECT current_setting('app.sees_all', true)) = 'on'"
PARTNERS = "((SELECT coalesce(nullif(current_setting('app.partners', true), ''), '{}'))::uuid[])"


# One of the vendor's people who is kept to some partners: theirs by region, and by who looks after them.
REGIONS = "ARRAY(SELECT jsonb_array_elements_text(nullif(current_setting('app.regions', true), '')::jsonb))"
PEOPLE = "((SELECT coalesce(nullif(current_setting('app.people', true), ''), '{}'))::uuid[])"
KEPT = "(SELECT current_setting('app.people', true)) <> ''"


def by_partner(column: str = "partner_id") -> str:
    """The SQL condition: the row's partner is one of the actor's."""
    return f"{column} = ANY ({PARTNERS})"


def of_reach(column: str = "partner_id") -> str:
    """The SQL condition: the row is of a partner that the wall of partners shows, or of none.

    All of those are read once for each statement, by a function: the planner looks no further.
    """
    return f"({column} IS NULL OR {column} IN (SELECT one FROM partners_reach() one))"  # noqa: S608


class Wall(RunSQL):
    """FORCE ROW LEVEL SECURITY on a table: who sees all sees all, others the rows that meet `condition`.

    `condition` None shuts the table to partners. The writes of an actor obey the same condition,
    unless `inserts` names another one for new rows.
    """

    def __init__(self, table: str, condition: str | None = None, inserts: str | None = None):
        rule = SEES_ALL if condition is None else f"{SEES_ALL} OR {condition}"
        sql: list[Any] = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY wall_read ON {table} FOR SELECT USING ({rule})",
            f"CREATE POLICY wall_insert ON {table} FOR INSERT WITH CHECK ({inserts or rule})",
            f"CREATE POLICY wall_update ON {table} FOR UPDATE USING ({rule}) WITH CHECK ({rule})",
            f"CREATE POLICY wall_delete ON {table} FOR DELETE USING ({rule})",
        ]
        names = ("wall_read", "wall_insert", "wall_update", "wall_delete")
        undo: list[Any] = [f"DROP POLICY {name} ON {table}" for name in names] + [
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        ]
        super().__init__(sql, undo)
        self._constructor_args: Any = ((table, condition, inserts), {})


class Reach(RunSQL):
    """Lets the vendor's people who are kept to some partners through a wall, to the rows that meet `condition`."""

    def __init__(self, table: str, condition: str = "true"):
        rule = f"{KEPT} AND {condition}"
        super().__init__(
            f"CREATE POLICY reach ON {table} USING ({rule}) WITH CHECK ({rule})", f"DROP POLICY reach ON {table}"
        )
        self._constructor_args: Any = ((table, condition), {})


class Versioned(RunSQL):
    """Each write of a row raises its `version` and stamps `updated_at`; no code can forget it."""

    def __init__(self, table: str):
        super().__init__(
            f"CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION core_stamp()",
            f"DROP TRIGGER stamp ON {table}",
        )
        self._constructor_args: Any = ((table,), {})


class AppendOnly(RunSQL):
    """Rows of the table can be added, never changed, removed or truncated, except by the owner's maintenance."""

    def __init__(self, table: str):
        super().__init__(
            [
                f"CREATE TRIGGER grows_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION core_refuse_change()",
                f"CREATE TRIGGER grows_only_whole BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change()",
            ],
            [f"DROP TRIGGER grows_only ON {table}", f"DROP TRIGGER grows_only_whole ON {table}"],
        )
        self._constructor_args: Any = ((table,), {})
