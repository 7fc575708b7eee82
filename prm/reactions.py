"""THE table: what happens because something happened. Event type → functions, in order."""

from collections.abc import Mapping, Sequence

from core.events import Reaction
from metrics import reactions as metrics
from notifications import people
from notifications import reactions as mail
from tiers import reactions as tiers

TABLE: Mapping[str, Sequence[Reaction]] = {
    "agreement.recorded": (metrics.refresh,),
    "batch.loaded": (metrics.load,),
    "deal_registration.answered": (mail.deal_answered,),
    "deal_registration.approved": (metrics.refresh, mail.deal_approved),
    "deal_registration.expired": (metrics.refresh, mail.deal_expired),
    "deal_registration.expiring": (mail.deal_expiring,),
    "deal_registration.lost": (metrics.refresh,),
    "deal_registration.questioned": (mail.deal_questioned,),
    "deal_registration.rejected": (metrics.refresh, mail.deal_rejected),
    "deal_registration.released": (metrics.refresh,),
    "deal_registration.submitted": (metrics.refresh, mail.deal_received, mail.deal_waits),
    "deal_registration.withdrawn": (metrics.refresh, mail.deal_withdrawn),
    "deal_registration.won": (metrics.refresh,),
    "invitation.sent": (people.invitation_sent,),
    "opportunity.created": (metrics.refresh,),
    "opportunity.deleted": (metrics.refresh,),
    "opportunity.lost": (metrics.refresh,),
    "opportunity.restored": (metrics.refresh,),
    "opportunity.updated": (metrics.refresh,),
    "opportunity.won": (metrics.refresh,),
    "opportunity_partner.created": (metrics.refresh,),
    "opportunity_partner.deleted": (metrics.refresh,),
    "opportunity_partner.updated": (metrics.refresh,),
    "partner.created": (metrics.refresh,),
    "partner.updated": (metrics.refresh,),
    "program_membership.created": (tiers.judge,),
    "program_version.published": (tiers.judge_program,),
}
