"""A database of the benches: the embedded server without durability, migrated, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from prm import embedded
from tests import database


@contextmanager
def scratch() -> Iterator[None]:
    """Django with an empty migrated database on all aliases."""
    slot = database.take_slot()
    stay = embedded.join(os.environ[database.SLOT], fast=True)
    own = database.TestDatabase(stay.place, "bench")
    own.create()
    try:
        yield
    finally:
        own.drop()
        stay.leave()
        slot.close()
