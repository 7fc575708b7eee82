"""Leads, and their offers to partners, in the REST API."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.api.containers import Data
from core.api.kinds import Choice, Email, Moment, Text, Website, Whole, money
from core.api.resources import READ, Action, Field, Group, Ref, Resource, same
from deals.api.words import PRODUCT
from deals.enums import (
    DeclineReason,
    DisqualifyReason,
    LeadSource,
    LeadStatus,
    OfferStatus,
    Temperature,
)
from deals.lead_particulars import Ending, Enquiry, No, OfferTo, Report
from deals.models import Lead, LeadOffer
from deals.particulars import Reason
from deals.services import leads, offers
from deals.workflow import LEAD, OFFER
from partners.api import COUNTRY, CURRENCY, STAFF
from partners.models import Partner, Product

_TOLD = set(Enquiry.__dataclass_fields__) - {"product", "owner"}


def _enquiry(values: dict[str, Any], by: Actor) -> dict[str, Any]:
    """The particulars among the columns."""
    found = {name: value for name, value in values.items() if name in _TOLD}
    if "product_id" in values:
        found["product"] = Product.objects.visible_to(by).filter(pk=values["product_id"]).first()
    return found


def _receive(values: dict[str, Any], *, by: Actor, at: datetime) -> Lead:
    return leads.receive(Enquiry(**_enquiry(values, by)), by=by, at=at)


def _correct(lead: Lead, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    before = Enquiry(**{name: getattr(lead, name) for name in _TOLD}, product=lead.product)
    leads.correct(lead, replace(before, **_enquiry(values, by)), by=by, at=at)
    return {}


def _offer(lead: Lead, partner_id: UUID | None, *, by: Actor, at: datetime) -> Lead:
    to = Partner.objects.visible_to(by).get(pk=partner_id) if partner_id else None
    return same(offers.offer)(lead, OfferTo(to), by=by, at=at)


def _to(partner_id: UUID | None = None) -> UUID | None:
    return partner_id


_CONTACT = (
    Field("name", Text(150), "contact_name", personal=True),
    Field("email", Email(), "contact_email", personal=True),
    Field("phone", Text(40), "contact_phone", personal=True),
    Field("role", Text(80), "contact_role", personal=True),
)
LEADS = Resource(
    "leads",
    Lead,
    about="Somebody who may buy, handed to a partner. The partner sees it from the moment it accepted the offer.",
    owner="partner_id",
    verbs=frozenset({"create", "update"}),
    writers=("lead.route",),
    has_reference=True,
    workflow=LEAD,
    create=_receive,
    update=_correct,
    fields=(
        Field("partner_id", Ref("partners"), write=READ, filter=True),
        Field("status", Choice(LeadStatus.values), write=READ, null=False, filter=True),
        Field("account_name", Text(200), required=True, null=False),
        Field("website", Website()),
        Field("country", COUNTRY, filter=True),
        Field("region", Text(60), filter=True),
        Field("industry", Text(80)),
        Field("employee_count", Whole()),
        Group("contact", parts=_CONTACT, personal=True),
        PRODUCT,
        Field("amount", money(positive=True)),
        Field("currency", CURRENCY, null=False),
        Field("need", Text(2000)),
        Field("source", Choice(LeadSource.values), null=False, filter=True),
        Field("source_detail", Text(200), vendor=True),
        Field("tracking_code", Text(16), "campaign", vendor=True, filter=True,
              about="Of the funded activity it came from."),
        Field("temperature", Choice(Temperature.values), null=False, filter=True),
        Field("owner_user_id", STAFF, "owner_id", write=READ, vendor=True),
        Field("received_at", Moment(), write=READ, null=False),
        Field("accepted_at", Moment(), write=READ),
        Field("first_contact_at", Moment(), write=READ),
        Field("last_update_at", Moment(), write=READ),
        Field("due_at", Moment(), write=READ),
        Field("closed_at", Moment(), write=READ),
        Field("next_step", Text(300), write=READ),
        Field("disqualified_code", Choice(DisqualifyReason.values, blank=True), write=READ, filter=True),
        Field("disqualified_reason", Text(1000), write=READ),
    ),
    actions=(
        Action("qualify", leads.qualify, "It is worth a partner's time.", "qualify"),
        Action("offer", _offer, "Offer it to a partner, or to the best by the routing rules.", "offer",
               (Field("partner_id", Ref("partners")),), _to),
        Action("recall", same(offers.recall), "Take it back from whoever has it.", "recall",
               (Field("reason", Text(1000), "text", required=True),), Reason),
        Action("work", leads.work, "Report what was done; the clock of the next news starts anew.", "work",
               (Field("text", Text(2000), required=True), Field("next_step", Text(300))), Report),
        Action("begin_registration", same(leads.begin_deal),
               "Turn it into a draft registration; `lead_id` finds it. It is converted when that is sent.", "convert"),
        Action("disqualify", leads.disqualify, "Close it without a deal.", "disqualify",
               (Field("code", Choice(DisqualifyReason.values), required=True), Field("reason", Text(1000))), Ending),
    ),
)  # fmt: skip

LEAD_OFFERS = Resource(
    "lead_offers",
    LeadOffer,
    about="A lead put to one partner: what it may know before it accepts, and its answer.",
    owner="partner_id",
    has_reference=True,
    workflow=OFFER,
    fields=(
        Field("partner_id", Ref("partners"), write=READ, null=False, filter=True),
        Field("lead_id", Ref("leads"), write=READ, null=False, filter=True),
        Field("status", Choice(OfferStatus.values), write=READ, null=False, filter=True),
        Field("teaser", Data(), write=READ, null=False),
        Field("offered_at", Moment(), write=READ, null=False),
        Field("due_at", Moment(), write=READ, null=False),
        Field("answered_at", Moment(), write=READ),
        Field("decline_code", Choice(DeclineReason.values, blank=True), write=READ, filter=True),
        Field("decline_reason", Text(1000), write=READ),
    ),
    actions=(
        Action("accept", offers.accept, "Take the lead; its contact is shown from now on.", "accept"),
        Action("decline", same(offers.decline), "Leave it to the next one.", "decline",
               (Field("code", Choice(DeclineReason.values), required=True), Field("reason", Text(1000))), No),
    ),
)  # fmt: skip
