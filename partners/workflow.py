"""What may happen to an invitation, and by whom."""

from django.utils.translation import gettext_lazy as _

from core.workflow import SYSTEM_ONLY, Step, Workflow
from partners import rules
from partners.enums import InvitationStatus

S = InvitationStatus

INVITATION = Workflow(
    Step("accept", (S.SENT,), S.ACCEPTED, "invitation.accept", "accepted", _("Join"), (rules.lapsed,)),
    Step("revoke", (S.SENT,), S.REVOKED, "member.invite", "revoked", _("Cancel")),
    Step("resend", (S.SENT, S.EXPIRED), S.SENT, "member.invite", "sent", _("Send again")),
    Step("expire", (S.SENT,), S.EXPIRED, SYSTEM_ONLY, "expired", "", (rules.still_open,)),
    final=(S.ACCEPTED, S.REVOKED),
)
