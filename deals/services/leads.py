"""A lead's life beside its offers: received, qualified, worked on, gone stale, turned into a deal, closed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import slots, timers
from core.actor import SYSTEM, Actor
from core.errors import Refused, Stale
from core.events import changes, record
from deals import check
from deals.enums import LIVE, LeadStatus, Status
from deals.lead_particulars import Ending, Enquiry, Report
from deals.models import Lead, Registration
from deals.normalise import normal_name, registrable_domain
from deals.particulars import Claim, Reason
from deals.rules import leads as rules
from deals.services import registrations
from deals.services.offers import recall
from deals.services.writing import write
from deals.workflow import LEAD

_PERSONAL = frozenset({"contact_name", "contact_email", "contact_phone", "contact_role"})
_WITH_US = (LeadStatus.NEW, LeadStatus.QUALIFIED, LeadStatus.RETURNED)
AT_WORK = (LeadStatus.ACCEPTED, LeadStatus.WORKING, LeadStatus.STALE)

# --- with the vendor


@transaction.atomic
def receive(enquiry: Enquiry, *, by: Actor, at: datetime) -> Lead:
    """A new lead. Whoever of the vendor's people entered it owns it, unless somebody else is named."""
    by.require("lead.route")
    _refuse_unknown_code(enquiry, at)
    values = enquiry.values()
    values["owner_id"] = enquiry.owner.pk if enquiry.owner else by.id if by.is_vendor else None
    del values["owner"]
    lead = Lead.objects.create(**values, **_keys(enquiry), received_at=at)
    record("created", lead, by=by, at=at)
    return lead


def keep_consent(lead: Lead, words: str, *, by: Actor, at: datetime) -> None:
    """What the person agreed to when they wrote to us, for good."""
    by.require("lead.route")
    record("consented", lead, by=by, at=at, data={"text": words})


def _refuse_unknown_code(enquiry: Enquiry, at: datetime) -> None:
    """A tracking code is that of an activity, whoever's."""
    if enquiry.campaign and not any(slots.ask("tracking_code", SYSTEM, (None, enquiry.campaign), at=at)):
        raise Refused(_("We don't know this tracking code. Take it from the activity's page."), field="campaign")


def _keys(enquiry: Enquiry) -> dict[str, str]:
    return {"domain": registrable_domain(enquiry.website), "normal_name": normal_name(enquiry.account_name)}


@transaction.atomic
def correct(lead: Lead, enquiry: Enquiry, *, by: Actor, at: datetime) -> Lead:
    """What we know better now, while the lead is with us."""
    by.require("lead.route")
    if lead.status not in _WITH_US:
        raise Refused(_("Take the lead back before you change it."), code="illegal_transition")
    if enquiry.campaign != lead.campaign:
        _refuse_unknown_code(enquiry, at)
    values = enquiry.values() | _keys(enquiry)
    if enquiry.owner is None:
        del values["owner"]  # nobody named: it stays whose it is
    moved = changes({name: getattr(lead, name) for name in values}, values)
    if moved:
        if Lead.objects.filter(pk=lead.pk, version=lead.version).update(**{n: values[n] for n in moved}) != 1:
            raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
        lead.refresh_from_db()
        fields = {name: [None, None] if name in _PERSONAL else pair for name, pair in moved.items()}
        record("updated", lead, by=by, at=at, data={"fields": fields})
    return lead


@transaction.atomic
def qualify(lead: Lead, *, by: Actor, at: datetime) -> Lead:
    """Somebody may buy: the lead is worth a partner's time."""
    LEAD.fire(lead, "qualify", by=by, at=at, qualified_at=at)
    return lead


@transaction.atomic
def disqualify(lead: Lead, ending: Ending, *, by: Actor, at: datetime) -> Lead:
    """Nothing becomes of it; the vendor says so, or the partner that worked on it."""
    LEAD.fire(
        lead, "disqualify", by=by, at=at, closed_at=at, due_at=None,
        disqualified_code=ending.code, disqualified_reason=ending.reason,
        data={"disqualified_code": ending.code, "text": ending.reason},
    )  # fmt: skip
    timers.stop(lead)
    return lead


# --- with a partner


@transaction.atomic
def work(lead: Lead, report: Report, *, by: Actor, at: datetime) -> Lead:
    """The partner tells what it did; the clock of the next news starts anew."""
    LEAD.check(lead, "work", by=by, at=at)
    assert lead.partner
    zone = lead.partner.time_zone
    due = rules.update_due(at, zone)
    LEAD.fire(
        lead, "work", by=by, at=at, first_contact_at=lead.first_contact_at or at, last_update_at=at, due_at=due,
        next_step=report.next_step, data={"text": report.text, "next_step": report.next_step},
    )  # fmt: skip
    timers.put(lead, {"go_stale": due, "remind": rules.news_reminder(at, due, zone), "take_back": None})
    return lead


def remind(lead: Lead, *, at: datetime) -> None:
    """Tells the partner that news are due."""
    if lead.status in AT_WORK and lead.due_at and at < lead.due_at:
        data = {"due_at": lead.due_at.isoformat()}
        record("reminded", lead, by=SYSTEM, at=at, partner_id=lead.partner_id, data=data)


@transaction.atomic
def go_stale(lead: Lead, *, at: datetime) -> None:
    """No news in time: both sides are told, and the lead goes back unless the partner reports."""
    if lead.status not in AT_WORK or lead.due_at is None or at < lead.due_at:
        return
    assert lead.partner
    until = rules.taken_back_at(at, lead.partner.time_zone)
    LEAD.fire(lead, "go_stale", by=SYSTEM, at=at, due_at=until, data={"taken_back_at": until.isoformat()})
    timers.put(lead, {"take_back": until, "remind": None})


def take_back(lead: Lead, *, at: datetime) -> None:
    """A stale lead's partner has been silent for too long."""
    if lead.status == LeadStatus.STALE and lead.due_at and at >= lead.due_at:
        recall(lead, Reason(_("We had no news of this lead.")), by=SYSTEM, at=at)


# --- into a deal


@transaction.atomic
def begin_deal(lead: Lead, *, by: Actor, at: datetime) -> Registration:
    """The registration that a lead turns into: a draft with what we know, or the one that was begun before."""
    LEAD.check(lead, "convert", by=by, at=at)
    check.hold(f"deal of {lead.pk}")  # a second click finds the draft of the first
    known = Registration.objects.filter(lead=lead, status__in=(Status.DRAFT, *LIVE), deleted_at=None)
    begun = known.order_by("created_at").first()
    if begun:
        return begun
    assert lead.membership
    claim = Claim(
        membership=lead.membership, account_name=lead.account_name, website=lead.website, country=lead.country,
        contact_name=lead.contact_name, contact_email=lead.contact_email, contact_role=lead.contact_role,
        product=lead.product, amount=lead.amount, currency=lead.membership.partner.default_currency,
        need=lead.need, how_found=_("Lead %s") % lead.reference,
    )  # fmt: skip
    deal = registrations.register(claim, by=by, at=at)
    write(deal, {"lead": lead})
    return deal
