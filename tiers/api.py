"""Tiers and program memberships in the REST API."""

from datetime import datetime
from typing import Any

from core.actor import Actor
from core.api.containers import Data
from core.api.kinds import Choice, Day, Number, Text, Whole
from core.api.problems import Problem
from core.api.resources import CREATE, READ, Action, Field, Ref, Resource
from partners.enums import PartnerType
from partners.models import Partner, Program
from tiers import services
from tiers.enums import MembershipStatus, ReviewStatus
from tiers.models import ProgramMembership, Tier, TierReview
from tiers.particulars import Decision, Enrolment

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


def _enrol(values: dict[str, Any], *, by: Actor, at: datetime) -> ProgramMembership:
    enrolment = Enrolment(
        Partner.objects.visible_to(by).get(pk=values["partner_id"]),
        Program.objects.visible_to(by).get(pk=values["program_id"]),
        values["partner_type"],
        values.get("starts_on") or at.date(),
    )
    return services.enrol(enrolment, by=by, at=at)


def _review(membership: ProgramMembership, by: Actor) -> TierReview:
    """The open proposal. Raises Problem when nothing is proposed."""
    review = TierReview.objects.visible_to(by).filter(membership=membership, status=ReviewStatus.PROPOSED).first()
    if review is None:
        raise Problem("illegal_transition", "No move to a higher tier is proposed.")
    return review


def _promote(membership: ProgramMembership, decision: Decision, *, by: Actor, at: datetime) -> None:
    by.require("tier.decide")
    services.promote(_review(membership, by), decision, by=by, at=at)


def _defer(membership: ProgramMembership, decision: Decision, *, by: Actor, at: datetime) -> None:
    by.require("tier.decide")
    services.defer(_review(membership, by), decision, by=by, at=at)


MEMBERSHIPS = Resource(
    "program_memberships",
    ProgramMembership,
    about="A partner in a program, as a type, on a tier.",
    owner="partner_id",
    verbs=frozenset({"create", "update"}),
    writers=("partner.edit",),
    create=_enrol,
    plain=("ends_on", "next_review_on"),
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
        Action(
            "promote", _promote, "Move up to the proposed tier.",
            fields=(Field("reason", Text(1000), required=True),), particulars=Decision,
        ),
        Action(
            "defer", _defer, "Not yet: the proposed move rests until a day, or for good.",
            fields=(Field("reason", Text(1000), required=True), Field("until", Day())), particulars=Decision,
        ),
    ),
)  # fmt: skip
RESOURCES = (TIERS, MEMBERSHIPS)
