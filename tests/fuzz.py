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

ROOT = Path(__file__).resolve().parent.parent
PHASES = {"short": "fuzzing", "long": "examples,coverage,fuzzing,stateful"}
# A well-formed id of nobody's is refused with 400, as the API promises; the schema can't say which ids exist.
EXCLUDED = "positive_data_acceptance"


@dataclass(frozen=True)
class Server:
    """A running installation with the demo company."""

    address: str
    environment: dict[str, str]

    def key(self, *words: str) -> str:
        """The token of a new key."""
        return manage(self.environment, "api_key", "create", "--name", "fuzz", "--scopes", "*", *words).strip()


def manage(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


@contextmanager
def server(partners: int = 4) -> Iterator[Server]:
    """An installation of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="prm-fuzz-") as data, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        address = f"http://127.0.0.1:{port}"
        own = {"DATA": data, "PRM_DEMO": "1", "PRM_ENV": "development", "BASE_URL": address, "WAKE_WORKER": "0"}
        environment = {**os.environ, **own, "API_RATE_PER_MINUTE": "1000000", "STATEMENT_TIMEOUT_MS": "0"}
        environment.pop("PRM_TEST_SLOT", None)
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "seed_demo", "--partners", str(partners))
        web = [sys.executable, "-m", "gunicorn", "prm.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
        process = subprocess.Popen([*web, "--threads", "4", "--log-level", "warning"], cwd=ROOT, env=environment)
        try:
            _await(f"{address}/healthz")
            yield Server(address, environment)
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


def partner_reference(environment: dict[str, str]) -> str:
    """A partner that has contacts and deals."""
    words = (
        "from core.actor import SYSTEM; from core.scope import scope; from deals.models import Registration\n"
        "with scope(SYSTEM): print(Registration.objects.select_related('partner').first().partner.reference)"
    )
    return manage(environment, "shell", "--no-imports", "-c", words).strip()


def run(address: str, token: str, examples: int, phases: str) -> int:
    """Runs schemathesis; 0 when nothing was found."""
    tool = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{address}/api/v1/openapi.json"]
    wanted = ["--phases", phases, "--max-examples", str(examples), "--checks", "all", "--exclude-checks", EXCLUDED]
    quiet = ["--warnings", "off", "--suppress-health-check", "all", "--max-response-time", "5", "--continue-on-failure"]
    return subprocess.run([*tool, "-H", f"Authorization: Bearer {token}", *wanted, *quiet], cwd=ROOT).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=40, help="requests for each operation and phase")
    parser.add_argument("--phases", default=PHASES["long"])
    options = parser.parse_args()
    with server() as live:
        tokens = live.key(), live.key("--partner", partner_reference(live.environment))
        return max(run(live.address, token, options.examples, options.phases) for token in tokens)


if __name__ == "__main__":
    sys.exit(main())
