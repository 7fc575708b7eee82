"""What the page of a deal offers its partner before a protection: who decides, to confirm, to appeal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.actor import Actor
from deals import forms, queries, rules, shown
from deals.enums import WITH_US, Status
from deals.models import Registration
from deals.workflow import REGISTRATION


def of(deal: Registration, actor: Actor, bound: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The page's variables of this part."""
    waits = deal.status in WITH_US
    return {
        "may_confirm": _may_confirm(deal, actor),
        "deciders": shown.deciders(deal) if waits else "",
        "steps": shown.steps(deal, []) if waits and len(rules.steps_of(deal)) > 1 else [],
        "appeal": queries.appeal_text(deal) if deal.appealed_at else "",
        "appeal_form": (bound.get("appeal") or forms.again(forms.Appeal, {}, "appeal"))
        if REGISTRATION.refusal(deal, "appeal", by=actor, at=at) is None
        else None,
    }


def _may_confirm(deal: Registration, actor: Actor) -> bool:
    waits = deal.status in (Status.IN_REVIEW, Status.ACTION_REQUIRED)
    return waits and deal.on_behalf and deal.confirmed_at is None and actor.can("deal.register")
