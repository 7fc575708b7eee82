"""Sign-in: one answer for all addresses, few tries, our own links, sessions that end."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from accounts import services
from accounts.mfa import MfaAdapter
from accounts.models import Session, User
from accounts.particulars import Person
from core.errors import Forbidden, Refused
from core.models import Event
from partners.actors import NOBODY, actor_for
from tests.factories import NOW, PASSWORD, UserFactory

LOGIN = "/accounts/login/"


def sign_in(client, email, password=PASSWORD, **more):
    path = f"{LOGIN}?next={more.pop('next')}" if "next" in more else LOGIN
    return client.post(path, {"login": email, "password": password}, **more)


@pytest.fixture
def outbox(mailoutbox, django_capture_on_commit_callbacks):
    """Mail is sent after the commit: runs what a request would have left for then."""

    def post(client, path, data):
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(path, data)
        return answer, list(mailoutbox)

    return post


# --- where one lands -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "home"),
    [("ada", "/portal/"), ("bo", "/portal/"), ("mona", "/admin/"), ("root", "/admin/"), ("eve", "/dashboard/")],
)
def test_people_land_by_kind(client, cast, person, home):
    answer = sign_in(client, getattr(cast, person).email)
    assert (answer.status_code, answer["Location"]) == (302, home)


def test_the_wanted_page_comes_first(client, cast):
    assert sign_in(client, cast.ada.email, next="/portal/team/")["Location"] == "/portal/team/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "https:evil.example"]
)
def test_a_wanted_page_elsewhere_is_forgotten(client, cast, target):
    assert sign_in(client, cast.ada.email, next=target)["Location"] == "/portal/"


def test_the_case_of_an_address_does_not_matter(client, cast):
    assert sign_in(client, "Ada@ACME.example").status_code == 302


# --- one answer ------------------------------------------------------------------------------------------------------


def body(answer) -> str:
    return re.sub(
        r"[\w.+-]+@[\w.-]+|csrf\w+. value=.[^\"]+|name=.csrf.*?>|X-CSRFToken[^}]*", "", answer.content.decode()
    )


def test_wrong_password_unknown_address_and_shut_out_person_get_one_answer(client, cast):
    gone = UserFactory(is_active=False)
    answers = [sign_in(Client(), email, "wrong-password") for email in (cast.ada.email, "nobody@acme.example")]
    answers.append(sign_in(Client(), gone.email))
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert len({body(answer) for answer in answers}) == 1


@pytest.mark.parametrize("path", ["/accounts/login/code/", "/accounts/password/reset/"])
def test_codes_and_resets_answer_alike_for_known_and_unknown(cast, outbox, path):
    seen = [outbox(Client(), path, {"email": email})[0] for email in (cast.ada.email, "nobody@acme.example")]
    assert len({(answer.status_code, answer["Location"]) for answer in seen}) == 1
    assert seen[0].status_code == 302


def test_nobody_signs_up(client, db):
    client.post("/accounts/signup/", {"email": "new@acme.example", "password1": "walrus-violin-7"})
    assert User.objects.filter(email="new@acme.example").exists() is False


# --- few tries -------------------------------------------------------------------------------------------------------


def test_after_5_failures_even_the_right_password_fails(cast):
    answers = [sign_in(Client(), cast.ada.email, "wrong", REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(6)]
    right = sign_in(Client(), cast.ada.email, REMOTE_ADDR="10.0.0.9")
    assert (answers, right.status_code, right["Retry-After"]) == ([422] * 5 + [429], 429, "300")


def test_a_login_as_another_does_not_reset_the_count(cast):
    for turn in range(5):
        sign_in(Client(), cast.ada.email, "wrong", REMOTE_ADDR=f"10.0.1.{turn}")
        sign_in(Client(), cast.cy.email, REMOTE_ADDR="10.0.2.1")
    assert sign_in(Client(), cast.ada.email, REMOTE_ADDR="10.0.1.9").status_code == 429


def test_another_host_header_starts_no_new_count(cast):
    for turn in range(5):
        sign_in(Client(), cast.ada.email, "wrong", REMOTE_ADDR=f"10.0.3.{turn}", HTTP_HOST="localhost")
    assert sign_in(Client(), cast.ada.email, REMOTE_ADDR="10.0.3.9", HTTP_HOST="127.0.0.1").status_code == 429


def test_after_10_failures_from_one_place_nobody_gets_in_from_there(cast):
    seen = [
        sign_in(Client(), f"p{n}@acme.example", "wrong", HTTP_X_FORWARDED_FOR=f"1.2.3.{n}").status_code
        for n in range(11)
    ]
    assert seen == [422] * 10 + [429]


def test_app_codes_are_limited_too(cast):
    Authenticator.objects.create(user=cast.mona, type=Authenticator.Type.TOTP, data={"secret": "x"})
    TOTP.activate(cast.ada, "JBSWY3DPEHPK3PXP")
    client = Client()
    assert sign_in(client, cast.ada.email)["Location"] == "/accounts/2fa/authenticate/"
    seen = [client.post("/accounts/2fa/authenticate/", {"code": f"00000{n}"}).status_code for n in range(6)]
    assert seen == [422] * 5 + [429]


# --- second factors --------------------------------------------------------------------------------------------------


def test_a_code_of_the_app_is_asked_after_the_password(cast):
    TOTP.activate(cast.ada, "JBSWY3DPEHPK3PXP")
    client = Client()
    assert sign_in(client, cast.ada.email)["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/portal/team/").status_code == 302
    code = format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", next(yield_hotp_counters_from_time())))
    assert client.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/portal/"


def test_the_secret_of_the_app_is_not_in_the_database_in_clear(cast):
    TOTP.activate(cast.ada, "JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in str(Authenticator.objects.values_list("data", flat=True))


def test_who_must_have_a_factor_cannot_remove_the_last(cast, settings):
    settings.REQUIRE_STAFF_MFA = True
    mine = Authenticator.objects.create(user=cast.mona, type=Authenticator.Type.TOTP, data={})
    theirs = Authenticator.objects.create(user=cast.ada, type=Authenticator.Type.TOTP, data={})
    assert [MfaAdapter().can_delete_authenticator(one) for one in (mine, theirs)] == [False, True]


# --- codes and links -------------------------------------------------------------------------------------------------


def test_a_code_by_mail_signs_in(cast, outbox):
    client = Client()
    _answer, [mail] = outbox(client, "/accounts/login/code/", {"email": cast.ada.email})
    code = re.search(r"^\s*([A-Z0-9-]{6,12})\s*$", mail.body, re.MULTILINE).group(1)
    answer = client.post("/accounts/login/code/confirm/", {"code": code})
    assert (answer.status_code, answer["Location"]) == (302, "/portal/")
    assert code not in mail.subject


def test_links_in_mail_never_follow_the_host_header(cast, outbox, settings):
    settings.BASE_URL = "https://partners.northwind.example"
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(HTTP_HOST="evil.example")
    _answer, [mail] = outbox(client, "/accounts/password/reset/", {"email": cast.ada.email})
    links = re.findall(r"https?://\S+", mail.body)
    assert {urlsplit(link).netloc for link in links} == {"partners.northwind.example"}


def test_a_reset_link_works_once_and_ends_every_session(cast, outbox):
    elsewhere = Client()
    elsewhere.force_login(cast.ada)
    client = Client()
    _answer, [mail] = outbox(client, "/accounts/password/reset/", {"email": cast.ada.email})
    link = re.search(r"http\S+", mail.body).group(0).partition("testserver")[2] or re.search(
        r"//[^/]+(/\S+)", mail.body
    ).group(1)
    form = client.get(link, follow=True)
    choose = form.request["PATH_INFO"]
    fresh = {"password1": "walrus-violin-77", "password2": "walrus-violin-77"}
    assert client.post(choose, fresh).status_code == 302
    assert elsewhere.get("/portal/team/").status_code == 302
    assert Session.objects.filter(user_id=cast.ada.pk).count() == 0
    assert sign_in(Client(), cast.ada.email, "walrus-violin-77").status_code == 302
    used = Client().get(link, follow=True)
    assert "password1" not in used.content.decode()


# --- sessions --------------------------------------------------------------------------------------------------------


def test_signing_in_changes_the_session_id(client, cast):
    preset = client.session
    preset["kept"] = "by a stranger"
    preset.save()
    before = client.cookies["session"].value
    sign_in(client, cast.ada.email)
    assert client.cookies["session"].value != before
    assert Session.objects.filter(session_key=before).exists() is False


def test_signing_out_ends_the_session_on_the_server(client, cast):
    sign_in(client, cast.ada.email)
    key = client.cookies["session"].value
    client.post("/accounts/logout/")
    assert Session.objects.filter(session_key=key).exists() is False


def test_a_change_of_password_ends_the_other_sessions(cast):
    here, there = Client(), Client()
    sign_in(here, cast.ada.email)
    sign_in(there, cast.ada.email)
    fresh = {"oldpassword": PASSWORD, "password1": "walrus-violin-77", "password2": "walrus-violin-77"}
    assert here.post("/accounts/password/change/", fresh).status_code == 302
    assert (here.get("/portal/team/").status_code, there.get("/portal/team/").status_code) == (200, 302)


def test_a_deactivated_person_is_nobody_at_once(client, cast):
    client.force_login(cast.mona)
    services.deactivate(cast.mona, by=cast.actor("root"), at=NOW)
    assert (actor_for(cast.mona), client.get("/admin/").status_code) == (NOBODY, 302)
    assert Session.objects.filter(user_id=cast.mona.pk).count() == 0


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_person_is_made_with_a_proven_address(cast):
    user = services.hire(Person("Nia@Northwind.example", "Nia", "vendor", "finance"), by=cast.actor("root"), at=NOW)
    assert (user.email, EmailAddress.objects.get(user=user).verified) == ("nia@northwind.example", True)
    assert Event.objects.get(type="user.created").partner_id is None


def test_two_people_cannot_have_one_address(cast):
    with pytest.raises(Refused) as refused:
        services.hire(Person("ADA@acme.example", "Other", "vendor", "finance"), by=cast.actor("root"), at=NOW)
    assert refused.value.code == "email_taken"


@pytest.mark.parametrize("person", ["bo", "olga", "eve"])
def test_only_administrators_manage_staff(cast, person):
    by = cast.actor(person)
    for act in (
        lambda: services.hire(Person("n@northwind.example", "N", "vendor", "finance"), by=by, at=NOW),
        lambda: services.deactivate(cast.mona, by=by, at=NOW),
        lambda: services.change_staff_role(cast.mona, "administrator", by=by, at=NOW),
        lambda: services.reset_second_factor(cast.mona, by=by, at=NOW),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_reset_second_factor_signs_out(cast):
    Authenticator.objects.create(user=cast.mona, type=Authenticator.Type.TOTP, data={})
    client = Client()
    client.force_login(cast.mona)
    services.reset_second_factor(cast.mona, by=cast.actor("root"), at=NOW)
    assert (Authenticator.objects.count(), client.get("/admin/").status_code) == (0, 302)


def test_a_role_that_changes_ends_the_sessions(cast):
    client = Client()
    client.force_login(cast.mona)
    services.change_staff_role(cast.mona, "viewer", by=cast.actor("root"), at=NOW)
    assert client.get("/admin/").status_code == 302
