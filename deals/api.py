"""Accounts, opportunities and deal registrations in the REST API."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core.actor import SYSTEM, Actor
from core.api.containers import Data, Words
from core.api.kinds import Choice, Day, Email, Moment, Text, Website, Whole, YesNo, money, percent
from core.api.problems import Problem
from core.api.resources import CREATE, READ, Action, Derived, Field, Group, Lookup, Nested, Ref, Resource
from core.errors import Refused
from deals import services
from deals.enums import (
    PROTECTED,
    Coverage,
    Credit,
    Evidence,
    Motion,
    OpportunityKind,
    PartnerRole,
    RejectReason,
    Stage,
    Status,
    VendorSource,
    Verdict,
)  # fmt: skip
from deals.models import Account, Attribution, Opportunity, OpportunityPartner, Registration
from deals.normalise import normal_name, registrable_domain
from deals.particulars import Answer, Approval, Claim, Closing, Progress, Question, Reason, Rejection
from deals.queries import memberships
from deals.services import roles
from deals.workflow import REGISTRATION
from partners.api import COUNTRY, CURRENCY, STAFF
from partners.models import Product
from tiers.models import ProgramMembership


def _product(sku: str) -> UUID | None:
    found = Product.objects.visible_to(SYSTEM).filter(sku=sku, deleted_at=None)
    return found.values_list("pk", flat=True).first()


PRODUCT = Lookup("product_sku", Text(60), "product_id", filter=True, path="product__sku", find=_product)

# --- end customers ---------------------------------------------------------------------------------------------------


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


def _known_amount(values: dict[str, Any], opportunity: Opportunity | None) -> dict[str, Any]:
    return {"amount_estimated": False} if "amount" in values else {}


def _edit_opportunity(opportunity: Opportunity, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    """Closing has its service, because registrations end with it; the rest is plain."""
    stage = values.get("stage")
    if stage is None:
        return values
    if stage == Stage.OPEN:
        raise Refused(_("A closed opportunity stays closed here. Enter a new one."), code="illegal_transition")
    day: date | None = values.get("closed_on", opportunity.closed_on)
    if day is None:
        raise Refused(_("Say when it was closed."), field="closed_on", code="required")
    services.close(opportunity, Closing(Stage(stage), day, values.get("amount")), by=by, at=at)
    return {name: value for name, value in values.items() if name not in ("stage", "closed_on", "amount")}


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
    prepare=_known_amount,
    check=_closed_whole,
    update=_edit_opportunity,
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

# --- registrations ---------------------------------------------------------------------------------------------------

_CONTACT = (
    Field("name", Text(150), "contact_name", personal=True),
    Field("email", Email(), "contact_email", personal=True),
    Field("role", Text(80), "contact_role", personal=True),
)
_ASKED = (
    Field("account_name", Text(200), required=True),
    Field("website", Website()),
    Field("country", COUNTRY, filter=True),
    Group("contact", parts=_CONTACT, personal=True),
    Field("amount", money(positive=True)),
    Field("expected_close_on", Day()),
    Field("need", Text(2000)),
)
_OPENED = {"website", "account_name", "country", "contact_name", "contact_email", "amount", "expected_close_on", "need"}
_CLAIM = set(Claim.__dataclass_fields__) - {"membership", "product"}


def _membership(values: dict[str, Any], by: Actor) -> ProgramMembership:
    """The named membership, or the partner's first. Raises Refused when it has none."""
    if values.get("membership_id"):
        rows = ProgramMembership.objects.visible_to(by).select_related("program", "partner", "tier")
        found = rows.get(pk=values["membership_id"])
        if values.get("partner_id", found.partner_id) != found.partner_id:
            raise Problem("validation_failed", errors=[("/membership_id", "not_found", "There is no such record.")])
        return found
    own = memberships([values["partner_id"]])
    if not own:
        raise Refused(_("The partner is in no program."), field="membership_id", code="no_membership")
    return own[0]


def _claim(values: dict[str, Any], by: Actor) -> dict[str, Any]:
    """The particulars among the columns."""
    found = {name: value for name, value in values.items() if name in _CLAIM}
    if "product_id" in values:
        found["product"] = Product.objects.visible_to(by).get(pk=values["product_id"]) if values["product_id"] else None
    return found


def _register(values: dict[str, Any], *, by: Actor, at: datetime) -> Registration:
    membership = _membership(values, by)
    claim = {"currency": membership.partner.default_currency, **_claim(values, by)}
    return services.register(Claim(membership=membership, **claim), by=by, at=at)


