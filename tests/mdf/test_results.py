"""What came of an activity: asked for on its days, reported by the partner, shown beside the next request."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Event, Timer
from mdf import services, tasks
from mdf.particulars import Result
from tests.factories import NOW
from tests.mdf.conftest import END, Fund
from tests.mdf.test_life import refusal

pytestmark = pytest.mark.django_db
OVER = NOW.replace(year=2027, month=2, day=22)  # 33 days after the end


@pytest.fixture
def bo(fund: Fund, monkeypatch) -> Client:
    monkeypatch.setattr("core.doors.now", lambda: OVER)
    client = Client()
    client.force_login(fund.cast.bo)
    return client


def kinds(activity) -> set[str]:
    return set(Timer.objects.filter(subject_id=activity.pk, done_at=None).values_list("kind", flat=True))


def test_results_are_asked_for_30_90_and_180_days_after_the_end(fund: Fund):
    activity = fund.approved().activities.get()
    asked = Timer.objects.filter(subject_id=activity.pk, kind__startswith="ask_results").order_by("due_at")
    assert [(t.kind, (t.due_at.date() - END).days) for t in asked] == [
        ("ask_results_30", 30), ("ask_results_90", 90), ("ask_results_180", 180),
    ]  # fmt: skip
    tasks.RESULTS["mdf_activity.ask_results_30"](activity.pk, OVER)
    assert Event.objects.get(type="mdf_activity.results_due").data == {"days": 30, "title": "Harbour fair"}


def test_they_are_asked_for_after_all_is_paid_but_not_after_a_lapse(fund: Fund):
    paid = fund.approved()
    fund.pay(fund.owed(paid), "300.00")
    lapsed = fund.approved().activities.get()
    services.executing.lapse(lapsed, at=NOW + timedelta(days=120))
    assert kinds(paid.activities.get()) == {"ask_results_30", "ask_results_90", "ask_results_180"}
    assert kinds(lapsed) == set()
    tasks.RESULTS["mdf_activity.ask_results_30"](lapsed.pk, OVER)
    assert not Event.objects.filter(type="mdf_activity.results_due").exists()


def test_what_is_reported_stands_under_its_days_and_is_not_asked_for_again(fund: Fund):
    activity = fund.approved().activities.get()
    told = Result(30, 12, Decimal(9000), Decimal(1000), "A smaller stand.")
    services.results.report(activity, told, by=fund.actor("bo"), at=OVER)
    assert activity.results["30"] == {
        "leads": 12, "pipeline": "9000.00", "won": "1000.00", "note": "A smaller stand.", "at": OVER.isoformat(),
        "by": fund.actor("bo").label,
    }  # fmt: skip
    services.results.ask(activity, 30, at=OVER)
    assert not Event.objects.filter(type="mdf_activity.results_due").exists()


def test_before_the_end_and_for_other_days_nothing_is_reported(fund: Fund):
    activity = fund.approved().activities.get()
    early = lambda: services.results.report(activity, Result(30, 1, Decimal(1)), by=fund.actor("bo"), at=NOW)  # noqa: E731
    assert refusal(early) == "Harbour fair is not over yet. Report once it is."
    other = lambda: services.results.report(activity, Result(31, 1, Decimal(1)), by=fund.actor("bo"), at=OVER)  # noqa: E731
    assert refusal(other) == "Choose one of the days of the program."


def test_a_partner_reports_on_the_requests_page(fund: Fund, bo: Client):
    request = fund.approved()
    activity = request.activities.get()
    assert "30 days after" in bo.get(request.get_absolute_url()).content.decode()
    url = reverse("portal:mdf_request_verb", args=[request.reference, "report"])
    typed = {"about": f"{activity.public_id}:30", "leads": "7", "pipeline": "", "won": ""}
    answer = bo.post(url, typed)
    assert (answer.status_code, "Enter the pipeline it brought." in answer.content.decode()) == (422, True)
    assert bo.post(url, typed | {"pipeline": "4500"}).status_code == 302
    activity.refresh_from_db()
    assert (activity.results["30"]["leads"], activity.results["30"]["pipeline"]) == (7, "4500.00")
    assert "30 days after" not in bo.get(request.get_absolute_url()).content.decode()
