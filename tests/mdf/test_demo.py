"""The market funds of the demo: every state is there, and the money is right."""

from decimal import Decimal

import pytest

from core import ledger
from core.actor import SYSTEM
from core.models import Timer
from mdf import money
from mdf.enums import ClaimStatus, PaymentStatus, RequestStatus
from mdf.models import Allocation, Budget, Claim, InvoiceLine, Payment, Request
from mdf.track_record import track_record
from metrics import queries
from partners.models import Partner
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PASSING = {ClaimStatus.SUBMITTED, ClaimStatus.APPROVED, ClaimStatus.PARTLY_APPROVED}  # for a moment only


def states(model) -> set[str]:
    return set(model.objects.values_list("status", flat=True))


def test_every_state_of_the_demo_is_there_and_the_money_is_right(demo_company):
    assert set(RequestStatus) - states(Request) == {RequestStatus.SUBMITTED}
    assert set(ClaimStatus) - states(Claim) == PASSING
    assert states(Payment) == set(PaymentStatus)
    assert set(Budget.objects.values_list("currency", flat=True)) == {"USD", "EUR", "BRL"}
    assert ledger.wrong() == []
    assert not Timer.objects.filter(subject_type__startswith="mdf_", due_at__lte=NOW, done_at=None).exists()

    abroad = InvoiceLine.objects.filter(currency="EUR", claim__currency="USD").select_related("claim")
    assert {line.claim.partner.name for line in abroad} == {"Acme"}
    line = abroad[0]
    assert line.recoverable_tax > 0
    assert line.cost == (line.net_amount * line.rate).quantize(Decimal("0.01"))

    roi = queries.metric("mdf_roi", SYSTEM, at=NOW)
    assert (roi.value > 1, roi.beside["maturing_activities"] > 0, roi.beside["unpaid_activities"] > 0) == (True,) * 3
    acme = track_record(Partner.objects.get(name="Acme"), actor=SYSTEM, at=NOW)
    webinar = next(one for one in acme.past if one.title.startswith("Webinar"))
    assert (webinar.asked.amount, webinar.approved.amount, webinar.paid.amount) == (5000, 3000, 3000)
    assert (webinar.told, webinar.result.amount > 0, acme.whole.activities) == ("Measured", True, 2)

    free = [money.balance(money.AVAILABLE, own).amount for own in Allocation.objects.filter(partner__name="Acme")]
    assert max(free) >= Decimal(5000)
