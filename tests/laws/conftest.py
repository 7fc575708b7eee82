"""The world of the laws: made once for each module, and given to each test as it was made."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.db import transaction

from core.actor import SYSTEM
from core.scope import scope
from tests.laws.world import World, make_world


@pytest.fixture(scope="module")
def _made_world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """In a transaction round those of the tests, undone after the last one of the module."""
    whole = transaction.atomic()
    with django_db_blocker.unblock():
        whole.__enter__()
        with scope(SYSTEM):
            made = make_world()
    yield made
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


@pytest.fixture
def world(_made_world, db) -> World:
    """The cast in business, with canaries in everything that is Cobalt's."""
    return deepcopy(_made_world)
