"""Partners' pages about market funds: asking."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core.ids import uuid7
from mdf import services
from mdf.enums import ActivityStatus, RequestStatus
from mdf.models import Activity, FundTerms, Request
from mdf.particulars import Grant, Words
from partners.models import Member
from tests.factories import NOW
from tests.mdf.conftest import Fund

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    """The day of the tests' plans."""
    monkeypatch.setattr("core.doors.now", lambda: NOW)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def bo(fund) -> Client:
    return signed_in(fund.cast.bo)


def typed(**changes) -> dict:
    """The form of one activity."""
    own = {
        "activity_type": "event", "title": "Harbour fair", "starts_on": "2027-01-18", "ends_on": "2027-01-20",
        "place": "Porto", "target_segment": "Shipping", "total_cost": "1,000", "asked_amount": "300",
        "expected_pipeline": "5200", "metric": "Leads", "target": "40", "capture": "Badge scans",
        "report_on": "", "audience_size": "", "target_leads": "", "description": "",
    }  # fmt: skip
    top = {"draft": str(uuid7()), "allocation": "", "title": "", "late_reason": "", "activity": "0", "do": "check"}
    return top | {f"activity0-{name}": value for name, value in own.items()} | changes


def page(client: Client, name: str, *args: str) -> str:
    answer = client.get(reverse(f"portal:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_is_written_becomes_a_draft_whose_page_tells_what_follows(fund, bo):
    answer = bo.post(reverse("portal:mdf_new"), typed())
    request = Request.objects.get()
    assert (answer.status_code, answer.url) == (302, request.get_absolute_url())
    assert (request.status, request.title, request.created_by) == (RequestStatus.DRAFT, "Harbour fair", fund.cast.bo)
    shown = page(bo, "mdf_request", request.reference)
    for words in ("List of leads or attendees", "21 Mar 2027", "50% × 1,000.00 = 500.00 at most", "$700.00"):
        assert words in shown


def test_a_checked_request_is_sent_from_its_page(fund, bo):
    bo.post(reverse("portal:mdf_new"), typed())
    request = Request.objects.get()
    answer = bo.post(reverse("portal:mdf_request_verb", args=[request.reference, "submit"]))
    request.refresh_from_db()
    assert (answer.status_code, request.status, request.typed) == (302, RequestStatus.IN_REVIEW, {})


def test_what_may_stay_empty_follows_from_the_rest(fund, bo):
    bo.post(reverse("portal:mdf_new"), typed(**{"activity0-ends_on": "", "activity0-asked_amount": ""}))
    activity = Activity.objects.get()
    assert (activity.asked_amount, str(activity.ends_on)) == (Decimal("500.00"), "2027-01-18")
    assert activity.measurement["report_on"] == "2027-02-17"


def test_two_activities_with_lines_are_kept_in_order(fund, bo):
    second = {name.replace("activity0", "activity4"): value for name, value in typed().items() if "-" in name}
    second |= {"activity4-title": "A paper", "activity4-total_cost": "", "activity4-line": ["0", "2"],
               "activity4-line0-label": "Text", "activity4-line0-cost": "400", "activity4-line2-label": "Print",
               "activity4-line2-cost": "200"}  # fmt: skip
    bo.post(reverse("portal:mdf_new"), typed(activity=["0", "4"], **second))
    rows = Activity.objects.order_by("place_in_request")
    told = [(one.title, one.total_cost, [line.label for line in one.lines.order_by("place")]) for one in rows]
    assert told == [("Harbour fair", Decimal(1000), []), ("A paper", Decimal(600), ["Text", "Print"])]


@pytest.mark.parametrize(
    ("field", "words", "said"),
    [
        ("title", "", "Enter a name, like Harbour fair in Porto."),
        ("ends_on", "2027-01-01", "It ends before it starts. Correct one of the days."),
        ("total_cost", "1e3", "Enter an amount like 48000 or 48,000.50."),
        ("total_cost", "", "Enter what it costs."),
        ("asked_amount", "1001", "You can&#x27;t ask for more than it costs."),
        ("target", "", "Enter a number."),
    ],
)
def test_what_does_not_fit_is_told_beside_all_that_was_typed(fund, bo, field, words, said):
    answer = bo.post(reverse("portal:mdf_new"), typed(**{f"activity0-{field}": words}))
    shown = answer.content.decode()
    assert (answer.status_code, Request.objects.count()) == (422, 0)
    assert said in shown
    assert 'value="Badge scans"' in shown


def test_adding_and_removing_rows_keeps_every_word_and_judges_none(fund, bo):
    added = bo.post(reverse("portal:mdf_new"), typed(do="add:activity", **{"activity0-total_cost": "much"}))
    shown = added.content.decode()
    assert (added.status_code, shown.count('name="activity"')) == (200, 2)
    assert 'value="much"' in shown
    assert "errorlist" not in shown
    lined = bo.post(reverse("portal:mdf_new"), typed(do="add:activity0-line")).content.decode()
    assert 'name="activity0-line0-label"' in lined
    dropped = bo.post(reverse("portal:mdf_new"), typed(activity=["0", "1"], do="drop:activity0")).content.decode()
    assert 'value="Harbour fair"' not in dropped


def test_a_draft_keeps_what_does_not_fit_word_for_word(fund, bo):
    words = typed(**{"activity0-total_cost": "about 500", "activity0-starts_on": ""})
    first = bo.post(reverse("portal:mdf_draft"), words)
    request = Request.objects.get()
    assert (first.status_code, request.activities.count()) == (200, 0)
    assert 'value="about 500"' in page(bo, "mdf_edit", request.reference)
    bo.post(reverse("portal:mdf_draft"), words | {"activity0-title": "Fair"})
    assert [one.title for one in Request.objects.all()] == ["Fair"]


def test_a_second_click_finds_the_first_request(fund, bo):
    words = typed()
    first, second = (bo.post(reverse("portal:mdf_new"), words) for _n in range(2))
    assert (first.url, Request.objects.count()) == (second.url, 1)


def test_the_criteria_are_answered_while_typing_and_block_nothing(fund, bo):
    FundTerms.objects.update(data={"segments": ["Retail"]})
    answer = bo.post(reverse("portal:mdf_check"), typed(**{"activity0-expected_pipeline": "1470"}))
    shown = answer.content.decode()
    assert "Pipeline 1,470 ÷ 300 asked for = 4.9×. We look for 5×." in shown
    assert "We aim at: Retail. Say why this one fits." in shown
    assert "It costs $1,000.00: we pay $300.00, you pay $700.00." in shown
    assert "This leaves $2,700.00 of $3,000.00 free." in shown
    assert Request.objects.count() == 0


def test_what_the_partner_asks_beyond_its_funds_is_refused_with_the_way_on(fund, bo):
    bo.post(reverse("portal:mdf_new"), typed(**{"activity0-total_cost": "9000", "activity0-asked_amount": "4000"}))
    request = Request.objects.get()
    answer = bo.post(reverse("portal:mdf_request_verb", args=[request.reference, "submit"]))
    assert answer.status_code == 422
    assert "You have 3,000.00 USD. Ask for that or less" in answer.content.decode()


# --- the list ----------------------------------------------------------------------------------------------------------


def test_the_list_tells_what_each_fund_does(fund: Fund, bo):
    fund.approved()
    shown = page(bo, "mdf")
    assert "$3,000 USD" in shown
    assert "<strong>$2,700.00</strong>" in shown
    assert "<strong>$300.00</strong>" in shown
    assert "Spring" in shown


def test_a_company_without_funds_is_told_what_to_do(cast):
    cy = signed_in(cast.cy)
    assert "Your company has no market funds now." in page(cy, "mdf")
    assert "Your company has no market funds now." in page(cy, "mdf_new")
    assert cy.post(reverse("portal:mdf_new"), typed()).status_code == 422


def test_the_list_is_narrowed_by_what_waits_for_whom(fund: Fund, bo):
    fund.sent()
    assert "No requests match this." in bo.get(reverse("portal:mdf"), {"show": "you"}).content.decode()
    assert "Waiting for us" in bo.get(reverse("portal:mdf"), {"show": "us", "q": "spri"}).content.decode()


# --- the page ----------------------------------------------------------------------------------------------------------


def test_a_question_is_answered_on_the_page(fund: Fund, bo):
    request = fund.sent()
    services.deciding.ask(request, Words("Who comes?"), by=fund.actor("mona"), at=NOW)
    assert "Who comes?" in page(bo, "mdf_request", request.reference)
    bo.post(reverse("portal:mdf_request_verb", args=[request.reference, "answer"]), {"text": "Shippers."})
    request.refresh_from_db()
    assert request.status == RequestStatus.IN_REVIEW
    assert "Shippers." in page(bo, "mdf_request", request.reference)


def test_a_part_is_accepted_and_the_page_says_what_to_keep(fund: Fund, bo):
    request = fund.approve(fund.sent(), amounts={0: "150.00"})
    shown = page(bo, "mdf_request", request.reference)
    assert "Accept the part" in shown
    assert "A part is enough." in shown
    bo.post(reverse("portal:mdf_request_verb", args=[request.reference, "accept"]))
    shown = page(bo, "mdf_request", request.reference)
    assert "Keep these proofs:" in shown
    assert Request.objects.get().status == RequestStatus.APPROVED


def test_what_was_declined_is_changed_and_sent_again(fund: Fund, bo):
    request = fund.sent()
    services.deciding.reject(request, Words("Say who comes."), by=fund.actor("mona"), at=NOW)
    assert "Say who comes." in page(bo, "mdf_request", request.reference)
    words = typed(draft=str(request.pk), **{"activity0-target_segment": "Ship owners"})
    bo.post(reverse("portal:mdf_edit", args=[request.reference]), words)
    bo.post(reverse("portal:mdf_request_verb", args=[request.reference, "submit"]))
    request.refresh_from_db()
    assert (request.status, request.activities.get().target_segment) == (RequestStatus.IN_REVIEW, "Ship owners")


def test_a_change_of_what_was_approved_is_decided_anew(fund: Fund, bo):
    request = fund.approved()
    shown = page(bo, "mdf_edit", request.reference)
    assert "What you change is decided anew, and its money is free until then" in shown
    assert "data-autosave" not in shown
    answer = bo.post(reverse("portal:mdf_edit", args=[request.reference]), typed(draft=str(request.pk)))
    request.refresh_from_db()
    assert (answer.status_code, request.status, fund.free()) == (302, RequestStatus.IN_REVIEW, Decimal(3000))


def test_a_request_is_called_off_with_a_reason(fund: Fund, bo):
    request = fund.approved()
    address = reverse("portal:mdf_request_verb", args=[request.reference, "cancel"])
    assert bo.post(address, {"text": ""}).status_code == 422
    bo.post(address, {"text": "The hall burnt down."})
    assert Activity.objects.get().status == ActivityStatus.RELEASED


def test_more_time_for_a_claim_is_asked_for_on_the_page(fund: Fund, bo):
    request = fund.approved()
    address = reverse("portal:mdf_request_verb", args=[request.reference, "extend"])
    assert bo.post(address, {"activity": "mac_" + "0" * 32, "text": "Late."}).status_code == 422
    bo.post(address, {"activity": Activity.objects.get().public_id, "text": "The agency is late."})
    assert Activity.objects.get().extension_reason == "The agency is late."
    assert "You asked for more time; we answer soon." in page(bo, "mdf_request", request.reference)


def test_what_we_wrote_for_a_partner_is_confirmed_by_it(fund: Fund, bo):
    request = fund.draft(by="mark")
    services.requests.submit(request, by=fund.actor("mark"), at=NOW)
    assert "We wrote this request for you." in page(bo, "mdf_request", request.reference)
    bo.post(reverse("portal:mdf_request_verb", args=[request.reference, "confirm"]))
    assert Request.objects.get().confirmed_at == NOW


# --- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "status"), [("marketing", 200), ("sales", 403), ("finance", 403), ("viewer", 403)])
def test_marketing_and_admins_ask(fund: Fund, role, status):
    Member.objects.filter(user=fund.cast.ada).update(role=role)
    ada = signed_in(fund.cast.ada)
    assert ada.get(reverse("portal:mdf_new")).status_code == status
    assert ada.get(reverse("portal:mdf")).status_code == 200


def test_another_company_finds_nothing_here(fund: Fund):
    request, cy = fund.sent(), signed_in(fund.cast.cy)
    for name, *more in (("mdf_request",), ("mdf_edit",), ("mdf_request_verb", "withdraw")):
        assert cy.post(reverse(f"portal:{name}", args=[request.reference, *more])).status_code in (404, 405)
    assert cy.get(reverse("portal:mdf_request", args=[request.reference])).status_code == 404


def test_the_id_of_anothers_form_writes_nothing_there(fund: Fund):
    request = fund.draft()
    words = typed(draft=str(request.pk), **{"activity0-title": "Mine"})
    assert signed_in(fund.cast.cy).post(reverse("portal:mdf_draft"), words).status_code == 422
    request.refresh_from_db()
    assert request.title == "Spring"


def test_funds_of_another_partner_are_no_choice(fund: Fund, bo):
    grant = Grant(fund.cast.cobalt, Decimal(100))
    foreign = services.budgets.allocate(fund.budget, grant, by=fund.actor("olga"), at=NOW)
    answer = bo.post(reverse("portal:mdf_new"), typed(allocation=str(foreign.pk)))
    assert answer.status_code == 422
    bo.post(reverse("portal:mdf_draft"), typed(allocation=str(foreign.pk)))
    assert [one.allocation for one in Request.objects.all()] == [fund.allocation]


def test_the_form_of_one_request_never_writes_another(fund: Fund, bo):
    first, second = fund.draft(), fund.draft()
    bo.post(reverse("portal:mdf_edit", args=[first.reference]), typed(draft=str(second.pk), title="Changed"))
    assert [Request.objects.get(pk=one.pk).title for one in (first, second)] == ["Changed", "Spring"]
