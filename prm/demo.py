"""`make demo` and `make run`: everything the product needs, on this machine, until Ctrl-C."""

import argparse
import contextlib
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

from prm import embedded, guard

SIGN_INS = (
    ("ada@acme.example", "sales, Acme"),
    ("bo@acme.example", "administrator, Acme"),
    ("cy@cobalt.example", "administrator, Cobalt"),
    ("mona@northwind.example", "channel manager"),
    ("mark@northwind.example", "channel marketing"),
    ("olga@northwind.example", "channel operations"),
    ("finn@northwind.example", "finance"),
    ("eve@northwind.example", "executive"),
    ("root@northwind.example", "administrator"),
)
PASSWORD = "demo-password"  # noqa: S105 - printed on the screen; such users cannot exist outside the demo
READY_WITHIN_SECONDS = 120


class Impossible(RuntimeError):
    """The installation cannot start here; the text says what to do."""


@dataclass
class Supervisor:
    """The processes of one installation: starts them, restarts a fallen one, leaves none behind."""

    place: embedded.Place
    port: int
    demo: bool
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    watch: subprocess.Popen[str] | None = None
    setup_code: str = field(default_factory=lambda: secrets.token_hex(5))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self) -> None:
        self.watch = _start_guard()
        try:
            self.prepare()
            for name in self.commands():
                self.start(name)
            self.await_ready()
            self.announce()
            self.keep()
        finally:
            self.stop()

    # what runs

    def environment(self) -> dict[str, str]:
        own = {"PORT": str(self.port), "DATA": str(self.place.data), "PRM_DEMO": str(int(self.demo))}
        key = {"SECRET_KEY": _secret(self.place), "PYTHONUNBUFFERED": "1"}
        key |= {} if self.demo else {"SETUP_CODE": self.setup_code}
        key |= {"PYTHONWARNINGS": "ignore::UserWarning:celery.platforms"}  # root without a servant who could read us
        return {"BASE_URL": self.address, **os.environ, **self.place.environment(), **own, **key}

    def commands(self) -> dict[str, list[str]]:
        python = [sys.executable, "-m"]
        level = os.environ.get("LOG_LEVEL", "warning").lower()
        celery = [*python, "celery", "--quiet", "-A", "prm"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", level]
        threads = ["--preload", "--worker-class", "gthread", "--workers", "2", "--threads", "6"]
        limits = ["--graceful-timeout", "5", "--timeout", "60", "--log-level", "warning", "--no-control-socket"]
        limits += ["--limit-request-line", "8190"]  # as much as it can; a longer address gets its plain 414
        schedule = self.place.data / "beat" / "schedule"
        return {
            "web": [*python, "gunicorn", "prm.wsgi", "--bind", f"127.0.0.1:{self.port}", *threads, *limits],
            "worker": [*celery, "worker", "--concurrency", "2", *quiet],
            "beat": [*celery, "beat", "--schedule", str(schedule), "--loglevel", level],
        }

    def prepare(self) -> None:
        command = "prepare_demo" if self.demo else "prepare_run"
        env = self.environment() | {"STATEMENT_TIMEOUT_MS": "0"}
        done = self.popen([sys.executable, "manage.py", command], env)
        if done.wait():
            raise Impossible(f"manage.py {command} failed.")

    def popen(self, command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        where: dict[str, Any] = {"cwd": embedded.ROOT, "env": env, "start_new_session": True}
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, **where, **_identity(self.place))
        assert self.watch
        assert self.watch.stdin
        self.watch.stdin.write(f"{child.pid}\n")
        self.watch.stdin.flush()
        return child

    def start(self, name: str) -> None:
        patience = {} if name == "web" else {"STATEMENT_TIMEOUT_MS": "0"}
        self.children[name] = self.popen(self.commands()[name], self.environment() | patience)

    # while it runs

    def await_ready(self) -> None:
        end = time.monotonic() + READY_WITHIN_SECONDS
        while not _ready(f"{self.address}/readyz"):
            if fallen := [name for name, child in self.children.items() if child.poll() is not None]:
                raise Impossible(f"{' and '.join(fallen)} did not start.")
            if time.monotonic() > end:
                raise Impossible(f"{self.address}/readyz is not ready after {READY_WITHIN_SECONDS} seconds.")
            time.sleep(0.1)

    def announce(self) -> None:
        lines = ["", f"PRM is ready at {self.address}", f"Data in {self.place.data}"]
        if self.demo:
            lines += [f"Start at {self.address}/demo/ or sign in (password {PASSWORD}):"]
            lines += [f"  {who:<26}{role}" for who, role in SIGN_INS]
        else:
            lines += [f"No staff yet? Open {self.address}/setup/ with the code {self.setup_code}"]
        print("\n".join([*lines, "Ctrl-C stops it.", ""]), flush=True)

    def keep(self) -> NoReturn:
        while True:
            time.sleep(0.5)
            for name, child in self.children.items():
                if child.poll() is not None:
                    print(f"{name} ended with {child.returncode}; it starts again.", flush=True)
                    self.start(name)

    def stop(self) -> None:
        assert self.watch
        assert self.watch.stdin
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, signal.SIG_IGN)
        self.watch.stdin.close()
        while self.watch.poll() is None:
            self.reap()
            time.sleep(0.02)
        guard.end([child.pid for child in self.reap()], grace=1)

    def reap(self) -> list[subprocess.Popen[bytes]]:
        return [child for child in self.children.values() if child.poll() is None]


