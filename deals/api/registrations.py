"""Deal registrations with all their actions."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.api.containers import Data, Words
from core.api.kinds import Choice, Day, Email, Moment, Text, Website, Whole, YesNo, money
from core.api.problems import Problem
from core.api.resources import CREATE, READ, Action, Field, Group, Ref, Resource, same
from core.errors import Refused
from deals import services
from deals.api.custom import CustomFields
from deals.api.words import PRODUCT
from deals.enums import (
    PROTECTED,
    Motion,
    RejectReason,
    Status,
    Verdict,
)  # fmt: skip
from deals.models import Registration
from deals.particulars import (
    Answer,
    Approval,
    Claim,
    Handover,
    Progress,
    Question,
    Reason,
    Rejection,
    WinProposal,
)
from deals.queries import memberships
from deals.workflow import REGISTRATION
from partners.api import COUNTRY, CURRENCY, STAFF
from partners.models import Product
from tiers.models import ProgramMembership

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
        Field("custom_fields", CustomFields(), "extra", null=False),
        Field("on_behalf", YesNo(), write=READ, null=False),
        Field("confirmed_at", Moment(), write=READ),
        Field("lead_id", Ref("leads"), write=READ, filter=True),
        Field("steps", Data("array"), write=READ, null=False, about="Who must approve, in order."),
        Field("steps_done", Whole(), write=READ, null=False),
        Field("queued_behind_id", Ref("deal_registrations"), write=READ, vendor=True),
        Field("appealed_at", Moment(), write=READ),
        Field("appeal_until", Moment(), write=READ),
        Field("first_right_until", Moment(), write=READ),
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
        Action("research", services.research, "Take more time, as the program's terms allow.", "research",
               (Field("reason", Text(2000), "text", required=True),), Reason),
        Action("confirm", services.confirm, "The partner agrees to what was registered for it."),
        Action("appeal", services.appeal, "Once, within ten days of being declined.", "appeal",
               (Field("reason", Text(2000), "text", required=True),), Reason),
        Action("grant_appeal", services.grant_appeal, "Review it again.", "grant_appeal",
               (Field("reason", Text(2000), "text", required=True),), Reason),
        Action("refuse_appeal", services.refuse_appeal, "Decline it for good.", "refuse_appeal",
               (Field("reason", Text(2000), "text", required=True),), Reason),
        Action("request_extension", same(services.request_extension), "Ask for more days of protection.", "",
               (Field("reason", Text(2000), "text", required=True),), Reason),
        Action("offer_transfer", same(services.offer_transfer), "Offer the deal to another partner by its number.", "",
               (Field("to_partner", Text(16), required=True), Field("text", Text(2000))), Handover),
        Action("hand_over", same(services.hand_over), "Hand the deal over by the customer's letter.", "",
               (Field("to_partner", Text(16), required=True), Field("text", Text(2000), required=True)), Handover),
        Action("propose_win", same(services.propose_win), "Say that it is won, with the order or invoice.", "",
               (Field("number", Text(60), required=True), Field("closed_on", Day(), required=True),
                Field("amount", money(positive=True))), WinProposal),
        Action("withdraw", services.withdraw, "Take the claim back before a decision.", "withdraw"),
        Action("release", services.release, "Give the protection up.", "release",
               (Field("reason", Text(2000), "text"),), lambda text="": Reason(text)),
    ),
)  # fmt: skip