def _edit_registration(deal: Registration, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    """A draft changes as a whole; a protected deal changes what the partner may still tell."""
    if deal.status == Status.DRAFT:
        membership = _membership({"membership_id": deal.membership_id, **values, "partner_id": deal.partner_id}, by)
        before = {name: getattr(deal, name) for name in _CLAIM}
        claim = replace(Claim(membership, product=deal.product, **before), **_claim(values, by))
        services.redraft(deal, claim, by=by, at=at)
        return {name: value for name, value in values.items() if name == "next_step"}
    if deal.status not in PROTECTED:
        raise Problem("illegal_transition", _("It can't be edited now. Use the actions."))
    frozen = set(values) - {"next_step", "expected_close_on", "amount"}
    if frozen:
        pointers = {f"/{REGISTRATIONS.field_named(name)}" for name in frozen}
        raise Problem(
            "validation_failed", errors=[(p, "read_only", _("This is fixed since it was sent.")) for p in pointers]
        )
    services.report_progress(deal, Progress(**values), by=by, at=at)
    return {}


def _rejection(rejection_code: str, reason: str) -> Rejection:
    return Rejection(rejection_code, reason)


def _question(question: str, opened_fields: list[str] | None = None) -> Question:
    return Question(question, tuple(opened_fields or ()))


def _answer(text: str = "", **changes: Any) -> Answer:
    return Answer(text, changes)


REGISTRATIONS = Resource(
    "deal_registrations",
    Registration,
    about="A partner's claim on a deal with an end customer, under one program membership.",
    owner="partner_id",
    verbs=frozenset({"create", "update"}),
    writers=("deal.register", "deal.update"),
    has_reference=True,
    workflow=REGISTRATION,
    create=_register,
    update=_edit_registration,
    plain=("next_step",),
    fields=(
        Field("partner_id", Ref("partners"), write=CREATE, required=True, null=False, filter=True),
        Field("membership_id", Ref("program_memberships"), null=False, filter=True),
        Field("motion", Choice(Motion.values), null=False, filter=True),
        Field("status", Choice(Status.values), write=READ, null=False, filter=True),
        *_ASKED,
        PRODUCT,
        Field("quantity", Whole(1), null=False),
        Field("currency", CURRENCY, null=False),
        Field("how_found", Text(200)),
        Field("competitor", Text(120)),
        Field("next_step", Text(300)),
        Field("domain", Text(255), write=READ, filter=True),
        Field("account_id", Ref("accounts"), write=READ, filter=True),
        Field("opportunity_id", Ref("opportunities"), write=READ, filter=True),
        Field("verdict", Choice(Verdict.values), write=READ, null=False),
        Field("submitted_at", Moment(), write=READ),
        Field("due_at", Moment(), write=READ),
        Field("question", Text(2000), write=READ),
        Field("opened_fields", Words(), write=READ, null=False),
        Field("decided_at", Moment(), write=READ),
        Field("decided_by_user_id", STAFF, "decided_by_id", write=READ, vendor=True),
        Field("rejection_code", Choice(RejectReason.values, blank=True), write=READ, filter=True),
        Field("decision_reason", Text(2000), write=READ),
        Field("terms", Data(), write=READ, null=False),
        Field("protection_expires_at", Moment(), write=READ),
        Field("grace_until", Moment(), write=READ),
        Field("closed_at", Moment(), write=READ),
    ),
    actions=(
        Action("submit", services.submit, "Send the draft: its moment is the priority.", "submit"),
        Action("approve", services.approve, "Protect the deal and open its opportunity.", "approve",
               (Field("note", Text(2000)),), Approval),
        Action("ask", services.ask, "Ask the partner; the clock stops.", "ask",
               (Field("question", Text(2000), required=True), Field("opened_fields", Words(tuple(sorted(_OPENED))))),
               _question),
        Action("answer", services.answer, "Answer the question; opened fields may change.", "answer",
               (Field("text", Text(2000)), *(replace(f, required=False) for f in _ASKED)), _answer),
        Action("reject", services.reject, "Decline with a reason.", "reject",
               (Field("rejection_code", Choice(RejectReason.values), required=True),
                Field("reason", Text(2000), required=True)), _rejection),
        Action("withdraw", services.withdraw, "Take the claim back before a decision.", "withdraw"),
        Action("release", services.release, "Give the protection up.", "release",
               (Field("reason", Text(2000)),), lambda reason="": Reason(reason)),
    ),
)  # fmt: skip
RESOURCES = (ACCOUNTS, OPPORTUNITIES, OPPORTUNITY_PARTNERS, ATTRIBUTIONS, REGISTRATIONS)
