"""THE table: what happens because something happened. Event type → functions, in order."""

from collections.abc import Mapping, Sequence

from core.events import Reaction
from deals import reactions as deals
from metrics import reactions as metrics
from notifications import people, touches
from notifications import reactions as mail
from tiers import reactions as tiers

TABLE: Mapping[str, Sequence[Reaction]] = {
    "agreement.recorded": (metrics.refresh,),
    "attribution_decision.made": (metrics.refresh,),
    "attribution_decision.withdrawn": (metrics.refresh,),
    "attribution_rule.published": (metrics.rules_changed,),
    "batch.loaded": (metrics.load, deals.watch_loaded),
    "deal_registration.answered": (mail.deal_answered,),
    "deal_registration.appeal_granted": (mail.deal_appeal_granted,),
    "deal_registration.appeal_refused": (deals.move_line, mail.deal_appeal_refused),
    "deal_registration.appealed": (mail.deal_appealed,),
    "deal_registration.approved": (metrics.refresh, mail.deal_approved, deals.watch_protected),
    "deal_registration.confirmed": (mail.deal_confirmed,),
    "deal_registration.endorsed": (mail.deal_endorsed,),
    "deal_registration.escalated": (mail.deal_escalated,),
    "deal_registration.expired": (metrics.refresh, mail.deal_expired, deals.move_line),
    "deal_registration.expiring": (mail.deal_expiring,),
    "deal_registration.extended": (metrics.refresh,),
    "deal_registration.lost": (metrics.refresh, deals.move_line),
    "deal_registration.questioned": (mail.deal_questioned,),
    "deal_registration.received": (metrics.refresh,),
    "deal_registration.rejected": (metrics.refresh, mail.deal_rejected, deals.move_line),
    "deal_registration.released": (metrics.refresh, deals.move_line),
    "deal_registration.reopened": (metrics.refresh,),
    "deal_registration.researched": (mail.deal_researched,),
    "deal_registration.review_reopened": (metrics.refresh, mail.deal_review_reopened, mail.deal_waits),
    "deal_registration.revoked": (deals.move_line, metrics.refresh),
    "deal_registration.submitted": (metrics.refresh, mail.deal_received, mail.deal_waits),
    "deal_registration.transferred": (metrics.refresh,),
    "deal_registration.withdrawn": (metrics.refresh, mail.deal_withdrawn, deals.move_line),
    "deal_registration.won": (metrics.refresh, deals.dissolve_line),
    "invitation.sent": (people.invitation_sent,),
    "opportunity.created": (metrics.refresh, deals.watch_direct),
    "opportunity.deleted": (metrics.refresh,),
    "opportunity.lost": (metrics.refresh,),
    "opportunity.reopened": (metrics.refresh,),
    "opportunity.restored": (metrics.refresh, deals.watch_direct),
    "opportunity.updated": (metrics.refresh, deals.watch_direct),
    "opportunity.won": (metrics.refresh, deals.watch_direct),
    "opportunity_partner.created": (metrics.refresh,),
    "opportunity_partner.deleted": (metrics.refresh, deals.watch_direct),
    "opportunity_partner.updated": (metrics.refresh,),
    "owner_question.answered": (mail.owner_answered,),
    "owner_question.asked": (mail.owner_asked,),
    "partner.created": (metrics.refresh,),
    "partner.updated": (metrics.refresh,),
    "program_membership.created": (tiers.judge,),
    "program_version.published": (tiers.judge_program,),
    "touch.claimed": (touches.touch_asked,),
    "touch.confirmed": (metrics.refresh, touches.touch_answered),
    "touch.lapsed": (touches.touch_answered,),
    "touch.linked": (touches.touch_asked,),
    "touch.refused": (touches.touch_answered,),
}
