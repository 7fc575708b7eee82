"""What a partner's funded activities brought, for the page on which its next request is decided."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.scope import elevated
from mdf.track_record import Brought
from metrics.queries import returns
from metrics.queries.cut import Cut
from metrics.windows import BEGINNING, local_day
from partners.models import Partner


def activity_returns(actor: Actor, subject: Partner, at: datetime) -> Mapping[UUID, Brought] | None:
    """Activity → what it brought, in its budget's currency; sums alone, whoever owns the opportunities behind them."""
    if not (actor.inside or subject.pk in actor.partner_ids):
        return None
    with elevated():
        found = returns.of_activities(
            "default", (BEGINNING, local_day(at), local_day(at)), Cut(), partner=subject.pk, own=True
        )
    return {
        pk: Brought(one.paid, one.pipeline, one.won, one.mature, one.leads)
        for pk, one in found.items()
        if not one.unrated
    }
