"""THE table: what happens because something happened. Event type → functions, in order."""

from collections.abc import Mapping, Sequence

from core.events import Reaction
from notifications import people
from notifications import reactions as mail

TABLE: Mapping[str, Sequence[Reaction]] = {
    "deal_registration.answered": (mail.deal_answered,),
    "deal_registration.approved": (mail.deal_approved,),
    "deal_registration.expired": (mail.deal_expired,),
    "deal_registration.expiring": (mail.deal_expiring,),
    "deal_registration.questioned": (mail.deal_questioned,),
    "deal_registration.rejected": (mail.deal_rejected,),
    "deal_registration.submitted": (mail.deal_received, mail.deal_waits),
    "deal_registration.withdrawn": (mail.deal_withdrawn,),
    "invitation.sent": (people.invitation_sent,),
}
