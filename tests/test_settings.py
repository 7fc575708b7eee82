"""Production refuses what is only fit for a demo; words of the environment mean what they say."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from prm import embedded
from prm import settings as own

FIT = {
    "PRM_ENV": "production",
    "DEBUG": "0",
    "SECRET_KEY": "k9" * 30,
    "ALLOWED_HOSTS": "partners.example.com",
    "BASE_URL": "https://partners.example.com",
    "DATABASE_URL": "postgresql://prm_app@db/prm",
    "REDIS_URL": "redis://redis",
}
SAYS = "from prm import settings as s; print(s.SESSION_COOKIE_NAME, s.SECURE_HSTS_SECONDS, s.REQUIRE_STAFF_MFA)"


def _start(**changes: str) -> subprocess.CompletedProcess[str]:
    words = {"PATH": os.environ["PATH"], **FIT, **changes}
    script = [sys.executable, "-c", SAYS]
    return subprocess.run(script, env=words, cwd=embedded.ROOT, capture_output=True, text=True, check=False)


def test_production_starts_with_secure_cookies_hsts_and_a_second_factor():
    assert _start().stdout.split() == ["__Host-session", "31536000", "True"]


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"DEBUG": "1"}, "Set DEBUG=0."),
        ({"SECRET_KEY": ""}, "Set SECRET_KEY or SECRET_KEY_FILE to 50 or more random characters."),
        ({"SECRET_KEY": "change-me" * 9}, "Replace the example SECRET_KEY."),
        ({"ALLOWED_HOSTS": "*"}, "List the host names in ALLOWED_HOSTS instead of *."),
        ({"BASE_URL": "http://partners.example.com"}, "Set BASE_URL to an https:// address."),
        ({"PRM_DEMO": "1"}, "Set PRM_DEMO=0: the demo's passwords are public."),
    ],
)
def test_production_refuses(changes, remedy):
    done = _start(**changes)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].endswith(f"Not fit for production. {remedy}")


def test_a_file_may_hold_a_secret(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("hidden\n")
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "key"))
    assert own.env("SOME_KEY") == "hidden"


@pytest.mark.parametrize(("word", "meaning"), [("1", True), ("on", True), ("0", False), ("no", False)])
def test_switches_are_words(monkeypatch, word, meaning):
    monkeypatch.setenv("SOME_SWITCH", word)
    assert own.env_bool("SOME_SWITCH", not meaning) is meaning


@pytest.mark.parametrize(("read", "word"), [(own.env_bool, "maybe"), (own.env_int, "many")])
def test_a_word_that_means_nothing_is_refused(monkeypatch, read, word):
    monkeypatch.setenv("SOME_WORD", word)
    with pytest.raises(ImproperlyConfigured):
        read("SOME_WORD", 0)


def test_an_address_becomes_a_database():
    found = own._database("postgresql://ada:p%40ss@db.example:5433/prm?sslmode=require")
    assert [found[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "ada",
        "p@ss",
        "db.example",
        "5433",
        "prm",
    ]
    assert found["OPTIONS"]["sslmode"] == "require"
