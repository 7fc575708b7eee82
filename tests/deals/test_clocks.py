"""A protection's whole life on its clocks, wherever the partner lives."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from core import timers
from core.management.commands.draw_docs import event_types
from core.models import Event, Timer
from deals import services
from deals.enums import Status
from deals.models import Extension, Registration
from deals.particulars import Progress
from deals.shown.deal import _HAPPENED
from partners.models import Partner
from tests.factories import NOW

pytestmark = pytest.mark.django_db
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")
TICK = timedelta(microseconds=1)


def ring(deal: Registration, at: datetime) -> str:
    """The state of the deal after every timer that is due at this moment has rung."""
    while timers.ring(at):
        pass
    deal.refresh_from_db()
    return deal.status


def told(deal: Registration) -> list[str]:
    rows = Event.objects.filter(subject_id=deal.pk).order_by("id")
    return [event.verb for event in rows]


def approved_at(market, at: datetime, zone: str = "UTC") -> Registration:
    Partner.objects.filter(pk=market.cast.acme.pk).update(time_zone=zone)
    claim = replace(market.acme, expected_close_on=at.date())
    claim.membership.partner.refresh_from_db()
    deal = services.register(claim, by=market.cast.actor("ada"), at=at)
    services.submit(deal, by=market.cast.actor("ada"), at=at)
    return services.approve(deal, by=market.cast.actor("mona"), at=at)


def day_of(deal: Registration, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(deal.partner.time_zone))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("around", [datetime(2027, 3, 13, 18, tzinfo=UTC), datetime(2027, 10, 30, 23, 30, tzinfo=UTC)])
def test_ninety_days_end_with_the_ninetieth_local_day_whatever_the_clocks_do(market, zone, around):
    deal = approved_at(market, around, zone)
    end = deal.protection_expires_at
    local = day_of(deal, end)
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert (local.date() - day_of(deal, around).date()).days == 91  # the midnight after the 90th day
    assert ring(deal, end - TICK) == Status.EXPIRING
    assert ring(deal, end) == Status.EXPIRED
    assert deal.grace_until - end <= timedelta(days=7, hours=1)


def test_a_leap_day_is_a_day(market):
    deal = approved_at(market, datetime(2027, 12, 1, 12, tzinfo=UTC))
    assert deal.protection_expires_at == datetime(2028, 3, 1, tzinfo=UTC)  # through 29 February


def test_the_whole_life_of_a_protection(market):
    deal = market.approved()
    end = deal.protection_expires_at
    assert ring(deal, end - timedelta(days=30) - TICK) == Status.APPROVED
    assert ring(deal, end - timedelta(days=30)) == Status.EXPIRING
    for days in (14, 7, 1):
        ring(deal, end - timedelta(days=days))
    assert ring(deal, end - TICK) == Status.EXPIRING
    assert ring(deal, end) == Status.EXPIRED
    assert ring(deal, deal.grace_until - TICK) == Status.EXPIRED
    assert told(deal)[-1] == "expired"
    ring(deal, deal.grace_until)
    after_approval = told(deal)[told(deal).index("approved") + 1 :]
    assert after_approval == ["expiring", "reminded", "reminded", "reminded", "expired", "grace_ended"]
    days = [e.data["days"] for e in Event.objects.filter(type="deal_registration.reminded").order_by("id")]
    assert days == [14, 7, 1]
    assert Timer.objects.filter(subject_id=deal.pk, done_at=None).count() == 0


def test_customer_activity_extends_once_by_itself(market):
    deal = market.approved()
    first = deal.protection_expires_at
    ada = market.cast.actor("ada")
    services.report_progress(deal, Progress(next_step="Demo"), by=ada, at=first - timedelta(days=20))
    assert ring(deal, first - TICK) == Status.APPROVED
    assert deal.protection_expires_at == first + timedelta(days=30)
    services.report_progress(deal, Progress(next_step="Offer"), by=ada, at=first + timedelta(days=20))
    assert ring(deal, deal.protection_expires_at) == Status.EXPIRED
    assert list(Extension.objects.values_list("automatic", "days", "status")) == [(True, 30, "granted")]


def test_old_activity_extends_nothing(market):
    deal = market.approved()
    services.report_progress(
        deal,
        Progress(next_step="Demo"),
        by=market.cast.actor("ada"),
        at=deal.protection_expires_at - timedelta(days=32),
    )
    assert ring(deal, deal.protection_expires_at) == Status.EXPIRED


def test_what_was_loaded_gets_its_clocks_from_the_sweep(market):
    deal = market.approved()
    Timer.objects.all().delete()
    assert services.set_timers(at=NOW) == 1
    assert services.set_timers(at=NOW) == 0
    kinds = set(Timer.objects.filter(subject_id=deal.pk).values_list("kind", flat=True))
    assert kinds == {"approach_end", "remind", "extend", "expire"}
    assert ring(deal, deal.protection_expires_at) == Status.EXPIRED


def test_a_protection_that_ended_long_ago_rings_at_once(market):
    deal = market.approved()
    Timer.objects.all().delete()
    later = deal.protection_expires_at + timedelta(days=2)
    services.set_timers(at=later)
    assert ring(deal, later) == Status.EXPIRED


def test_page_and_api_say_the_same_as_the_clock(market, cast):
    deal = market.approved()
    ada = Client()
    ada.force_login(cast.ada)
    ring(deal, deal.protection_expires_at - TICK)
    assert ada.get(deal.get_absolute_url()).context["status"].text == "Ends soon"
    ring(deal, deal.protection_expires_at)
    assert ada.get(deal.get_absolute_url()).context["status"].text == "Expired"


def test_every_event_of_a_registration_has_words_on_its_page():
    verbs = {kind.partition(".")[2] for kind in event_types() if kind.startswith("deal_registration.")}
    assert verbs - set(_HAPPENED) == set()
