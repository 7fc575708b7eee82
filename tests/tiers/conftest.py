"""A partner in the default program, and the people who decide about its tier."""

from datetime import date

from core.actor import SYSTEM
from partners.models import Partner, Program
from tests.factories import Cast, make_cast
from tests.ground import ground
from tests.tiers.standing import AT, FILE
from tiers import services
from tiers.models import ProgramMembership
from tiers.particulars import Enrolment


def make_program() -> Program:
    return services.load_program(FILE, by=SYSTEM, at=AT)[0]


def enrol_acme(program: Program, cast: Cast) -> ProgramMembership:
    """Acme's membership: Registered, nothing closed yet."""
    partner = Partner.objects.get(pk=cast.acme.pk)
    return services.enrol(Enrolment(partner, program, "reseller", date(2026, 1, 1)), by=SYSTEM, at=AT)


program = ground(make_program)
acme = ground(enrol_acme, make_program, make_cast)
