"""The channel team's pages about requests: who decides what, with which words, and who comes second."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core.models import LedgerTransaction
from mdf import money, services
from mdf.admin.cards import more_time
from mdf.enums import Criterion, RequestStatus
from mdf.models import Activity, Request
from mdf.particulars import Words
from tests.deals.test_portal import signed_in
from tests.factories import NOW
from tests.mdf.conftest import WEBINAR, Fund, another, make_fund

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona(fund: Fund) -> Client:
    return signed_in(fund.cast.mona)


def verb(request: Request, name: str) -> str:
    return reverse("admin:mdf_request_verb", args=[request.reference, name])


def yes(request: Request, **changes: str) -> dict[str, str]:
    """What an approver sends who finds all three criteria met and gives all that is asked for."""
    sent = {"version": str(Request.objects.get(pk=request.pk).version), "note": ""}
    for a in request.activities.all():
        n = a.place_in_request
        sent |= {f"met_{n}_{c}": "yes" for c in Criterion} | {f"amount_{n}": str(a.asked_amount)}
    return sent | changes


def status(request: Request) -> str:
    return Request.objects.get(pk=request.pk).status


def test_the_page_shows_the_arithmetic_and_where_the_money_comes_from(fund: Fund, mona: Client):
    page = mona.get(fund.sent().get_console_url())
    assert page.status_code == 200
    (card,) = page.context["cards"]
    assert (
        card["return"].text,
        [(found.said, found.tag.text) for found, _met, _why in card["fields"]["criteria"]],
    ) == (
        "Expects 66.66×",
        [
            ("Shipping", "For you to judge"),
            ("Leads: 40 (Badge scans), reported on 20 Feb 2027", "Looks met"),
            ("Pipeline 20,000 ÷ 300 asked for = 66.66×. We look for 5×.", "Looks met"),
        ],
    )
    bars = [(bar.title, [(p.label, p.money.amount) for p in bar.pieces]) for bar in page.context["bars"]]
    assert bars == [
        (
            fund.allocation.reference,
            [
                ("Paid", 0), ("Waits for the second person", 0), ("Payable", 0), ("Reserved", 0),
                ("This request", 300), ("Free after it", 2700),
            ],
        ),
        (
            "Year 2027",
            [
                ("Paid", 0), ("Waits for the second person", 0), ("Payable", 0), ("Reserved", 0),
                ("Free with partners", 3000), ("Not shared out", 7000),
            ],
        ),
    ]  # fmt: skip


def test_approval_reserves_and_leads_to_the_queue(fund: Fund, mona: Client):
    request = fund.sent()
    answer = mona.post(verb(request, "approve"), yes(request))
    assert (answer.status_code, answer.url) == (302, reverse("admin:index"))
    assert (status(request), fund.free()) == (RequestStatus.APPROVED, Decimal("2700.00"))


def test_a_part_is_approved_with_a_reason(fund: Fund, mona: Client):
    request = fund.sent()
    assert mona.post(verb(request, "approve"), yes(request, amount_0="150")).status_code == 422
    mona.post(verb(request, "approve"), yes(request, amount_0="150", reason_0="Half is enough."))
    assert (status(request), fund.free()) == (RequestStatus.PARTLY_APPROVED, Decimal("2850.00"))


def test_approve_opens_after_all_three_criteria(fund: Fund, mona: Client):
    request = fund.sent()
    answer = mona.post(verb(request, "approve"), yes(request, met_0_return=""))
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [
        "Harbour fair: judge “Budget against expected pipeline return”."
    ]
    assert status(request) == RequestStatus.IN_REVIEW


def test_a_no_needs_its_reason_and_is_kept(fund: Fund, mona: Client):
    request = fund.sent()
    answer = mona.post(verb(request, "approve"), yes(request, met_0_segment="no"))
    assert answer.context["form"].non_field_errors() == [
        "Harbour fair: say why “Aligned with our target segment” is not met."
    ]
    mona.post(verb(request, "approve"), yes(request, met_0_segment="no", why_0_segment="A new segment for us."))
    kept = request.activities.get().verdicts
    assert kept["segment"] == {"met": False, "reason": "A new segment for us."}
    page = mona.get(request.get_console_url())
    assert [(f.label, f.value.text) for f in page.context["cards"][0]["verdicts"]] == [
        ("Aligned with our target segment", "No"),
        ("A plan to measure and report", "Yes"),
        ("Budget against expected pipeline return", "Yes"),
    ]


def test_of_two_who_read_the_same_page_one_decides_and_the_other_is_told(fund: Fund, mona: Client):
    request = fund.sent()
    read = yes(request)
    mark = signed_in(fund.cast.mark)
    assert mona.post(verb(request, "approve"), read).status_code == 302
    second = mark.post(verb(request, "approve"), read)
    assert second.status_code == 409
    assert [str(m) for m in second.context["messages"]] == ["This can't be done any more: it is approved now."]
    assert (fund.free(), LedgerTransaction.objects.filter(event__type="mdf_request.approved").count()) == (2700, 1)


def test_what_was_changed_since_it_was_read_is_looked_at_again(fund: Fund, mona: Client):
    request = fund.sent()
    read = yes(request)
    services.requests.withdraw(Request.objects.get(pk=request.pk), by=fund.actor("bo"), at=NOW)
    Request.objects.filter(pk=request.pk).update(status=RequestStatus.IN_REVIEW)
    answer = mona.post(verb(request, "approve"), read)
    assert answer.status_code == 409
    assert [str(m) for m in answer.context["messages"]] == [
        "Somebody changed this while you looked at it. Look at it again, then decide."
    ]
    assert fund.free() == 3000


def test_who_wrote_the_request_never_decides_it(fund: Fund, mona: Client):
    request = services.requests.submit(fund.draft(by="mona"), by=fund.actor("mona"), at=NOW)
    services.requests.confirm(request, by=fund.actor("bo"), at=NOW)
    page = mona.get(request.get_console_url())
    assert page.context["not_you"] == "You wrote this request. Another person decides it."
    assert mona.post(verb(request, "approve"), yes(request)).status_code == 403
    assert signed_in(fund.cast.mark).post(verb(request, "approve"), yes(request)).status_code == 302


def test_a_large_request_takes_different_people_and_says_who_is_next(cast):
    fund = make_fund(cast, second_step_from=200, third_step_from=250)
    request = fund.sent()
    mona, olga, finn = (signed_in(getattr(cast, name)) for name in ("mona", "olga", "finn"))
    assert mona.post(verb(request, "approve"), yes(request)).status_code == 302
    page = mona.get(request.get_console_url())
    assert [(s.label, s.state) for s in page.context["stages"]] == [
        ("Channel manager or marketing", "done"), ("Channel operations", "here"), ("Finance", ""),
    ]  # fmt: skip
    assert page.context["not_you"] == "This step is somebody else's."
    assert finn.post(verb(request, "approve"), yes(request)).status_code == 403
    assert olga.post(verb(request, "approve"), yes(request)).status_code == 302
    assert finn.post(verb(request, "approve"), yes(request)).status_code == 302
    assert (status(request), fund.free()) == (RequestStatus.APPROVED, Decimal("2700.00"))


def test_a_later_step_starts_from_what_the_earlier_one_found(cast):
    fund = make_fund(cast, second_step_from=200)
    request = fund.sent()
    signed_in(cast.mona).post(
        verb(request, "approve"),
        yes(request, amount_0="250", reason_0="No print.", met_0_segment="no", why_0_segment="New to us."),
    )
    form = signed_in(cast.olga).get(request.get_console_url()).context["approving"]
    known = {name: form[name].value() for name in ("amount_0", "reason_0", "met_0_segment", "why_0_segment")}
    assert known == {
        "amount_0": Decimal("250.00"), "reason_0": "No print.", "met_0_segment": "no", "why_0_segment": "New to us.",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["reject", "decline"])
def test_declining_needs_words(fund: Fund, mona: Client, name: str):
    request = fund.sent()
    version = {"version": str(request.version)}
    assert mona.post(verb(request, name), version | {"text": ""}).status_code == 422
    mona.post(verb(request, name), version | {"text": "Not our market."})
    request.refresh_from_db()
    assert (request.get_status_display(), request.decision_reason) == (
        {"reject": "Declined", "decline": "Declined for good"}[name], "Not our market.",
    )  # fmt: skip


def test_a_question_stops_the_clock(fund: Fund, mona: Client):
    request = fund.sent()
    mona.post(verb(request, "ask"), {"version": str(request.version), "text": "Which badge scanner?"})
    request.refresh_from_db()
    assert (request.status, request.due_at) == (RequestStatus.ACTION_REQUIRED, None)
    assert b"Which badge scanner?" in mona.get(request.get_console_url()).content


@pytest.mark.parametrize("who", ["eve", "root"])
def test_other_roles_read_and_do_not_decide(fund: Fund, who: str):
    request = fund.sent()
    client = signed_in(getattr(fund.cast, who))
    assert client.get(request.get_console_url()).status_code == 200
    assert client.post(verb(request, "approve"), yes(request)).status_code == 403
    assert status(request) == RequestStatus.IN_REVIEW


def test_more_time_to_claim_is_given_once(fund: Fund, mona: Client):
    request = fund.approved()
    due = request.activities.get().claim_due_on
    assert mona.post(verb(request, "extend"), {"activity": "0"}).status_code == 302
    assert (request.activities.get().claim_due_on - due).days == 30
    assert mona.post(verb(request, "extend"), {"activity": "0"}).status_code == 422
    assert mona.post(verb(request, "extend"), {"activity": "7"}).status_code == 422


# --- the queue, the list, a partner's page ---------------------------------------------------------------------------


def waiting(client: Client) -> list[str]:
    return [row.cells[0] for row in client.get(reverse("admin:index"), {"who": "all"}).context["table"].rows]


def test_the_queue_shows_what_waits_for_this_very_person(cast):
    fund = make_fund(cast, second_step_from=500)
    small = fund.sent()
    large = fund.sent(another(title="Big fair", total_cost=Decimal(2000), asked_amount=Decimal(600)))
    Request.objects.filter(pk=large.pk).update(title="Large", due_at=NOW + timedelta(days=90))
    assert waiting(signed_in(cast.mona)) == ["Spring", "Large"]
    fund.approve(large)
    assert waiting(signed_in(cast.mona)) == ["Spring"]
    assert waiting(signed_in(cast.olga)) == ["Large"]
    assert status(small) == RequestStatus.IN_REVIEW


def test_what_waits_for_the_partner_or_was_written_by_oneself_is_not_in_the_queue(fund: Fund, mona: Client):
    request = services.requests.submit(fund.draft(by="mona"), by=fund.actor("mona"), at=NOW)
    assert mona.get(reverse("admin:index")).context["table"] is None
    services.requests.confirm(request, by=fund.actor("bo"), at=NOW)
    assert mona.get(reverse("admin:index")).context["table"] is None
    assert waiting(signed_in(fund.cast.mark)) == ["Spring"]


def test_who_asks_for_more_time_stands_in_the_queue_until_it_is_given(fund: Fund, mona: Client):
    request = fund.approved()
    asked = services.executing.ask_extension
    asked(request.activities.get(), Words("The printer is late."), by=fund.actor("bo"), at=NOW)
    assert waiting(mona) == ["Harbour fair"]
    assert b"The printer is late." in mona.get(request.get_console_url()).content
    mona.post(verb(request, "extend"), {"activity": "0"})
    assert mona.get(reverse("admin:index")).context["table"] is None


def test_of_all_that_ask_for_more_time_some_are_shown_and_all_are_counted(fund: Fund, monkeypatch):
    monkeypatch.setattr("mdf.admin.cards.QUEUE_SHOWN", 1)
    for activity in fund.approved(WEBINAR, another(title="Ads")).activities.all():
        services.executing.ask_extension(activity, Words("It is late."), by=fund.actor("bo"), at=NOW)
    first = more_time(fund.actor("mona"), None, NOW)
    assert (len(first.items), first.total, first.late) == (1, 2, 0)
    due = Activity.objects.earliest("claim_due_on").claim_due_on
    for hours, late in ((23, 0), (25, 2)):  # the day ends where the partner is
        at = datetime.combine(due, time(), UTC) + timedelta(hours=hours)
        assert more_time(fund.actor("mona"), None, at).late == late


def test_the_list_is_narrowed_by_status_type_and_words(fund: Fund, mona: Client):
    fund.sent()
    fund.draft(another(title="Ads", activity_type="digital"), WEBINAR)
    found = {
        words: len(mona.get(reverse("admin:mdf_request_changelist") + words).context["table"].rows)
        for words in ("", "?status=mine", "?status=draft", "?type=digital", "?q=acme")
    }
    assert found == {"": 2, "?status=mine": 1, "?status=draft": 1, "?type=digital": 1, "?q=acme": 2}


def test_the_partners_record_stands_beside_its_next_request(fund: Fund, mona: Client):
    request = fund.sent()
    (record,) = mona.get(request.get_console_url()).context["records"]
    assert (record.table, record.facts) == (None, [])
    fund.approved()
    (record,) = mona.get(request.get_console_url()).context["records"]
    (row,) = record.table.rows
    amounts = [getattr(cell, "amount", None) for cell in row.cells[2:]]
    assert (row.cells[0], amounts) == ("Harbour fair", [300, None, 20_000, None, None, None])
    assert [(f.label, f.value) for f in record.facts] == [("In all", "No activity of this partner is measured yet.")]


def test_a_partners_page_shows_its_funds(fund: Fund, mona: Client):
    fund.approved()
    page = mona.get(reverse("admin:partner", args=[fund.cast.acme.reference]))
    assert b"Market funds" in page.content
    assert money.balance(money.AVAILABLE, fund.allocation).amount == Decimal("2700.00")


# --- on behalf of a partner ------------------------------------------------------------------------------------------


def test_the_vendor_writes_a_request_and_the_partner_confirms_it(fund: Fund, mona: Client):
    address = reverse("admin:mdf_request_for", args=[fund.cast.acme.reference])
    page = mona.get(address)
    form = page.context["form"]
    activity = form.activities[0].prefix
    words = {
        "activity_type": "event", "title": "Harbour fair", "starts_on": "2027-01-18", "ends_on": "2027-01-20",
        "total_cost": "1000", "asked_amount": "300", "target_segment": "Shipping", "expected_pipeline": "20000",
        "metric": "Leads", "target": "40", "capture": "Badge scans", "report_on": "2027-02-20",
    }  # fmt: skip
    sent = {
        "draft": form.typed["values"]["draft"], "allocation": str(fund.allocation.pk), "do": "check",
        "activity": form.activities[0].key, **{f"{activity}-{name}": value for name, value in words.items()},
    }  # fmt: skip
    assert mona.post(address, sent | {f"{activity}-title": ""}).status_code == 422
    for _click in range(2):
        answer = mona.post(address, sent)
        request = Request.objects.get()
        assert (answer.status_code, answer.url) == (302, request.get_console_url())
    assert (request.status, request.on_behalf, request.confirmed_at) == (RequestStatus.IN_REVIEW, True, None)
    why = signed_in(fund.cast.mark).get(request.get_console_url()).context["menu"]["approve"].barred
    assert why == "We wrote this request for the partner. The partner confirms it first."


def test_for_a_partner_without_funds_nothing_is_asked(fund: Fund, mona: Client):
    address = reverse("admin:mdf_request_for", args=[fund.cast.cobalt.reference])
    assert mona.get(address).context["form"] is None
    assert mona.post(address, {"do": "check"}).status_code == 422
