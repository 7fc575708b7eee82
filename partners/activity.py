"""Whether a partner does business with us: active and inactive are labels that time and commercial events set."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from core.actor import SYSTEM
from core.events import record
from partners.enums import PartnerStatus
from partners.models import Partner

ACTIVE_FOR = timedelta(hours=90 * 24)


def note(last_commercial: Mapping[UUID, datetime | None], *, at: datetime) -> None:
    """Keeps the last commercial event of partners, and sets their label by it."""
    sql = """UPDATE partners_partner p SET last_commercial_at = n.at
        FROM unnest(%s::uuid[], %s::timestamptz[]) AS n (id, at)
        WHERE p.id = n.id AND p.last_commercial_at IS DISTINCT FROM n.at"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(last_commercial), list(last_commercial.values())])
    set_activity(at=at, among=Q(pk__in=list(last_commercial)))


@transaction.atomic
def set_activity(*, at: datetime, among: Q = Q()) -> int:  # noqa: B008 - a Q is never changed
    """Active partners without a commercial event for 90 × 24 hours become inactive, and back at the next one.

    A partner that never had one counts from the day it was made. How many changed.
    """
    since = at - ACTIVE_FOR
    rows = Partner.objects.filter(among, deleted_at=None, is_direct=False).annotate(
        last=Coalesce(F("last_commercial_at"), F("created_at"))
    )
    awake = rows.filter(status=PartnerStatus.INACTIVE, last_commercial_at__gt=since)
    asleep = rows.filter(status=PartnerStatus.ACTIVE, last__lte=since)
    changed = [*awake.select_for_update(of=("self",)), *asleep.select_for_update(of=("self",))]
    for partner in changed:
        _relabel(partner, at)
    return len(changed)


def _relabel(partner: Partner, at: datetime) -> None:
    before, woken = partner.status, partner.status == PartnerStatus.INACTIVE
    Partner.objects.filter(pk=partner.pk).update(status=PartnerStatus.ACTIVE if woken else PartnerStatus.INACTIVE)
    partner.refresh_from_db()
    data = {"changes": {"status": [before, partner.status]}}
    if woken:
        record("activated", partner, by=SYSTEM, at=at, partner_id=partner.pk, data=data)
    else:
        record("deactivated", partner, by=SYSTEM, at=at, partner_id=partner.pk, data=data)
