"""The names of customers in the database, found by names near them. Runs in a scope that sees all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import UUID

from django.db import connection

from core.actor import Actor
from core.scope import elevated
from deals.enums import LIVE, NameOf
from deals.matching.entry import COLUMNS, Entry
from deals.matching.keys import Group, groups, splits
from deals.matching.model import Score, score
from deals.matching.ranking import Sketch, nearest, sketch
from deals.matching.words import Name, name
from deals.models import Account, AccountAlias, CommonKey, CustomerName, Distinct, NameKey, Registration

COMMON = 40  # a key that more names share is looked up only together with another one
_MOST = 2000  # rows that are looked at
# the planner thinks many keys find many rows, and would rather read the tables than their indexes; an array apart keeps
# the keys, which stand outside the wall, from being looked for one name at a time behind it
_FOUND = """SET LOCAL enable_seqscan = off;
    SELECT kind, owner_id::text, account_id::text, name, plain, compact FROM deals_customername
    WHERE id = ANY (ARRAY(SELECT id FROM deals_namekey WHERE {} LIMIT {}))"""
_MET = "keys && %s::int4[]"
_NOTHING: Group = frozenset()


@dataclass(frozen=True, slots=True)
class Near:
    """A customer's name near the one asked for; `account_id` None: the name of a registration."""

    kind: str
    owner_id: UUID
    account_id: UUID | None
    name: str
    score: Score


def near(text: str, least: float = 0.5, top: int = 20) -> list[Near]:
    """The names in the index that score at least `least`, best first. As many queries, however many there are."""
    asked = name(text)
    rows = _candidates(asked)
    likely = nearest(sketch(asked), ((row, Sketch(row[4], row[5])) for row in rows))
    scored = [(score(asked, name(row[3])), row) for row in likely]
    best = sorted((one for one in scored if one[0].value >= least), key=lambda one: (-one[0].value, one[1][1]))
    return [_near(judged, *row[:4]) for judged, row in best[:top]]


def _near(judged: Score, kind: str, owner: str, account: str | None, written: str) -> Near:
    return Near(kind, UUID(owner), UUID(account) if account else None, written, judged)


def _candidates(asked: Name) -> list[tuple[Any, ...]]:
    by_word, begun = list(groups(asked)), splits(asked)
    common = _common(frozenset(begun).union(*by_word))
    alone = frozenset(begun).union(*by_word) - common.keys()
    shared = sorted((group for group in by_word if group & common.keys()), key=lambda g: _size(g, common))
    together = [pair for pair in combinations(shared[:3], 2) if pair[0] != pair[1]]
    if not together:
        together = [(group, _NOTHING) for group in shared]
    return _read(alone, together)


def _size(group: Group, common: dict[int, int]) -> int:
    return sum(common.get(key, 0) for key in group)


def _common(asked: Iterable[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, names FROM deals_commonkey WHERE key = ANY (%s)", [list(asked)])
        return dict(cursor.fetchall())


def _read(alone: Group, together: list[tuple[Group, Group]]) -> list[tuple[Any, ...]]:
    """Rows that have one of the rare keys, or keys of two words at once."""
    either, values = [_MET], [alone]
    for one, two in together:
        either.append(f"{_MET} AND {_MET}" if two else _MET)
        values += [one, two] if two else [one]
    with connection.cursor() as cursor:
        cursor.execute(_FOUND.format(" OR ".join(either), _MOST), list(map(_array, values)))
        rows = cursor.fetchall()
        cursor.execute("SET LOCAL enable_seqscan = on")
    return rows


def _array(keys: Group) -> str:
    """Written as one value: hundreds of numbers in a statement take PostgreSQL longer to read than to find."""
    return f"{{{','.join(map(str, sorted(keys)))}}}"


# --- the index follows the rows ---------------------------------------------------------------------------------------

RENEWED = """ON CONFLICT (kind, owner_id) DO UPDATE SET account_id = excluded.account_id, name = excluded.name,
    plain = excluded.plain, compact = excluded.compact"""
RENEWED_KEYS = "ON CONFLICT (id) DO UPDATE SET keys = excluded.keys"
_PUT = f"INSERT INTO deals_customername ({', '.join(COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s) {RENEWED} RETURNING id"  # noqa: S608
_PUT_KEYS = f"INSERT INTO deals_namekey (id, keys) VALUES (%s, %s) {RENEWED_KEYS}"  # noqa: S608


def entry(row: Account | AccountAlias | Registration) -> Entry:
    """The entry of an account, of another name of it, or of a registration."""
    if isinstance(row, Registration):
        return Entry(NameOf.REGISTRATION, row.pk, None, row.account_name)
    if isinstance(row, AccountAlias):
        return Entry(NameOf.ALIAS, row.pk, row.account_id, row.name)
    return Entry(NameOf.ACCOUNT, row.pk, row.pk, row.name)


def renew(*rows: Account | AccountAlias | Registration) -> None:
    """Makes the index hold the present names of these rows; to be called in the transaction that wrote them."""
    with elevated():
        for row in rows:
            one = entry(row)
            if _is_found(row):
                _put(one)
            else:
                _forget(one)


def _put(one: Entry) -> None:
    fields = {"kind": one.kind, "owner_id": one.owner_id, **one.values()}
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [fields[column] for column in COLUMNS])
        [pk] = cursor.fetchone()
        cursor.execute(_PUT_KEYS, [pk, one.keys()])


def _forget(one: Entry) -> None:
    for row in CustomerName.objects.filter(kind=one.kind, owner_id=one.owner_id):
        NameKey.objects.filter(pk=row.pk).delete()
        row.delete()


def _is_found(row: Account | AccountAlias | Registration) -> bool:
    return row.deleted_at is None and (not isinstance(row, Registration) or row.status in LIVE)


# --- learned: not the same --------------------------------------------------------------------------------------------


def identity(domain: str, text: str) -> str:
    """By what a customer is remembered in "not the same": its domain and the letters of its name."""
    return f"{domain}|{name(text).compact[:150]}"


def tell_apart(one: str, two: str, reason: str = "", *, by: Actor, at: datetime) -> None:
    """Two identities are two customers, for good. One that is equal to the other stays to be asked about."""
    low, high = sorted((one, two))
    if low == high:
        return
    person = by.id if by.kind == "vendor" else None
    with elevated():
        Distinct.objects.get_or_create(
            low=low, high=high, defaults={"reason": reason, "decided_at": at, "decided_by_id": person}
        )


def told_apart(one: str) -> frozenset[str]:
    """The identities that were decided to be other customers than this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT low, high FROM deals_distinct WHERE low = %s OR high = %s", [one, one])
        return frozenset(side for pair in cursor.fetchall() for side in pair) - {one}


def common_keys() -> int:
    """How many keys are too common to be looked up alone."""
    return CommonKey.objects.count()
