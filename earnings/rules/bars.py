"""What may not happen to a line, in sentences. Pure."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from earnings.enums import Direction


def never_paid(line, at: datetime) -> str | None:
    """Only what we owe is paid, and fees that the agreement lets us take from it."""
    if line.direction == Direction.RETAINED:
        return _("The partner keeps this margin. There is nothing to pay.")
    if line.direction == Direction.RECEIVABLE and not line.nets:
        return _("The partner owes this. It goes to invoicing.")
    return None


def held(line, at: datetime) -> str | None:
    """A positive line waits for the end of its hold; a negative one does not."""
    if line.amount > 0 and line.hold_until and _local_day(at) < line.hold_until:
        return _("This line is on hold until %s.") % date_format(line.hold_until, "j F Y")
    return None


def not_invoiced(line, at: datetime) -> str | None:
    """Only what the partner owes, and is not taken from what we owe, is invoiced."""
    if line.direction != Direction.RECEIVABLE or line.nets:
        return _("This is not invoiced. Only license fees that the partner pays are.")
    return None


def window_over(line, at: datetime) -> str | None:
    """A line is disputed within the days that its program names."""
    if line.dispute_until and at >= line.dispute_until:
        return _("The time to dispute this line has ended. Write to your channel manager.")
    return None


def _local_day(at: datetime) -> date:
    return timezone.localdate(at, timezone.get_default_timezone())
