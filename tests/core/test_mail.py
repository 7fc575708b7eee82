"""Mail into files."""

from email import message_from_bytes, policy

import pytest
from django.core.mail import EmailMessage

from core.mail import FileBackend


@pytest.fixture
def letters(settings, tmp_path):
    settings.MAIL_DIR = tmp_path / "mail"
    return settings.MAIL_DIR


def _letter(text: str, name: str = "<delivery-7@prm.example>") -> EmailMessage:
    return EmailMessage("Your deal", text, "a@prm.example", ["ada@acme.example"], headers={"Message-ID": name})


def test_a_letter_is_a_file_named_after_its_message_id(letters):
    assert FileBackend().send_messages([_letter("Approved")]) == 1
    [file] = letters.iterdir()
    assert file.name == "delivery-7prm.example.eml"
    assert message_from_bytes(file.read_bytes(), policy=policy.default).get_content().strip() == "Approved"


def test_the_same_message_id_replaces_the_file(letters):
    FileBackend().send_messages([_letter("first"), _letter("second")])
    [file] = letters.iterdir()
    assert message_from_bytes(file.read_bytes(), policy=policy.default).get_content().strip() == "second"


def test_a_message_id_cannot_leave_the_directory(letters):
    FileBackend().send_messages([_letter("x", "<../../etc/passwd>")])
    [file] = letters.iterdir()
    assert file.parent == letters


def test_a_letter_to_nobody_is_not_written(letters):
    assert FileBackend().send_messages([EmailMessage("x", "y", "a@prm.example", [])]) == 0
    assert list(letters.iterdir()) == []
