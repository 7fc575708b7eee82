"""Sessions that are over, and staff without a second factor."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from accounts.models import Session
from tests.factories import NOW, PASSWORD


def test_a_session_ends_12_hours_after_sign_in_however_busy(client, cast):
    with time_machine.travel(NOW, tick=False) as clock:
        client.force_login(cast.ada)
        client.get("/accounts/preferences/")
        for _hour in range(11):
            clock.shift(timedelta(hours=1))
            assert client.get("/accounts/preferences/").status_code == 200
        clock.shift(timedelta(hours=1, minutes=1))
        answer = client.get("/accounts/preferences/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/accounts/preferences/")


@pytest.mark.parametrize(("person", "status"), [("mona", 302), ("ada", 200)])
def test_vendor_staff_are_signed_out_after_30_idle_minutes(client, cast, person, status):
    with time_machine.travel(NOW, tick=False) as clock:
        client.force_login(getattr(cast, person))
        client.get("/accounts/preferences/")
        clock.shift(timedelta(minutes=31))
        assert client.get("/accounts/preferences/").status_code == status


def test_activity_keeps_a_staff_session_alive(client, cast):
    with time_machine.travel(NOW, tick=False) as clock:
        client.force_login(cast.mona)
        client.get("/accounts/preferences/")
        for _turn in range(3):
            clock.shift(timedelta(minutes=20))
            assert client.get("/accounts/preferences/").status_code == 200


def test_a_session_knows_its_user(client, cast):
    client.force_login(cast.ada)
    assert list(Session.objects.values_list("user_id", flat=True)) == [cast.ada.pk]


def test_staff_without_a_second_factor_reach_only_their_own_pages(client, cast, settings):
    settings.REQUIRE_STAFF_MFA = True
    client.force_login(cast.mona)
    answer = client.get("/admin/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")
    assert client.get("/accounts/preferences/").status_code == 200


def test_staff_with_a_second_factor_go_on(client, cast, settings):
    settings.REQUIRE_STAFF_MFA = True
    Authenticator.objects.create(user=cast.mona, type=Authenticator.Type.TOTP, data={"secret": ""})
    client.force_login(cast.mona)
    assert client.get("/admin/").status_code == 200


def test_partners_need_no_second_factor(client, cast, settings):
    settings.REQUIRE_STAFF_MFA = True
    client.force_login(cast.ada)
    assert client.get("/accounts/preferences/").status_code == 200


SECRET = "JBSWY3DPEHPK3PXP"


def test_staff_set_up_a_second_step_and_go_on(client, cast, settings):
    settings.REQUIRE_STAFF_MFA = True
    client.post("/accounts/login/", {"login": cast.mona.email, "password": PASSWORD})
    assert client.get("/admin/")["Location"] == "/accounts/2fa/"
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    session = client.session
    session["mfa.totp.secret"] = SECRET
    session.save()
    code = format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    assert client.get("/accounts/2fa/recovery-codes/").status_code == 200
    assert client.get("/admin/").status_code == 200
    assert "Add another one before you remove this" in client.get("/accounts/2fa/totp/deactivate/").content.decode()
    client.post("/accounts/2fa/totp/deactivate/")
    assert client.get("/admin/").status_code == 200
