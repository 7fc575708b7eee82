"""A touch from its claim to its answer: by the partner, the owner's link, the console, the timer."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from core import timers
from core.actor import SYSTEM
from core.deliver import deliver_due
from core.errors import Forbidden, IllegalTransition, Refused, Stale
from core.models import Event, Timer
from core.scope import scope
from deals.enums import TouchStatus
from deals.models import Attribution, Touch
from deals.particulars import Reason, TouchClaim
from deals.services import touches
from prm.timers import TABLE
from tests.factories import NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def deal(market):
    """An opportunity of Cobalt's, whose owner has an address."""
    found = market.approved("cy").opportunity
    type(found).objects.filter(pk=found.pk).update(owner_email="olaf@northwind.example")
    found.refresh_from_db()
    return found


def told(market, opportunity=None, **more):
    values = {"kind": "joint_call", "happened_on": TODAY, "opportunity": opportunity, "account_name": "Contoso Ltd"}
    return TouchClaim(market.cast.acme, **(values | more))


def claimed(market, opportunity=None, at=NOW, **more):
    return touches.claim(told(market, opportunity, **more), by=market.cast.actor("ada"), at=at)


def link_in(message) -> str:
    return re.search(r"https?://\S+/answers/touches/\S+", message.body)[0].partition("/answers")[2]


def asked(market, deal):
    """A claim and the path of the link that its owner got."""
    touch = claimed(market, deal)
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    return touch, "/answers" + link_in(next(m for m in mail.outbox if m.to == ["olaf@northwind.example"]))


def test_a_claim_asks_the_owner_by_mail_and_counts_when_confirmed(market, deal):
    touch, path = asked(market, deal)
    page = Client().get(path)
    touch.refresh_from_db()
    assert (page.status_code, touch.status) == (200, TouchStatus.CLAIMED)
    assert Client().post(path, {"answer": "confirm", "confirm-text": "They did"}).status_code == 200
    touch.refresh_from_db()
    assert (touch.status, touch.answered_label, touch.answer) == ("confirmed", "olaf@northwind.example", "They did")
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    credit = Attribution.objects.get(opportunity=deal, partner=market.cast.acme)
    assert (credit.credit, credit.evidence) == ("influenced", "touch")


def test_the_owner_says_that_it_was_not_so_with_words(market, deal):
    touch, path = asked(market, deal)
    assert Client().post(path, {"answer": "refuse", "refuse-text": ""}).status_code == 422
    assert Client().post(path, {"answer": "refuse", "refuse-text": "We never met"}).status_code == 200
    touch.refresh_from_db()
    assert (touch.status, touch.answer) == ("refused", "We never met")
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    assert "We never met" in next(m.body for m in mail.outbox if m.to == ["ada@acme.example"])


def test_a_second_answer_and_a_changed_link_do_nothing(market, deal):
    touch, path = asked(market, deal)
    assert Client().post(path, {"answer": "confirm"}).status_code == 200
    assert [Client().post(path, {"answer": "confirm"}).status_code, Client().get(path).status_code] == [410, 410]
    assert Client().get(path[:-3] + "xx/").status_code == 404
    assert Event.objects.filter(subject_id=touch.pk, type="touch.confirmed").count() == 1


def test_nobody_answers_for_ten_working_days_and_the_claim_lapses(market, deal):
    touch = claimed(market, deal)
    timers.install(TABLE)
    rang = [timers.ring(touch.due_at - timedelta(seconds=1)), timers.ring(touch.due_at)]
    touch.refresh_from_db()
    assert (rang, touch.status, touch.due_at.date() - TODAY) == ([0, 1], "lapsed", timedelta(days=14))


def test_an_answer_takes_the_timer_away(market, deal):
    touch = claimed(market, deal)
    touches.confirm(touch, by=market.cast.actor("mona"), at=NOW)
    assert Timer.objects.filter(subject_id=touch.pk, done_at=None).count() == 0


def test_the_customers_name_finds_the_one_opportunity(market, deal):
    assert claimed(market, account_name="CONTOSO, Ltd.").opportunity_id == deal.pk


def test_a_customer_nobody_knows_waits_for_our_people(market, deal):
    touch = claimed(market, account_name="Nobody Inc")
    assert (touch.opportunity_id, touch.due_at, touch.asked_email) == (None, None, "")
    with pytest.raises(Refused):
        touches.confirm(touch, by=market.cast.actor("mona"), at=NOW)
    touches.link(touch, deal, by=market.cast.actor("mona"), at=NOW)
    assert (touch.opportunity_id, touch.asked_email) == (deal.pk, "olaf@northwind.example")
    with scope(market.cast.actor("ada")):
        assert not Touch.objects.select_related("opportunity").get(pk=touch.pk).opportunity


def test_a_link_to_another_opportunity_makes_the_old_mail_void(market, deal):
    touch, path = asked(market, deal)
    other = market.approved("ada", website="other.example", account_name="Other", contact_email="a@other.example")
    touches.link(touch, other.opportunity, by=market.cast.actor("mona"), at=NOW)
    assert Client().get(path).status_code == 404


def test_a_day_in_the_future_is_refused(market, deal):
    with pytest.raises(Refused):
        claimed(market, deal, happened_on=TODAY + timedelta(days=1))


