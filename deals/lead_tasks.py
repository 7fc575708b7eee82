"""What happens to leads because a moment has come."""

from datetime import datetime
from uuid import UUID

from deals.lead_queries import lead_with, offer_with
from deals.services import leads, offers


def offer_time_out(pk: UUID, at: datetime) -> None:
    offers.time_out(offer_with(pk), at=at)


def offer_remind(pk: UUID, at: datetime) -> None:
    offers.remind(offer_with(pk), at=at)


def lead_remind(pk: UUID, at: datetime) -> None:
    leads.remind(lead_with(pk), at=at)


def lead_go_stale(pk: UUID, at: datetime) -> None:
    leads.go_stale(lead_with(pk), at=at)


def lead_take_back(pk: UUID, at: datetime) -> None:
    leads.take_back(lead_with(pk), at=at)
