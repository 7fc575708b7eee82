"""The vendor's people who are kept to some partners come through the walls: table by table, to which rows."""

from core.walls import PEOPLE, REGIONS, Reach, of_reach
from django.db import migrations


def told(table: str, column: str, row: str) -> str:
    """Named in a row that they see."""
    return f"EXISTS (SELECT 1 FROM {table} mine WHERE mine.{column} = {row})"


# Rows of a partner, and those of none.
PARTNERS = (
    "core_externalid", "core_ledgeraccount", "core_ledgertransaction", "core_ledgerentry",
    "partners_member", "partners_invitation", "partners_contact", "partners_agreement", "partners_apikey",
    "partners_note", "partners_integration", "partners_mutualvalue", "partners_yearplan", "partners_call",
    "partners_application", "partners_onboardingaction", "partners_offboarding", "partners_managerterm",
    "partners_partnerexport",
    "tiers_programmembership", "tiers_fact", "tiers_assessment", "tiers_tierreview", "tiers_tieroverride",
    "tiers_benefitrequest",
    "deals_registration", "deals_opportunitypartner", "deals_attribution", "deals_approval", "deals_extension",
    "deals_lead", "deals_leadoffer", "deals_breach", "deals_touch", "deals_ownerquestion", "deals_revocation",
    "deals_routingrule",
    "mdf_allocation", "mdf_request", "mdf_activity", "mdf_budgetline", "mdf_steptaken", "mdf_claim",
    "mdf_invoiceline", "mdf_proof", "mdf_payment",
    "earnings_entitlement", "earnings_usagereport", "earnings_earningline", "earnings_dispute", "earnings_payout",
    "earnings_payoutitem", "earnings_bankdetails", "earnings_handover",
    "metrics_partnerday", "metrics_activespan", "metrics_scorecard",
)  # fmt: skip
# The house's own, about no partner.
HOUSE = (
    "partners_absence", "partners_houserules", "partners_managerregion", "deals_attributionrule", "mdf_budget",
    "mdf_budgetchange", "earnings_payoutrun", "metrics_totalday", "metrics_run",
)  # fmt: skip
# Files of no partner hold rows of all of them: what was loaded, what was made of everything.
OWN_FILES = "partner_id IS NOT NULL AND " + of_reach()
BOTH = {
    "deals_transfer": f"{of_reach()} AND {of_reach('to_partner_id')}",
    "partners_merge": f"{of_reach('winner_id')} AND {of_reach('loser_id')}",
    "deals_conflictcase": f"{of_reach()} AND (other_registration_id IS NULL OR "
    f"{told('deals_registration', 'id', 'other_registration_id')})",
}
NAMES_OPPORTUNITY = {
    "deals_opportunitypartner": "opportunity_id", "deals_registration": "opportunity_id",
    "deals_breach": "opportunity_id", "deals_touch": "opportunity_id", "deals_ownerquestion": "opportunity_id",
    "deals_conflictcase": "other_opportunity_id",
}  # fmt: skip
NAMES_ACCOUNT = {
    "deals_opportunity": "account_id", "deals_registration": "account_id", "deals_conflictcase": "other_account_id",
}  # fmt: skip
THROUGH = {
    "deals_opportunity": [told(t, c, "deals_opportunity.id") for t, c in NAMES_OPPORTUNITY.items()],
    "deals_account": [told(t, c, "deals_account.id") for t, c in NAMES_ACCOUNT.items()],
    "deals_attributiondecision": [told("deals_opportunity", "id", "opportunity_id")],
    "deals_revenueevent": [told("deals_opportunity", "id", "opportunity_id")],
    "deals_leadranking": [told("deals_lead", "id", "lead_id")],
}
MINE = f"(region = ANY ({REGIONS}) OR manager_id = ANY ({PEOPLE}) OR backup_id = ANY ({PEOPLE}))"
# What happened to the house's own rows, and to what is seen through a wall of its own.
OF_THE_HOUSE = (
    "program", "program_version", "tier", "product", "user", "absence", "house_rules", "agreement_text", "application",
    "mdf_budget", "mdf_budget_change", "fund_terms", "payout_run", "revenue_rule", "earning_terms", "exchange_rates",
    "routing_rule", "attribution_rule",
)  # fmt: skip
NAMED = {
    "partner": "partners_partner", "opportunity": "deals_opportunity", "account": "deals_account",
    "lead": "deals_lead", "conflict_case": "deals_conflictcase",
}  # fmt: skip
NEWS = " OR ".join(
    [
        f"subject_type IN ({', '.join(repr(name) for name in OF_THE_HOUSE)})",
        *(f"subject_type = '{name}' AND {told(table, 'id', 'subject_id')}" for name, table in NAMED.items()),
    ]
)
EVENTS = f"(actor_id = ANY ({PEOPLE}) OR partner_id IS NOT NULL AND {of_reach()} OR partner_id IS NULL AND ({NEWS}))"


class Migration(migrations.Migration):
    dependencies = [
        ("prm", "0001_cache"),
        ("core", "0005_files"),
        ("partners", "0007_managers_by_region"),
        ("tiers", "0007_custom_metrics"),
        ("deals", "0010_revenue_about"),
        ("mdf", "0004_readers"),
        ("earnings", "0008_guard_in_one_look"),
        ("metrics", "0005_rates_moved"),
    ]

    operations = [
        Reach("partners_partner", MINE),
        *(Reach(table, of_reach()) for table in PARTNERS),
        *(Reach(table) for table in HOUSE),
        *(Reach(table, condition) for table, condition in BOTH.items()),
        *(Reach(table, f"({' OR '.join(ways)})") for table, ways in THROUGH.items()),
        Reach("core_storedfile", OWN_FILES),
        Reach("core_event", EVENTS),
    ]
