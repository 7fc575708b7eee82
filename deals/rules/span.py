"""The life of a protection: every moment is the end of a local day, so daylight saving changes nothing. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.calendar import days_after, end_of_local_day, last_local_day, working_days_after
from deals.rules.policy import Policy

FIRST_RIGHT_DAYS = 30  # after a loss the customer stays the partner's to register again
REQUEST_WORKING_DAYS = 2  # until an extension is answered


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


def notice(span: Span, policy: Policy) -> datetime | None:
    """When the deal begins to expire: the longest notice that a protection of this length has room for."""
    notices = (span.before(days) for days in (policy.expiring_days, *policy.reminders) if days <= policy.expiring_days)
    return min((moment for moment in notices if moment > span.began), default=None)


def next_reminder(span: Span, policy: Policy, at: datetime) -> datetime | None:
    """The first reminder after `at` and after the notice, which is a reminder itself."""
    since = max(at, notice(span, policy) or span.began)
    return min((moment for days in policy.reminders if (moment := span.before(days)) > since), default=None)


def timers_of(span: Span, policy: Policy, at: datetime) -> Mapping[str, datetime | None]:
    """Kind of timer → moment, for a protected deal at `at`."""
    return {
        "approach_end": notice(span, policy),
        "remind": next_reminder(span, policy, at),
        "extend": max(span.before(1), span.began) if policy.extension.mode == "auto" else None,
        "expire": span.end,
    }


def first_right(at: datetime, zone: str) -> datetime:
    """Until when a lost deal stays its partner's to register again."""
    return days_after(at, FIRST_RIGHT_DAYS, zone)


def request_due(at: datetime, zone: str) -> datetime:
    """When the vendor's answer to a request for more days is due."""
    return working_days_after(at, REQUEST_WORKING_DAYS, zone)


def restarted(span: Span, policy: Policy, stopped: datetime, at: datetime) -> datetime:
    """The end of a protection that stood still from `stopped` to `at`: the days that were left, at least the grace."""
    left = max((span.end - stopped).days, policy.grace_days)
    resumed = end_of_local_day(last_local_day(at, span.zone) + timedelta(days=left), span.zone)
    return max(span.end, resumed)
