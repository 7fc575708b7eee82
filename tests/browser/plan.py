"""The list of pages: who visits what, and what is done there. pages.txt explains its lines."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ANYONE = "anyone"
VERBS = {"click", "fill", "choose", "tick", "press", "follow", "wait", "upload", "again"}


class PlanError(ValueError):
    """A line of the list can't be understood."""


@dataclass(frozen=True)
class Visit:
    """One page in one state: the person, the address, the name of its pictures, the steps, the status it must have."""

    who: str
    path: str
    name: str
    steps: tuple[tuple[str, ...], ...] = ()
    status: int = 200


def parse(line: str) -> Visit:
    """A line such as `ada /portal/deals/new/ ; as deal-errors ; click main .btn.primary`. Raises PlanError."""
    head, *rest = [piece.strip() for piece in line.split(" ; ")]
    try:
        who, path = head.split()
    except ValueError:
        raise PlanError(f"Write who and an address: {line}") from None
    name, status, steps = re.sub(r"[^\w-]+", "-", path).strip("-") or "start", 200, []
    for words in map(shlex.split, rest):
        if words[0] == "as":
            name = words[1]
        elif words[0] == "status":
            status = int(words[1])
        elif words[0] in VERBS:
            steps.append(tuple(words))
        else:
            raise PlanError(f"Unknown step {words[0]}: {line}")
    return Visit(who, path, f"{who}-{name}", tuple(steps), status)


def shape(address: str) -> str:
    """The page that an address shows, whatever it is about: its path with a star for each name of a record."""
    names = (
        ("*" if re.search(r"\d|^_|^[A-Z]+-", one) and one not in {"2fa", "v1"} else one)
        for one in urlsplit(address).path.split("/")
    )
    return "/".join(names)


def read(path: Path) -> list[Visit]:
    """All visits of a list; blank lines and lines that begin with # say nothing."""
    lines = (line.strip() for line in path.read_text().splitlines())
    return [parse(line) for line in lines if line and not line.startswith("#")]
