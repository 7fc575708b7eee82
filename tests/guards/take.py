"""How each guard is taken away, for one test."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connections

from core.events import record
from core.workflow import Workflow
from mdf.models import Activity, Claim, Request
from mdf.services import accruals, executing, holding

Patch = pytest.MonkeyPatch


def blind_rows(patch: Patch) -> None:
    """A step is taken by what was read: no row is compared, none is locked."""
    patch.setattr(Workflow, "hold", _hold)
    patch.setattr(Workflow, "fire", _fire)
    patch.setattr(holding, "request", lambda pk: Request.objects.get(pk=pk))
    patch.setattr(holding, "activity", lambda pk: Activity.objects.select_related("request").get(pk=pk))
    patch.setattr(holding, "claim", lambda pk: Claim.objects.select_related("activity__request").get(pk=pk))
    patch.setattr(holding, "unmoved", lambda known: holding.claim(known.pk))


def _hold(self: Workflow, subject: Any, name: str, *, by: Any) -> None:
    if shut := self.shut(subject, name, by=by):
        raise shut


def _fire(self: Workflow, subject: Any, name: str, *, by: Any, at: datetime, data: Any = None, **values: Any) -> Any:
    step, before = self.check(subject, name, by=by, at=at), self.state(subject)
    type(subject)._base_manager.filter(pk=subject.pk).update(**{self.field: step.target}, **values)
    subject.refresh_from_db()
    told = {"changes": {self.field: [before, step.target]}} | (data or {})
    return record(step.verb, subject, by=by, at=at, partner_id=getattr(subject, "partner_id", None), data=told)


def no_floor(_patch: Patch) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE core_ledgeraccount DROP CONSTRAINT IF EXISTS ledger_account_floor")


def nothing_waits(patch: Patch) -> None:
    """What a claim in review asks for isn't kept for it."""
    patch.setattr(executing, "_waits", lambda activity, at: False)


def many_at_once(patch: Patch) -> None:
    """Workers who run one accrual don't wait for each other."""
    patch.setattr(accruals, "_hold", lambda run: None)
