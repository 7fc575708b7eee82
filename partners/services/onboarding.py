"""A new partner's checklist: made by its type, ticked off by what happens, by approval, or skipped with a reason."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import files
from core.actor import SYSTEM, Actor
from core.calendar import working_days_after
from core.errors import Refused
from core.events import record
from core.models import Event
from partners import terms
from partners.enums import OPEN_ACTIONS, TO_DO, DoneBy, PartnerStatus
from partners.lifecycle import Lifecycle, Task
from partners.models import Invitation, Member, OnboardingAction, Partner, Program
from partners.particulars import Because, Handed, Words
from partners.workflow import ONBOARDING, PARTNER

WORKING_DAYS = 2  # until we look at what was handed in
# Kinds of completion that nobody clicks: asked of the rows as they are.
_DONE: dict[str, Callable[[Partner, datetime], bool]] = {
    DoneBy.TERMS: terms.accepted,
    DoneBy.PROFILE: lambda partner, at: all((partner.website, partner.country, partner.description)),
    DoneBy.COLLEAGUE: lambda partner, at: (
        Member.objects.filter(partner=partner).count() > 1
        or Invitation.objects.filter(partner=partner, invited_by__memberships__partner=partner).exists()
    ),
    DoneBy.FIRST_DEAL: lambda partner, at: Event.objects.filter(
        partner_id=partner.pk, type="deal_registration.submitted"
    ).exists(),
}


@transaction.atomic
def begin(partner: Partner, *, at: datetime) -> None:
    """The checklist of the first program the partner came into, once."""
    for program_id, partner_type in sorted(terms.places(partner, at), key=str)[:1]:
        program = Program.objects.get(pk=program_id)
        _lay_out(partner, Lifecycle.of(program.lifecycle).tasks(partner_type), at)


def _lay_out(partner: Partner, tasks: tuple[Task, ...], at: datetime) -> None:
    if OnboardingAction.objects.filter(partner=partner).exists():
        return
    rows = [
        OnboardingAction(
            partner=partner, key=task.key, title=str(task.title), note=task.note, done_by=task.done_by,
            required=task.required, place=place,
        )
        for place, task in enumerate(tasks, start=1)
    ]  # fmt: skip
    OnboardingAction.objects.bulk_create(rows)
    record("checklist_made", partner, by=SYSTEM, at=at, partner_id=partner.pk, data={"lines": len(rows)})


@transaction.atomic
def settle(partner: Partner, *, at: datetime) -> None:
    """Ticks off what is done by now; when nothing required is left, the partner is active. Bears running twice."""
    if partner.status != PartnerStatus.ONBOARDING:
        return
    actions = list(OnboardingAction.objects.select_for_update().filter(partner=partner).order_by("place"))
    for action in actions:
        if action.status in TO_DO and (done := _DONE.get(action.done_by)) and done(partner, at):
            ONBOARDING.fire(action, "complete", by=SYSTEM, at=at, closed_at=at)
    if actions and not any(action.required and action.status in OPEN_ACTIONS for action in actions):
        PARTNER.fire(partner, "activate", by=SYSTEM, at=at)


@transaction.atomic
def hand_in(action: OnboardingAction, handed: Handed, *, by: Actor, at: datetime) -> None:
    """The partner sends a document, or says that it is done; we look at it."""
    ONBOARDING.check(action, "hand_in", by=by, at=at)
    if action.done_by not in (DoneBy.DOCUMENT, DoneBy.APPROVAL):
        raise Refused(_("This line is ticked off by itself."), code="done_by_itself")
    if action.done_by == DoneBy.DOCUMENT and not handed.files:
        raise Refused(_("Choose a file."), field="document")
    due = working_days_after(at, WORKING_DAYS, action.partner.time_zone)
    ONBOARDING.fire(action, "hand_in", by=by, at=at, said=handed.text, sent_at=at, due_at=due, answer="")
    for file in handed.files:
        files.keep(file, partner_id=action.partner_id, by=by, at=at, subject=action)


@transaction.atomic
def approve_action(action: OnboardingAction, *, by: Actor, at: datetime) -> None:
    """What was handed in is good."""
    ONBOARDING.fire(action, "approve", by=by, at=at, decided_by_id=by.id, closed_at=at, answer="")
    settle(action.partner, at=at)


def send_back(action: OnboardingAction, words: Words, *, by: Actor, at: datetime) -> None:
    """Something is missing: the words say what."""
    told = {"text": words.text}
    ONBOARDING.fire(action, "send_back", by=by, at=at, decided_by_id=by.id, answer=words.text, data=told)


@transaction.atomic
def skip_action(action: OnboardingAction, because: Because | Words, *, by: Actor, at: datetime) -> None:
    """This partner needn't do it."""
    told, values = {"text": because.text}, {"decided_by_id": by.id, "closed_at": at, "answer": because.text}
    ONBOARDING.fire(action, "skip", by=by, at=at, data=told, **values)
    settle(action.partner, at=at)
