"""The owner of an opportunity on our side says whether a deal is theirs: by signed mail, without signing in."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused, Stale
from core.events import record
from deals import rules
from deals.enums import Status
from deals.models import OwnerQuestion, Registration
from deals.particulars import OwnerAsked, OwnerReply


@transaction.atomic
def ask_owner(deal: Registration, asked: OwnerAsked, *, by: Actor, at: datetime) -> OwnerQuestion:
    """Sends the question. Raises Refused when nothing is to be decided, or this person has it before them."""
    by.require("deal.decide")
    if deal.status not in (Status.IN_REVIEW, Status.APPEALED):
        raise Refused(_("Nothing is to be decided now. Ask while the registration is in review."), code="rule")
    open_ones = OwnerQuestion.objects.filter(registration=deal, email__iexact=asked.email, answer="")
    if any(at < rules.owner_answer_ends(one.asked_at, deal.partner.time_zone) for one in open_ones):
        raise Refused(_("This person was asked already and hasn't answered yet."), field="email")
    question = OwnerQuestion.objects.create(
        partner_id=deal.partner_id, registration=deal, opportunity=asked.opportunity, email=asked.email,
        asked_by_id=by.id if by.kind == "vendor" else None, asked_at=at,
    )  # fmt: skip
    record("asked", question, by=by, at=at, data={"registration": deal.public_id})
    return question


@transaction.atomic
def answer_owner(question: OwnerQuestion, reply: OwnerReply, *, by: Actor, at: datetime) -> OwnerQuestion:
    """The owner's answer, once. Raises Refused when the time for it has ended, Stale when it was given before."""
    if at >= rules.owner_answer_ends(question.asked_at, question.registration.partner.time_zone):
        raise Refused(_("The time for this answer has ended. Write to the channel manager instead."), code="rule")
    rows = OwnerQuestion.objects.filter(pk=question.pk, answer="")
    if rows.update(answer=reply.answer, note=reply.note, answered_at=at) != 1:
        raise Stale(_("This question was answered already. Thank you."))
    question.refresh_from_db()
    deal = question.registration
    record("answered", question, by=by, at=at, data={"registration": deal.public_id, "answer": reply.answer})
    return question
