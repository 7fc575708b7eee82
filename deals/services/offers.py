"""A lead on its way to a partner: offered, accepted, declined, timed out, offered to the next, taken back."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core import timers
from core.actor import SYSTEM, Actor
from core.errors import Refused
from core.events import record
from core.scope import elevated
from deals.candidates import Routed, route, wanted_of
from deals.enums import LeadStatus, OfferStatus
from deals.lead_particulars import No, OfferTo
from deals.models import Lead, LeadOffer, LeadRanking
from deals.particulars import Reason
from deals.rules import leads as rules
from deals.rules.routing import Placing
from deals.workflow import LEAD, OFFER
from partners.enums import WORKING

ROWS_KEPT = 50  # of a ranking
_ANSWER_HOURS = 24
_ANYBODY = OfferTo()

# --- to a partner


@transaction.atomic
def offer(lead: Lead, to: OfferTo = _ANYBODY, *, by: Actor, at: datetime) -> LeadOffer:
    """Offers the lead to this partner, or to the best by the routing rules; a lead that waited counts as qualified.

    Raises Refused when no rule fits or nobody can take it.
    """
    if lead.status in (LeadStatus.NEW, LeadStatus.RETURNED):
        LEAD.fire(lead, "qualify", by=by, at=at, qualified_at=at)
    LEAD.check(lead, "offer", by=by, at=at)
    routed = route(wanted_of(lead), at=at, lead_id=lead.pk, to=to.partner)
    if routed.best is None:
        raise Refused(_nobody(routed, to), field="partner")
    with elevated():  # the rules may send it to a partner that this person doesn't see
        return _offer(lead, routed, routed.best, by=by, at=at)


def _nobody(routed: Routed, to: OfferTo) -> str:
    if to.partner:
        why = routed.placings[0].barred if routed.placings else _("is in no active program")
        return _("%(partner)s can't get this lead: it %(why)s.") % {"partner": to.partner, "why": why}
    if routed.rule is None:
        return _("No routing rule fits this lead. Choose a partner, or add a rule.")
    return _("No partner can take this lead now. The ranking says why.")


def _offer(lead: Lead, routed: Routed, best: Placing, *, by: Actor, at: datetime) -> LeadOffer:
    rows = [placing.row() for placing in routed.placings[:ROWS_KEPT]]
    LeadRanking.objects.create(lead=lead, rule=routed.rule, at=at, rows=rows)
    membership = best.candidate.membership
    zone = membership.partner.time_zone
    hours = routed.rule.answer_hours if routed.rule else _ANSWER_HOURS
    due = rules.answer_due(at, lead.temperature, hours, zone)
    made = LeadOffer(
        partner_id=membership.partner_id, membership=membership, lead_id=lead.pk, offered_at=at, due_at=due,
        rank=_asked_since(lead) + 1, score=best.score, teaser=rules.teaser(lead) | {"why": _reasons(best)},
    )  # fmt: skip
    data = {"offer": made.public_id, "to": best.candidate.name, "score": str(best.score), "due_at": due.isoformat()}
    LEAD.fire(lead, "offer", by=by, at=at, due_at=due, data=data)  # first: of two who offer at once, one is stale here
    made.save(force_insert=True)
    record("offered", made, by=by, at=at, partner_id=made.partner_id, data={"due_at": due.isoformat()})
    timers.put(made, {"time_out": due, **rules.answer_reminders(at, due, zone)})
    return made


def _reasons(best: Placing) -> list[str]:
    """The criteria by which the partner did well, for it to read why it got the lead."""
    return [name for name, part in best.parts.items() if part.points * 3 >= part.most * 2]


def _asked_since(lead: Lead) -> int:
    """How many were asked since the lead was qualified last."""
    return LeadOffer.objects.filter(lead_id=lead.pk, offered_at__gte=lead.qualified_at or lead.received_at).count()


# --- the answer


@transaction.atomic
def accept(offered: LeadOffer, *, by: Actor, at: datetime) -> LeadOffer:
    """The partner takes the lead; from now on it sees all of it, and the clock of the first contact runs.

    Raises Stale when a colleague was faster.
    """
    OFFER.check(offered, "accept", by=by, at=at)
    partner = offered.partner
    if why := rules.too_late(offered, at):
        raise Refused(why, code="too_late")
    if partner.status not in WORKING:
        raise Refused(_("Your company doesn't take leads now. Ask your channel manager."), code="rule")
    OFFER.fire(offered, "accept", by=by, at=at, answered_at=at, answered_label=by.label)
    due = rules.first_contact_due(at, partner.time_zone)
    with elevated():  # until this moment the partner may not see the lead
        lead = lead_of(offered)
        LEAD.fire(
            lead, "take", by=by, at=at, partner_id=offered.partner_id, membership_id=offered.membership_id,
            accepted_at=at, last_update_at=at, due_at=due, data={"offer": offered.public_id},
        )  # fmt: skip
    timers.stop(offered)
    timers.put(lead, {"go_stale": due, "remind": rules.news_reminder(at, due, partner.time_zone), "take_back": None})
    return offered


@transaction.atomic
def decline(offered: LeadOffer, answer: No, *, by: Actor, at: datetime) -> LeadOffer:
    """The partner doesn't want it; the next one is asked."""
    OFFER.fire(
        offered, "decline", by=by, at=at, answered_at=at, answered_label=by.label,
        decline_code=answer.code, decline_reason=answer.reason,
        data={"decline_code": answer.code, "text": answer.reason},
    )  # fmt: skip
    timers.stop(offered)
    with elevated():
        _pass_on(lead_of(offered), at)
    return offered


