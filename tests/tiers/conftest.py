"""A partner in the default program, and the people who decide about its tier."""

from datetime import date

import pytest

from core.actor import SYSTEM
from partners.models import Partner
from tests.tiers.standing import AT, FILE
from tiers import services
from tiers.particulars import Enrolment


@pytest.fixture
def program(db):
    return services.load_program(FILE, by=SYSTEM, at=AT)[0]


@pytest.fixture
def acme(program, cast):
    """Acme's membership: Registered, nothing closed yet."""
    partner = Partner.objects.get(pk=cast.acme.pk)
    return services.enrol(Enrolment(partner, program, "reseller", date(2026, 1, 1)), by=SYSTEM, at=AT)