def test_our_people_enter_a_confirmed_one(market, deal):
    touch = touches.enter(told(market, deal), by=market.cast.actor("mona"), at=NOW)
    assert (touch.status, touch.answered_label) == ("confirmed", market.cast.actor("mona").label)


@pytest.mark.parametrize("who", ["ada", "bo", "finn", "eve", "mark"])
def test_only_channel_managers_and_operations_answer(market, deal, who):
    touch = claimed(market, deal)
    with pytest.raises(Forbidden):
        touches.confirm(touch, by=market.cast.actor(who), at=NOW)


def test_what_is_answered_stays_answered(market, deal):
    touch = claimed(market, deal)
    late = Touch.objects.get(pk=touch.pk)
    touches.confirm(touch, by=market.cast.actor("mona"), at=NOW)
    with pytest.raises((Stale, IllegalTransition)):
        touches.refuse(late, Reason("No"), by=SYSTEM, at=NOW)


# --- pages ----------------------------------------------------------------------------------------------------------


def browser(market, name):
    client = Client()
    client.force_login(getattr(market.cast, name))
    return client


def test_a_partner_claims_on_its_page_and_reads_the_status(market):
    own = market.approved("ada")
    ada = browser(market, "ada")
    assert ada.get("/portal/touches/new/").status_code == 200
    sent = {"opportunity": own.opportunity.reference, "kind": "reference", "happened_on": TODAY.isoformat()}
    assert ada.post("/portal/touches/new/", sent | {"kind": ""}).status_code == 422
    assert ada.post("/portal/touches/new/", sent).status_code == 302
    page = ada.get("/portal/touches/").content.decode()
    assert "Claimed" in page and "Reference" in page


def test_a_touch_entered_too_late_is_kept_and_said_never_to_count(market):
    own = market.approved("ada").opportunity
    closed = TODAY - timedelta(days=20)
    type(own).objects.filter(pk=own.pk).update(stage="won", closed_on=closed, opened_on=closed - timedelta(days=9))
    sent = {"opportunity": own.reference, "kind": "reference", "happened_on": closed.isoformat()}
    page = browser(market, "ada").post("/portal/touches/new/", sent, follow=True)
    assert "It is kept, and never counts." in page.content.decode()
    assert Touch.objects.count() == 1


def test_a_partner_reads_its_own_evidence_alone(market, deal):
    own = market.approved("ada", website="own.example", account_name="Own", contact_email="a@own.example").opportunity
    touches.enter(
        TouchClaim(market.cast.cobalt, "joint_call", TODAY, own), by=market.cast.actor("mona"), at=NOW
    )  # fmt: skip
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    ada = browser(market, "ada")
    page = ada.get(f"/portal/opportunities/{own.reference}/").content.decode()
    assert "Decides" in page and "100% × 48,000.00 USD" in page and "Cobalt" not in page
    assert ada.get(f"/portal/opportunities/{deal.reference}/").status_code == 404


def test_the_console_shows_why_and_decides(market, deal):
    olga = browser(market, "olga")
    path = f"/admin/opportunities/{deal.reference}/"
    assert "Decides" not in olga.get(path).content.decode()  # nothing is computed yet
    sent = {"partner": str(market.cast.acme.pk), "reason": "They met first"}
    assert olga.post(f"{path}decide/", sent).status_code == 302
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    assert list(deal.attributions.values_list("partner__name", "evidence")) == [("Acme", "decision")]
    assert "They met first" in olga.get(path).content.decode()
    assert olga.post(f"{path}withdraw/", {"text": "Wrong one"}).status_code == 302
    deliver_due(NOW + timedelta(days=3650), rounds=3)
    assert list(deal.attributions.values_list("partner__name", "evidence")) == [("Cobalt", "registration")]


def test_a_decision_is_operations_to_take(market, deal):
    sent = {"partner": "nobody", "reason": "x"}
    assert browser(market, "mona").post(f"/admin/opportunities/{deal.reference}/decide/", sent).status_code == 403


def test_our_people_link_and_confirm_on_the_touchs_page(market, deal):
    touch = claimed(market, account_name="Nobody Inc")
    mona = browser(market, "mona")
    assert "No opportunity yet" in mona.get("/admin/?who=all").content.decode()
    path = f"/admin/touches/{touch.reference}/"
    assert mona.post(f"{path}link/", {"opportunity": "O-ZZZZZ"}).status_code == 422
    assert mona.post(f"{path}confirm/", {"text": ""}).status_code == 422
    assert mona.post(f"{path}link/", {"opportunity": deal.reference.lower()}).status_code == 302
    assert mona.post(f"{path}confirm/", {"text": ""}).status_code == 302
    touch.refresh_from_db()
    assert touch.status == "confirmed"


def test_our_people_enter_one_on_a_page(market, deal):
    sent = {
        "partner": str(market.cast.acme.pk), "opportunity": deal.reference, "kind": "joint_call",
        "happened_on": TODAY.isoformat(),
    }  # fmt: skip
    mona = browser(market, "mona")
    assert mona.get(f"/admin/touches/new/?opportunity={deal.reference}").status_code == 200
    assert mona.post("/admin/touches/new/", sent).status_code == 302
    assert Touch.objects.get().status == "confirmed"
