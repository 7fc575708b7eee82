"""Conflicts between claims on one customer: the vendor's alone."""

from core.api.containers import Data
from core.api.kinds import Choice, Moment, Text, percent
from core.api.resources import READ, Action, Derived, Field, Ref, Resource
from deals import services
from deals.enums import CaseOutcome, CaseStatus, Side, Verdict
from deals.models import ConflictCase
from deals.particulars import Resolution

CONFLICT_CASES = Resource(
    "conflict_cases",
    ConflictCase,
    about="Two sides claim one customer. It bars the approval of the registration until a person has decided it.",
    has_reference=True,
    fields=(
        Field("deal_registration_id", Ref("deal_registrations"), "registration_id", write=READ, filter=True),
        Field("other_registration_id", Ref("deal_registrations"), write=READ, filter=True),
        Field("other_account_id", Ref("accounts"), write=READ),
        Field("other_opportunity_id", Ref("opportunities"), write=READ),
        Field("verdict", Choice(Verdict.values), write=READ, null=False),
        Derived("score", Text(6), null=False, of=("score",), by=str),
        Field("parts", Data(), write=READ, null=False),
        Field("status", Choice(CaseStatus.values), write=READ, null=False, filter=True),
        Field("outcome", Choice(CaseOutcome.values, blank=True), write=READ, filter=True),
        Field("winner", Choice(Side.values, blank=True), write=READ),
        Field("share_percent", percent(), write=READ),
        Field("reason", Text(2000), write=READ),
        Field("decided_at", Moment(), write=READ),
    ),
    actions=(
        Action("resolve", services.resolve, "Decide it for good. Each side reads its own words and no more.", "",
               (Field("outcome", Choice(CaseOutcome.values), required=True),
                Field("reason", Text(2000), required=True),
                Field("winner", Choice(Side.values)),
                Field("share_percent", percent()),
                Field("letter", Text(2000)),
                Field("ours_told", Text(2000)),
                Field("other_told", Text(2000))), Resolution),
    ),
)  # fmt: skip
