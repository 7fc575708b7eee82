"""Figures of memberships that the CRM sends: set, sent again, judged by, and refused."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.actor import SYSTEM
from core.deliver import deliver_due
from core.models import Event
from partners.models import Program
from tests.api.conftest import api_for, pointers, said
from tests.factories import PartnerFactory
from tiers import services
from tiers.models import Fact, ProgramMembership
from tiers.particulars import Enrolment, FactRow

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULE = {"any": [
    {"metric": "customers", "op": ">=", "value": 3},
    {"metric": "customers", "op": ">=", "value": 2, "window": "calendar quarter"},
]}  # fmt: skip


@pytest.fixture
def member(cast) -> ProgramMembership:
    """Acme in a program that counts customers."""
    tiers = [{"name": "Ready", "rank": 1}, {"name": "Gold", "rank": 2, "requires": RULE}]
    services.load_program({"id": "customers", "tiers": tiers}, by=SYSTEM, at=AT)
    enrolment = Enrolment(cast.acme, Program.objects.get(key="customers"), "reseller", date(2026, 1, 1))
    return services.enrol(enrolment, by=SYSTEM, at=AT)


def figure(member, value="3", **more):
    return {"membership_id": member.public_id, "metric": "customers", "value": value, **more}


def earned(member) -> str:
    deliver_due(AT + timedelta(days=3650), rounds=3)
    member.refresh_from_db()
    return member.earned_tier.name


def test_a_figure_that_is_sent_judges_its_membership(crm, member):
    made = crm.post("custom_metrics", figure(member))
    assert (made.status_code, made.json()["value"], made.json()["window"], made.json()["is_computed"]) == (
        201, "3.0000", "trailing_12_months", False,
    )  # fmt: skip
    assert earned(member) == "Gold"
    fallen = crm.patch(f"custom_metrics/{made.json()['id']}", {"value": "2"}, version=made.json()["version"])
    assert (fallen.status_code, fallen.json()["value"], earned(member)) == (200, "2.0000", "Ready")


def test_a_figure_of_a_window_is_named_in_the_words_of_rules(crm, member):
    made = crm.post("custom_metrics", figure(member, "2", window="Calendar Quarter")).json()
    assert (made["window"], earned(member)) == ("calendar_quarter", "Gold")


def test_a_figure_that_is_there_is_set_and_the_same_value_again_is_no_event(crm, member):
    first = crm.post("custom_metrics", figure(member, "1")).json()
    again = crm.post("custom_metrics", figure(member, "4")).json()
    crm.post("custom_metrics", figure(member, "4.0"))
    moves = list(Event.objects.filter(type="custom_metric.set").order_by("pk").values_list("data", flat=True))
    assert (first["id"], again["value"]) == (again["id"], "4.0000")
    assert moves == [{"changes": {"customers": [None, "1.0000"]}}, {"changes": {"customers": ["1.0000", "4.0000"]}}]


def test_a_batch_sets_many_and_leaves_alone_what_is_the_same(crm, member):
    def send(*values):
        rows = [
            figure(member, value, metric=f"m{i}", match={"system": "crm", "id": str(i)})
            for i, value in enumerate(values)
        ]
        answer = crm.post("custom_metrics/batch/upsert", {"rows": rows})
        return answer.status_code, [result["status"] for result in answer.json()["results"]]

    assert send("1", "2", "3") == (200, ["created", "created", "created"])
    assert send("1", "5", "3") == (200, ["unchanged", "updated", "unchanged"])
    assert sorted(Fact.objects.filter(metric__startswith="m").values_list("metric", "value")) == [
        ("m0", 1), ("m1", 5), ("m2", 3),
    ]  # fmt: skip


def test_what_is_computed_cannot_be_sent(crm, member):
    services.put_facts([FactRow(member.pk, member.partner_id, "won_deals", 2)], at=AT)
    kept = crm.get("custom_metrics?metric=won_deals").json()["data"][0]
    assert kept["is_computed"] is True
    assert said(crm.post("custom_metrics", figure(member, metric="won_deals"))) == (400, "validation_failed")
    answer = crm.patch(f"custom_metrics/{kept['id']}", {"value": "9"}, version=kept["version"])
    assert pointers(answer) == [("/metric", "computed_metric")]


def test_figures_stand_beside_their_membership(crm, member):
    crm.post("custom_metrics", figure(member))
    path = f"program_memberships/{member.public_id}?expand=custom_metrics"
    assert [row["metric"] for row in crm.get(path).json()["custom_metrics"]] == ["customers"]


def test_a_partner_reads_its_own_figures_and_sends_none(crm, member, acme_api):
    made = crm.post("custom_metrics", figure(member)).json()
    assert [row["id"] for row in acme_api.get("custom_metrics").json()["data"]] == [made["id"]]
    assert said(acme_api.post("custom_metrics", figure(member)))[0] == 403
    stranger = api_for(PartnerFactory())
    assert stranger.get(f"custom_metrics/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    ("odd", "code"),
    [({"value": 3}, "wrong_type"), ({"value": "NaN"}, "wrong_format"), ({"metric": "a@b"}, "wrong_format"),
     ({"window": "x" * 50}, "too_long")],
)  # fmt: skip
def test_odd_figures_are_refused(crm, member, odd, code):
    answer = crm.post("custom_metrics", figure(member) | odd)
    assert (answer.status_code, [e["code"] for e in answer.json()["errors"]]) == (400, [code])
