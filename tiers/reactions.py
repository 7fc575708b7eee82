"""What tiers do when something happens: judge anew. Bears running twice."""

from core.clock import now
from core.models import Event
from tiers import services
from tiers.models import ProgramMembership, ProgramVersion


def judge(event: Event) -> None:
    """A partner came into a program: its entry tier is given at once."""
    services.assess(ProgramMembership.objects.filter(pk=event.subject_id), at=now())


def judge_program(event: Event) -> None:
    """New rules of a program are in force: every membership is judged by them."""
    programs = ProgramVersion.objects.filter(pk=event.subject_id).values("program_id")
    services.assess(ProgramMembership.objects.filter(program_id__in=programs), at=now())
