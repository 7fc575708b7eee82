"""The clocks of a protected deal: every moment is the end of a local day, so daylight saving changes nothing. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from core.calendar import end_of_local_day, last_local_day


@dataclass(frozen=True)
class Life:
    """How a protection goes on, in days; a policy's terms of the same names stand above these."""

    expiring_days: int = 30  # before the end the deal is shown as expiring
    reminders: tuple[int, ...] = (30, 14, 7, 1)  # before the end
    grace_days: int = 7
    extension_days: int = 30
    activity_days: int = 30  # customer activity within them extends once, by itself
    first_right_days: int = 30  # after a loss
    request_working_days: int = 2  # until an extension is answered

    @classmethod
    def of(cls, policy: Any) -> "Life":
        return cls(**{f.name: getattr(policy, f.name) for f in fields(cls) if hasattr(policy, f.name)})


@dataclass(frozen=True)
class Span:
    """A protection: from the decision to its end, which is the end of a day in the partner's `zone`."""

    began: datetime
    end: datetime
    zone: str

    def before(self, days: int) -> datetime:
        """The end of the local day that lies `days` days before the last protected one."""
        return end_of_local_day(last_local_day(self.end, self.zone) - timedelta(days=days), self.zone)

    def after(self, days: int) -> datetime:
        """The end of the local day `days` days after the last protected one."""
        return self.before(-days)


def notice(span: Span, life: Life) -> datetime | None:
    """When the deal begins to expire: the longest notice that a protection of this length has room for."""
    notices = (span.before(days) for days in (life.expiring_days, *life.reminders) if days <= life.expiring_days)
    return min((moment for moment in notices if moment > span.began), default=None)


def next_reminder(span: Span, life: Life, at: datetime) -> datetime | None:
    """The first reminder after `at` and after the notice, which is a reminder itself."""
    since = max(at, notice(span, life) or span.began)
    return min((moment for days in life.reminders if (moment := span.before(days)) > since), default=None)


def clocks(span: Span, life: Life, at: datetime) -> Mapping[str, datetime | None]:
    """Kind of timer → moment, for a protected deal at `at`."""
    return {
        "approach_end": notice(span, life),
        "remind": next_reminder(span, life, at),
        "extend": max(span.before(1), span.began),
        "expire": span.end,
    }


def restarted(span: Span, life: Life, stopped: datetime, at: datetime) -> datetime:
    """The end of a protection that stood still from `stopped` to `at`: the days that were left, at least the grace."""
    left = max((span.end - stopped).days, life.grace_days)
    resumed = end_of_local_day(last_local_day(at, span.zone) + timedelta(days=left), span.zone)
    return max(span.end, resumed)
