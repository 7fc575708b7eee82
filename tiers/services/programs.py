"""Programs from a file: the operator of the installation puts them in force, a person gets a draft."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import timers
from core.actor import Actor
from core.errors import Forbidden, Refused
from core.events import record
from partners.enums import ProgramStatus
from partners.models import Program
from tiers import documents, files
from tiers.enums import PUBLISHED, VersionStatus
from tiers.models import ProgramVersion
from tiers.queries import local_day
from tiers.services.putting_in_force import take_effect
from tiers.services.review_standing import first_moment


@transaction.atomic
def load_program(source: Path | str | Mapping[str, Any], *, by: Actor, at: datetime) -> list[Program]:
    """Loads programs from a YAML file or one definition. A definition that differs becomes the next version.

    The operator's alone: people draft, and another person publishes. Raises Refused with path and reason when a
    definition can't be used; then nothing is loaded.
    """
    by.require("program.publish")
    if by.kind != "system":
        raise Forbidden(_("Two people publish rules. Draft them, and ask for publication."), code="four_eyes_required")
    if isinstance(source, Mapping):
        if wrong := documents.problems(source):
            raise Refused(f"{wrong[0].path}: {wrong[0].reason}", code="invalid_program")
        found = [dict(source)]
    else:
        found = files.parse(Path(source).read_text(encoding="utf-8"), str(source))
    return [_load(definition, by, at) for definition in found]


def _load(definition: dict[str, Any], by: Actor, at: datetime) -> Program:
    program = program_of(definition, by=by, at=at)
    latest = program.versions.filter(status__in=PUBLISHED).order_by("-number").first()
    if latest is None or not documents.same(_published(program, latest), definition):
        put(program, definition, by=by, at=at)
        program.refresh_from_db()
    return program


def _published(program: Program, latest: ProgramVersion) -> Mapping[str, Any]:
    if latest.status == VersionStatus.IN_FORCE:
        return documents.document(program)
    return latest.definition | {"id": program.key, "currency": latest.definition.get("currency") or program.currency}


def program_of(definition: Mapping[str, Any], *, by: Actor, at: datetime) -> Program:
    """The program that a definition is about; a new one where there is none with its id."""
    program, fresh = Program.objects.get_or_create(
        key=slugify(str(definition["id"])),
        defaults={
            "name": definition.get("name") or definition["id"],
            "currency": definition.get("currency") or "USD",
            "status": ProgramStatus.ACTIVE,
        },
    )
    if fresh:
        record("created", program, by=by, at=at)
    return program


def put(program: Program, definition: Mapping[str, Any], *, by: Actor, at: datetime) -> ProgramVersion:
    """The operator's way: the next version, from the day that its definition names, never before today."""
    fresh = not program.versions.filter(status__in=PUBLISHED).exists()
    told, today = definition.get("effective"), local_day(at)
    day = date.fromisoformat(str(told)) if told else today
    day = day if fresh else max(day, earliest(program, at))
    version = ProgramVersion.objects.create(
        program=program, number=next_number(program), status=VersionStatus.SCHEDULED, effective_from=day,
        definition=stored(definition), published_at=at, published_by=by.label,
    )  # fmt: skip
    version.refresh_from_db()
    record("published", version, by=by, at=at, data=told_of(version))
    return begin(version, at=at)


def begin(version: ProgramVersion, *, at: datetime) -> ProgramVersion:
    """A published version takes effect at once where its day has come, else on its day."""
    if version.effective_from <= local_day(at):  # type: ignore[operator]  # published versions have a day
        return take_effect(version, at=at)
    timers.put(version, {"take_effect": first_moment(version.effective_from)})  # type: ignore[arg-type]
    return version


def stored(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition as it is kept: the day stands in a column of its own."""
    return {k: v for k, v in definition.items() if k != "effective"}


def next_number(program: Program) -> int:
    return (program.versions.aggregate(most=Max("number"))["most"] or 0) + 1


def earliest(program: Program, at: datetime) -> date:
    """From which day new rules may hold: today, and not before rules that are published already."""
    published = program.versions.filter(status__in=PUBLISHED).aggregate(last=Max("effective_from"))["last"]
    return max(filter(None, (local_day(at), published)))


def told_of(version: ProgramVersion) -> dict[str, Any]:
    day = version.effective_from
    return {"program": version.program.key, "number": version.number, "from": day.isoformat() if day else None}


def sound(definition: Mapping[str, Any]) -> None:
    """Raises Refused with every fault, each with its path."""
    if wrong := documents.problems(definition):
        words = "\n".join(f"{p.path}: {p.reason}" if p.path else p.reason for p in wrong)
        raise Refused(words, code="invalid_program", field="definition")