def _start_guard() -> subprocess.Popen[str]:
    command = [sys.executable, "-I", str(Path(guard.__file__))]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, cwd="/", text=True)


@cache
def _identity(place: embedded.Place) -> dict[str, Any]:
    """As root everything runs as the servant, if it can read the program and the interpreter."""
    if not place.servant or not _readable_by(place.servant):
        return {}
    return {"user": place.servant[0], "group": place.servant[1], "extra_groups": []}


def _readable_by(servant: tuple[int, int]) -> bool:
    try:
        trial = [sys.executable, "-c", "import prm.demo, django"]
        user, group = servant
        who: dict[str, Any] = {"user": user, "group": group, "extra_groups": []}
        done = subprocess.run(trial, cwd=embedded.ROOT, capture_output=True, check=False, **who)
    except OSError:
        return False
    return done.returncode == 0


def _secret(place: embedded.Place) -> str:
    """The key of this data directory: sessions outlive a restart."""
    path = place.data / "secret"
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _only_one(place: embedded.Place) -> IO[str]:
    place.data.mkdir(parents=True, exist_ok=True)
    handle = open(place.data / "supervisor.lock", "a+")  # noqa: SIM115 - held until the end
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Impossible(f"It runs already with the data in {place.data}. Set DATA to another directory.") from None
    return handle


def _free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Impossible(f"Port {port} is taken. Choose another one: make demo PORT={port + 1}") from None


def _directories(place: embedded.Place) -> None:
    """What the servant writes into."""
    for name in ("mail", "media", "beat"):
        directory = place.data / name
        directory.mkdir(exist_ok=True)
        if identity := _identity(place):
            os.chown(directory, identity["user"], identity["group"])


def main() -> int:
    """Run until a signal: 0 after one, 1 when it cannot start."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--empty", action="store_true", help="without the demo company")
    arguments = options.parse_args()
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda *_: sys.exit(0))
    try:
        return _run(int(os.environ.get("PORT") or 8000), demo=not arguments.empty)
    except (Impossible, embedded.Unavailable) as why:
        print(why, file=sys.stderr)
        return 1


def _run(port: int, demo: bool) -> int:
    _free_port(port)
    place = embedded.place()
    with contextlib.closing(_only_one(place)):
        stay = embedded.join()
        try:
            _directories(place)
            Supervisor(place, port, demo).run()
        finally:
            stay.leave()
    return 0


if __name__ == "__main__":
    sys.exit(main())
