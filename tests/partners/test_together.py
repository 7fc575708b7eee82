"""Integrations, what each side gives, calls and the plan of a year."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.errors import Forbidden, Refused, Stale
from core.models import Event
from core.scope import scope
from partners import queries, services
from partners.models import Call, Integration, MutualValue, YearPlan
from partners.particulars import CallReport, Link, Plan, Worth
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(cast) -> Integration:
    return services.add_integration(cast.acme, Link("Acme for CRM", ("Suite",)), by=cast.actor("bo"), at=NOW)


def told(row) -> list[str]:
    return list(Event.objects.filter(subject_id=row.pk).order_by("id").values_list("type", flat=True))


def test_an_integration_goes_from_planned_to_live_and_says_since_when(cast, link):
    services.try_out(link, by=cast.actor("mona"), at=NOW)
    services.go_live(link, by=cast.actor("mona"), at=NOW)
    assert (link.status, link.live_since) == ("live", NOW.date())
    assert told(link) == ["integration.created", "integration.tried_out", "integration.went_live"]


def test_a_partner_cannot_say_that_its_integration_is_live(cast, link):
    with pytest.raises(Forbidden):
        services.go_live(link, by=cast.actor("bo"), at=NOW)


def test_a_colleague_without_the_right_adds_none(cast):
    with pytest.raises(Forbidden):
        services.add_integration(cast.acme, Link("X"), by=cast.actor("ada"), at=NOW)


def test_one_name_is_there_once(cast, link):
    with pytest.raises(Refused) as refusal:
        services.add_integration(cast.acme, Link("Acme for CRM"), by=cast.actor("mona"), at=NOW)
    assert refusal.value.field == "name"


def test_a_review_is_not_in_the_future(cast, link):
    later = Link("Acme for CRM", last_reviewed=NOW.date() + timedelta(days=1))
    with pytest.raises(Refused) as refusal:
        services.edit_integration(link, later, by=cast.actor("mona"), at=NOW)
    assert refusal.value.field == "last_reviewed"


def test_a_link_without_a_scheme_leads_out(cast, link):
    services.edit_integration(link, Link("Acme for CRM", link="acme.example/crm"), by=cast.actor("mona"), at=NOW)
    assert link.link == "https://acme.example/crm"


def test_partners_read_what_each_side_gives_and_the_vendor_writes_it(cast):
    worth = Worth("Launch", "A page in our guide", "A webinar", date(2026, 10, 1))
    services.agree_on_value(cast.acme, worth, by=cast.actor("mona"), at=NOW)
    with scope(cast.actor("ada")):
        assert [row.title for row in queries.mutual_values(cast.actor("ada"), cast.acme)] == ["Launch"]
    with scope(cast.actor("cy")):
        assert list(MutualValue.objects.all()) == []
    with pytest.raises(Forbidden):
        services.agree_on_value(cast.acme, worth, by=cast.actor("bo"), at=NOW)


def test_a_call_and_its_event_never_reach_the_partner(cast):
    report = CallReport(NOW, "Bo", "They grow.", "Send prices", NOW + timedelta(days=2))
    call = services.log_call(cast.acme, report, by=cast.actor("mona"), at=NOW)
    with scope(cast.actor("bo")):
        assert list(Call.objects.all()) == list(queries.calls(cast.actor("bo"), cast.acme)) == []
        assert not Event.objects.filter(subject_id=call.pk).exists()


def test_a_next_step_waits_in_the_queue_until_it_is_done(cast):
    from partners.cards import queue  # noqa: PLC0415 - a card, not a service

    report = CallReport(NOW, "Bo", "They grow.", "Send prices", NOW + timedelta(days=2))
    call = services.log_call(cast.acme, report, by=cast.actor("mona"), at=NOW)
    waiting = queue(cast.actor("mona"), cast.mona.pk, NOW + timedelta(days=3))
    assert ([item.title for item in waiting.items], waiting.late) == (["Send prices"], 1)
    services.do_next_step(call, by=cast.actor("mona"), at=NOW)
    assert queue(cast.actor("mona"), None, NOW).total == 0
    with pytest.raises(Stale):
        services.do_next_step(call, by=cast.actor("mona"), at=NOW)


def test_a_call_is_not_in_the_future(cast):
    with pytest.raises(Refused):
        services.log_call(cast.acme, CallReport(NOW + timedelta(1), "Bo", "x"), by=cast.actor("mona"), at=NOW)


def test_a_plan_is_made_once_and_changed_on_the_version_that_was_shown(cast):
    made = services.plan_year(cast.acme, Plan(2026, "Grow", Decimal(5000), deals=6), by=cast.actor("mona"), at=NOW)
    services.plan_year(cast.acme, Plan(2026, "Grow more", deals=7, version=made.version), by=cast.actor("mona"), at=NOW)
    row = YearPlan.objects.get()
    assert (row.goal, row.deals, row.revenue) == ("Grow more", 7, None)
    with pytest.raises(Stale):
        services.plan_year(cast.acme, Plan(2026, "Old", version=made.version), by=cast.actor("mona"), at=NOW)
    with pytest.raises(Forbidden):
        services.plan_year(cast.acme, Plan(2027, "Ours"), by=cast.actor("bo"), at=NOW)


def test_the_portal_shows_plan_integrations_and_value(client, cast, link):
    services.plan_year(cast.acme, Plan(NOW.year, "Grow", deals=6), by=cast.actor("mona"), at=NOW)
    client.force_login(cast.bo)
    page = client.get(f"/portal/together/?year={NOW.year}")
    assert page.context["plan"].targets[0].now == 0
    assert [row.cells[0] for row in page.context["table"].rows] == ["Acme for CRM"]
    assert client.get("/portal/together/?year=١٢٣٤").status_code == 200


def test_a_partners_admin_adds_and_changes_an_integration(client, cast):
    client.force_login(cast.bo)
    sent = {
        "name": "New one", "direction": "both", "built_by": "partner", "maintained_by": "vendor",
        "joint_customers": "3", "link": "javascript:alert(1)",
    }  # fmt: skip
    assert client.post("/portal/together/integrations/new/", sent).status_code == 422
    assert client.post("/portal/together/integrations/new/", sent | {"link": ""}).status_code == 302
    row = Integration.objects.get()
    answer = client.post(f"/portal/together/integrations/{row.public_id}/edit/", sent | {"link": "", "name": "Newer"})
    row.refresh_from_db()
    assert (answer.status_code, row.name, row.maintained_by) == (302, "Newer", "vendor")


def test_the_console_keeps_calls_plans_and_value(client, cast):
    client.force_login(cast.mona)
    base = f"/admin/partners/{cast.acme.reference}"
    call = {"at": "2026-11-20T10:00", "with_whom": "Bo", "summary": "They grow.", "next_step": "Send prices"}
    plan = {"goal": "Grow", "deals": "6", "revenue": "120,000"}
    value = {"title": "Launch", "we_give": "A page", "they_give": "A webinar", "agreed_on": "2026-10-01"}
    sent = {"calls/new/": call, "plan/2026/": plan, "value/new/": value}
    assert [client.post(f"{base}/{where}", data).status_code for where, data in sent.items()] == [302] * 3
    page = client.get(f"{base}/").content.decode()
    assert [words in page for words in ("They grow.", "Send prices", "$120,000", "A webinar")] == [True] * 4
    done = client.post(f"{base}/calls/{Call.objects.get().public_id}/done/")
    assert (done.status_code, Call.objects.get().done_at is None) == (302, False)