@transaction.atomic
def time_out(offered: LeadOffer, *, at: datetime) -> None:
    """Nobody answered in time; the next one is asked."""
    if offered.status != OfferStatus.OFFERED or at < offered.due_at:
        return
    OFFER.fire(offered, "time_out", by=SYSTEM, at=at, answered_at=at)
    timers.stop(offered)
    _pass_on(lead_of(offered), at)


def remind(offered: LeadOffer, *, at: datetime) -> None:
    """Tells the partner again that an offer waits."""
    if offered.status == OfferStatus.OFFERED and at < offered.due_at:
        data = {"due_at": offered.due_at.isoformat()}
        record("reminded", offered, by=SYSTEM, at=at, partner_id=offered.partner_id, data=data)


def lead_of(offered: LeadOffer) -> Lead:
    """The lead behind an offer, held until the transaction ends. Needs a scope that sees it."""
    return Lead.objects.select_for_update(of=("self",)).select_related("product").get(pk=offered.lead_id)


# --- to the next, or back


def _pass_on(lead: Lead, at: datetime) -> None:
    """To the next ranked partner while the rule lets us ask more; else back to the vendor."""
    LEAD.fire(lead, "pass_on", by=SYSTEM, at=at, due_at=None)
    routed = route(wanted_of(lead), at=at, lead_id=lead.pk)
    asked = _asked_since(lead)
    if routed.rule and routed.best and asked < routed.rule.offers:
        _offer(lead, routed, routed.best, by=SYSTEM, at=at)
    else:
        LEAD.fire(lead, "bring_back", by=SYSTEM, at=at, data={"asked": asked})


@transaction.atomic
def recall(lead: Lead, reason: Reason, *, by: Actor, at: datetime) -> Lead:
    """Takes the lead back from whoever has it. The partner reads the reason and doesn't see the lead any more."""
    LEAD.check(lead, "recall", by=by, at=at)
    _end_offer(lead, reason, by=by, at=at)
    LEAD.fire(
        lead, "recall", by=by, at=at, partner=None, membership=None, accepted_at=None, first_contact_at=None,
        last_update_at=None, due_at=None, next_step="", data={"text": reason.text, "from": _public(lead.partner_id)},
    )  # fmt: skip
    timers.stop(lead)
    return lead


def _end_offer(lead: Lead, reason: Reason, *, by: Actor, at: datetime) -> None:
    live = (OfferStatus.OFFERED, OfferStatus.ACCEPTED)
    offered = LeadOffer.objects.filter(lead_id=lead.pk, status__in=live).first()
    if offered:
        answered = offered.answered_at or at
        OFFER.fire(offered, "recall", by=by, at=at, answered_at=answered, data={"text": reason.text})
        timers.stop(offered)


def _public(partner_id: UUID | None) -> str | None:
    return f"ptr_{partner_id.hex}" if partner_id else None
