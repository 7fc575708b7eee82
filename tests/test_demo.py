"""One command starts everything, and leaves nothing behind however it ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from core.actor import SYSTEM
from core.scope import scope
from prm import embedded
from tests import database
from tests.factories import make_cast
from tests.sampled import LONG

OLDER = "DROP TABLE mfa_authenticator; DELETE FROM django_migrations WHERE app = 'mfa'"  # nothing refers to these


class Installation:
    """A supervisor of its own data directory and port."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        hidden = ("DATABASE_URL", "REDIS_URL", "PRM_ENV", "DJANGO_SETTINGS_MODULE")
        env = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        env |= {"DATA": str(self.data), "PORT": str(self.port)}
        return subprocess.Popen(
            [sys.executable, "-m", "prm.demo", "--empty"],
            cwd=embedded.ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def await_ready(self) -> None:
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("PRM is ready"):
                return
        pytest.fail(f"it ended before it was ready: {''.join(said[-20:])}")

    def answer(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return answer.status

    def processes(self) -> set[int]:
        """All that inherited its environment: servers, web, workers and their children."""
        word = f"DATA={self.data}".encode()
        return {int(one.parent.name) for one in Path("/proc").glob("[0-9]*/environ") if word in _words(one)}


def _words(environment: Path) -> list[bytes]:
    try:
        return environment.read_bytes().split(b"\0")
    except OSError:
        return []


def _eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture(scope="module")
def installations() -> Iterator[Callable[[], Installation]]:
    made: list[Installation] = []

    def make(older: bool = False) -> Installation:
        data = Path(tempfile.mkdtemp(prefix="prm-"))
        data.chmod(0o755)
        if not (older and LONG):
            _fill(data, older)
        made.append(Installation(data))
        return made[-1]

    yield make
    for one in made:
        one.process.kill()
        one.process.wait()
        one.process.stdout.close()
        _eventually(lambda one=one: not one.processes())
        shutil.rmtree(one.data, ignore_errors=True)


def _fill(data: Path, older: bool) -> None:
    stay = embedded.join(data)
    if database.fill(stay.place) and older:
        _own(stay.place, OLDER)
    stay.leave()


def _own(place: embedded.Place, order: str) -> None:
    with closing(psycopg2.connect(place.url("prm_owner"))) as connection, connection, connection.cursor() as cursor:
        cursor.execute(order)


def test_a_directory_that_held_the_demo_is_refused_without_it(committed):
    call_command("prepare_run")
    with scope(SYSTEM):
        make_cast()
    with pytest.raises(CommandError, match="a password that everybody knows"):
        call_command("prepare_run")


def test_the_demo_is_not_loaded_beside_data_of_ones_own(committed):
    User.objects.create_user("somebody@vendor.example")
    with pytest.raises(CommandError, match="data of your own"):
        call_command("prepare_demo")


@pytest.fixture(scope="module")
def first(installations) -> Installation:
    """Of a version without second steps; in the long form the directory is empty, and every migration runs."""
    one = installations(older=True)
    one.await_ready()
    return one


@pytest.mark.sampled
def test_a_start_brings_the_tables_up_to_date(first):
    assert first.answer("/readyz") == 200  # no migration is missing
    _own(embedded.place(first.data), "SELECT user_id FROM mfa_authenticator")


def test_commands_beside_it_use_the_key_that_it_signs_with(first):
    env = {"PATH": os.environ["PATH"], "DATA": str(first.data)}
    script = "from django.conf import settings; print(settings.SECRET_KEY)"
    words = [sys.executable, "manage.py", "shell", "--no-imports", "-c", script]
    done = subprocess.run(words, cwd=embedded.ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (first.data / "secret").read_text()


@pytest.mark.slow
def test_a_second_start_with_the_same_data_is_refused_and_a_fallen_part_starts_again(first):
    one = first
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        own, one.port = one.port, probe.getsockname()[1]
    again = one.start()
    said, _ = again.communicate(timeout=60)
    assert (again.returncode, said.startswith("It runs already with the data in")) == (1, True)

    one.port = own
    web = subprocess.run(["pgrep", "-f", f"gunicorn.*:{own}"], capture_output=True, text=True, check=True)
    for process in web.stdout.split():
        os.kill(int(process), signal.SIGKILL)
    _eventually(lambda: _answers(one))


def _answers(one: Installation) -> bool:
    try:
        return one.answer("/readyz") == 200
    except OSError:
        return False


@pytest.mark.slow
def test_two_run_side_by_side_and_leave_nothing_behind_even_when_killed(installations, first):
    second = installations()  # the first one has shown that it migrates
    second.await_ready()
    assert (first.answer("/readyz"), second.answer("/readyz")) == (200, 200)

    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(60) == 0
    assert first.processes() == set()
    assert second.answer("/readyz") == 200

    second.process.kill()
    _eventually(lambda: not second.processes())
