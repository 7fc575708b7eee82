"""What the partner's home asks for, and how much of it."""

import pytest
from django.urls import reverse

from core.actor import SYSTEM
from core.querysets import sizes
from core.scope import scope
from deals.models import Registration
from partners.models import AgreementText, Partner, Program
from tests.deals.test_portal import signed_in
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def seven(market):
    """Seven drafts of Acme's Ada."""
    for number in range(7):
        market.draft(account_name=f"Contoso {number}", website=f"contoso-{number}.com")
    return market


def test_the_home_shows_five_needs_and_tells_how_many_there_are(seven):
    page = signed_in(seven.cast.ada).get(reverse("portal:home")).content.decode()
    assert "Needs you now (7)" in page
    assert page.count("Finish the draft for") == 5
    assert '<a href="?needs=all">See all 7</a>' in page


def test_see_all_shows_all_of_them(seven):
    page = signed_in(seven.cast.ada).get(reverse("portal:home") + "?needs=all").content.decode()
    assert (page.count("Finish the draft for"), "See all 7" in page) == (7, False)


def test_of_very_many_the_rest_is_told(seven):
    for number in range(7, 12):
        seven.draft(account_name=f"Contoso {number}", website=f"contoso-{number}.com")
    page = signed_in(seven.cast.ada).get(reverse("portal:home") + "?needs=all").content.decode()
    assert (page.count("Finish the draft for"), "2 more come up as you go." in page) == (10, True)


def test_terms_of_another_program_are_no_need(seven):
    AgreementText.objects.create(
        key="nda", title="Other terms", text_version="1", text="…", published_at=NOW,
        program=Program.objects.create(key="other", name="Other", currency="USD"),
    )  # fmt: skip
    page = signed_in(seven.cast.bo).get(reverse("portal:home")).content.decode()
    assert "Other terms" not in page
    assert "Needs you now (7)" in page


def test_sets_are_counted_in_one_statement(seven, django_assert_num_queries):
    with scope(SYSTEM), django_assert_num_queries(1):
        drafts = Registration.objects.order_by("account_name").select_related("partner")
        sets = {"drafts": drafts, "none": Partner.objects.none(), "won": drafts.filter(status="won")}
        assert sizes(sets) == {"drafts": 7, "none": 0, "won": 0}
