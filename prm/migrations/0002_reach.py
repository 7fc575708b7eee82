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
THROUGH = {
    "deals_opportunity": "id IN (SELECT one FROM deals_named_opportunities() one)",
    "deals_account": "id IN (SELECT one FROM deals_named_accounts() one)",
    "deals_attributiondecision": told("deals_opportunity", "id", "opportunity_id"),
    "deals_revenueevent": told("deals_opportunity", "id", "opportunity_id"),
    "deals_leadranking": told("deals_lead", "id", "lead_id"),
}
MINE = f"(region = ANY ({REGIONS}) OR manager_id = ANY ({PEOPLE}) OR backup_id = ANY ({PEOPLE}))"
# What happened to the house's own rows, and to what is seen through a wall of its own.
OF_THE_HOUSE = (
    "program", "program_version", "tier", "product", "user", "absence", "house_rules", "agreement_text", "application",
    "mdf_budget", "mdf_budget_change", "fund_terms", "payout_run", "revenue_rule", "earning_terms", "exchange_rates",
    "routing_rule", "attribution_rule",
)  # fmt: skip
NEWS = f"subject_type IN ({', '.join(repr(name) for name in OF_THE_HOUSE)}) OR core_event_reached(subject_type, subject_id)"
EVENTS = f"(actor_id = ANY ({PEOPLE}) OR partner_id IS NOT NULL AND {of_reach()} OR partner_id IS NULL AND ({NEWS}))"
NAMED = (
    "deals_opportunitypartner", "deals_registration", "deals_attribution", "deals_breach", "deals_touch",
    "deals_ownerquestion",
)  # fmt: skip
# The rows that the walls show to who asks. Functions, since a wall that names walls that name walls costs every
# statement more time to plan than to run; these are opened for nobody but who is kept.
FUNCTIONS = [
    f"""CREATE FUNCTION {name} LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ BEGIN {body} END $$"""
    for name, body in {
        "partners_reach() RETURNS SETOF uuid": "RETURN QUERY SELECT p.id FROM partners_partner p;",
        "deals_named_opportunities() RETURNS SETOF uuid": "RETURN QUERY "
        + " UNION ".join(f"SELECT t.opportunity_id FROM {table} t WHERE t.opportunity_id IS NOT NULL" for table in NAMED)
        + " UNION SELECT c.other_opportunity_id FROM deals_conflictcase c WHERE c.other_opportunity_id IS NOT NULL;",
        "deals_named_accounts() RETURNS SETOF uuid": "RETURN QUERY "
        "SELECT o.account_id FROM deals_opportunity o WHERE o.account_id IS NOT NULL "
        "UNION SELECT r.account_id FROM deals_registration r WHERE r.account_id IS NOT NULL "
        "UNION SELECT c.other_account_id FROM deals_conflictcase c WHERE c.other_account_id IS NOT NULL;",
        "core_event_reached(kind text, subject uuid) RETURNS boolean": "RETURN CASE kind "
        + " ".join(
            f"WHEN '{kind}' THEN EXISTS (SELECT 1 FROM {table} t WHERE t.id = subject)"
            for kind, table in {
                "partner": "partners_partner", "opportunity": "deals_opportunity", "account": "deals_account",
                "lead": "deals_lead", "conflict_case": "deals_conflictcase",
            }.items()
        )
        + " ELSE false END;",
    }.items()
]  # fmt: skip
UNDO = [
    "DROP FUNCTION partners_reach()", "DROP FUNCTION deals_named_opportunities()",
    "DROP FUNCTION deals_named_accounts()", "DROP FUNCTION core_event_reached(text, uuid)",
]  # fmt: skip


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
        migrations.RunSQL(FUNCTIONS, UNDO),
        Reach("partners_partner", MINE),
        *(Reach(table, of_reach()) for table in PARTNERS),
        *(Reach(table) for table in HOUSE),
        *(Reach(table, condition) for table, condition in BOTH.items()),
        *(Reach(table, condition) for table, condition in THROUGH.items()),
        Reach("core_storedfile", OWN_FILES),
        Reach("core_event", EVENTS),
    ]
