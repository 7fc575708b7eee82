"""See as partner: read-only, written down, and over after half an hour."""

from datetime import timedelta

import pytest
from django.test import Client

from core.clock import now
from core.models import Event
from partners.models import Call, Note
from prm import watching
from tests.factories import NOW
from tests.laws.routes import routes
from tests.laws.world import snapshot


@pytest.fixture
def mona(client, cast):
    client.force_login(cast.mona)
    return client


def watch(client, cast):
    return client.post(f"/admin/partners/{cast.acme.reference}/watch/")


def test_the_vendor_sees_the_portal_as_the_partner(mona, cast):
    answer = watch(mona, cast)
    assert (answer.status_code, answer.url) == (302, "/portal/")
    page = mona.get("/portal/")
    assert (page.status_code, page.context["partner"]) == (200, cast.acme)
    assert "You see what Acme sees" in page.content.decode()


def test_who_looked_at_whose_portal_is_written_down_for_the_vendor_alone(mona, cast):
    watch(mona, cast)
    event = Event.objects.get(type="partner.watched")
    assert (event.subject_id, event.actor_id, event.partner_id) == (cast.acme.pk, cast.mona.pk, None)


def test_without_it_the_portal_is_shut_to_the_vendor(mona, cast):
    assert mona.get("/portal/").status_code == 403


def test_finance_may_not_see_as_a_partner(client, cast):
    client.force_login(cast.finn)
    assert watch(client, cast).status_code == 403
    assert client.get("/portal/").status_code == 403


def test_no_page_takes_a_change_meanwhile(mona, cast):
    watch(mona, cast)
    tried = ["/portal/team/invite/", "/portal/profile/company/", f"/admin/partners/{cast.acme.reference}/note/"]
    before = snapshot()
    assert [mona.post(path, {"text": "x"}).status_code for path in tried] == [403, 403, 403]
    assert [mona.put("/portal/").status_code, mona.delete("/portal/profile/").status_code] == [403, 403]
    assert snapshot() == before


def test_every_page_of_the_portal_opens_and_changes_nothing(mona, cast):
    Note.objects.create(partner=cast.acme, author=cast.mona, text="SECRET-NOTE", at=NOW)
    Call.objects.create(partner=cast.acme, author=cast.mona, summary="SECRET-CALL", with_whom="Bo", at=NOW)
    plain = [f"/{route.template}" for route in routes() if route.name.startswith("portal:") and not route.places]
    own = Client()
    own.force_login(cast.bo)
    watch(mona, cast)
    before = snapshot()
    pages = {path: mona.get(path) for path in plain}
    assert {path: page.status_code for path, page in pages.items()} == {
        path: own.get(path).status_code for path in plain
    }
    assert [path for path, page in pages.items() if b"SECRET" in page.content] == []
    assert snapshot() == before
    posts = {path: mona.post(path).status_code for path in plain}
    assert {path: status for path, status in posts.items() if status != 403} == {}


def test_a_rivals_record_stays_unknown(mona, cast):
    watch(mona, cast)
    from tests.factories import MemberFactory  # noqa: PLC0415 - one row for one test

    rival = MemberFactory(partner=cast.cobalt)
    assert mona.get(f"/portal/team/people/{rival.public_id}/").status_code == 404


def test_the_button_ends_it(mona, cast):
    watch(mona, cast)
    answer = mona.post("/admin/watching/leave/")
    assert (answer.status_code, answer.url) == (302, cast.acme.get_console_url())
    assert mona.get("/portal/").status_code == 403
    assert mona.post(f"/admin/partners/{cast.acme.reference}/note/", {"text": "again"}).status_code == 302


def test_it_ends_after_half_an_hour(mona, cast, monkeypatch):
    watch(mona, cast)
    monkeypatch.setattr("prm.middleware.now", lambda: now() + watching.LASTS - timedelta(minutes=1))
    assert mona.get("/portal/").status_code == 200
    monkeypatch.setattr("prm.middleware.now", lambda: now() + watching.LASTS)
    assert mona.get("/portal/").url == cast.acme.get_console_url()


def test_the_console_itself_stays_ones_own(mona, cast):
    watch(mona, cast)
    assert mona.get(cast.acme.get_console_url()).status_code == 200


def test_who_loses_the_right_sees_no_more(mona, cast):
    watch(mona, cast)
    type(cast.mona).objects.filter(pk=cast.mona.pk).update(staff_role="finance")
    assert mona.get("/portal/").status_code == 403
