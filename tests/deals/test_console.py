"""The channel team's pages about deals."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deals.enums import Status
from deals.models import ConflictCase, Registration
from tests.deals.test_portal import signed_in
from tests.factories import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona(cast: Cast) -> Client:
    return signed_in(cast.mona)


def verb(deal, name: str) -> str:
    return reverse("admin:deal_verb", args=[deal.reference, name])


def test_the_queue_lists_the_oldest_promise_first(market, mona):
    late = market.sent(account_name="Late Ltd", website="late.example.com")
    Registration.objects.filter(pk=late.pk).update(due_at="2020-01-01T00:00Z")
    soon = market.sent(account_name="Soon Ltd", website="soon-example.com")
    Registration.objects.filter(pk=soon.pk).update(due_at=timezone.now() + timedelta(days=1))
    page = mona.get(reverse("admin:index"))
    assert [row.cells[0] for row in page.context["table"].rows] == ["Late Ltd", "Soon Ltd"]
    assert page.context["lead"] == "2 to decide · 1 late"


def test_approve_from_the_decision_page(market, mona):
    deal = market.sent()
    assert mona.get(deal.get_console_url()).status_code == 200
    answer = mona.post(verb(deal, "approve"), {"note": "Well found."})
    deal.refresh_from_db()
    assert (answer.status_code, deal.status) == (302, Status.APPROVED)


def test_the_second_decision_gets_a_clear_answer(market, mona, cast):
    deal = market.sent()
    mona.post(verb(deal, "approve"))
    answer = signed_in(cast.olga).post(verb(deal, "reject"), {"code": "incomplete", "reason": "Too late."})
    assert answer.status_code == 409
    assert "approved" in answer.content.decode()
    deal.refresh_from_db()
    assert deal.status == Status.APPROVED


def test_declining_asks_for_reason_and_words(market, mona):
    deal = market.sent()
    assert mona.post(verb(deal, "reject"), {"code": "", "reason": ""}).status_code == 422
    deal.refresh_from_db()
    assert deal.status == Status.IN_REVIEW


def test_a_conflict_is_decided_on_its_page(market, mona):
    market.sent("ada")
    second = market.sent("cy")
    case = ConflictCase.objects.get()
    page = mona.get(reverse("admin:conflict", args=[case.reference]))
    assert b"Acme" in page.content
    assert mona.post(verb(second, "approve")).status_code == 422
    mona.post(
        reverse("admin:conflict_verb", args=[case.reference, "resolve"]),
        {"outcome": "different", "reason": "Two firms."},
    )
    assert mona.post(verb(second, "approve")).status_code == 302


@pytest.mark.parametrize("who", ["mark", "finn", "eve", "root"])
def test_other_roles_read_but_do_not_decide(market, cast, who):
    deal = market.sent()
    client = signed_in(getattr(cast, who))
    assert client.get(deal.get_console_url()).status_code == 200
    assert client.post(verb(deal, "approve")).status_code == 403


def test_partners_are_kept_out_of_the_console(market, cast):
    deal = market.sent()
    ada = signed_in(cast.ada)
    assert ada.get(reverse("admin:index")).status_code == 403
    assert ada.get(deal.get_console_url()).status_code == 403
    assert Client().get(deal.get_console_url()).status_code == 302
