"""Amounts and dates that people type: exact, or refused; never guessed."""

from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.forms import AmountField, DateField, TextField, parse_amount


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("48000", "48000"),
        ("48,000.50", "48000.50"),
        ("48 000", "48000"),
        ("48\u202f000", "48000"),
        ("0.5", "0.5"),
        (" 5 ", "5"),
        ("9999999999999999.99", "9999999999999999.99"),
    ],
)
def test_an_amount_is_read_exactly(typed, amount):
    assert parse_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed",
    ["1e2", "1.000,00", "١٢٣", "-0.00", "-5", "+5", "NaN", "Infinity", "1e400", "true", "0x10", "1.234", "1,00", "12,34,567",
     "5.", ".5", "1 2", "10000000000000000", "9" * 400, "$5", "5 USD", "1_000", "５", "1\n2"],
)  # fmt: skip
def test_what_could_mean_something_else_is_refused(typed):
    with pytest.raises(ValidationError):
        parse_amount(typed)


@given(st.decimals(min_value=0, max_value=10**15, places=2))
def test_what_a_page_shows_can_be_typed_in_again(amount):
    assert parse_amount(f"{amount:,.2f}") == parse_amount(f"{amount:.2f}") == amount


class _Form(forms.Form):
    amount = AmountField()
    any_amount = AmountField(positive=False, required=False)
    day = DateField(required=False)
    words = TextField(required=False)


def _errors(**typed: str) -> dict:
    form = _Form({"amount": "1", **typed})
    return {name: [e.code for e in errors] for name, errors in form.errors.as_data().items()}


def test_an_amount_is_above_zero_unless_told_otherwise():
    assert _errors(amount="0") == {"amount": ["amount_zero"]}
    assert _errors(any_amount="0.00") == {}


def test_an_amount_that_is_asked_for_must_be_there():
    assert _errors(amount="") == {"amount": ["required"]}


@pytest.mark.parametrize(("typed", "day"), [("2026-12-31", date(2026, 12, 31)), ("", None)])
def test_a_day_is_read_as_the_browser_writes_it(typed, day):
    form = _Form({"amount": "1", "day": typed})
    assert (form.is_valid(), form.cleaned_data["day"]) == (True, day)


@pytest.mark.parametrize("typed", ["31.12.2026", "2026-02-30", "12/31/2026", "tomorrow", "2026-1-1x"])
def test_a_day_in_another_spelling_is_refused(typed):
    assert _errors(day=typed) == {"day": ["invalid"]}


def test_text_is_cleaned():
    form = _Form({"amount": "1", "words": " Con\u200btoso "})
    assert (form.is_valid(), form.cleaned_data["words"]) == (True, "Contoso")
