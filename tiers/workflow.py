"""What may happen to a tier under review, an override, what a partner asks for by its tier, and a program's rules."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from tiers.enums import FALLING, UNDER_REVIEW, BenefitStatus, OverrideStatus, ReviewStatus, VersionStatus
from tiers.review_rules import earned_again, no_longer_granted, not_in_force_yet, notice_runs
from tiers.rules import no_longer_earned

S, O, B, V = ReviewStatus, OverrideStatus, BenefitStatus, VersionStatus  # noqa: E741

REVIEW = Workflow(
    Step("propose", (S.COMPLIANT,), S.PROPOSED, SYSTEM_ONLY, "proposed"),
    Step("promote", (S.PROPOSED,), S.PROMOTED, "tier.decide", "promoted", _("Move up"), (no_longer_earned,)),
    Step("defer", (S.PROPOSED,), S.DEFERRED, "tier.decide", "deferred", _("Not yet")),
    Step("warn", (S.COMPLIANT,), S.AT_RISK, SYSTEM_ONLY, "at_risk"),
    Step("fall", (S.COMPLIANT, S.AT_RISK), S.BELOW, SYSTEM_ONLY, "fell_below"),
    Step("give_notice", (S.BELOW,), S.NOTICE, "tier.decide", "notice_given", _("Give notice"), (earned_again,)),
    Step("waive", (S.BELOW, S.NOTICE), S.WAIVED, "tier.decide", "waived", _("Keep the tier")),
    Step(
        "demote", (S.NOTICE,), S.ENDING, "tier.decide", "demotion_decided", _("Move down"), (notice_runs, earned_again)
    ),
    Step("take_effect", (S.ENDING,), S.DEMOTED, SYSTEM_ONLY, "demoted", "", (not_in_force_yet, earned_again)),
    Step("recover", (S.AT_RISK, *FALLING), S.RESTORED, SYSTEM_ONLY, "restored"),
    Step("drop", UNDER_REVIEW, S.OBSOLETE, SYSTEM_ONLY, "dropped"),
    final=(S.PROMOTED, S.DEFERRED, S.RESTORED, S.DEMOTED, S.WAIVED, S.OBSOLETE),
)

OVERRIDE = Workflow(
    Step("agree", (O.REQUESTED,), O.AGREED, "tier.decide", "agreed", _("Confirm")),
    Step("refuse", (O.REQUESTED,), O.REFUSED, "tier.decide", "refused", _("Refuse")),
    Step("start", (O.AGREED,), O.ACTIVE, SYSTEM_ONLY, "started"),
    Step("end", (O.ACTIVE,), O.ENDED, SYSTEM_ONLY, "ended"),
    Step("lift", (O.AGREED, O.ACTIVE), O.LIFTED, "tier.decide", "lifted", _("Lift it now")),
    final=(O.ENDED, O.REFUSED, O.LIFTED),
)

BENEFIT = Workflow(
    Step("agree", (B.ASKED,), B.AGREED, "benefit.decide", "agreed", _("Agree"), (no_longer_granted,)),
    Step("decline", (B.ASKED,), B.DECLINED, "benefit.decide", "declined", _("Decline")),
    Step("finish", (B.ASKED, B.AGREED), B.DONE, "benefit.decide", "done", _("Done")),
    Step("withdraw", (B.ASKED, B.AGREED), B.WITHDRAWN, "benefit.request", "withdrawn", _("Withdraw")),
    final=(B.DONE, B.DECLINED, B.WITHDRAWN),
)

VERSION = Workflow(
    Step("edit", (V.DRAFT,), V.DRAFT, "program.edit", "edited", _("Edit")),
    Step("request", (V.DRAFT,), V.REQUESTED, "program.edit", "requested", _("Ask for publication")),
    Step("give_back", (V.REQUESTED,), V.DRAFT, "program.edit", "given_back", _("Give it back")),
    Step("publish", (V.REQUESTED,), V.SCHEDULED, "program.publish", "published", _("Publish")),
    Step("take_effect", (V.SCHEDULED,), V.IN_FORCE, SYSTEM_ONLY, "came_into_force"),
    Step("supersede", (V.IN_FORCE,), V.SUPERSEDED, SYSTEM_ONLY, "superseded"),
    Step("withdraw", (V.SCHEDULED,), V.WITHDRAWN, "program.publish", "withdrawn", _("Withdraw it")),
    Step("discard", (V.DRAFT, V.REQUESTED), V.DISCARDED, "program.edit", "discarded", _("Discard the draft")),
    final=(V.SUPERSEDED, V.DISCARDED, V.WITHDRAWN),
)
