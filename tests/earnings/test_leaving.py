"""Nobody leaves with money open."""

import pytest

from core import slots
from core.actor import SYSTEM
from tests.earnings.paying import owe, payee
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_partner_that_is_owed_something_does_not_leave_yet():
    acme = payee()
    assert slots.ask("offboarding_blocker", SYSTEM, acme, at=NOW) == []
    owe(acme, "120.50")
    owe(acme, "7.00", "EUR")
    assert slots.ask("offboarding_blocker", SYSTEM, acme, at=NOW) == [
        "Earnings are open: 7.00 EUR, 120.50 USD. Pay them first."
    ]
