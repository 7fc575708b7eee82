"""What many tests begin with is made once, below their own transactions, and given to each as it was made.

What `cast = ground(make_cast)` gives is made before the test that asks for it, in a transaction that stays open for the
next one: layer upon layer, the cast below the market. A test gets a copy of all its layers at once, so that what they
share is one object. A layer goes when a test comes that doesn't want it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction

from tests.database import one_connection

Maker = Callable[..., Any]
_layers: dict[Maker, tuple[Maker, ...]] = {}  # what stands on what


def ground(make: Maker, *below: Maker) -> Any:
    """A fixture of what `make` gives; it stands on what these others make, and gets it as its arguments."""
    _layers[make] = below

    def fixture(_ground: "Ground", db: None) -> Any:
        return _ground.copy_of(make)

    fixture.__doc__ = make.__doc__
    fixture.make = make
    return pytest.fixture(fixture)


def wanted(item: pytest.Item) -> tuple[Maker, ...]:
    """The layers that a test asks for, lowest first; none for one that must begin its transaction itself."""
    if item.get_closest_marker("fresh"):
        return ()
    found: dict[Maker, None] = {}

    def add(make: Maker) -> None:
        for below in _layers[make]:
            add(below)
        found[make] = None

    defined = item._fixtureinfo.name2fixturedefs
    asked = [defined[name][-1].func for name in item.fixturenames if name in defined]
    for make in sorted((one.make for one in asked if hasattr(one, "make")), key=list(_layers).index):
        add(make)
    return tuple(found)


@dataclass
class _Layer:
    make: Maker
    value: Any
    open: Any  # the transaction it is made in


class Ground:
    """The layers that stand now, and the copies that the running test got."""

    def __init__(self) -> None:
        self.layers: list[_Layer] = []
        self.copies: dict[Maker, Any] | None = None

    def prepare(self, layers: tuple[Maker, ...]) -> None:
        """These layers and no others; some tests leave a connection behind that is of no use."""
        if self.layers and not _is_sound():
            self.clear()
        while self.layers and tuple(one.make for one in self.layers) != layers[: len(self.layers)]:
            self._take_off()
        if self.layers:
            _defer_constraints()  # what a nested savepoint set immediate stays so when the outer one is rolled back
        for make in layers[len(self.layers) :]:
            self._put_on(make)
        self.copies = None

    def copy_of(self, make: Maker) -> Any:
        if self.copies is None:
            values = deepcopy([one.value for one in self.layers])
            self.copies = {one.make: value for one, value in zip(self.layers, values, strict=True)}
        if make not in self.copies:  # asked for while the test runs already
            self.copies[make] = make(*[self.copy_of(below) for below in _layers[make]])
        return self.copies[make]

    def clear(self) -> None:
        if self.layers and not _is_sound():
            self.layers.clear()
            _forget_transactions()
        while self.layers:
            self._take_off()

    def _put_on(self, make: Maker) -> None:
        known = {one.make: one.value for one in self.layers}
        layer = _Layer(make, None, transaction.atomic())
        layer.open.__enter__()
        self.layers.append(layer)
        try:
            with _seen_by_all():
                layer.value = make(*[known[below] for below in _layers[make]])
        except BaseException:
            self._take_off()
            raise

    def _take_off(self) -> None:
        transaction.set_rollback(True)
        self.layers.pop().open.__exit__(None, None, None)


def _is_sound() -> bool:
    return bool(connection.in_atomic_block and not connection.needs_rollback and connection.is_usable())


def _forget_transactions() -> None:
    connection.in_atomic_block = connection.needs_rollback = connection.closed_in_transaction = False
    connection.savepoint_ids, connection.atomic_blocks, connection.run_on_commit = [], [], []
    connection.close()


@contextmanager
def _seen_by_all() -> Iterator[None]:
    from core.actor import SYSTEM  # noqa: PLC0415 - Django is set up by now
    from core.scope import scope  # noqa: PLC0415

    with one_connection(), scope(SYSTEM):
        yield
        with connection.cursor() as cursor:  # what waits for the end of the transaction would be checked by each test
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _defer_constraints()


def _defer_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
