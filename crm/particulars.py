"""What the verbs on imports need besides the import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.uploads import Arrived


@dataclass(frozen=True, slots=True)
class NewImport:
    """`files` by kind, and what their columns mean, as in a mapping file."""

    files: Mapping[str, Arrived]
    mapping: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the columns mean; `save_as` keeps it under a name for the next time."""

    mapping: Mapping[str, Any]
    save_as: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """How to load."""

    all_or_nothing: bool = False


def names(files: Sequence[Arrived]) -> str:
    return ", ".join(one.name for one in files)[:200]
