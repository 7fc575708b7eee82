"""What may happen to invitations and integrations, and by whom."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from partners import rules
from partners.enums import IntegrationStatus, InvitationStatus

S, N = InvitationStatus, IntegrationStatus

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
