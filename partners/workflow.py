"""What may happen to partners, invitations, applications, checklists, integrations and merges, and by whom."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from partners import rules, rules_lifecycle
from partners.enums import (
    OPEN_ACTIONS,
    TO_DO,
    WORKING,
    ActionStatus,
    ApplicationStatus,
    IntegrationStatus,
    InvitationStatus,
    MergeStatus,
    PartnerStatus,
)

P, S, N, A, C = PartnerStatus, InvitationStatus, IntegrationStatus, ApplicationStatus, ActionStatus
M = MergeStatus
_INBOUND = (P.CANDIDATE, P.CONTACTED, P.NURTURE)
_LEAVING = (P.ACTIVE, P.INACTIVE, P.SUSPENDED)
life = rules_lifecycle

PARTNER = Workflow(
    Step("reach_out", (P.CANDIDATE,), P.CONTACTED, "partner.edit", "contacted", _("Contacted")),
    Step("evaluate", _INBOUND, P.EVALUATING, "partner.edit", "evaluated", _("Evaluate")),
    Step("approve", (P.EVALUATING,), P.APPROVED, "partner.approve", "approved", _("Approve")),
    Step("nurture", (P.EVALUATING,), P.NURTURE, "partner.approve", "nurtured", _("Later")),
    Step("decline", (P.EVALUATING, P.ONBOARDING), P.DECLINED, "partner.approve", "declined", _("Decline"),
         (life.vetted,)),
    Step("onboard", (P.APPROVED,), P.ONBOARDING, SYSTEM_ONLY, "onboarded"),
    Step("activate", (P.ONBOARDING,), P.ACTIVE, SYSTEM_ONLY, "onboarding_completed"),
    Step("fall_quiet", (P.ACTIVE,), P.INACTIVE, SYSTEM_ONLY, "deactivated"),
    Step("wake", (P.INACTIVE,), P.ACTIVE, SYSTEM_ONLY, "activated"),
    Step("suspend", WORKING, P.SUSPENDED, "partner.suspend", "suspended", _("Suspend")),
    Step("resume", (P.SUSPENDED,), P.ACTIVE, "partner.suspend", "resumed", _("End the suspension"),
         (life.was_onboarding,)),
    Step("resume_onboarding", (P.SUSPENDED,), P.ONBOARDING, "partner.suspend", "resumed", _("End the suspension"),
         (life.was_at_work,)),
    Step("offboard", _LEAVING, P.OFFBOARDING, "partner.offboard", "offboarding_begun", _("Begin the offboarding")),
    Step("leave", (P.OFFBOARDING,), P.OFFBOARDED, "partner.offboard", "offboarded", _("End the partnership"),
         (life.not_over, life.money_open)),
    final=(P.DECLINED, P.OFFBOARDED),
)  # fmt: skip
APPLICATION = Workflow(
    Step("enter", (A.SENT,), A.ACCEPTED, SYSTEM_ONLY, "accepted"),
    Step("wait", (A.SENT,), A.WAITING, SYSTEM_ONLY, "proved"),
    Step("pass_on", (A.SENT,), A.PASSED_ON, SYSTEM_ONLY, "passed_on"),
    Step("take_in", (A.PASSED_ON,), A.ACCEPTED, "application.answer", "accepted", _("Invite them")),
    Step("turn_away", (A.PASSED_ON,), A.DECLINED, "application.answer", "declined", _("Decline")),
    Step("accept", (A.WAITING,), A.ACCEPTED, "partner.approve", "accepted"),
    Step("decline", (A.WAITING,), A.DECLINED, "partner.approve", "declined"),
    Step("expire", (A.SENT,), A.EXPIRED, SYSTEM_ONLY, "expired"),
    final=(A.ACCEPTED, A.DECLINED, A.EXPIRED),
)
ONBOARDING = Workflow(
    Step("hand_in", TO_DO, C.WAITING, "onboarding.work", "handed_in", _("Send")),
    Step("complete", TO_DO, C.COMPLETED, SYSTEM_ONLY, "completed"),
    Step("approve", (C.WAITING,), C.COMPLETED, "onboarding.decide", "completed", _("Approve")),
    Step("send_back", (C.WAITING,), C.ACTION_REQUIRED, "onboarding.decide", "sent_back", _("Ask again")),
    Step("skip", OPEN_ACTIONS, C.SKIPPED, "onboarding.decide", "skipped", _("Skip")),
    final=(C.COMPLETED, C.SKIPPED),
)

INVITATION = Workflow(
    Step("accept", (S.SENT,), S.ACCEPTED, "invitation.accept", "accepted", _("Join"), (rules.lapsed,)),
    Step("revoke", (S.SENT,), S.REVOKED, "member.invite", "revoked", _("Cancel")),
    Step("resend", (S.SENT, S.EXPIRED), S.SENT, "member.invite", "sent", _("Send again")),
    Step("expire", (S.SENT,), S.EXPIRED, SYSTEM_ONLY, "expired", "", (rules.still_open,)),
    final=(S.ACCEPTED, S.REVOKED),
)
INTEGRATION = Workflow(
    Step("try_out", (N.PLANNED,), N.BETA, "partner.edit", "tried_out", _("It is in beta")),
    Step("go_live", (N.PLANNED, N.BETA), N.LIVE, "partner.edit", "went_live", _("It is live")),
    Step("retire", (N.PLANNED, N.BETA, N.LIVE), N.RETIRED, "partner.edit", "retired", _("Retire it")),
    Step("plan_again", (N.RETIRED,), N.PLANNED, "partner.edit", "planned_again", _("Plan it again")),
)
MERGE = Workflow(
    Step("carry_out", (M.PROPOSED,), M.DONE, "partner.merge", "carried_out", _("Merge them")),
    Step("refuse", (M.PROPOSED,), M.REFUSED, "partner.merge", "refused", _("Don't merge")),
    final=(M.DONE, M.REFUSED),
)
