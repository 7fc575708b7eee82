"""Sections of a program's file that apps above own: each says what is in force, what is wrong, and puts it in force.

An app adds one in the slot `program_section` (prm/slots.py): a function `(actor, subject, at) -> Section`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from partners.models import Program

Document = Mapping[str, Any]  # a program's whole definition, as in the file


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a section: `path` within it ("" = the section itself, else `key` or `[0].key`), and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Names:
    """What a section's keys, and the values that one chooses from by key, are called on pages."""

    keys: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """One key of a program's file; all data are JSON: texts, whole numbers, yes and no, lists, mappings.

    `check(data, document)` reads nothing but what it is given. `read(program)` is what is in force now, `write(program,
    data, by=, at=)` puts data in force, on the day of the version and in its transaction; an app whose data have no
    rows of their own leaves both out and reads them in the definition of the version in force. A key that is not in
    the file changes nothing; an empty one takes everything away. `names`: its words on pages.
    """

    key: str
    title: Any
    check: Callable[[Any, Document], Sequence[Fault]]
    read: Callable[[Program], Any] | None = None
    write: Callable[..., Any] | None = None
    names: Names = Names()
