"""What was agreed is changed: the part that is changed is decided anew, the rest stays agreed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from core.errors import Refused, Stale
from core.models import Timer
from mdf import money, services
from mdf.enums import ActivityStatus, RequestStatus
from mdf.models import Activity, Request
from mdf.particulars import Words
from tests.factories import NOW
from tests.mdf.conftest import END, START, Fund, another

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)
FAIR = another(title="Fair", asked_amount=Decimal(300))
PAPER = another(title="Paper", activity_type="content", asked_amount=Decimal(200), starts_on=START + MONTH,
                ends_on=END + MONTH)  # fmt: skip


def change(fund: Fund, request: Request, *plans, by: str = "bo") -> Request:
    fresh = Request.objects.get(pk=request.pk)
    return services.changing.change(fresh, fund.plan(*plans), by=fund.actor(by), at=NOW)


def named(title: str) -> Activity:
    return Activity.objects.get(title=title)


@pytest.fixture
def agreed(fund: Fund) -> Request:
    """A fair of 300 and a paper of 200, both approved."""
    return fund.approved(FAIR, PAPER)


def test_moved_dates_of_one_activity_open_that_one_alone(fund, agreed):
    code = named("Paper").tracking_code
    part = change(fund, agreed, FAIR, replace(PAPER, starts_on=START + 2 * MONTH, ends_on=END + 2 * MONTH))
    agreed.refresh_from_db()
    assert (agreed.status, part.status, part.changed_from) == (RequestStatus.APPROVED, RequestStatus.IN_REVIEW, agreed)
    assert [one.title for one in agreed.activities.all()] == ["Fair"]
    paper = part.activities.get()
    assert (paper.title, paper.status, paper.approved_amount, paper.tracking_code) == ("Paper", "asked", None, code)
    assert (money.balance(money.RESERVED, named("Fair")).amount, fund.free()) == (Decimal(300), Decimal(2700))
    fund.approve(part, by="mark")
    assert (money.balance(money.RESERVED, paper).amount, fund.free()) == (Decimal(200), Decimal(2500))
    paper.refresh_from_db()
    assert (paper.tracking_code, paper.claim_due_on) == (code, END + 2 * MONTH + timedelta(days=60))


def test_a_raised_amount_is_not_the_partners_before_it_is_decided(fund, agreed):
    part = change(fund, agreed, replace(FAIR, asked_amount=Decimal(500)), PAPER)
    fair = named("Fair")
    assert (fair.request, fair.asked_amount, fair.approved_amount) == (part, Decimal(500), None)
    assert (money.balance(money.RESERVED, fair).amount, fund.free()) == (Decimal(0), Decimal(2800))
    with pytest.raises(Refused, match="Nothing can be claimed"):
        services.claims.draft(fund.claim_plan(fair, "500.00"), by=fund.actor("bo"), at=NOW)
    fund.approve(part, amounts={0: "400"})
    fair.refresh_from_db()
    assert (fair.approved_amount, money.balance(money.RESERVED, fair).amount) == (Decimal(400), Decimal(400))


def test_more_than_is_free_is_refused_and_all_stays_as_it_was(fund, agreed):
    dear = replace(FAIR, total_cost=Decimal(8000), asked_amount=Decimal(4000))
    with pytest.raises(Refused, match=r"You have 2,800\.00 USD"):
        change(fund, agreed, dear, PAPER)
    assert (fund.free(), Request.objects.count(), named("Fair").status) == (Decimal(2500), 1, ActivityStatus.APPROVED)


def test_an_added_activity_is_decided_while_the_rest_is_claimed_and_paid(fund, agreed):
    part = change(fund, agreed, FAIR, PAPER, another(title="Film", activity_type="content"))
    assert [one.title for one in part.activities.all()] == ["Film"]
    agreed.refresh_from_db()
    claim = fund.owed(agreed, "300.00", "600.00")
    fund.pay(claim, "300.00")
    assert (money.balance(money.PAID, claim).amount, part.status) == (Decimal(300), RequestStatus.IN_REVIEW)


def test_a_part_that_is_declined_takes_nothing_from_the_rest(fund, agreed):
    part = change(fund, agreed, FAIR, replace(PAPER, place="Faro"))
    services.deciding.decline(part, Words("Not there."), by=fund.actor("mona"), at=NOW)
    agreed.refresh_from_db()
    assert (part.status, agreed.status, fund.free()) == (RequestStatus.DECLINED, RequestStatus.APPROVED, Decimal(2700))


def test_an_activity_that_is_left_out_frees_its_money_and_nobody_decides(fund, agreed):
    left = change(fund, agreed, FAIR)
    assert (left.pk, left.status, fund.free()) == (agreed.pk, RequestStatus.APPROVED, Decimal(2700))
    assert (named("Paper").status, Request.objects.count()) == (ActivityStatus.RELEASED, 1)


def test_when_all_of_it_is_changed_the_request_itself_is_decided_again(fund, agreed):
    code = named("Fair").tracking_code
    part = change(fund, agreed, replace(FAIR, place="Faro"), replace(PAPER, place="Faro"))
    assert (part.pk, part.status, part.changed_from, fund.free()) == (
        agreed.pk, RequestStatus.IN_REVIEW, None, Decimal(3000),
    )  # fmt: skip
    assert [(one.title, one.status) for one in part.activities.order_by("place_in_request")] == [
        ("Fair", "asked"), ("Paper", "asked"),
    ]  # fmt: skip
    assert (named("Fair").tracking_code, fund.approve(part).status) == (code, RequestStatus.APPROVED)


def test_nothing_changed_is_refused(fund, agreed):
    with pytest.raises(Refused, match="Nothing is changed"):
        change(fund, agreed, FAIR, PAPER)


def test_what_was_claimed_already_is_not_changed_but_the_rest_may_be(fund, agreed):
    fund.claimed(agreed, "100.00", "200.00")
    with pytest.raises(Refused, match="claimed already for Fair"):
        change(fund, agreed, replace(FAIR, place="Faro"), PAPER)
    assert change(fund, agreed, FAIR, replace(PAPER, place="Faro")).changed_from == agreed


def test_who_read_the_request_before_the_change_is_late(fund, agreed):
    early = Request.objects.get(pk=agreed.pk)
    change(fund, agreed, FAIR)
    with pytest.raises(Stale):
        services.changing.change(early, fund.plan(PAPER), by=fund.actor("bo"), at=NOW)


def test_the_steps_of_a_part_count_what_stays_agreed_beside_it(fund):
    fund.membership.program.fund_terms.data = {"second_step_from": "450"}
    fund.membership.program.fund_terms.save()
    request = fund.approve(fund.approve(fund.sent(FAIR, PAPER)), by="olga")
    assert request.status == RequestStatus.APPROVED
    part = change(fund, request, FAIR, replace(PAPER, place="Faro"))
    assert part.steps == ["manager", "operations"]


def test_the_end_of_what_is_left_is_the_end_of_the_request(fund, agreed):
    before = Timer.objects.get(subject_id=agreed.pk, kind="complete").due_at
    change(fund, agreed, FAIR)
    assert before - Timer.objects.get(subject_id=agreed.pk, kind="complete").due_at == MONTH


def test_the_partner_changes_a_part_on_the_form_and_both_pages_say_where_it_went(fund, agreed, client):
    client.force_login(fund.cast.bo)
    address = reverse("portal:mdf_edit", args=[agreed.reference])
    page = client.get(address)
    told = _posted(page.context["form"].typed)
    told["activity1-place"] = "Faro"
    sent = client.post(address, told | {"do": "check"}, follow=True)
    part = Request.objects.get(changed_from=agreed)
    assert sent.request["PATH_INFO"] == part.get_absolute_url()
    assert (
        f"Sent. What you changed is decided anew in this request; the rest stays agreed in {agreed.reference}."
        in sent.content.decode()
    )
    assert ("Changed from", agreed.reference) in [(f.label, f.value) for f in sent.context["facts"]]
    old = client.get(agreed.get_absolute_url())
    assert ("Decided anew", part.reference) in [(f.label, f.value) for f in old.context["facts"]]
    assert f"changed a part of it, which is decided anew as {part.reference}" in old.content.decode()
    client.force_login(fund.cast.mona)
    assert agreed.reference in client.get(part.get_console_url()).content.decode()


def _posted(typed, prefix: str = "") -> dict:
    """The fields of a form as a browser sends them."""
    told = {prefix + name: value for name, value in typed["values"].items()}
    for kind, rows in typed["rows"].items():
        told |= {prefix + kind: [row["key"] for row in rows]} if rows else {}
        for row in rows:
            told |= _posted(row, f"{prefix}{kind}{row['key']}-")
    return told
