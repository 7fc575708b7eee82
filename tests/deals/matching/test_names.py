import pytest
from hypothesis import given
from hypothesis import strategies as st

from deals.matching.model import POSSIBLE, SAME_COMPANY, SAME_HOUSE, coefficients, of_texts, score
from deals.matching.pair import PARTS, alike, compare
from deals.matching.words import name
from tests.sampled import examples


def words(text: str) -> list[str]:
    return [word.text for word in name(text).words]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Zanderfield Ltd.", ["zanderfield"]),
        ("The Zanderfield Company, Inc.", ["zanderfield"]),
        ("Q. R. Zander & Sons GmbH & Co. KG", ["qr", "zander", "sons"]),
        ("Zander S.A. de C.V.", ["zander"]),
        ("zander s.a . c.v .", ["zander"]),
        ("Zander Gmb H", ["zander"]),
        ("Zander Private Ltd Chennai", ["zander", "chennai"]),
        ("ООО «Зандер»", ["zander"]),
        ("Ζάνδερ Α.Ε.", ["zander"]),
        ("株式会社ザンダー", ["ザンダー"]),
        ("Société Zàndér S.A.R.L.", ["societe", "zander"]),
        ("", []),
        ("!!!", []),
    ],
)
def test_a_name_keeps_the_words_that_say_which_company(written, kept):
    assert words(written) == kept


def test_words_of_trade_and_place_weigh_less_than_a_name_of_its_own():
    weights = {word.text: word.weight for word in name("Zanderfield Logistics India").words}
    assert weights["zanderfield"] == 1.0
    assert max(weights["logistics"], weights["india"]) < 0.3


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Zanderfield Ltd", "ZANDERFIELD Limited"),
        ("Zanderfield Inc.", "Zanderfeild Inc"),
        ("Sun Zander Systems", "SunZander Systems"),
        ("Zanderfield und Söhne GmbH", "Zanderfield & Soehne"),
        ("Müllerzander AG", "Muellerzander Aktiengesellschaft"),
        ("Quorvex Chemicals", "Chemicals Quorvex S.p.A."),
        ("ООО Зандерфилд", "Zanderfild LLC"),
    ],
)
def test_spellings_of_one_company_are_one_company(one, two):
    assert of_texts(one, two) >= SAME_COMPANY


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Zanderfield", "Zanderfield Thailand"),
        ("Zanderfield India", "Zanderfield Brasil"),
        ("Zanderfield 4 GmbH", "Zanderfield 14 GmbH"),
        ("Quorvex Zander Motors", "QZM"),
    ],
)
def test_a_group_is_one_house_and_no_certain_conflict(one, two):
    assert SAME_HOUSE <= of_texts(one, two) < SAME_COMPANY


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Zanderfield Logistics", "Quorvex Logistics"),
        ("Shanghai Rubber Products", "Shanghai Plastic Products"),
        ("Global Bank of Ohio", "Global Steel of Ohio"),
        ("ABC Co.", "CBA Co."),
        ("Zanderfield", ""),
        ("", ""),
    ],
)
def test_words_that_all_share_make_no_match(one, two):
    assert of_texts(one, two) < SAME_HOUSE


def test_another_number_is_not_worth_a_persons_look():
    assert of_texts("Kunde 4 GmbH", "Kunde 14 GmbH") < POSSIBLE


@given(st.text(max_size=60), st.text(max_size=60))
@examples(100, long=300)
def test_any_two_texts_have_the_same_score_both_ways(one, two):
    there, back = score(name(one), name(two)), score(name(two), name(one))
    assert there.value == pytest.approx(back.value, abs=1e-9)
    assert 0 <= there.value <= 1


@pytest.mark.parametrize(
    "text", ["\0", "a\0b", "😀🏢", "x" * 10_000, "ab " * 5_000, "ﷺ" * 5_000, "\ud800", "٣٤٥", "é" * 999]
)
def test_no_text_is_too_strange(text):
    assert 0 <= of_texts(text, text) <= 1
    assert 0 <= of_texts(text, "Zanderfield") <= 1


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("zanderfield", "zanderfield", True),
        ("zanderfield", "zandrefield", True),
        ("rotozanex", "rotozaneks", True),
        ("indus", "industries", True),
        ("zander", "quorvex", False),
        ("1234", "1235", False),
        ("ab", "abc", False),
    ],
)
def test_words_are_alike_when_mistyped_shortened_or_spelt_by_ear(one, two, same):
    assert (alike(one, two) > 0) is same


def test_why_two_names_match_is_told_part_by_part():
    parts = compare(name("Zanderfield India"), name("Zanderfield Brasil"))
    assert tuple(parts.shown()) == PARTS
    assert (parts.places, parts.first, parts.exactly) == (1.0, 1.0, 1.0)


def test_each_part_has_a_factor():
    assert len(coefficients()[1]) == len(PARTS)
