"""Pages over many apps: slot → functions `(actor, subject, at) -> frozen dataclass or None`, in order."""

from collections.abc import Sequence

from core.slots import Answer
from deals import cards as deals
from deals import exchange as deals_exchange
from deals import lead_cards as leads
from deals import merging as deals_merging
from deals import promises as deals_promises
from deals import protection_cards, touch_cards
from deals import sections as deals_sections
from deals import verify as deals_verify
from earnings import cards as earnings
from earnings import leaving as earnings_leaving
from earnings import merging as earnings_merging
from earnings import refunds as earnings_refunds
from earnings import sections as earnings_sections
from earnings import verify as earnings_verify
from mdf import cards as mdf
from mdf import leaving as mdf_leaving
from mdf import merging as mdf_merging
from mdf import sections as mdf_sections
from mdf import track_record as mdf_record
from mdf.admin import cards as mdf_console
from mdf.admin import record as mdf_console_record
from metrics import accruals as metrics_accruals
from metrics import cards as metrics
from metrics import track_record as metrics_record
from metrics import turnover
from partners import cards as partners
from partners import cards_lifecycle as partners_life
from partners import program_section as partners_section
from prm.pages import partner_cards
from tiers import cards as tiers
from tiers import merging as tiers_merging
from tiers import program_cards

TABLE: dict[str, Sequence[Answer]] = {
    "accrual_base": (metrics_accruals.base,),
    "activity_returns": (metrics_record.activity_returns,),
    "exchange_rate": (deals_exchange.rate,),
    "fact_rows": (metrics.closed_deals, metrics.won_revenue),
    "final_paper": (earnings_leaving.final_papers,),
    "home_card": (
        partners_life.home_card,
        tiers.home_card,
        deals.home_card,
        metrics.home_card,
        earnings.home_card,
        mdf.home_card,
    ),
    "mdf_record": (mdf_console_record.record,),
    "merge_barred": (tiers_merging.barred, earnings_merging.barred),
    "merge_lock": (earnings_merging.lock, mdf_merging.lock),
    "merge_step": (
        deals_merging.registrations,
        deals_merging.leads,
        deals_merging.touches,
        deals_merging.opportunities,
        mdf_merging.funds,
        earnings_merging.earnings,
        tiers_merging.move,  # last: the others ask which places both hold
    ),
    "nav_count": (deals.nav_count, leads.nav_count, mdf.nav_count, mdf_console.nav_count),
    "needs_you": (
        partners_life.needs_you,
        leads.needs_you,
        deals.needs_you,
        protection_cards.needs_you,
        mdf.needs_you,
        earnings.needs_you,
    ),
    "offboarding_blocker": (earnings_leaving.blocker, mdf_leaving.blocker),
    "partner_tab": (
        partners_life.tab,
        partner_cards.programs,
        partner_cards.deals,
        partners.together,
        partners.calls,
        partners.plan,
        partners.exports,
        mdf_console.partner_tab,
        earnings.partner_tab,
    ),
    "program_places": (tiers.places,),
    "plan_reached": (partner_cards.deals_reached, partner_cards.revenue_reached),
    "program_section": (
        deals_sections.deal_terms,
        mdf_sections.fund_terms,
        earnings_sections.earning_terms,
        earnings_sections.revenue_rules,
        partners_section.section,
    ),
    "program_turnover": (turnover.program_turnover,),
    "promise": (deals_promises.promise,),
    "queue_kind": (
        deals.queue,
        protection_cards.queue,
        leads.queue,
        touch_cards.queue,
        tiers.queue,
        tiers.exceptions,
        tiers.requests,
        partners.queue,
        partners_life.queue,
        program_cards.queue,
        partners.merges,
        mdf_console.queue,
        mdf_console.claims,
        mdf_console.more_time,
        earnings.queue,
        earnings.disputes,
    ),
    "tracking_code": (mdf_record.tracking_code,),
    "refund_too_late": (earnings_refunds.too_late,),
    "verify": (deals_verify.shares, earnings_verify.earnings),
}
