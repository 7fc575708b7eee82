"""The first administrator, and who may read the measures."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db
WORDS = {"code": "right-code", "name": "Root", "email": "root@vendor.example", "password": "correct horse battery"}


@pytest.fixture(autouse=True)
def _printed(settings):
    settings.SETUP_CODE = "right-code"


def test_the_code_makes_the_first_administrator_once():
    client = Client()
    assert client.get("/setup/").status_code == 200
    assert client.post("/setup/", WORDS).status_code == 302
    user = User.objects.get()
    assert (user.email, user.staff_role, user.is_staff) == ("root@vendor.example", "administrator", True)
    assert client.post("/setup/", WORDS | {"email": "two@vendor.example"}).status_code == 404


@pytest.mark.parametrize("changed", [{"code": "wrong"}, {"password": "short"}, {"email": "nobody"}])
def test_what_does_not_fit_makes_nobody(changed):
    assert Client().post("/setup/", WORDS | changed).status_code == 422
    assert not User.objects.exists()


def test_guessing_the_code_ends_even_for_the_right_one():
    client = Client()
    for _try in range(10):
        client.post("/setup/", WORDS | {"code": "wrong"})
    assert client.post("/setup/", WORDS).status_code == 422


def test_with_staff_the_page_is_gone():
    StaffFactory()
    assert Client().get("/setup/").status_code == 404


def test_without_a_printed_code_there_is_no_page(settings):
    settings.SETUP_CODE = ""
    assert Client().get("/setup/").status_code == 404


def test_measures_are_read_from_this_machine_alone():
    assert Client().get("/metrics").status_code == 200
    assert Client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    assert Client(REMOTE_ADDR="10.0.0.9").get("/metrics").status_code == 404


def test_with_a_token_the_token_alone_opens_the_measures(settings):
    settings.METRICS_TOKEN = "a-token"
    assert Client().get("/metrics").status_code == 404
    assert (
        Client(REMOTE_ADDR="10.0.0.9").get("/metrics", headers={"Authorization": "Bearer a-token"}).status_code == 200
    )
