"""Bulk loads: what they write, what they leave alone, and what they tell."""

from decimal import Decimal

import pytest
from django.db import connection

from core import bulk, events
from core.actor import SYSTEM
from core.clock import now
from core.ids import uuid7
from core.models import Delivery, Event, ExternalId
from partners.models import Product

TARGET = bulk.Target(
    Product, "erp", ("sku", "name", "list_price", "metadata"), watched=frozenset({"list_price"}), natural="sku"
)


def load(*rows, target=TARGET, batch=None):
    """Outcomes by external id of one chunk of (ext_id, sku, name, price, metadata)."""
    batch = batch or bulk.Batch(SYSTEM, now())
    staged = [(line, row[0], uuid7(), *row[1:]) for line, row in enumerate(rows, 2)]
    bulk.stage("staged_products", target.types(), staged)
    bulk.upsert(target, "staged_products", batch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ext_id, outcome FROM staged_products ORDER BY line")
        return dict(cursor.fetchall())


A = ("a", "A-1", "Anvil", "10.50", {"box": 1})
B = ("b", "B-1", 'Bell \\ "two\tlines\n', None, {})

pytestmark = pytest.mark.django_db


def test_new_rows_are_created_with_their_names_and_the_models_defaults():
    assert load(A, B) == {"a": "created", "b": "created"}
    anvil, bell = Product.objects.order_by("sku")
    assert (anvil.name, anvil.list_price, anvil.metadata, anvil.version) == ("Anvil", Decimal("10.50"), {"box": 1}, 1)
    assert (bell.name, bell.list_price, bell.currency, bell.is_active) == (B[2], None, "USD", True)
    named = ExternalId.objects.filter(system="erp", resource="product").values_list("ext_id", "object_id")
    assert dict(named) == {"a": anvil.pk, "b": bell.pk}


def test_the_same_rows_again_change_nothing():
    load(A, B)
    before = (list(Product.objects.values()), Event.objects.count(), list(ExternalId.objects.values()))
    assert load(A, B) == {"a": "unchanged", "b": "unchanged"}
    assert (list(Product.objects.values()), Event.objects.count(), list(ExternalId.objects.values())) == before


def test_a_changed_row_says_what_changed_and_names_the_other_fields():
    load(A, B)
    assert load(("a", "A-1", "Amboss", "11", {}), B) == {"a": "updated", "b": "unchanged"}
    anvil = Product.objects.get(sku="A-1")
    assert (anvil.name, anvil.list_price, anvil.version, anvil.metadata) == ("Amboss", Decimal(11), 2, {"box": 1})
    event = Event.objects.get(type="product.updated")
    assert event.data == {"changes": {"list_price": ["10.50", "11.00"]}, "fields": ["name"]}
    assert (event.subject_id, event.subject_version, event.subject_public_id) == (anvil.pk, 2, anvil.public_id)


def test_metadata_is_merged():
    load(A)
    assert load((*A[:4], {"shelf": 2})) == {"a": "updated"}
    assert Product.objects.get().metadata == {"box": 1, "shelf": 2}


def test_a_created_row_tells_its_watched_columns_alone():
    load(A, B)
    told = dict(Event.objects.filter(type="product.created").values_list("subject_public_id", "data"))
    anvil, bell = Product.objects.order_by("sku")
    assert told == {anvil.public_id: {"changes": {"list_price": [None, "10.50"]}}, bell.public_id: {"changes": {}}}


def test_a_row_found_by_its_natural_key_is_adopted():
    mine = Product.objects.create(sku="A-1", name="Old", list_price=1)
    assert load(A) == {"a": "updated"}
    assert Product.objects.get().pk == mine.pk
    assert ExternalId.objects.get().object_id == mine.pk


def test_a_deleted_row_stays_deleted():
    load(A)
    Product.objects.update(deleted_at=now())
    assert load((*A[:3], "99", {})) == {"a": "skipped"}
    assert Product.objects.get().list_price == Decimal("10.50")


def test_a_row_with_an_outcome_is_left_out():
    bulk.stage("staged_products", TARGET.types(), [(2, "a", uuid7(), "A-1", "Anvil", None, {})])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE staged_products SET outcome = 'invalid'")
    bulk.upsert(TARGET, "staged_products", bulk.Batch(SYSTEM, now()))
    assert (Product.objects.count(), ExternalId.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_row_events_open_no_deliveries_and_the_batch_event_does(monkeypatch):
    def react(event):
        """Stands for any reaction."""

    monkeypatch.setattr(events, "_table", {"product.created": [react], "batch.loaded": [react]})
    batch = bulk.Batch(SYSTEM, now())
    load(A, B, batch=batch)
    assert Delivery.objects.count() == 0
    partner = uuid7()
    bulk.loaded(batch, "product", [partner], created=2)
    event = Event.objects.get(type="batch.loaded")
    assert list(Delivery.objects.values_list("event_id", flat=True)) == [event.pk]
    assert event.data == {"resource": "product", "partner_ids": [str(partner)], "created": 2}
    assert set(Event.objects.exclude(pk=event.pk).values_list("batch", flat=True)) == {event.subject_id}


def test_bulk_events_wait_for_their_place_like_all_others():
    load(A, B)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_unsequenced")
        assert cursor.fetchone()[0] == 2


def test_chunks_lose_no_row():
    assert list(bulk.chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
