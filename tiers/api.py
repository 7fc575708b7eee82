"""Tiers and program memberships in the REST API."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.api.containers import Data
from core.api.kinds import Bad, Choice, Day, Moment, Number, Text, Whole, YesNo
from core.api.problems import Problem
from core.api.resources import CREATE, READ, Action, Derived, Field, Ref, Resource, Rows
from partners.enums import PartnerType
from partners.models import Partner, Program
from tiers import documents, files, services
from tiers.enums import UNDER_REVIEW, BenefitKind, BenefitStatus, MembershipStatus, VersionStatus
from tiers.measures import MEASURES
from tiers.models import BenefitRequest, Fact, ProgramMembership, ProgramVersion, Tier, TierReview
from tiers.particulars import (
    TRAILING_YEAR,
    Decision,
    Demotion,
    DraftText,
    Enrolment,
    Figure,
    Plan,
    Publication,
    Waiver,
    Wish,
    Words,
)
from tiers.windows import window_key
from tiers.workflow import BENEFIT, REVIEW, VERSION

_PERCENT = Number(digits=3)

TIERS = Resource(
    "tiers",
    Tier,
    about="A rank of a program: what it asks and what it grants. Changed by publishing a new version of the program.",
    fields=(
        Field("program_id", Ref("programs"), null=False, write=READ, filter=True),
        Field("key", Text(60), null=False, write=READ, filter=True),
        Field("name", Text(80), null=False, write=READ, filter=True),
        Field("rank", Whole(), null=False, write=READ, filter=True, about="1 is the lowest."),
        Field("requirements", Data(), "requires", null=False, write=READ),
        Field("benefits", Data("array"), null=False, write=READ),
        Field("discount_percent", _PERCENT, null=False, write=READ),
        Field("mdf_accrual_percent", _PERCENT, null=False, write=READ),
    ),
)


@dataclass(frozen=True)
class _Document(Data):
    """A program's whole definition; what is wrong in it is told by its rules."""

    def read(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Bad("wrong_type", "Send an object.")
        try:
            return files.readable(value)
        except (ValueError, RecursionError) as error:
            raise Bad("invalid", str(error)) from error


def _draft(values: dict[str, Any], *, by: Actor, at: datetime) -> ProgramVersion:
    program = Program.objects.visible_to(by).get(pk=values["program_id"])
    text = DraftText(values.get("definition") or documents.document(program), values.get("reason"))
    return services.draft(program, text, by=by, at=at)


def _edit(version: ProgramVersion, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    text = DraftText(values.get("definition", version.definition), values.get("reason"))
    services.edit_draft(version, text, by=by, at=at)
    return {}


_FROM = (Field("effective_on", Day()), Field("reason", Text(1000)))
_WHY = (Field("reason", Text(1000), required=True),)
VERSIONS = Resource(
    "program_versions",
    ProgramVersion,
    about="The rules of a program: a draft is a copy of what is in force; a second person publishes it from a day on. "
    "Keys draft, edit, try and ask; people publish.",
    verbs=frozenset({"create", "update"}),
    writers=("program.edit",),
    has_reference=True,
    workflow=VERSION,
    create=_draft,
    update=_edit,
    fields=(
        Field("program_id", Ref("programs"), write=CREATE, required=True, null=False, filter=True),
        Field("number", Whole(), write=READ, about="Given when it is published."),
        Field("status", Choice(VersionStatus.values), write=READ, null=False, filter=True),
        Field("effective_from", Day(), write=READ),
        Field("wanted_from", Day(), write=READ, vendor=True),
        Field("definition", _Document(), vendor=True, null=False, about="The whole program, as in its file."),
        Field("reason", Text(1000), vendor=True),
        Field("answer", Text(1000), write=READ, vendor=True),
        Field("dry_run", Data(), "preview", write=READ, vendor=True, null=False, about="As the last dry run found it."),
        Field("published_at", Moment(), write=READ),
    ),
    actions=(
        Action("dry_run", services.dry_run, "Who would move and what it would cost, kept in `dry_run`."),
        Action("request", services.request_publication, "Ask a person to publish it.", "request", _FROM, Publication),
        Action("publish", services.publish, "A second person's yes; a key never may.", "publish", _FROM, Publication),
        Action("give_back", services.give_draft_back, "Back to a draft.", "give_back", _WHY, Words),
        Action("discard", services.discard_draft, "A draft that nobody wants.", "discard"),
        Action("withdraw", services.withdraw, "Published rules never begin.", "withdraw", _WHY, Words),
        Action("undo", services.undo, "Ask for the version before it to be published anew.", "", _FROM, Publication),
    ),
)  # fmt: skip


def _enrol(values: dict[str, Any], *, by: Actor, at: datetime) -> ProgramMembership:
    enrolment = Enrolment(
        Partner.objects.visible_to(by).get(pk=values["partner_id"]),
        Program.objects.visible_to(by).get(pk=values["program_id"]),
        values["partner_type"],
        values.get("starts_on") or at.date(),
    )
    return services.enrol(enrolment, by=by, at=at)


def _decides(name: str) -> Callable[..., None]:
    """A decision about the membership's open review. Raises Problem when there is none that it fits."""

    def decide(membership: ProgramMembership, particulars: Any, *, by: Actor, at: datetime) -> None:
        by.require("tier.decide")
        rows = TierReview.objects.visible_to(by).filter(membership=membership, status__in=UNDER_REVIEW)
        review = rows.select_related("membership__earned_tier", "from_tier", "to_tier").first()
        if review is None:
            raise Problem("illegal_transition", "The tier of this membership isn't under review.")
        if shut := REVIEW.shut(review, name, by=by):
            raise shut
        getattr(services, name)(review, particulars, by=by, at=at)

    return decide


_REASON = (Field("reason", Text(1000), required=True),)
MEMBERSHIPS = Resource(
    "program_memberships",
    ProgramMembership,
    about="A partner in a program, as a type, on a tier.",
    owner="partner_id",
    verbs=frozenset({"create", "update"}),
    writers=("partner.edit",),
    create=_enrol,
    plain=("ends_on", "next_review_on"),
    lists=(Rows("custom_metrics", "custom_metrics", "membership_id"),),
    unique={"membership_once": "program_id"},
    fields=(
        Field("partner_id", Ref("partners"), write=CREATE, required=True, null=False, filter=True),
        Field("program_id", Ref("programs"), write=CREATE, required=True, null=False, filter=True),
        Field("partner_type", Choice(PartnerType.values), write=CREATE, required=True, null=False, filter=True),
        Field("tier_id", Ref("tiers"), write=READ, filter=True),
        Field("status", Choice(MembershipStatus.values), write=READ, null=False, filter=True),
        Field("starts_on", Day(), write=CREATE, null=False),
        Field("ends_on", Day()),
        Field("tier_since", Day(), write=READ),
        Field("tier_reason", Text(300), write=READ),
        Field("next_review_on", Day()),
    ),
    actions=(
        Action("promote", _decides("promote"), "Move up to the proposed tier.", "", _REASON, Decision),
        Action("defer", _decides("defer"), "Not yet: the proposed move rests until a day, or for good.", "",
               (*_REASON, Field("until", Day())), Decision),
        Action("give_notice", _decides("give_notice"), "The tier ends unless the figures reach it again.", "",
               (Field("reason", Text(1000)),), Words),
        Action("waive", _decides("waive"), "The tier is kept until a day, whatever the figures.", "",
               (*_REASON, Field("until", Day(), required=True)), Waiver),
        Action("demote", _decides("demote"), "Move down after the notice; a person alone may.", "",
               (*_REASON, Field("effective_on", Day())), Demotion),
    ),
)  # fmt: skip


def _metric(values: dict[str, Any], *, by: Actor, at: datetime) -> Fact:
    member = ProgramMembership.objects.visible_to(by).get(pk=values["membership_id"])
    window = window_key(values.get("window") or "") or TRAILING_YEAR
    return services.send_figure(member, Figure(values["metric"], values["value"], window), by=by, at=at)


def _edit_metric(fact: Fact, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    services.send_figure(fact.membership, Figure(fact.metric, values["value"], fact.window), by=by, at=at)
    fact.refresh_from_db()
    return {}


_NAME = Text(60, r"[A-Za-z0-9][A-Za-z0-9_.-]*")
CUSTOM_METRICS = Resource(
    "custom_metrics",
    Fact,
    about="A figure that tiers are judged by. Set by the CRM, which judges the membership anew; a few are computed.",
    owner="partner_id",
    verbs=frozenset({"create", "update"}),
    writers=("tier.decide",),
    create=_metric,
    update=_edit_metric,
    update_for=frozenset({"value"}),
    fields=(
        Field("partner_id", Ref("partners"), write=READ, null=False, filter=True),
        Field("membership_id", Ref("program_memberships"), write=CREATE, required=True, null=False, filter=True),
        Field("metric", _NAME, write=CREATE, required=True, null=False, filter=True, about="As the rules name it."),
        Field("window", Text(40), write=CREATE, null=False, filter=True,
              about='In the words of rules, like "calendar year"; the trailing 12 months where none is named.'),
        Field("value", Number(places=4, lowest=None), required=True, null=False, about="1 is yes, 0 is no."),
        Field("as_of", Moment(), write=READ, null=False),
        Derived("is_computed", YesNo(), of=("metric",), by=lambda metric: metric in MEASURES, null=False),
    ),
)  # fmt: skip


def _ask(values: dict[str, Any], *, by: Actor, at: datetime) -> BenefitRequest:
    member = ProgramMembership.objects.visible_to(by).select_related("partner").get(pk=values["membership_id"])
    return services.ask_for(member, Wish(values["kind"], values.get("wanted") or ""), by=by, at=at)


_PLAN = (Field("outcome", Text(2000), required=True), Field("sponsor", Text(120)), Field("next_on", Day()))
_OUTCOME = (Field("outcome", Text(2000), "reason", required=True),)
BENEFIT_REQUESTS = Resource(
    "benefit_requests",
    BenefitRequest,
    about="What a partner asks for because its tier or its type grants it: a question, a press campaign, a meeting.",
    owner="partner_id",
    verbs=frozenset({"create"}),
    writers=("benefit.request",),
    has_reference=True,
    workflow=BENEFIT,
    create=_ask,
    fields=(
        Field("partner_id", Ref("partners"), write=READ, null=False, filter=True),
        Field("membership_id", Ref("program_memberships"), write=CREATE, required=True, null=False, filter=True),
        Field("kind", Choice(BenefitKind.values), write=CREATE, required=True, null=False, filter=True),
        Field("wanted", Text(2000), write=CREATE, required=True, null=False),
        Field("status", Choice(BenefitStatus.values), write=READ, null=False, filter=True),
        Field("asked_at", Moment(), write=READ, null=False),
        Field("due_at", Moment(), write=READ, null=False),
        Field("sponsor", Text(120), write=READ),
        Field("next_on", Day(), write=READ),
        Field("outcome", Text(2000), write=READ),
        Field("answered_at", Moment(), write=READ),
    ),
    actions=(
        Action("agree", services.agree_to, "Say what happens, who sponsors it and when.", "agree", _PLAN, Plan),
        Action("decline", services.decline_request, "Not this time.", "decline", _OUTCOME, Words),
        Action("finish", services.finish_request, "What came of it, or the answer to a question.", "finish", _OUTCOME,
               Words),
        Action("withdraw", services.withdraw_request, "The partner no longer wants it.", "withdraw"),
    ),
)  # fmt: skip
RESOURCES = (VERSIONS, TIERS, MEMBERSHIPS, CUSTOM_METRICS, BENEFIT_REQUESTS)
