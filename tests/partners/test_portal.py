"""The pages of team, member, profile and joining."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from core.deliver import deliver_due
from core.models import Delivery
from partners import services, tokens
from partners.models import Invitation, Member, Partner
from partners.particulars import Invites
from tests.factories import PASSWORD, InvitationFactory, MemberFactory, UserFactory


@pytest.fixture
def bo(client, cast):
    client.force_login(cast.bo)
    return client


@pytest.fixture
def ada(client, cast):
    client.force_login(cast.ada)
    return client


def member_id(user) -> str:
    return Member.objects.get(user=user, ended_at=None).public_id


def link(invitation) -> str:
    return f"/accounts/join/{tokens.of(invitation)}/"


@pytest.fixture
def invitation(cast):
    [row] = services.invite(cast.acme, Invites(("new@acme.example",), "sales"), by=cast.actor("bo"), at=timezone.now())
    return row


def test_the_team_page_shows_colleagues_and_no_rivals(bo, cast):
    page = bo.get("/portal/team/").content.decode()
    assert (page.count("Ada"), page.count("Cy")) == (1, 0)


def test_who_may_not_invite_sees_no_form(ada):
    assert "Send invitations" not in ada.get("/portal/team/").content.decode()


def test_an_admin_invites_by_the_page(bo, cast):
    answer = bo.post("/portal/team/invite/", {"emails": "a@acme.example\nb@acme.example", "role": "sales"})
    assert (answer.status_code, answer["Location"]) == (302, "/portal/team/")
    assert sorted(Invitation.objects.values_list("email", flat=True)) == ["a@acme.example", "b@acme.example"]


@pytest.mark.parametrize("emails", ["", "not an address", "\n".join(f"p{n}@x.example" for n in range(21))])
def test_wrong_addresses_come_back_with_the_reason(bo, emails):
    answer = bo.post("/portal/team/invite/", {"emails": emails, "role": "sales"})
    assert (answer.status_code, Invitation.objects.count()) == (422, 0)


def test_beyond_20_a_day_the_page_answers_429_in_words(bo):
    for turn in range(2):
        answer = bo.post(
            "/portal/team/invite/", {"emails": "\n".join(f"p{turn}{n}@x.example" for n in range(15)), "role": "sales"}
        )
    assert (answer.status_code, Invitation.objects.count()) == (429, 15)
    assert "5 are left" in answer.content.decode()


def test_a_vendor_role_cannot_be_given(bo):
    answer = bo.post("/portal/team/invite/", {"emails": "a@acme.example", "role": "channel_manager"})
    assert (answer.status_code, Invitation.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    "path", ["/portal/team/invite/", "/portal/team/people/{bo}/remove/", "/portal/team/people/{bo}/role/"]
)
def test_sales_may_not_change_people(ada, cast, path):
    answer = ada.post(path.format(bo=member_id(cast.bo)), {"emails": "a@acme.example", "role": "viewer"})
    assert answer.status_code == 403


@pytest.mark.parametrize("verb", ["role", "remove", ""])
def test_a_rivals_member_is_not_there(bo, cast, verb):
    path = f"/portal/team/people/{member_id(cast.cy)}/" + (f"{verb}/" if verb else "")
    answer = bo.post(path, {"role": "viewer"}) if verb else bo.get(path)
    assert answer.status_code == 404


@pytest.mark.parametrize("verb", ["resend", "cancel"])
def test_a_rivals_invitation_is_not_there(bo, cast, verb):
    other = InvitationFactory(partner=cast.cobalt)
    assert bo.post(f"/portal/team/invitations/{other.public_id}/{verb}/").status_code == 404
    other.refresh_from_db()
    assert other.status == "sent"


@pytest.mark.parametrize("name", ["nonsense", "mbr_" + "0" * 32, "mbr_zz"])
def test_a_nonsense_member_is_not_there(bo, name):
    assert bo.get(f"/portal/team/people/{name}/").status_code == 404


def test_an_admin_cancels_an_invitation(bo, invitation):
    bo.post(f"/portal/team/invitations/{invitation.public_id}/cancel/")
    invitation.refresh_from_db()
    assert invitation.status == "revoked"


def test_the_last_admin_reads_why_they_cannot_leave(bo, cast):
    answer = bo.post(f"/portal/team/people/{member_id(cast.bo)}/remove/")
    assert (answer.status_code, "Name another admin first." in answer.content.decode()) == (422, True)


def test_removing_a_colleague_signs_them_out(bo, cast):
    theirs = Client()
    theirs.force_login(cast.ada)
    assert bo.post(f"/portal/team/people/{member_id(cast.ada)}/remove/").status_code == 302
    assert theirs.get("/portal/team/").status_code == 302


def test_the_team_costs_the_same_at_one_and_three_people(bo, cast, django_assert_max_num_queries):
    bo.get("/portal/team/")
    # 15, and what the scope of a test costs
    with django_assert_max_num_queries(17) as few:
        bo.get("/portal/team/")
    for _more in range(3):
        MemberFactory(partner=cast.acme)
        InvitationFactory(partner=cast.acme, invited_by=cast.bo)
    with django_assert_max_num_queries(17) as many:
        bo.get("/portal/team/")
    assert len(many) == len(few)


# --- profile ----------------------------------------------------------------------------------------------------------

PROFILE = {
    "website": "https://www.acme.example/de",
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "industries": "Retail, Energy",
}


def test_an_admin_keeps_the_profile(bo, cast):
    answer = bo.post("/portal/profile/company/", PROFILE | {"version": cast.acme.version})
    cast.acme.refresh_from_db()
    assert (answer.status_code, cast.acme.country, cast.acme.industries, cast.acme.domain) == (
        302,
        "DE",
        ["Retail", "Energy"],
        "acme.example",
    )


def test_the_name_is_not_the_partners_to_change(bo, cast):
    bo.post("/portal/profile/company/", PROFILE | {"name": "Other", "region": "Moon", "manager": ""})
    cast.acme.refresh_from_db()
    assert (cast.acme.name, cast.acme.region, cast.acme.manager) == ("Acme", "EMEA", cast.mona)


def test_a_stale_profile_is_not_written(bo, cast):
    shown = cast.acme.version
    Partner.objects.filter(pk=cast.acme.pk).update(country="FR")
    answer = bo.post("/portal/profile/company/", PROFILE | {"version": shown})
    cast.acme.refresh_from_db()
    assert (answer.status_code, cast.acme.country) == (409, "FR")


def test_sales_may_read_the_profile_but_not_write_it(ada):
    assert "Save company profile" not in ada.get("/portal/profile/").content.decode()
    assert ada.post("/portal/profile/company/", PROFILE).status_code == 403


def test_everybody_keeps_their_own_settings(ada, cast):
    own = {"name": "Ada Lovelace", "time_zone": "Europe/Lisbon", "theme": "dark", "shortcuts": "on"}
    answer = ada.post("/portal/profile/you/", own)
    cast.ada.refresh_from_db()
    assert (answer.status_code, answer.cookies["theme"].value) == (302, "dark")
    assert (cast.ada.name, cast.ada.time_zone, cast.ada.theme, cast.ada.language) == (
        "Ada Lovelace",
        "Europe/Lisbon",
        "dark",
        "en",
    )


def test_a_time_zone_that_is_none_is_refused(ada):
    assert (
        ada.post("/portal/profile/you/", {"name": "Ada", "time_zone": "Moon/Sea", "theme": "dark"}).status_code == 422
    )


def test_the_profile_takes_15_queries_at_most(bo, django_assert_max_num_queries):
    bo.get("/portal/profile/")
    with django_assert_max_num_queries(16):
        bo.get("/portal/profile/")


# --- joining ----------------------------------------------------------------------------------------------------------


def test_looking_at_an_invitation_changes_nothing(client, invitation):
    assert client.get(link(invitation)).status_code == 200
    invitation.refresh_from_db()
    assert (invitation.status, User.objects.filter(email=invitation.email).exists()) == ("sent", False)


def test_somebody_new_joins_and_is_signed_in(client, invitation, cast):
    answer = client.post(link(invitation), {"name": "New One", "password": "walrus-violin-7"})
    assert (answer.status_code, answer["Location"]) == (302, "/portal/")
    assert client.get("/portal/team/").status_code == 200
    assert Member.objects.get(user__email="new@acme.example").partner == cast.acme


def test_a_weak_password_is_refused(client, invitation):
    assert client.post(link(invitation), {"name": "New", "password": "short"}).status_code == 422


def test_somebody_known_joins_and_signs_in_as_always(client, invitation, cast):
    UserFactory(email="new@acme.example", is_active=False)
    answer = client.post(link(invitation))
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/portal/")
    assert client.get("/portal/team/").status_code == 302


def test_a_used_link_is_dead(client, invitation):
    client.post(link(invitation), {"name": "New One", "password": ""})
    assert Client().post(link(invitation), {"name": "Other"}).status_code == 410


def test_an_unknown_link_is_not_there(client, db):
    assert client.get("/accounts/join/" + "x" * 43 + "/").status_code == 404


def test_somebody_else_is_told_to_sign_out_first(invitation, cast):
    other = Client()
    other.force_login(cast.cy)
    assert "signed in as somebody else" in other.get(link(invitation)).content.decode()
    assert other.post(link(invitation), {"name": "Cy"}).status_code == 422
    assert not User.objects.filter(email=invitation.email).exists()


def test_the_mail_holds_the_link_and_our_own_address(
    invitation, mailoutbox, settings, django_capture_on_commit_callbacks
):
    settings.BASE_URL = "https://partners.northwind.example"
    assert deliver_due(timezone.now()) >= 1
    [mail] = mailoutbox
    delivery = Delivery.objects.get(reaction="notifications.people.invitation_sent")
    assert (mail.to, mail.extra_headers["Message-ID"].partition("@")[0]) == (["new@acme.example"], f"<{delivery.pk}")
    assert f"https://partners.northwind.example{link(invitation)}" in mail.body.split()


def test_a_person_can_sign_in_with_the_password_they_chose(client, invitation):
    client.post(link(invitation), {"name": "New One", "password": PASSWORD + "-longer"})
    fresh = Client()
    answer = fresh.post("/accounts/login/", {"login": "new@acme.example", "password": PASSWORD + "-longer"})
    assert (answer.status_code, answer["Location"]) == (302, "/portal/")
