"""Invoices, payments, refunds and credits from a file of the ERP: a result for each row, and what partners earn."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection

from core.actor import SYSTEM
from core.models import Event, ExternalId
from core.scope import scope
from deals.models import Opportunity, RevenueEvent
from earnings import reactions
from earnings.models import EarningLine
from partners.models import Program
from tests.factories import RevenueRuleFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOOD = "no,deal,what,day,net\nR1,1,Payment,3/1/2026,90\nR2,1,Credit note,4/1/2026,40.50\n"


@pytest.fixture
def books(export):
    """The small export, and a file of its revenue beside it."""
    export.write("revenue.csv", GOOD)
    export.mapping["files"]["revenue_events"] = {
        "path": "revenue.csv", "id": "no",
        "fields": {"opportunity": "deal", "event_kind": "what", "occurred_on": "day", "amount": "net"},
    }  # fmt: skip
    export.mapping["values"]["event_kind"] = {"Payment": "payment", "Credit note": "credit"}
    return export


def stored() -> list[tuple]:
    rows = RevenueEvent.objects.order_by("occurred_on", "amount")
    return list(rows.values_list("kind", "occurred_on", "amount", "currency"))


def told(done) -> list[tuple[str, str, str]]:
    return [(r["external_id"], r["outcome"], r["why"]) for r in done.rows if r["kind"] == "revenue_events"]


def test_each_row_is_revenue_of_its_deal_in_the_deals_currency(books):
    done = books.run(at=AT)
    assert told(done) == [("R1", "created", ""), ("R2", "created", "")]
    assert stored() == [
        ("payment", date(2026, 3, 1), Decimal("90.00"), "USD"), ("credit", date(2026, 4, 1), Decimal("40.50"), "USD"),
    ]  # fmt: skip
    deal = Opportunity.objects.get(pk=ExternalId.objects.get(resource="opportunity", ext_id="1").object_id)
    assert set(RevenueEvent.objects.values_list("opportunity", flat=True)) == {deal.pk}


def test_the_same_file_again_changes_nothing_and_a_corrected_row_that_row_alone(books):
    books.run(at=AT)
    assert {outcome for _id, outcome, _why in told(books.run(at=AT))} == {"unchanged"}
    books.write("revenue.csv", GOOD.replace("40.50", "41.50"))
    assert told(books.run(at=AT)) == [("R1", "unchanged", ""), ("R2", "updated", "")]
    assert [row[2] for row in stored()] == [Decimal("90.00"), Decimal("41.50")]


def test_a_row_that_cannot_be_is_told_with_its_reason_and_the_others_go_through(books):
    books.mapping["files"]["revenue_events"]["fields"]["currency"] = "in"
    books.write("revenue.csv", (
        "no,deal,what,day,net,in\nR1,1,Payment,3/1/2026,90,\nR2,99,Payment,3/1/2026,90,\nR3,1,Payment,3/1/2026,-90,\n"
        "R4,1,Payment,3/1/2026,0,\nR5,1,Gift,3/1/2026,90,\nR6,1,Payment,,90,\nR7,1,Payment,3/1/2026,90,EUR\n"
        "R8,,Payment,3/1/2026,90,\n"
    ))  # fmt: skip
    assert sorted(told(books.run(at=AT))) == [
        ("R1", "created", ""),
        ("R2", "invalid", "opportunity '99' is unknown"),
        ("R3", "invalid", "net is negative: '-90'"),
        ("R4", "invalid", "is without an amount"),
        ("R5", "invalid", "what is not in values and none of ours: 'Gift'"),
        ("R6", "invalid", "is without a day"),
        ("R7", "invalid", "the opportunity is in USD, not in EUR"),
        ("R8", "invalid", "is without an opportunity"),
    ]


def test_partners_earn_from_what_was_loaded(books):
    books.run(at=AT)
    RevenueEvent.objects.all().delete()
    ExternalId.objects.filter(resource="revenue_event").delete()
    RevenueRuleFactory(program=Program.objects.get(), partner_type="referral", percent=10)
    RevenueRuleFactory(program=Program.objects.get(), partner_type="reseller", percent=10, key="resale")
    books.run(at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # as in a transaction of its own
    for event in Event.objects.filter(type="batch.loaded", data__resource="revenue_event").order_by("pk"):
        with scope(SYSTEM):
            reactions.settle_loaded(event)
    lines = EarningLine.objects.exclude(status__in=("forecast", "cancelled")).order_by("occurred_on", "amount")
    assert list(lines.values_list("amount", flat=True)) == [Decimal("9.00"), Decimal("-4.05")]
