"""Lines whose hold has ended are payable."""

from datetime import datetime

from django.db.models import Q

from core.actor import SYSTEM
from core.bulk import chunks
from earnings.dossier import local_day
from earnings.enums import Direction, LineStatus
from earnings.models import EarningLine
from earnings.services.moving import move_all

_CHUNK = 1_000


def release_holds(*, at: datetime) -> int:
    """Makes lines payable whose hold has ended and about which nobody disputes; how many."""
    owed = Q(direction=Direction.PAYABLE) | Q(direction=Direction.RECEIVABLE, nets=True)
    waits = Q(status=LineStatus.ON_HOLD) | Q(status=LineStatus.RESOLVED) | Q(status=LineStatus.ACCRUED)
    free = Q(hold_until__isnull=True) | Q(hold_until__lte=local_day(at)) | Q(amount__lt=0)
    due = EarningLine.objects.filter(owed, waits, free).order_by("pk").values_list("pk", flat=True)
    return sum(_approve(some, at) for some in chunks(list(due), _CHUNK))


def _approve(pks, at: datetime) -> int:
    lines = EarningLine.objects.filter(pk__in=pks)
    return len(move_all("approve", lines, by=SYSTEM, at=at, approved_at=at))
