"""Accounts, opportunities, who works on them and who is credited."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.api.containers import Words
from core.api.kinds import Choice, Day, Email, Moment, Text, Website, Whole, YesNo, money, percent
from core.api.resources import CREATE, READ, Action, Derived, Field, Nested, Ref, Resource, same
from core.errors import Refused
from deals import services
from deals.api.words import PRODUCT
from deals.enums import (
    Coverage,
    Credit,
    Evidence,
    OpportunityKind,
    PartnerRole,
    Stage,
    VendorSource,
)  # fmt: skip
from deals.models import Account, Attribution, Opportunity, OpportunityPartner
from deals.normalise import normal_name, registrable_domain
from deals.particulars import Closing, SourcingDecision
from deals.services import attributions, roles
from partners.api import COUNTRY, CURRENCY
from partners.models import Partner


def _recognisable(values: dict[str, Any], account: Account | None) -> dict[str, Any]:
    """The keys of the duplicate check beside what they are made of."""
    made = {"normal_name": normal_name(values["name"])} if "name" in values else {}
    return made | ({"domain": registrable_domain(values["domain"])} if values.get("domain") else {})


ACCOUNTS = Resource(
    "accounts",
    Account,
    about="An end customer: whom both sides sell to, and who may.",
    verbs=frozenset({"create", "update", "delete"}),
    writers=("account.edit",),
    natural=("domain", "name"),
    prepare=_recognisable,
    fields=(
        Field("name", Text(200), required=True, null=False, filter=True),
        Field("domain", Website(), filter=True),
        Field("country", COUNTRY, filter=True),
        Field("industry", Text(80), filter=True),
        Field("employee_count", Whole()),
        Field("parent_account_id", Ref("accounts"), "parent_id", vendor=True, filter=True),
        Field("owner_partner_id", Ref("partners"), vendor=True, filter=True),
        Field("coverage", Choice(Coverage.values), null=False, vendor=True, filter=True),
        Field("coverage_reason", Text(300), vendor=True),
        Field("coverage_until", Day(), vendor=True),
        Field("customer_since", Day(), vendor=True),
        Field("last_vendor_contact_on", Day(), vendor=True),
        Field("uses", Words(), null=False, vendor=True),
    ),
)

# --- the pipeline ----------------------------------------------------------------------------------------------------


def _closed_whole(row: Any):
    if row["stage"] != Stage.OPEN and row["closed_on"] is None:
        yield "closed_on", _("Say when it was closed.")
    if row["stage"] == Stage.OPEN and row["closed_on"] is not None:
        yield "closed_on", _("An open opportunity has no closing date.")
    if row["stage"] == Stage.WON and row["amount"] is None:
        yield "amount", _("Enter the amount it was won for.")


def _follows(values: dict[str, Any], opportunity: Opportunity | None) -> dict[str, Any]:
    """What a change brings with it: an amount that was told is no estimate, an open one has no closing date."""
    told = {"amount_estimated": False} if "amount" in values else {}
    reopened = opportunity is not None and values.get("stage") == Stage.OPEN and "closed_on" not in values
    return told | ({"closed_on": None} if reopened else {})


def _edit_opportunity(opportunity: Opportunity, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    """Closing has its service, because registrations end with it; the rest is plain."""
    stage = values.get("stage")
    if stage is None:
        return values
    if stage == Stage.OPEN:
        services.reopen(opportunity, by=by, at=at)
        return {name: value for name, value in values.items() if name not in ("stage", "closed_on")}
    day: date | None = values.get("closed_on", opportunity.closed_on)
    if day is None:
        raise Refused(_("Say when it was closed."), field="closed_on", code="required")
    services.close(opportunity, Closing(Stage(stage), day, values.get("amount")), by=by, at=at)
    return {name: value for name, value in values.items() if name not in ("stage", "closed_on", "amount")}


def _decide(opportunity: Opportunity, told: dict[str, Any], *, by: Actor, at: datetime) -> Opportunity:
    """A manager's word on who sourced it; without a partner nobody did."""
    partner_id = told.get("partner_id")
    partner = Partner.objects.visible_to(by).get(pk=partner_id) if partner_id else None
    return same(attributions.decide)(opportunity, SourcingDecision(partner, told["reason"]), by=by, at=at)


