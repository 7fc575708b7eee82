"""Words from outside are cleaned, once and for all."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import clean, has_nul


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Contoso \t", "Contoso"),
        ("Con\x00toso\x07", "Contoso"),
        ("Con\u200btoso\ufeff", "Contoso"),
        ("moc.\u202eosotnoc", "moc.osotnoc"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("one\r\ntwo", "one\ntwo"),
        ("soft\u00adware", "software"),
        ("نامه\u200cای", "نامه\u200cای"),  # the joiner belongs to the word
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_what_is_seen_is_what_is_kept(typed, kept):
    assert clean(typed) == kept


@given(st.text())
def test_cleaning_twice_is_cleaning_once(words):
    assert clean(clean(words)) == clean(words)


@given(st.text())
def test_clean_words_are_in_normal_form_without_control_characters(words):
    found = clean(words)
    assert unicodedata.is_normalized("NFC", found)
    assert {c for c in found if unicodedata.category(c) in ("Cc", "Cs")} <= {"\n", "\t"}


@pytest.mark.parametrize("value", ["a\x00", {"a\x00": 1}, {"a": ["b", {"c": "\x00"}]}, ["\x00"]])
def test_a_nul_is_found_wherever_it_hides(value):
    assert has_nul(value)


@pytest.mark.parametrize("value", ["a", 0, None, {"a": ["b", 1, None, {"c": "d"}]}])
def test_words_without_a_nul_are_fine(value):
    assert not has_nul(value)
