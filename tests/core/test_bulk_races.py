"""Bulk loads side by side, with real commits."""

from threading import Barrier, Thread

from django.db import connections, transaction

from core import bulk
from core.actor import SYSTEM
from core.errors import Refused
from core.models import ExternalId
from core.scope import scope
from partners.models import Product
from tests.core.test_bulk import A, load


def test_two_loads_of_the_same_new_row_make_one_row(committed):
    start, outcomes = Barrier(2), []

    def work(name):
        start.wait()
        with scope(SYSTEM):
            outcomes.append(load((*A[:2], name, *A[3:]))["a"])
        connections.close_all()

    threads = [Thread(target=work, args=(name,)) for name in ("one", "two")]
    [t.start() for t in threads], [t.join(20) for t in threads]
    with scope(SYSTEM):
        assert (Product.objects.count(), ExternalId.objects.count()) == (1, 1)
    assert sorted(outcomes) == ["created", "updated"]


def test_an_exclusive_name_is_refused_to_others_until_it_is_free(committed):
    refused, tried = [], Barrier(2)

    def other():
        try:
            with bulk.exclusive("test"):
                refused.append(False)
        except Refused:
            refused.append(True)
        connections.close_all()
        tried.wait()

    with bulk.exclusive("test"):
        Thread(target=other).start()
        tried.wait(20)
    assert refused == [True]
    with bulk.exclusive("test"), transaction.atomic():
        pass
