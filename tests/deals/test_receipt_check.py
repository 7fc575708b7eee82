"""Anybody may have a receipt checked; one changed byte is found."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.deals.test_portal import signed_in

pytestmark = pytest.mark.django_db


def checked(content: bytes):
    return Client().post("/receipts/check/", {"file": SimpleUploadedFile("receipt.json", content)})


@pytest.mark.parametrize("kind", ["json", "pdf"])
def test_a_receipt_is_genuine_until_a_byte_is_changed(market, cast, kind):
    deal = market.sent()
    answer = signed_in(cast.ada).get(reverse("portal:deal_receipt", args=[deal.reference, kind]))
    file = b"".join(answer) if answer.streaming else answer.content
    assert "Genuine: not a byte was changed." in checked(file).content.decode()
    place = len(file) // 2
    changed = file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]
    assert "Not genuine." in checked(changed).content.decode()


@pytest.mark.parametrize("content", [b"", b"x" * 2_000_001])
def test_what_is_no_receipt_is_said_so(content):
    assert checked(content).status_code == 422


@pytest.mark.parametrize("content", [b"{}", b"\x00" * 50, b"%PDF-1.7 nothing", b"[" * 5000, "\u00e9".encode("utf-16")])
def test_nonsense_is_not_genuine(content):
    assert "Not genuine." in checked(content).content.decode()
