"""Time passes: protections near their end, and ended."""

from datetime import timedelta

import pytest

from deals import queries, services
from deals.enums import Status

pytestmark = pytest.mark.django_db


def test_a_protection_is_announced_thirty_days_before_its_end(market):
    deal = market.approved()
    start = deal.protection_expires_at - timedelta(days=30)
    assert queries.due_to_approach(start - timedelta(microseconds=1)) == []
    assert queries.due_to_approach(start) == [deal]
    services.approach_end(deal, at=start)
    assert deal.status == Status.EXPIRING
    assert queries.due_to_approach(start) == []


def test_a_protection_ends_at_its_moment(market):
    deal = market.approved()
    end = deal.protection_expires_at
    assert list(queries.due_to_expire(end - timedelta(microseconds=1))) == []
    assert list(queries.due_to_expire(end)) == [deal]
