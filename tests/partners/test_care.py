"""Who looks after partners: from a day on, many at once, and who stands in."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from core.errors import Forbidden, Refused, Stale
from core.models import Event
from notifications.recipients import vendor_side
from partners import queries, services
from partners.models import Absence, ManagerTerm, Partner
from partners.particulars import Away, Care, NewCare
from partners.tasks import begin_terms
from tests.deals.conftest import make_market
from tests.factories import NOW, PartnerFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _since_january(cast):
    Partner.objects.filter(pk=cast.acme.pk).update(joined_on=date(2026, 1, 1))
    cast.acme.refresh_from_db()


@pytest.fixture
def milo(db):
    return StaffFactory(name="Milo")


def held(cast, day: date):
    return queries.manager_on(cast.actor("olga"), cast.acme, day)


def test_history_stays_with_who_held_it_then(cast, milo):
    services.hand_over(cast.acme, NewCare(Care(milo)), by=cast.actor("mona"), at=NOW)
    today = NOW.date()
    assert [held(cast, day) for day in (today - timedelta(1), today, today + timedelta(9))] == [cast.mona, milo, milo]
    assert ManagerTerm.objects.filter(partner=cast.acme).count() == 2


def test_who_never_changed_hands_was_always_with_the_same(cast):
    assert held(cast, date(2020, 1, 1)) == cast.mona


def test_a_change_is_announced_and_begins_on_its_day(cast, milo):
    since = NOW.date() + timedelta(days=3)
    services.hand_over(cast.acme, NewCare(Care(milo), since), by=cast.actor("mona"), at=NOW)
    cast.acme.refresh_from_db()
    assert (cast.acme.manager, ManagerTerm.objects.get().begun_at) == (cast.mona, None)
    assert list(queries.due_terms(NOW)) == []
    term = queries.due_terms(NOW + timedelta(days=3)).get()
    services.begin_announced(term, at=NOW + timedelta(days=3))
    services.begin_announced(term, at=NOW + timedelta(days=3))  # a second worker
    cast.acme.refresh_from_db()
    assert (cast.acme.manager, held(cast, since), held(cast, since - timedelta(1))) == (milo, milo, cast.mona)
    types = Event.objects.filter(subject_id=cast.acme.pk).order_by("id").values_list("type", flat=True)
    assert list(types) == ["partner.manager_announced", "partner.manager_changed"]


def test_the_sweep_begins_what_is_due(cast, milo):
    since = NOW.date() + timedelta(days=1)
    services.hand_over(cast.acme, NewCare(Care(milo), since), by=cast.actor("mona"), at=NOW)
    ManagerTerm.objects.update(since=date(2026, 1, 1))
    begin_terms()
    cast.acme.refresh_from_db()
    assert cast.acme.manager == milo


def test_open_items_of_the_queue_go_along(cast, milo):
    from deals.cards import queue  # noqa: PLC0415 - a card, not a service

    market = make_market(cast)
    market.sent("ada", website="one.example")
    services.hand_over(cast.acme, NewCare(Care(milo)), by=cast.actor("mona"), at=NOW)
    olga = cast.actor("olga")
    assert [queue(olga, person.pk, NOW).total for person in (cast.mona, milo)] == [0, 1]


def test_an_announcement_needs_somebody(cast):
    later = NewCare(Care(None), NOW.date() + timedelta(1))
    with pytest.raises(Refused):
        services.hand_over(cast.acme, later, by=cast.actor("mona"), at=NOW)


def test_many_go_together_or_none(cast, milo):
    cast.acme.backup = milo
    cast.acme.save(update_fields=["backup"])
    cast.acme.refresh_from_db()
    done = services.reassign([cast.acme, cast.cobalt], NewCare(Care(milo)), by=cast.actor("olga"), at=NOW)
    cast.acme.refresh_from_db()
    cast.cobalt.refresh_from_db()
    assert (done, cast.acme.manager, cast.acme.backup, cast.cobalt.manager) == (2, milo, None, milo)
    stale = PartnerFactory()
    stale.version = 99
    with pytest.raises(Stale):
        services.reassign([cast.acme, stale], NewCare(Care(cast.mona)), by=cast.actor("olga"), at=NOW)
    cast.acme.refresh_from_db()
    assert cast.acme.manager == milo


def test_nobody_chosen_and_no_right_are_refused(cast, milo):
    with pytest.raises(Refused):
        services.reassign([], NewCare(Care(milo)), by=cast.actor("olga"), at=NOW)
    with pytest.raises(Forbidden):
        services.reassign([cast.acme], NewCare(Care(milo)), by=cast.actor("finn"), at=NOW)


def test_the_page_shows_first_and_changes_what_was_ticked(client, cast, milo):
    client.force_login(cast.mona)
    asked = {"old": cast.mona.pk, "manager": milo.pk}
    shown = client.get("/admin/partners/partner/reassign/", asked)
    assert [row.cells[0] for row in shown.context["table"].rows] == ["Acme", "Cobalt"]
    answer = client.post("/admin/partners/partner/reassign/", asked | {"partner": [cast.cobalt.reference]})
    cast.acme.refresh_from_db()
    cast.cobalt.refresh_from_db()
    assert (answer.status_code, cast.acme.manager, cast.cobalt.manager) == (302, cast.mona, milo)


# --- absence ---


def today() -> date:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_date")
        return cursor.fetchone()[0]


def away(cast, delegate, first: date, last: date, by="mona") -> Absence:
    at = datetime.combine(first, datetime.min.time(), NOW.tzinfo)
    return services.be_away(Away(cast.mona, delegate, first, last), by=cast.actor(by), at=at)


def test_mails_go_to_who_stands_in(cast, milo):
    deal = make_market(cast).draft("ada", website="one.example")
    assert vendor_side(deal) == [cast.mona.email]
    row = away(cast, milo, today(), today())
    assert vendor_side(deal) == [milo.email]
    services.be_back(row, by=cast.actor("mona"), at=NOW)
    assert vendor_side(deal) == [cast.mona.email]


def test_the_queue_of_who_is_away_waits_for_the_delegate(client, cast, milo):
    make_market(cast).sent("ada", website="one.example")
    client.force_login(milo)
    assert client.get("/admin/?who=mine").context["table"] is None
    away(cast, milo, today() - timedelta(1), today() + timedelta(1))
    assert len(client.get("/admin/?who=mine").context["table"].rows) == 1


def test_an_absence_is_ones_own_or_a_colleagues_with_the_right(cast, milo):
    with pytest.raises(Forbidden):
        away(cast, milo, today(), today(), by="finn")
    away(cast, milo, today(), today(), by="olga")
    with pytest.raises(Refused) as twice:
        away(cast, milo, today(), today())
    assert twice.value.field == "first_day"


def test_nobody_stands_in_for_themselves_and_days_go_forward(cast, milo):
    with pytest.raises(Refused) as same:
        away(cast, cast.mona, today(), today())
    with pytest.raises(Refused) as backwards:
        away(cast, milo, today(), today() - timedelta(1))
    assert (same.value.field, backwards.value.field) == ("delegate", "last_day")


def test_the_page_keeps_and_ends_an_absence(client, cast, milo):
    client.force_login(cast.mona)
    day = today().isoformat()
    sent = {"person": cast.mona.pk, "delegate": milo.pk, "first_day": day, "last_day": day}
    assert client.post("/admin/absences/", sent).status_code == 302
    row = Absence.objects.get()
    assert b"End it" in client.get("/admin/absences/").content
    assert client.post(f"/admin/absences/{row.public_id}/end/").status_code == 302
    assert list(queries.absences(cast.actor("mona"), today())) == []
