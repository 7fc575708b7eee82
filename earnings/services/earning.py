"""Lines that are earned: written once, told, posted, and sent on to their hold or straight to what is payable."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from core.actor import SYSTEM, Actor
from earnings.books import Books
from earnings.enums import Direction, LineStatus
from earnings.models import EarningLine
from earnings.services.moving import move_all, tell
from earnings.workflow import LINE


def earn(lines: Sequence[EarningLine], *, at: datetime, by: Actor = SYSTEM) -> None:
    """Writes lines that were earned, and all that follows from it."""
    write(lines)
    told(lines, {}, by=by, at=at)


def write(lines: Sequence[EarningLine]) -> None:
    """Writes lines, originals before what reverses them; the database looks at each reversal."""
    EarningLine.objects.bulk_create([line for line in lines if line.reverses_id is None])
    for line in sorted((line for line in lines if line.reverses_id), key=lambda line: str(line.reverses_id)):
        line.save(force_insert=True)


def told(lines: Sequence[EarningLine], before: Mapping[UUID, str], *, at: datetime, by: Actor = SYSTEM) -> None:
    """Tells of written lines that are earned now, posts them and sends them on. `before`: those that were forecast."""
    written = EarningLine.objects.in_bulk([line.pk for line in lines])
    books = Books()
    books.preload(written.values())
    moved = [("accrued", written[line.pk], [before.get(line.pk), LineStatus.ACCRUED]) for line in lines]
    tell(moved, by=by, at=at, legs=books.earned)
    go_on(written, at=at)


def go_on(pks: Iterable[UUID], *, at: datetime) -> None:
    """What waits for its hold waits; what does not is payable at once."""
    rows = EarningLine.objects.filter(pk__in=list(pks)).exclude(direction=Direction.RETAINED)
    owed = [line for line in rows if LINE.steps["hold"].barred(line, at) is None]
    later = {line.pk for line in owed if LINE.steps["approve"].barred(line, at) is not None}
    held = [line for line in owed if line.pk in later and line.status == LineStatus.ACCRUED]
    move_all("hold", held, by=SYSTEM, at=at)
    move_all("approve", [line for line in owed if line.pk not in later], by=SYSTEM, at=at, approved_at=at)
