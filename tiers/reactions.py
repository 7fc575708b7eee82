"""What tiers do when something happens. Bears running twice."""

from core.actor import SYSTEM
from core.clock import now
from core.ids import parse_public_id
from core.models import Event
from partners.models import Partner, Program
from tiers import services
from tiers.models import Fact, ProgramMembership
from tiers.particulars import Enrolment


def enter_program(event: Event) -> None:
    """A partner that applied for a program was approved: it becomes a member."""
    pk = parse_public_id(Program.prefix, event.data.get("program"))
    program = Program.objects.filter(pk=pk).first() if pk else None
    if program and not ProgramMembership.objects.filter(partner_id=event.subject_id, program=program).exists():
        partner = Partner.objects.get(pk=event.subject_id)
        place = Enrolment(partner, program, event.data["partner_type"], event.at.date())
        services.enrol(place, by=SYSTEM, at=now())


def plan_review(event: Event) -> None:
    """The day of the next review was set, moved or taken away."""
    for member in ProgramMembership.objects.filter(pk=event.subject_id):
        services.plan_review(member)


def judge(event: Event) -> None:
    """A figure was sent: its membership is judged anew."""
    memberships = Fact.objects.filter(pk=event.subject_id).values("membership_id")
    services.assess(ProgramMembership.objects.filter(pk__in=memberships), at=now())
