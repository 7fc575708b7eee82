from hypothesis import given
from hypothesis import strategies as st

from deals.matching.keys import keys, number
from deals.matching.memory import Names
from deals.matching.words import name

NAMES = ["Zanderfield Chemicals Ltd", "Quorvex Motors", "Blimpworth Trading Co., Ltd.", "Sun Zorker Bank", "Lopidus AG"]


def first(query: str) -> list[int]:
    return Names(NAMES).nearest(query, top=1)


def test_a_name_with_a_typing_error_is_found():
    assert first("Zanderfeild Chemicals") == [0]


def test_swapped_joined_dropped_words_are_found():
    assert (first("Motors Quorvex"), first("SunZorker"), first("Blimpworth"), first("LopidusAG")) == (
        [1],
        [3],
        [2],
        [4],
    )


def test_a_name_like_no_other_finds_nothing():
    assert first("Wuzzle") == []


def test_of_equal_names_the_one_written_alike_comes_first():
    assert Names(["ZANDER", "Zander"]).nearest("Zander") == [1, 0]


@given(st.text(max_size=80))
def test_any_text_has_keys_that_fit_the_column(text):
    assert all(-(2**31) <= key < 2**31 for key in keys(name(text)))


def test_a_key_is_the_same_on_every_machine():
    assert number("zander") == -1919959609
