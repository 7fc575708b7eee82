"""THE table of timers: what happens because a moment has come. `<resource>.<kind>` → `(id, now)`."""

from collections.abc import Mapping

from core.timers import Bell
from deals import lead_tasks as leads
from deals import tasks as deals
from mdf import tasks as mdf
from tiers import tasks as tiers

TABLE: Mapping[str, Bell] = {
    "deal_registration.approach_end": deals.approach_end,
    "deal_registration.remind": deals.remind,
    "deal_registration.escalate": deals.escalate,
    "deal_registration.escalate_more": deals.escalate_more,
    "deal_registration.extend": deals.extend,
    "deal_registration.expire": deals.lapse,
    "deal_registration.move_line": deals.move_line,
    "mdf_activity.lapse": mdf.lapse,
    "mdf_allocation.expire": mdf.expire,
    "mdf_request.complete": mdf.complete,
    "mdf_request.run_out": mdf.run_out,
    "mdf_request.start": mdf.start,
    **mdf.REMINDERS,
    **mdf.RESULTS,
    "touch.lapse": deals.lapse_touch,
    "lead.go_stale": leads.lead_go_stale,
    "lead.remind": leads.lead_remind,
    "lead.take_back": leads.lead_take_back,
    "lead_offer.remind": leads.offer_remind,
    "lead_offer.remind_last": leads.offer_remind,
    "lead_offer.time_out": leads.offer_time_out,
    "program_membership.next_review": tiers.next_review,
    "program_version.take_effect": tiers.begin_version,
    "tier_override.end": tiers.end_override,
    "tier_override.start": tiers.start_override,
    "tier_review.look_again": tiers.look_again,
    "tier_review.notice_end": tiers.notice_end,
    "tier_review.remind": tiers.remind,
    "tier_review.take_effect": tiers.take_effect,
}
