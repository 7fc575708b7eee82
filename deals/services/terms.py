"""The deal terms of a program are changed as a whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused, Stale
from core.events import record
from deals.rules import Policy
from partners.models import Program


@transaction.atomic
def set_terms(program: Program, terms: Mapping[str, Any], *, by: Actor, at: datetime) -> Program:
    """Writes a program's terms; they hold for what is sent and approved from now on, never for what is approved.

    Raises Refused with every fault of the data, Stale when somebody was faster.
    """
    by.require("program.edit")
    faults = Policy.faults(terms)
    if faults:
        raise Refused(" ".join(faults), field="terms", code="terms")
    before = program.policy
    moved = {key: [before.get(key), terms.get(key)] for key in sorted({*before, *terms})}
    moved = {key: pair for key, pair in moved.items() if pair[0] != pair[1]}
    if not moved:
        return program
    if Program.objects.filter(pk=program.pk, version=program.version).update(policy=dict(terms)) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    program.refresh_from_db()
    record("terms_changed", program, by=by, at=at, data={"changes": moved})
    return program
