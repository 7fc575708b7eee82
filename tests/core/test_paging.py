"""Pages by key: every row once, in order, forwards and backwards."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from core.paging import keyset
from partners.models import Partner
from tests.factories import NOW, PartnerFactory

pytestmark = pytest.mark.django_db
ORDER = ("-created_at", "-id")


@pytest.fixture
def rows(db) -> list:
    """Eleven, some of one moment."""
    PartnerFactory.create_batch(11)
    for n, partner in enumerate(Partner.objects.order_by("id")):
        Partner.objects.filter(pk=partner.pk).update(joined_on=(NOW - timedelta(days=n // 3)).date())
    return list(Partner.objects.order_by("-joined_on", "-id"))


def page(address: str = "", size: int = 4):
    params = dict(parse_qsl(address.removeprefix("?")))
    return keyset(Partner.objects.all(), params, order=("-joined_on", "-id"), size=size)


def test_forwards_every_row_comes_once_and_in_order(rows):
    found, shown = [], page()
    while True:
        found += shown.rows
        if not shown.older:
            break
        shown = page(shown.older)
    assert found == rows


def test_backwards_the_same_rows_come_again(rows):
    second = page(page().older)
    assert list(page(second.newer).rows) == rows[:4]
    assert (page(second.newer).newer, page(second.newer).older != "") == ("", True)


def test_the_ends_have_no_further_page(rows):
    assert page().newer == ""
    assert page(page(page().older).older).older == ""


def test_one_page_is_all_there_is_when_all_fits(rows):
    shown = page(size=11)
    assert (list(shown.rows), shown.newer, shown.older) == (rows, "", "")


@pytest.mark.parametrize("key", ["x", "WyIyMDI2Il0:1x:y", "%00", "a" * 5000])
def test_a_forged_key_shows_the_first_page(rows, key):
    assert list(page(f"?after={key}").rows) == rows[:4]


def test_a_row_that_comes_in_between_moves_no_other(rows):
    older = page().older
    Partner.objects.filter(pk=PartnerFactory().pk).update(joined_on=NOW.date() + timedelta(days=1))
    assert list(page(older).rows) == rows[4:8]


def test_other_parameters_stay_in_the_address(rows):
    assert dict(parse_qsl(page("?show=all").older[1:]))["show"] == "all"
