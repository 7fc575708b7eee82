"""What a program grants and asks for market funds is changed as a whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from core.actor import Actor
from core.errors import Refused
from core.events import record
from mdf.models import FundTerms
from mdf.rules import Terms
from partners.models import Program


@transaction.atomic
def set_terms(program: Program, terms: Mapping[str, Any], *, by: Actor, at: datetime) -> FundTerms:
    """They hold for what is sent from now on; what is approved keeps its own. Raises Refused with every fault."""
    by.require("program.edit")
    if faults := Terms.faults(terms):
        raise Refused(" ".join(faults), field="terms", code="terms")
    row, _made = FundTerms.objects.select_for_update().get_or_create(program=program)
    before = row.data
    moved = {key: [before.get(key), terms.get(key)] for key in sorted({*before, *terms})}
    moved = {key: pair for key, pair in moved.items() if pair[0] != pair[1]}
    if moved:
        FundTerms.objects.filter(pk=row.pk).update(data=dict(terms))
        row.refresh_from_db()
        record("set", row, by=by, at=at, data={"changes": moved})
    return row
