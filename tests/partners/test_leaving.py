"""A partner's data as a file, and people after their time."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest

from core.errors import Forbidden, Refused
from core.files import open_file
from core.models import Event, StoredFile
from partners import services
from partners.models import Contact, HouseRules, Invitation, Member, Note, PartnerExport
from partners.particulars import Keeping
from partners.reactions import make_export
from tests.deals.conftest import make_market
from tests.factories import NOW, ContactFactory, InvitationFactory, MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_ROOT = tmp_path


def made(cast) -> PartnerExport:
    row = services.ask_export(cast.acme, by=cast.actor("olga"), at=NOW)
    services.make_export(row, at=NOW)
    return row


def pack(row: PartnerExport) -> zipfile.ZipFile:
    with open_file(row.file) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def test_the_file_holds_all_that_the_partner_may_see_and_nothing_else(cast):
    market = make_market(cast)
    market.sent("ada", website="ours.example")
    market.sent("cy", website="secret.example")
    Note.objects.create(partner=cast.acme, author=cast.mona, text="SECRET-NOTE", at=NOW)
    ContactFactory(partner=cast.acme, last_name="=1+1")
    files = pack(made(cast))
    names = set(files.namelist())
    assert {"registration.json", "registration.csv", "member.json", "contact.csv", "partner.json"} <= names
    whole = b"".join(files.read(name) for name in names)
    assert [word in whole for word in (b"ours.example", b"secret.example", b"SECRET-NOTE", b"token_hash")] == [
        True, False, False, False,
    ]  # fmt: skip
    [row] = csv.DictReader(io.StringIO(files.read("contact.csv").decode("utf-8-sig")))
    assert row["last_name"] == "'=1+1"
    assert json.loads(files.read("contact.json"))[0]["last_name"] == "=1+1"


def test_it_is_asked_for_once_and_made_once(cast):
    row = services.ask_export(cast.acme, by=cast.actor("olga"), at=NOW)
    with pytest.raises(Refused):
        services.ask_export(cast.acme, by=cast.actor("root"), at=NOW)
    event = Event.objects.get(type="partner_export.asked")
    make_export(event)
    make_export(event)
    row.refresh_from_db()
    assert (row.status, StoredFile.objects.count()) == ("ready", 1)


@pytest.mark.parametrize("name", ["mona", "finn", "bo"])
def test_not_everybody_takes_data_out(cast, name):
    with pytest.raises(Forbidden):
        services.ask_export(cast.acme, by=cast.actor(name), at=NOW)


def test_who_takes_it_is_written_down_and_gets_a_link_for_minutes(client, cast):
    client.force_login(cast.olga)
    client.post(f"/admin/partners/{cast.acme.reference}/export/")
    row = PartnerExport.objects.get()
    services.make_export(row, at=NOW)
    assert b"Download" in client.get(cast.acme.get_console_url()).content
    answer = client.post(f"/admin/exports/{row.public_id}/fetch/")
    assert answer.url == row.file.get_absolute_url()
    lent = client.get(client.get(answer.url).url)
    assert (lent["Content-Type"], b"".join(lent.streaming_content)[:2]) == ("application/zip", b"PK")
    assert Event.objects.get(type="partner_export.fetched").actor_id == cast.olga.pk


def test_the_partner_itself_does_not_find_the_file(client, cast):
    row = made(cast)
    client.force_login(cast.bo)
    assert client.get(row.file.get_absolute_url()).status_code == 404


def test_a_file_is_gone_after_a_week(cast):
    row = made(cast)
    assert services.forget_exports(at=NOW + services.keeping.KEPT_FOR - timedelta(seconds=1)) == 0
    assert services.forget_exports(at=NOW + services.keeping.KEPT_FOR) == 1
    row.refresh_from_db()
    with pytest.raises(Refused):
        services.fetch_export(row, by=cast.actor("olga"), at=NOW)


# --- people after their time ---


@pytest.fixture
def left(cast):
    """Somebody who left Acme 30 months ago, known as a contact, too."""
    member = MemberFactory(partner=cast.acme, user__name="Lea Left", ended_at=NOW - timedelta(days=915))
    ContactFactory(partner=cast.acme, user=member.user, email=member.user.email, last_name="Left", phone="+351123456")
    return member


def keep_for(cast, months: int | None) -> None:
    services.keep_people_for(Keeping(months), by=cast.actor("root"), at=NOW)


def test_without_a_rule_nobody_is_forgotten(cast, left):
    assert services.forget_people(at=NOW) == 0


def test_who_left_long_ago_loses_all_personal_words(cast, left):
    keep_for(cast, 24)
    assert services.forget_people(at=NOW) == 2
    left.user.refresh_from_db()
    contact = Contact.objects.get()
    assert (left.user.name, left.user.email.partition("@")[2], left.user.is_active) == ("", "removed.invalid", False)
    assert (contact.first_name, contact.last_name, contact.phone, contact.consent) == ("", "–", "", {})
    assert (Member.objects.filter(pk=left.pk).exists(), services.forget_people(at=NOW)) == (True, 0)


def test_the_event_tells_the_names_of_fields_alone(cast, left):
    email = left.user.email
    keep_for(cast, 24)
    services.forget_people(at=NOW)
    for event in Event.objects.filter(type__in=("user.forgotten", "contact.forgotten")):
        assert email not in json.dumps(event.data)
        assert set(event.data) == {"fields"}


def test_who_left_lately_and_who_works_here_are_kept(cast, left):
    keep_for(cast, 36)
    assert services.forget_people(at=NOW) == 0
    MemberFactory(partner=cast.cobalt, user=left.user)
    keep_for(cast, 24)
    services.forget_people(at=NOW)
    left.user.refresh_from_db()
    assert left.user.name == "Lea Left"


def test_old_invitations_lose_their_address(cast):
    InvitationFactory(partner=cast.acme, status="expired", sent_at=NOW - timedelta(days=915))
    InvitationFactory(partner=cast.acme, sent_at=NOW)
    keep_for(cast, 24)
    services.forget_people(at=NOW)
    assert [row.email.endswith("@removed.invalid") for row in Invitation.objects.order_by("sent_at")] == [True, False]


def test_the_page_counts_before_it_keeps(client, cast, left):
    client.force_login(cast.root)
    shown = client.get("/admin/keeping/?months=24")
    assert [fact.value for fact in shown.context["facts"]] == [1, 1, 0]
    assert HouseRules.objects.count() == 0
    assert client.get("/admin/keeping/?months=2").status_code == 422
    assert client.post("/admin/keeping/", {"months": "24"}).status_code == 302
    assert services.months_kept() == 24
    client.force_login(cast.mona)
    assert client.get("/admin/keeping/").status_code == 403
