"""schemathesis against a live server, once with the vendor's key and once with a partner's: `python -m tests.fuzz`."""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from prm import embedded
from tests import database

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "tests" / "schemathesis.toml"
PHASES = "examples,coverage,fuzzing,stateful"


# In one process: the demo company, and keys of the vendor's and of a partner that has contacts and deals.
PREPARE = """
from django.core.management import call_command
from core.actor import SYSTEM
from core.scope import scope
from deals.models import Registration
call_command("seed_demo", "--partners", "{partners}")
with scope(SYSTEM):
    partner = Registration.objects.select_related("partner").first().partner.reference
for words in ((), ("--partner", partner)):
    call_command("api_key", "create", "--name", "fuzz", "--scopes", "*", *words)
"""


@dataclass(frozen=True)
class Server:
    """A running installation with the demo company; `ours` and `theirs` are keys of the vendor's and of a partner."""

    address: str
    ours: str
    theirs: str


def manage(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


@contextmanager
def server(partners: int = 4) -> Iterator[Server]:
    """An installation of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="prm-fuzz-", ignore_cleanup_errors=True) as data:
        stay = embedded.join(data, fast=True)
        address = f"http://127.0.0.1:{_free_port()}"
        environment = _environment(data, address, stay)
        try:
            if not database.fill(stay.place):
                manage(environment, "migrate", "--verbosity", "0")
            said = manage(environment, "shell", "--no-imports", "-c", PREPARE.format(partners=partners))
            with _web(environment, address):
                yield Server(address, *said.split()[-2:])
        finally:
            stay.leave()


def _environment(data: str, address: str, stay: embedded.Stay) -> dict[str, str]:
    own = {"DATA": data, "PRM_DEMO": "1", "PRM_ENV": "development", "BASE_URL": address, "WAKE_WORKER": "0"}
    limits = {
        "API_RATE_PER_MINUTE": "1000000",
        "API_BAD_KEYS_PER_MINUTE": "1000000",
        "STATEMENT_TIMEOUT_MS": "0",
        "LOG_LEVEL": "ERROR",
    }
    inherited = {name: value for name, value in os.environ.items() if name != "PRM_TEST_SLOT"}
    return {**inherited, **stay.place.environment(), **own, **limits}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def _web(environment: dict[str, str], address: str) -> Iterator[None]:
    # gunicorn's own answer to a long address is HTML and not ours to describe, so the limit is lifted here
    limits = ["--worker-class", "gthread", "--threads", "4", "--limit-request-line", "0", "--log-level", "error"]
    command = [sys.executable, "-m", "gunicorn", "prm.wsgi", "--bind", address.removeprefix("http://"), *limits]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _await(f"{address}/healthz")
        yield
    finally:
        process.terminate()
        process.wait(20)


def _await(address: str, seconds: int = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(address)


def run(address: str, token: str, examples: int, phases: str, *more: str) -> int:
    """Runs schemathesis; 0 when nothing was found."""
    program = str(Path(sys.executable).with_name("schemathesis"))
    tool = [program, "--config-file", str(CONFIG), "run", f"{address}/api/v1/openapi.json"]
    wanted = ["--phases", phases, "--max-examples", str(examples), "-H", f"Authorization: Bearer {token}"]
    return subprocess.run([*tool, *wanted, *more], cwd=ROOT, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=40, help="requests for each operation and phase")
    parser.add_argument("--phases", default=PHASES)
    options = parser.parse_args()
    with server() as live:
        return max(run(live.address, key, options.examples, options.phases) for key in (live.ours, live.theirs))


if __name__ == "__main__":
    sys.exit(main())
