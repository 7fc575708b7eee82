"""The demo's money: each type earns, runs stand in every state, books and lines agree."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import User
from core.actor import SYSTEM
from core.ledger import wrong
from core.verify import states
from earnings import journal, queries, statements
from earnings.enums import RunStatus
from earnings.models import Payout, PayoutRun
from earnings.payout_particulars import Period
from earnings.verify import earnings
from partners.enums import PartnerType
from partners.models import Partner
from tests.deals.test_portal import signed_in
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_money_of_the_demo(demo_company):
    assert set(PayoutRun.objects.values_list("status", flat=True)) == set(RunStatus.values)
    assert set(queries.latest_by_type(SYSTEM)) == set(PartnerType.values)
    assert set(Payout.objects.values_list("currency", flat=True)) == {"USD", "EUR", "BRL"}
    assert (wrong(), states(NOW), earnings(SYSTEM, None, NOW)[1]) == ([], [], [])
    finn = signed_in(User.objects.get(email="finn@northwind.example"))
    page = finn.get(reverse("admin:earning_types")).content.decode()
    assert "went back to the customer" in page
    period = Period.of(NOW.date().replace(month=9))
    owed = {one.currency: one.owed for one in journal.liability(SYSTEM, period)}
    told = dict.fromkeys(owed, Decimal(0))
    for partner in Partner.objects.all():
        for one in statements.statement(SYSTEM, partner, period).accounts:
            told[one.currency] += one.closing.amount
    assert told == owed
