"""What small requests beside a registration have in common: who answered, when, with which words."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import IllegalTransition, Refused
from deals import check
from deals.enums import PROTECTED, RequestStatus, Status
from deals.models import Registration


def person(by: Actor) -> UUID | None:
    """The user among the actors; keys and the system are none."""
    return by.id if by.kind in ("partner", "vendor") else None


def answered(by: Actor, at: datetime) -> dict[str, Any]:
    return {"decided_at": at, "decided_by_id": person(by)}


def must_be(deal: Registration, states: tuple[Status, ...], why: str) -> None:
    """Raises IllegalTransition with the sentence when the registration is in none of these states."""
    if deal.status not in states:
        raise IllegalTransition(why)


def must_be_protected(deal: Registration) -> None:
    must_be(deal, PROTECTED, _("Only protected deals can change like this. This one is protected no more."))


def only_one(rows: QuerySet[Any], deal: Registration, why: str) -> None:
    """Raises Refused with the sentence when such a request is open already. Of two at once the second one waits."""
    one_at_a_time(deal)
    if rows.filter(registration=deal, status=RequestStatus.REQUESTED).exists():
        raise Refused(why, code="duplicate")


def one_at_a_time(deal: Registration) -> None:
    """Until the transaction ends, nobody else asks for anything about this registration."""
    check.hold(f"requests of {deal.pk}")
