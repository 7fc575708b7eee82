"""Whether a partner does business with us: active and inactive are labels that time and commercial events set."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from core.actor import SYSTEM
from core.events import record
from partners.enums import PartnerStatus
from partners.models import Partner
from partners.rules_lifecycle import ACTIVE_FOR, QUIET_AFTER
from partners.workflow import PARTNER

_LAST = Coalesce(F("last_commercial_at"), F("created_at"))  # who never had one counts from the day it was made


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

    After 60 × 24 hours they are told once. How many labels changed.
    """
    since = at - ACTIVE_FOR
    rows = Partner.objects.filter(among, deleted_at=None, is_direct=False).annotate(last=_LAST)
    awake = rows.filter(status=PartnerStatus.INACTIVE, last_commercial_at__gt=since)
    asleep = rows.filter(status=PartnerStatus.ACTIVE, last__lte=since)
    changed = 0
    for step, partners in (("wake", awake), ("fall_quiet", asleep)):
        for partner in partners.order_by("pk").select_for_update(of=("self",)):
            PARTNER.fire(partner, step, by=SYSTEM, at=at)
            changed += 1
    _tell_quiet(rows.filter(status=PartnerStatus.ACTIVE), at)
    return changed


def _tell_quiet(active, at: datetime) -> None:
    """Tells those whose last event lies 60 × 24 hours back, once for each time they fall quiet."""
    untold = Q(quiet_told_at=None) | Q(quiet_told_at__lt=F("last") + QUIET_AFTER)
    quiet = active.filter(untold, last__lte=at - QUIET_AFTER)
    partners = list(quiet.order_by("pk").select_for_update(of=("self",)))
    if not partners:
        return
    Partner.objects.filter(pk__in=[partner.pk for partner in partners]).update(quiet_told_at=at)
    for partner in partners:
        until = (partner.last + ACTIVE_FOR).isoformat()
        record("fell_quiet", partner, by=SYSTEM, at=at, partner_id=partner.pk, data={"until": until})
