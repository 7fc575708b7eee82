"""The guards that decide races, what takes each away, and the tests that must fail without it."""

from dataclasses import dataclass

RACES = "tests/concurrency/test_{}.py"
FUNDS, DEALS, DECISIONS = (RACES.format(name) for name in ("market_funds", "protected_deals", "decisions"))
LEADS, PARTNERS, TIERS, TOUCHES = (RACES.format(name) for name in ("leads", "partners", "tiers", "touches"))
PAYOUTS, MONEY = "tests/earnings/test_payout_races.py", "tests/earnings/test_money_races.py"


@dataclass(frozen=True)
class Guard:
    """A guard in words, the functions of take.py that take it away, and what it decides."""

    words: str
    taken_by: tuple[str, ...]
    decides: tuple[str, ...]


GUARDS: dict[str, Guard] = {
    "rows": Guard(
        "state and version compared as a row is written; requests, activities and claims locked",
        ("blind_rows",),
        (
            f"{FUNDS}::test_of_many_who_approve_one_request_through_both_doors_one_does",
            f"{FUNDS}::test_approved_or_withdrawn_never_both",
            f"{FUNDS}::test_a_claim_that_is_sent_as_its_time_ends_lapses_or_is_reviewed",
            f"{FUNDS}::test_two_claims_that_are_approved_at_once_take_no_more_than_was_approved",
            f"{FUNDS}::test_a_claim_is_approved_or_withdrawn_never_both",
            f"{FUNDS}::test_a_request_is_called_off_or_its_claim_is_owed_never_both",
            f"{FUNDS}::test_a_part_is_accepted_or_runs_out_never_both",
            f"{FUNDS}::test_a_payment_arrives_or_comes_back_never_both",
            f"{FUNDS}::test_two_instalments_ordered_by_what_was_read_once_are_one",
            f"{DECISIONS}::test_of_two_decisions_by_services_one_counts",
            f"{DECISIONS}::test_of_two_decisions_on_pages_the_second_gets_409_and_reads_why",
            f"{DECISIONS}::test_eight_managers_decide_at_once_by_page_and_api",
            f"{DECISIONS}::test_an_approval_and_a_withdrawal_at_once_end_in_one_of_the_two",
            f"{LEADS}::test_an_acceptance_and_its_opposite_leave_one_story",
            f"{LEADS}::test_of_two_managers_who_offer_one_lead_one_did",
            f"{PARTNERS}::test_of_two_who_approve_and_decline_at_once_one_did",
            f"{PARTNERS}::test_of_two_who_suspend_at_once_one_did_and_the_way_back_is_kept",
            f"{DEALS}::test_an_extension_that_is_granted_as_the_protection_ends_extends_once",
            f"{DEALS}::test_of_two_who_confirm_a_revocation_one_did",
            f"{DEALS}::test_a_deal_that_is_released_while_it_is_handed_over_goes_one_way",
            f"{TIERS}::test_of_two_managers_who_move_one_partner_up_one_does",
            f"{TIERS}::test_of_a_waiver_and_a_move_down_at_once_one_stands",
            f"{TOUCHES}::test_of_two_answers_at_once_one_stands",
            f"{MONEY}::test_one_run_is_approved_sent_and_paid_once_however_many_press",
            f"{PAYOUTS}::test_two_people_approve_one_run_and_one_of_them_did",
        ),
    ),
    "floor": Guard(
        "accounts with a floor that the database holds",
        ("no_floor",),
        (
            f"{FUNDS}::test_however_many_approve_at_once_no_budget_gives_more_than_it_has",
            f"{FUNDS}::test_a_fund_that_is_cut_while_a_request_is_approved_is_not_overdrawn",
        ),
    ),
    "rows and floor": Guard(
        "both: what is paid once is held by each of them",
        ("blind_rows", "no_floor"),
        (f"{FUNDS}::test_two_who_pay_one_claim_pay_it_once",),
    ),
    "waiting": Guard(
        "money that a claim in review waits for is kept",
        ("nothing_waits",),
        (f"{FUNDS}::test_a_claim_that_is_approved_as_its_time_ends_is_owed_whole",),
    ),
    "accruals": Guard(
        "one worker at a time accrues",
        ("many_at_once",),
        (f"{FUNDS}::test_two_workers_who_run_one_accrual_give_it_once",),
    ),
}  # fmt: skip
