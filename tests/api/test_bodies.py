"""Bodies that try to break something: JSON, numbers, texts, sizes."""

import time

import pytest

from core.api.kinds import Bad, money
from core.api.parser import MAX_BYTES
from tests.api.conftest import pointers, said

BOMBS = {
    "5,000 lists": (b"[" * 5_000 + b"]" * 5_000, 400),
    "100,000 lists": (b'{"name":' * 100_000, 400),
    "a deep text": (b'{"metadata":' + b'{"a":' * 70 + b"1" + b"}" * 71, 400),
    "4,301 digits": (b'{"employee_count": ' + b"9" * 4_301 + b"}", 400),
    "an endless float": (b'{"employee_count": 1e999999}', 400),
    "1,000,000 keys": (b"{" + b",".join(b'"%d":1' % n for n in range(1_000_000)) + b"}", 413),
    "1,000,000 quotes that never end": (b'{"a": "' + b'\\"' * 1_000_000, 400),
    "a key twice": (b'{"name": "A", "name": "B"}', 400),
    "NaN": (b'{"employee_count": NaN}', 400),
    "Infinity": (b'{"employee_count": -Infinity}', 400),
    "no UTF-8": (b'{"name": "\xff"}', 400),
    "UTF-16": ('{"name": "A"}'.encode("utf-16"), 400),
    "half of it": (b'{"name": "A', 400),
    "more than 10 MB": (b'{"name": "' + b"x" * MAX_BYTES + b'"}', 413),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(crm, name):
    body, status = BOMBS[name]
    begun = time.process_time()
    answer = crm.post("accounts", body)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert time.process_time() - begun < 0.5


def test_a_large_body_of_few_values_is_read(crm):
    assert crm.post("accounts", b'{"name": "A"' + b" " * 8_000_000 + b"}").status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a\0b"},
        {"name": "A", "metadata": {"a\0": "b"}},
        {"name": "A", "uses": ["\0"]},
        {"name": "A", "external_ids": [{"system": "erp", "id": "\0"}]},
        {"a\0": 1},
    ],
)
def test_a_nul_character_is_refused_wherever_it_hides(crm, body):
    assert said(crm.post("accounts", body)) == (400, "validation_failed")


def test_texts_are_kept_in_one_normal_form_without_tricks(crm):
    made = crm.post("accounts", {"name": "  Cafe\u0301 \u202eevil\u200b\x07 ", "industry": "\ud800x"}).json()
    assert (made["name"], made["industry"]) == ("Café evil", "x")
    assert pointers(crm.post("accounts", {"name": "\u200b\u202e"})) == [("/name", "required")]


@pytest.mark.parametrize(
    "sent",
    [
        0.1,
        1e2,
        5,
        "1,000.00",
        "1.000,00",
        "١٢٣",
        "NaN",
        "Infinity",
        "1e400",
        "1e2",
        True,
        "",
        " 5 ",
        "5 ",
        "+5",
        ".5",
        "5.",
        "0x10",
        "1_000",
        "1.005",
        "12345678901234567",
        "-1",
        [],
        {},
        "−5",
        "５",
    ],
)
def test_an_amount_is_exact_or_refused(crm, sent):
    answer = crm.post("opportunities", {"amount": sent})
    assert said(answer) == (400, "validation_failed")
    assert [pointer for pointer, _code in pointers(answer)] == ["/amount"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("5", "5.00"), ("-0.00", "0.00"), ("0.1", "0.10"), ("9999999999999999.99", "9999999999999999.99")],
)
def test_an_amount_is_kept_as_it_was_sent(crm, sent, kept):
    assert crm.post("opportunities", {"amount": sent}).json()["amount"] == kept


def test_some_amounts_must_be_positive():
    for word in ("0", "-0.00", "-1"):
        with pytest.raises(Bad):
            money(positive=True).read(word)


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/json; charset=bogus",
        "",
        "json",
    ],
)
def test_only_json_in_utf_8_is_read(crm, kind):
    assert said(crm.post("accounts", b'{"name": "A"}', Content_Type=kind)) == (415, "unsupported_media_type")


def test_the_word_utf_8_may_be_said(crm):
    assert crm.post("accounts", b'{"name": "A"}', Content_Type="Application/JSON; Charset=UTF-8").status_code == 201
