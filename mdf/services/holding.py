"""Locks in one order: the request, then its activity, then a claim; the ledger last."""

from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from core.errors import Refused, Stale
from core.models import Record
from core.scope import across
from mdf.models import Activity, Claim, Request


def request(pk: UUID) -> Request:
    """The request, ours until the transaction ends: whoever works on anything of it waits."""
    return Request.objects.select_for_update(of=("self",)).get(pk=pk)


def activity(pk: UUID) -> Activity:
    """The activity, with its request held first."""
    request(Activity.objects.values_list("request_id", flat=True).get(pk=pk))
    return Activity.objects.select_for_update(of=("self",)).select_related("request").get(pk=pk)


def claim(pk: UUID) -> Claim:
    """The claim as it is now, with its request held first."""
    request(Claim.objects.values_list("activity__request_id", flat=True).get(pk=pk))
    return Claim.objects.select_for_update(of=("self",)).select_related("activity__request").get(pk=pk)


def refuse_taken(model: type[Request] | type[Claim], pk: UUID | None) -> None:
    """The id of a form is good once, also when what it made stands behind the wall."""
    with across():
        if pk is not None and model.objects.filter(pk=pk).exists():
            raise Refused(_("This form was used already. Load the page again."), code="id_taken")


def unmoved(known: Claim) -> Claim:
    """The claim, held. Raises Stale when it was changed since it was read."""
    fresh = claim(known.pk)
    if fresh.version != known.version:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    return fresh


def touch(record: Record) -> None:
    """A new version of a record whose rows beside it changed: who reads it sees them, who read it before is late."""
    type(record)._base_manager.filter(pk=record.pk).update(deleted_at=F("deleted_at"))
    record.refresh_from_db()


def form(pk: UUID) -> None:
    """Until the transaction ends, another click on the same form waits; then it sees what this one made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [str(pk)])
