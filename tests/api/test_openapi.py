"""The description of the API, and that it is true."""

import jsonschema_rs
import pytest
from django.test import Client

from prm.api import RESOURCES, document


def test_the_document_is_public_and_valid(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == document()
    for name, schema in document()["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"}), name


def test_operation_ids_are_unique_and_every_operation_declares_its_problems():
    operations = [o for methods in document()["paths"].values() for m, o in methods.items() if m != "parameters"]
    names = [o["operationId"] for o in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        declared = set(operation["responses"])
        assert {"401", "403", "429", "503"} <= declared, operation["operationId"]


@pytest.mark.django_db
def test_the_page_for_people_has_no_script(client: Client):
    answer = client.get("/api/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<script" not in page
    assert all(f'id="{res.name}"' in page for res in RESOURCES)
