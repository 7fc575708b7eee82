"""The unit of work: one transaction that PostgreSQL knows the actor of."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

from django.db import connections, transaction

from core.actor import NOBODY, SYSTEM, Actor

_TELL = "SELECT " + ", ".join(
    f"set_config('app.{name}', %({name})s, true)" for name in ("partners", "sees_all", "people", "regions")
)
_current: ContextVar[Actor] = ContextVar("scope", default=NOBODY)
_where: ContextVar[str] = ContextVar("scope_alias", default="")


def _tell_database(actor: Actor, using: str) -> None:
    partners = "{" + ",".join(sorted(str(i) for i in actor.partner_ids)) + "}"
    told = {"partners": partners, "sees_all": "on" if actor.sees_all else "", "people": "", "regions": ""}
    if actor.reach:
        told["people"] = "{" + ",".join(sorted(str(i) for i in actor.reach.people)) + "}"
        told["regions"] = json.dumps(sorted(actor.reach.regions))
    with connections[using].cursor() as cursor:
        cursor.execute(_TELL, told)


@contextmanager
def scope(actor: Actor, using: str = "default") -> Iterator[Actor]:
    """Runs a block in a transaction in which the row policies show the rows of `actor` alone."""
    outer = _current.get()
    with transaction.atomic(using=using):
        _tell_database(actor, using)
        token, place = _current.set(actor), _where.set(using)
        try:
            yield actor
            if transaction.get_connection(using).savepoint_ids:
                _tell_database(outer, using)  # an exception restores it by the savepoint itself
        finally:
            _current.reset(token)
            _where.reset(place)


def elevated(using: str = "default"):
    """Scope of the system, for the few reads that cross the wall to answer with a verdict alone."""
    return scope(SYSTEM, using)


def across(using: str = "default") -> AbstractContextManager[Actor]:
    """The same without a word to the database where the present scope sees all anyway. A block that writes and breaks
    needs a savepoint of its own to be undone.
    """
    outer = _current.get()
    sees_all = outer.sees_all and _where.get() == using and connections[using].in_atomic_block
    return nullcontext(outer) if sees_all else elevated(using)
