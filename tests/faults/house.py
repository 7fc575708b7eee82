"""A whole installation to break: web, worker and beat as in `make run`, on a database of the tests."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.cookiejar import CookieJar
from pathlib import Path

from prm import embedded
from prm.demo import Supervisor
from tests.factories import PASSWORD

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def until(holds: Callable[[], bool], seconds: float, otherwise: str) -> float:
    """Waits until it holds; how long that took."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"{otherwise} within {seconds} s")
        time.sleep(0.05)
    return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class House:
    """The processes of one installation, its letters and its log."""

    place: embedded.Place
    database: str
    data: Path
    redis: str
    port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen] = field(default_factory=dict)

    def fallen(self) -> list[str]:
        """Processes that ended by themselves."""
        return [name for name, child in self.running.items() if child.poll() is not None]

    def revive(self) -> None:
        """Starts again what has fallen, as the supervisor and compose do."""
        self.start(*self.fallen())

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def letters(self) -> Path:
        return self.data / "mail"

    def environment(self) -> dict[str, str]:
        urls = {f"DATABASE_{n}URL": self.place.url(r, self.database) for n, r in _ROLES.items()}
        own = {"REDIS_URL": self.redis, "MAIL_DIR": str(self.letters), "DATA": str(self.data), "PRM_DEMO": "0"}
        more = {"PRM_ENV": "development", "BASE_URL": self.address, "SECRET_KEY": "k" * 50, "VENDOR_NAME": "Northwind"}
        return {**os.environ, **urls, **own, **more, "STATEMENT_TIMEOUT_MS": "30000"}

    def start(self, *names: str) -> None:
        commands = Supervisor(replace(self.place, data=self.data), self.port, demo=False).commands()
        (self.data / "beat").mkdir(parents=True, exist_ok=True)
        for name in names:
            log = open(self.data / f"{name}.log", "ab")  # noqa: SIM115 - the child holds it
            where = {"cwd": embedded.ROOT, "env": self.environment(), "start_new_session": True}
            self.running[name] = subprocess.Popen(
                commands[name], stdin=subprocess.DEVNULL, stdout=log, stderr=log, **where
            )
            log.close()

    def kill(self, name: str) -> None:
        """kill -9 of the whole process group."""
        child = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(10)

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def await_web(self) -> None:
        until(self._answers, 90, f"{self.address} does not answer")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def log(self, name: str) -> str:
        path = self.data / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""


_ROLES = {"": "prm_app", "OWNER_": "prm_owner", "READ_": "prm_read"}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_more):
        return None


@dataclass
class Browser:
    """A person's browser; remembers how long every answer took."""

    house: House
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies, _NoRedirect)
        self._csrf = ""

    def get(self, path: str) -> tuple[int, str]:
        return self._ask(urllib.request.Request(self.house.address + path))

    def post(self, path: str, data: dict[str, str]) -> tuple[int, str]:
        """The status and the body; for a redirect, where it leads."""
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": self._csrf, **data}).encode()
        return self._ask(urllib.request.Request(self.house.address + path, body))

    def sign_in(self, email: str) -> int:
        self.get("/accounts/login/")
        status, _there = self.post("/accounts/login/", {"login": email, "password": PASSWORD})
        return status

    def read_form(self, path: str) -> None:
        """Opens a page for the token of its forms."""
        status, _body = self.get(path)
        assert status == 200, (path, status)

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        began = time.monotonic()
        try:
            with self._opener.open(request, timeout=60) as answer:
                status, body = answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            status, body = answer.code, answer.headers.get("Location") or answer.read().decode()
        self.seconds.append(time.monotonic() - began)
        if found := _CSRF.search(body):
            self._csrf = found[1]
        return status, body
