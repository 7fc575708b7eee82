"""Touches, and who sourced an opportunity by a manager's word, in the REST API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.api.kinds import Choice, Day, Moment, Text
from core.api.resources import CREATE, READ, Action, Field, Ref, Resource, same
from deals.enums import TouchKind, TouchStatus
from deals.models import Opportunity, Touch
from deals.particulars import Reason, TouchClaim
from deals.services import touches
from deals.workflow import TOUCH
from partners.models import Partner


def _claim(values: dict[str, Any], *, by: Actor, at: datetime) -> Touch:
    """A partner claims; the vendor's own system enters what is confirmed by that."""
    told = {
        name: values[name] for name in ("kind", "happened_on", "account_name", "note", "campaign") if values.get(name)
    }
    partner = Partner.objects.visible_to(by).get(pk=values["partner_id"])
    opportunity = values.get("opportunity_id")
    found = Opportunity.objects.visible_to(by).get(pk=opportunity) if opportunity else None
    return touches.claim(TouchClaim(partner=partner, opportunity=found, **told), by=by, at=at)


def _link(touch: Touch, opportunity_id: UUID, *, by: Actor, at: datetime) -> Touch:
    opportunity = Opportunity.objects.visible_to(by).get(pk=opportunity_id)
    return same(touches.link)(touch, opportunity, by=by, at=at)


def _which(opportunity_id: UUID) -> UUID:
    return opportunity_id


TOUCHES = Resource(
    "touches",
    Touch,
    about="What a partner did for an opportunity. It counts once the opportunity's owner has confirmed it.",
    owner="partner_id",
    verbs=frozenset({"create"}),
    writers=("touch.claim",),
    has_reference=True,
    workflow=TOUCH,
    create=_claim,
    fields=(
        Field("partner_id", Ref("partners"), write=CREATE, required=True, null=False, filter=True),
        Field("opportunity_id", Ref("opportunities"), write=CREATE, filter=True),
        Field("account_name", Text(200), write=CREATE),
        Field("kind", Choice(TouchKind.values), write=CREATE, required=True, null=False, filter=True),
        Field("occurred_on", Day(), "happened_on", write=CREATE, required=True, null=False),
        Field("evidence", Text(2000), "note", write=CREATE),
        Field("tracking_code", Text(16), "campaign", write=CREATE, filter=True),
        Field("status", Choice(TouchStatus.values), write=READ, null=False, filter=True),
        Field("entered_at", Moment(), write=READ, null=False),
        Field("due_at", Moment(), write=READ),
        Field("answered_at", Moment(), write=READ),
        Field("answer", Text(1000), write=READ),
    ),
    actions=(
        Action("link", _link, "Say which opportunity it was for.", "",
               (Field("opportunity_id", Ref("opportunities"), required=True),), _which),
        Action("confirm", touches.confirm, "It was so.", "confirm",
               (Field("answer", Text(1000), "text"),), lambda text="": Reason(text)),
        Action("refuse", touches.refuse, "It was not so.", "refuse",
               (Field("answer", Text(1000), "text", required=True),), Reason),
    ),
)  # fmt: skip
