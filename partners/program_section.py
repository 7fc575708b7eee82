"""The life of partners as a section of a program's file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from core.actor import Actor
from core.errors import Refused
from core.events import record
from partners import lifecycle
from partners.enums import DoneBy, PartnerType
from partners.models import Program
from partners.sections import Document, Fault, Names, Section

_TYPES = {**dict(PartnerType.choices), "default": gettext_lazy("Every other type")}
_EVENTS = {
    "registration": gettext_lazy("Accepted registration"), "lead": gettext_lazy("Accepted lead"),
    "win": gettext_lazy("Won deal"), "joint_win": gettext_lazy("Joint win"),
    "implementing": gettext_lazy("Part in implementing"), "touch": gettext_lazy("Confirmed touch"),
    "integration": gettext_lazy("Integration going live"), "campaign": gettext_lazy("Start of a campaign"),
    "usage": gettext_lazy("Usage report or fee"),
}  # fmt: skip
NAMES = Names(
    {
        "self_sign_up": gettext_lazy("Companies may sign up by themselves"),
        "onboarding": gettext_lazy("Checklists of newcomers"),
        "qualifying": gettext_lazy("What counts as business"),
        "key": gettext_lazy("Key"),
        "title": gettext_lazy("Task"),
        "done_by": gettext_lazy("Done when"),
        "required": gettext_lazy("Needed"),
        "note": gettext_lazy("Note"),
    },
    {
        "onboarding": _TYPES,
        "qualifying": _TYPES,
        "done_by": dict(DoneBy.choices),
        **dict.fromkeys(PartnerType.values, _EVENTS),
    },
)


def section(actor: Actor, subject: Any, at: datetime) -> Section:
    """`lifecycle`: who may join alone, checklists by type, what counts as business."""
    return Section("lifecycle", gettext_lazy("How partners join"), _check, _read, set_lifecycle, NAMES)


def _check(data: Any, document: Document) -> list[Fault]:
    return [Fault(path, str(reason)) for path, reason in lifecycle.faults(data)]


def _read(program: Program) -> dict[str, Any]:
    return program.lifecycle


@transaction.atomic
def set_lifecycle(program: Program, data: Mapping[str, Any], *, by: Actor, at: datetime) -> Program:
    """Puts the data in force for newcomers; checklists that are begun stay as they are."""
    by.require("program.edit")
    for path, reason in lifecycle.faults(data):
        raise Refused(f"{path}: {reason}" if path else str(reason), code="lifecycle")
    if program.lifecycle != dict(data):
        Program.objects.filter(pk=program.pk).update(lifecycle=dict(data))
        program.refresh_from_db()
        record("lifecycle_set", program, by=by, at=at)
    return program
