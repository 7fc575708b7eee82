"""Takes one guard away at a time and runs the races that it decides: `python -m tests.guards [NAME …]`.

A race that ends well without its guard proves nothing: it is named, and the end is 1.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as Xml
from pathlib import Path

from tests.guards.table import GUARDS

ROOT = Path(__file__).resolve().parent.parent.parent


def failed(guard: str, tests: tuple[str, ...], rounds: int) -> set[str]:
    """The tests that failed without this guard; of those with parameters, where one did."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.guards.planted", f"--junitxml={report}", *tests]
        environment = os.environ | {"GUARD": guard, "ROUNDS": str(rounds)}
        subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True)
        cases = Xml.parse(report).getroot().iter("testcase")
        return {case.get("name", "").partition("[")[0] for case in cases if case.find("failure") is not None}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *GUARDS])
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    blunt = 0
    for name in options.names or GUARDS:
        guard = GUARDS[name]
        seen = failed(name, guard.decides, options.rounds)
        missed = [test for test in guard.decides if test.rpartition("::")[2] not in seen]
        blunt += len(missed)
        sys.stdout.write(f"{name}: {guard.words}\n  {len(guard.decides) - len(missed)} of {len(guard.decides)} fail\n")
        sys.stdout.writelines(f"  ends well without it: {test}\n" for test in missed)
    return 1 if blunt else 0


if __name__ == "__main__":
    sys.exit(main())