OPPORTUNITIES = Resource(
    "opportunities",
    Opportunity,
    about="A pipeline record, a partner's or direct. `amount` is the first year's value net to the vendor.",
    verbs=frozenset({"create", "update", "delete"}),
    writers=("opportunity.edit",),
    has_reference=True,
    nested=(
        Nested("partners", "opportunity_partners", "opportunity_id", roles.COLUMNS, roles.set_roles),
        Nested("attributions", "attributions", "opportunity_id", ("partner_id", "credit", "evidence", "share_percent")),
    ),
    prepare=_follows,
    check=_closed_whole,
    update=_edit_opportunity,
    update_for=frozenset({"stage"}),
    fields=(
        Field("account_id", Ref("accounts"), filter=True),
        Field("name", Text(200)),
        PRODUCT,
        Field("kind", Choice(OpportunityKind.values), null=False, filter=True),
        Field("stage", Choice(Stage.values), null=False, filter=True),
        Field("crm_stage", Text(60)),
        Derived("is_closed", YesNo(), null=False, of=("stage",), by=lambda stage: stage != Stage.OPEN),
        Derived("is_won", YesNo(), null=False, of=("stage",), by=lambda stage: stage == Stage.WON),
        Field("amount", money()),
        Field("amount_estimated", YesNo(), write=READ, null=False),
        Field("list_amount", money(), vendor=True),
        Field("currency", CURRENCY, null=False),
        Field("opened_on", Day()),
        Field("close_on", Day()),
        Field("closed_on", Day()),
        Field("probability_percent", percent()),
        Field("forecast_category", Text(40), vendor=True),
        Field("vendor_source", Choice(VendorSource.values), null=False, vendor=True),
        Field("owner_email", Email(), vendor=True, personal=True),
    ),
    actions=(
        Action(
            "decide_sourcing",
            _decide,
            "A manager's word on who sourced it; null: nobody.",
            "",
            (Field("partner_id", Ref("partners")), Field("reason", Text(2000), required=True)),
            dict,
        ),
    ),
)


def _add_role(values: dict[str, Any], *, by: Actor, at: datetime) -> OpportunityPartner:
    opportunity = Opportunity.objects.visible_to(by).get(pk=values["opportunity_id"])
    wanted = {name: value for name, value in values.items() if name != "opportunity_id"}
    return roles.add_role(opportunity, wanted, by=by, at=at)


OPPORTUNITY_PARTNERS = Resource(
    "opportunity_partners",
    OpportunityPartner,
    about="A partner's role in an opportunity and, for sourcing, its share of it.",
    owner="partner_id",
    verbs=frozenset({"create", "remove"}),
    writers=("opportunity.edit",),
    create=_add_role,
    delete=roles.remove_role,
    fields=(
        Field("opportunity_id", Ref("opportunities"), write=CREATE, required=True, null=False, filter=True),
        Field("partner_id", Ref("partners"), write=CREATE, required=True, null=False, filter=True),
        Field("role", Choice(PartnerRole.values), write=CREATE, required=True, null=False, filter=True),
        Field("share_percent", percent(), write=CREATE),
        Field("membership_id", Ref("program_memberships"), write=CREATE),
    ),
)

ATTRIBUTIONS = Resource(
    "attributions",
    Attribution,
    about="The credit of a partner for an opportunity, and what it rests on.",
    owner="partner_id",
    fields=(
        Field("opportunity_id", Ref("opportunities"), write=READ, null=False, filter=True),
        Field("partner_id", Ref("partners"), write=READ, null=False, filter=True),
        Field("credit", Choice(Credit.values), write=READ, null=False, filter=True),
        Field("evidence", Choice(Evidence.values), write=READ, null=False, filter=True),
        Field("evidence_at", Moment(), write=READ),
        Field("share_percent", percent(), write=READ, null=False),
        Field("rule_version", Whole(1), write=READ, null=False),
        Field("frozen_on", Day(), write=READ),
    ),
)
