"""Approving several at once: the preview tells the truth, and the rules are those of one at a time."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mdf import services
from mdf.enums import RequestStatus
from mdf.models import Request
from tests.deals.test_portal import signed_in
from tests.factories import NOW
from tests.mdf.conftest import Fund, another, make_fund

pytestmark = pytest.mark.django_db
BULK = "admin:mdf_bulk"


@pytest.fixture
def mona(fund: Fund) -> Client:
    return signed_in(fund.cast.mona)


def preview(client: Client, *requests: Request) -> list[str]:
    """What happens to each, in words."""
    page = client.get(reverse(BULK), {"pick": [one.reference for one in requests]})
    return [str(getattr(row.cells[4], "text", row.cells[4])) for row in page.context["table"].rows]


def approve(client: Client, *requests: Request, **more: str):
    sent = {"pick": [f"{one.reference}:{one.version}" for one in requests], "met": "yes", **more}
    answer = client.post(reverse(BULK), sent, follow=True)
    return [str(message) for message in answer.context["messages"]]


def named(fund: Fund, title: str, **more) -> Request:
    request = fund.sent(another(**more)) if more else fund.sent()
    Request.objects.filter(pk=request.pk).update(title=title)
    request.refresh_from_db()
    return request


def test_the_preview_says_what_each_reserves_and_nothing_happens_yet(fund: Fund, mona: Client):
    first, second = named(fund, "One"), named(fund, "Two")
    page = mona.get(reverse(BULK), {"pick": [first.reference, second.reference]})
    assert [row.cells[3].amount for row in page.context["table"].rows] == [300, 300]
    assert (page.context["sums"], fund.free()) == ("600.00 USD", 3000)


def test_a_long_preview_asks_the_database_no_more_than_a_short_one(fund: Fund, mona: Client):
    first, *more = [named(fund, title) for title in ("One", "Two", "Three")]
    preview(mona, first)
    with CaptureQueriesContext(connection) as short:
        preview(mona, first)
    with CaptureQueriesContext(connection) as long:
        preview(mona, first, *more)
    assert len(long) == len(short)


def test_what_is_confirmed_is_approved_each_by_itself(fund: Fund, mona: Client):
    first, second = named(fund, "One"), named(fund, "Two")
    assert approve(mona, first, second) == ["2 requests approved. 600.00 USD"]
    assert {one.status for one in Request.objects.all()} == {RequestStatus.APPROVED}
    assert fund.free() == Decimal("2400.00")


def test_without_a_word_on_the_criteria_nothing_is_approved(fund: Fund, mona: Client):
    one = named(fund, "One")
    answer = mona.post(reverse(BULK), {"pick": [f"{one.reference}:{one.version}"]})
    assert (answer.status_code, fund.free()) == (422, 3000)


def test_the_funds_of_a_partner_are_used_up_in_the_order_of_the_list(cast):
    fund = make_fund(cast, amount="700.00")
    more = {"total_cost": Decimal(1000), "asked_amount": Decimal(500)}
    first, second = named(fund, "One", **more), named(fund, "Two", **more)
    Request.objects.filter(pk=second.pk).update(due_at=first.due_at.replace(year=2030))
    mona = signed_in(cast.mona)
    assert preview(mona, first, second) == ["Approved", "Only 200.00 USD is free then. Decide a part on its page."]
    second.refresh_from_db()
    assert approve(mona, first, second) == [
        "Two: There is not enough money left for this.", "1 request approved. 500.00 USD",
    ]  # fmt: skip
    assert fund.free() == 200


def test_who_wrote_a_request_never_decides_it_in_a_list_either(fund: Fund, mona: Client):
    own = services.requests.submit(fund.draft(by="mona"), by=fund.actor("mona"), at=NOW)
    services.requests.confirm(own, by=fund.actor("bo"), at=NOW)
    own.refresh_from_db()
    assert preview(mona, own) == ["You wrote this request. Another person decides it."]
    assert approve(mona, own) == ["Spring: You wrote this request. Another person decides it."]
    assert fund.free() == 3000


def test_what_was_changed_since_the_preview_is_left(fund: Fund, mona: Client):
    one = named(fund, "One")
    Request.objects.filter(pk=one.pk).update(late_reason="Changed.")
    assert approve(mona, one) == ["One: Somebody changed this while you looked at it."]
    assert fund.free() == 3000


def test_a_return_below_the_benchmark_is_looked_at_by_itself(fund: Fund, mona: Client):
    thin = named(fund, "Thin", expected_pipeline=Decimal(1499))
    why = "It expects less return than the program looks for. Decide it on its page."
    assert preview(mona, thin) == [why]
    assert approve(mona, thin) == [f"Thin: {why}"]


def test_only_the_steps_of_ones_role_are_taken(cast):
    fund = make_fund(cast, second_step_from=200)
    one = named(fund, "One")
    assert preview(signed_in(cast.olga), one) == ["This step is somebody else's."]
    assert preview(signed_in(cast.mona), one) == ["This step is approved, the next is another person's"]
    approve(signed_in(cast.mona), one)
    one.refresh_from_db()
    assert (one.status, one.steps_done, fund.free()) == (RequestStatus.IN_REVIEW, 1, 3000)
    assert preview(signed_in(cast.mona), one) == ["This step is somebody else's."]


def test_what_is_decided_already_is_told(fund: Fund, mona: Client):
    one = named(fund, "One")
    fund.approve(one)
    assert preview(mona, one) == ["This can't be done any more: it is approved now."]
    one.refresh_from_db()
    assert approve(mona, one) == ["One: This can't be done any more: it is approved now."]


@pytest.mark.parametrize("who", ["eve", "root"])
def test_others_have_no_such_page(fund: Fund, who: str):
    assert signed_in(getattr(fund.cast, who)).get(reverse(BULK)).status_code == 403


def test_what_is_no_reference_names_nothing(mona: Client):
    answer = mona.post(reverse(BULK), {"pick": ["A\x00:1"], "met": "yes"})
    assert answer.status_code == 302
