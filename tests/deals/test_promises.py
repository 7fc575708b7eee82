"""The vendor's service levels, measured and shown to both sides."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.actor import SYSTEM
from core.events import record
from deals import services
from deals.models import Breach, Registration
from deals.particulars import Rejection
from deals.promises import measured, promise
from tests.deals.test_portal import signed_in
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(hours=10)


@pytest.fixture
def decided(market):
    """Of Acme one answered in time, one late and one waiting too long; of Cobalt one declined in time."""
    mona = market.cast.actor("mona")
    late = market.sent("ada", website="late.example.com", account_name="Late")
    record("escalated", late, by=SYSTEM, at=NOW + timedelta(hours=4), partner_id=late.partner_id)
    for name in ("Late", "In time"):
        deal = late if name == "Late" else market.sent("ada", website="intime-example.com", account_name=name)
        services.approve(deal, by=mona, at=SOON)
    waiting = market.sent("ada", website="waits-example.com", account_name="Waits")
    Registration.objects.filter(pk=waiting.pk).update(due_at=NOW)
    other = market.sent("cy", website="other-example.com", account_name="Other")
    services.reject(other, Rejection("incomplete", "No."), by=mona, at=NOW + timedelta(hours=2))
    Breach.objects.create(
        partner=market.cast.acme, registration=late, opportunity_id=late.pk, found_at=SOON
    )  # fmt: skip


def test_answers_are_counted_for_one_partner_and_for_all(market, decided):
    acme, everybody = measured([market.cast.acme.pk], SOON), measured(None, SOON)
    assert (acme.decided, acme.late, acme.median_hours, acme.waiting_late, acme.breaches) == (2, 1, 10, 1, 1)
    assert (everybody.decided, everybody.late, everybody.waiting_late) == (3, 1, 1)


def test_what_is_older_than_90_days_does_not_count(market, decided):
    assert measured(None, SOON + timedelta(days=91)).decided == 0


def test_a_partner_reads_its_own_beside_everybodys(market, decided):
    told = promise(market.cast.actor("ada"), None, SOON)
    assert told.rows[0] == ("Answered in time", "50% (1 of 2)", "67% (2 of 3)")
    assert promise(market.cast.actor("mona"), None, SOON).rows[0] == ("Answered in time", "", "67% (2 of 3)")


@pytest.mark.parametrize(("who", "page"), [("ada", "portal:promise"), ("mona", "admin:promise")])
def test_both_sides_have_the_page(market, decided, cast, who, page):
    answer = signed_in(getattr(cast, who)).get(reverse(page))
    assert (answer.status_code, "Answered in time" in answer.content.decode()) == (200, True)
