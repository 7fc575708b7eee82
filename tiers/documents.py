"""The whole document of a program: the rules in force with the sections that other apps own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from core import slots
from core.actor import SYSTEM
from partners.models import Program
from partners.sections import Section
from tiers import rules
from tiers.enums import VersionStatus
from tiers.models import ProgramVersion

_ALWAYS = datetime.min.replace(tzinfo=UTC)  # what a file may hold depends on no moment


def sections() -> list[Section]:
    """The sections of a program's file that apps above own."""
    return slots.ask("program_section", SYSTEM, at=_ALWAYS)


def in_force(program: Program) -> ProgramVersion | None:
    """The version in force; None before the first one."""
    return ProgramVersion.objects.filter(program=program, status=VersionStatus.IN_FORCE).first()


def document(program: Program) -> dict[str, Any]:
    """What is in force now, as in the file."""
    version = in_force(program)
    found = dict(version.definition) if version else {}
    found |= {"id": program.key, "name": program.name, "currency": program.currency}
    if version and version.effective_from:
        found["effective"] = version.effective_from.isoformat()
    return rules.normal({k: v for k, v in (found | live(program)).items() if v not in ({}, [])})


def live(program: Program) -> dict[str, Any]:
    """The sections that apps keep in rows of their own, as they are now."""
    return {section.key: section.read(program) for section in sections() if section.read}


def problems(found: Any) -> list[rules.Problem]:
    """Everything that is wrong with a document, each with its path."""
    wrong = list(rules.problems(found))
    if not isinstance(found, Mapping):
        return wrong
    wrong += rules.unfit(found)
    for section in sections():
        if found.get(section.key) is not None:
            faults = section.check(found[section.key], found)
            wrong += [rules.Problem(joined(section.key, fault.path), fault.reason) for fault in faults]
    return wrong


def joined(key: str, path: str) -> str:
    return f"{key}{'' if not path or path.startswith('[') else '.'}{path}"


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two documents say the same, whenever they begin."""
    return not changes(one, other)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """`(path, before, after)` of what a document would change; a section that it leaves out stays as it is."""
    kept = {s.key for s in sections() if s.key not in after} | {"effective"}
    old, new = (rules.normal({k: v for k, v in one.items() if k not in kept}) for one in (before, after))
    return list(rules.differences(old, new))


def title(version: ProgramVersion) -> str:
    """A version in a few words: its number once it is published."""
    known = {"program": version.program.name, "n": version.number}
    return _("%(program)s, version %(n)s") % known if version.number else _("%(program)s, draft") % known
