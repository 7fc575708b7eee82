"""Deliveries and mail in the console."""

from email.message import EmailMessage

import pytest

from core.events import record
from core.models import Delivery, DeliveryState
from tests.factories import NOW

FILES = "core.mail.FileBackend"


@pytest.fixture
def letters(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.MAIL_DIR = FILES, tmp_path
    mail = EmailMessage()
    mail["Subject"], mail["To"], mail["From"] = "Join <b>Acme</b>", "ada@acme.example", "us@northwind.example"
    mail.set_content("Open https://partners.example/join/x\n<script>alert(1)</script>")
    mail.add_alternative("<script>alert(2)</script>", subtype="html")
    (tmp_path / "one@host.eml").write_bytes(bytes(mail))
    return tmp_path


@pytest.fixture
def root(client, cast):
    client.force_login(cast.root)
    return client


def test_a_letter_shows_its_text_and_runs_nothing(root, letters):
    assert "Join &lt;b&gt;Acme&lt;/b&gt;" in root.get("/admin/mail/").content.decode()
    shown = root.get("/admin/mail/one@host/").content.decode()
    assert ('href="https://partners.example/join/x"' in shown, "&lt;script&gt;alert(1)" in shown) == (True, True)
    assert ("<script>alert" in shown, "alert(2)" in shown) == (False, False)


@pytest.mark.parametrize("name", ["two@host", "..", "%2e%2e%2fsecret", ".one@host"])
def test_only_letters_of_the_directory_are_there(root, letters, name):
    (letters.parent / "secret.eml").write_bytes(b"Subject: x\n\nsecret")
    assert root.get(f"/admin/mail/{name}/").status_code == 404


@pytest.mark.parametrize(
    ("person", "demo", "status"), [("root", False, 200), ("mona", False, 403), ("mona", True, 200), ("ada", True, 403)]
)
def test_who_reads_mail(client, cast, settings, letters, person, demo, status):
    settings.PRM_DEMO = demo
    client.force_login(getattr(cast, person))
    assert client.get("/admin/mail/").status_code == status


def test_where_mail_is_sent_there_is_no_reader(root, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert root.get("/admin/mail/").status_code == 404


def test_a_dead_delivery_is_tried_again(root, cast):
    event = record("updated", cast.acme, by=cast.actor("mona"), at=NOW)
    dead = Delivery.objects.create(
        event=event, reaction="mail.x", state=DeliveryState.DEAD, attempts=12, error="no route"
    )
    assert "no route" in root.get("/admin/deliveries/").content.decode()
    root.post("/admin/deliveries/", {"delivery": [str(dead.pk), "nonsense"]})
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("open", 0)
