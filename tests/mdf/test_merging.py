"""Two partners become one: its market funds go along, and the money stands where it stood."""

from decimal import Decimal

import pytest
from django.db.models import Sum

from core import slots
from core.actor import SYSTEM
from core.ledger import wrong
from core.models import LedgerAccount
from core.scope import scope
from core.verify import states
from mdf import money, services
from mdf.models import Activity, Allocation, Claim, InvoiceLine, Payment, Proof, Request
from mdf.particulars import Grant
from tests.earnings.test_merging import merge
from tests.factories import NOW, MembershipFactory

pytestmark = pytest.mark.django_db
ALL = (Allocation, Request, Activity, Claim, InvoiceLine, Proof, Payment)


def standing() -> dict[str, Decimal]:
    rows = LedgerAccount.objects.filter(kind__startswith="mdf.").values_list("kind")
    return {kind: amount for kind, amount in rows.annotate(sum=Sum("balance")) if amount}


def test_funds_requests_and_claims_go_along_and_not_a_cent_moves(fund):
    fund.approved()
    fund.pay(fund.owed(fund.approved()), "100.00")
    before = standing()
    merge(fund.cast.acme, fund.cast.cobalt)
    assert standing() == before
    assert {pk for model in ALL for pk in model.objects.values_list("partner", flat=True)} == {fund.cast.cobalt.pk}
    readers = LedgerAccount.objects.filter(kind__startswith="mdf.", partner_id__isnull=False)
    assert set(readers.values_list("partner_id", flat=True)) == {fund.cast.cobalt.pk}
    assert (wrong(), states(NOW)) == ([], [])


def test_a_request_goes_on_where_it_stood(fund):
    request = fund.approved()
    MembershipFactory(partner=fund.cast.cobalt, program=fund.membership.program)
    merge(fund.cast.acme, fund.cast.cobalt)
    request.refresh_from_db()
    assert (request.membership.partner, request.membership.status) == (fund.cast.cobalt, "active")
    claim = fund.owed(request)
    fund.pay(claim, "300.00")
    claim.refresh_from_db()
    assert (claim.partner, claim.status) == (fund.cast.cobalt, "paid")
    assert (wrong(), states(NOW)) == ([], [])


def test_what_both_accrued_in_one_period_stays_two_allocations(fund):
    other = services.budgets.allocate(fund.budget, Grant(fund.cast.cobalt, Decimal(50)), by=fund.actor("olga"), at=NOW)
    Allocation.objects.update(period_key="2026-Q4")
    merge(fund.cast.acme, fund.cast.cobalt)
    keys = dict(Allocation.objects.values_list("pk", "period_key"))
    assert keys == {fund.allocation.pk: f"2026-Q4 {fund.cast.acme.reference}", other.pk: "2026-Q4"}


def test_the_winner_does_not_leave_while_funds_of_the_loser_are_open(fund):
    fund.approved()
    merge(fund.cast.acme, fund.cast.cobalt)
    assert list(slots.ask("offboarding_blocker", SYSTEM, fund.cast.cobalt, at=NOW)) == [
        "Market funds are open: 300.00 USD. Pay the claims or cancel the requests first."
    ]


def test_people_of_the_winner_read_what_stands_on_the_accounts(fund):
    fund.approved()
    merge(fund.cast.acme, fund.cast.cobalt)
    with scope(fund.actor("cy")) as cy:
        rows = LedgerAccount.objects.visible_to(cy).filter(kind=money.RESERVED)
        assert [row.balance for row in rows] == [Decimal("300.00")]
