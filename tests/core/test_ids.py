"""Ids: in order of time, unlike each other, and spelt one way."""

import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import parse_public_id, public_id, uuid7


def test_an_id_says_its_version_and_its_moment():
    before, one, after = time.time_ns() // 1_000_000, uuid7(), time.time_ns() // 1_000_000
    assert (one.version, one.variant) == (7, "specified in RFC 4122")
    assert before <= one.int >> 80 <= after


def test_ids_are_unlike_each_other():
    assert len({uuid7() for _ in range(10_000)}) == 10_000


def test_later_ids_are_greater():
    one = uuid7()
    time.sleep(0.002)
    assert one < uuid7()


@given(st.uuids(), st.sampled_from(["ptr", "dreg", "opp"]))
def test_a_public_id_leads_back_to_its_record(pk, prefix):
    assert parse_public_id(prefix, public_id(prefix, pk)) == pk


PK = UUID("018f0000-0000-7000-8000-0000000000ab")


@pytest.mark.parametrize(
    "text",
    [
        PK.hex,
        f"opp_{PK.hex}",
        f"ptr_{PK}",
        f"ptr_{PK.hex.upper()}",
        f"ptr_{PK.hex}\n",
        f" ptr_{PK.hex}",
        f"ptr_{{{PK.hex}}}",
        f"ptr_{PK.hex[:-1]}",
        f"ptr_{PK.hex}0",
        f"ptr_{PK.hex[:-1]}\u0663",
        "ptr_",
        "",
        None,
        7,
    ],
)
def test_there_is_one_spelling(text):
    assert parse_public_id("ptr", text) is None


def test_nothing_has_no_id():
    assert public_id("ptr", None) is None
