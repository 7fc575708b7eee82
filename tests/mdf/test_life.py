"""From budget to paid claim: what each step does to the money, and what it refuses."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core import ledger
from core.actor import SYSTEM
from core.errors import Forbidden, IllegalTransition, Refused, Stale
from core.models import Event, LedgerTransaction
from mdf import money, services
from mdf.enums import ActivityStatus, ClaimStatus, Criterion, PaymentStatus, RequestStatus
from mdf.leaving import blocker
from mdf.models import BudgetLine, Claim, Request
from mdf.particulars import Decision, Order, Outcome, Ruling, Sum, Words
from partners.models import Partner
from tests.factories import NOW
from tests.mdf.conftest import END, MET, START, WEBINAR, Fund, another, make_fund

pytestmark = pytest.mark.django_db


def refusal(work) -> str:
    with pytest.raises(Refused) as found:
        work()
    return str(found.value.reason)


def code(work) -> str:
    with pytest.raises((Refused, Forbidden)) as found:
        work()
    return found.value.code


class TestBudget:
    def test_a_budget_is_filled_by_a_second_person(self, fund: Fund):
        change = services.budgets.ask_change(fund.budget, Sum(Decimal(500)), by=fund.actor("olga"), at=NOW)
        assert (
            code(lambda: services.budgets.grant_change(change, by=fund.actor("olga"), at=NOW)) == "four_eyes_required"
        )
        services.budgets.grant_change(change, by=fund.actor("finn"), at=NOW)
        fund.budget.refresh_from_db()
        assert (fund.budget.amount, money.balance(money.UNDIVIDED, fund.budget).amount) == (
            Decimal("10500.00"), Decimal("7500.00"),
        )  # fmt: skip

    def test_partners_get_no_more_than_the_budget_holds(self, fund: Fund):
        more = Sum(Decimal("7000.01"))
        with pytest.raises(ledger.Overdrawn):
            services.budgets.raise_allocation(fund.allocation, more, by=fund.actor("olga"), at=NOW)

    def test_a_budget_is_not_cut_below_what_was_given(self, fund: Fund):
        cut = services.budgets.ask_change(fund.budget, Sum(Decimal("-7000.01")), by=fund.actor("olga"), at=NOW)
        with pytest.raises(ledger.Overdrawn):
            services.budgets.grant_change(cut, by=fund.actor("finn"), at=NOW)


class TestRequest:
    def test_the_published_example_comes_out(self, fund: Fund):
        """Balance 3000, asked 300, approved 150, credited 150, remaining 2850."""
        request = fund.approve(fund.sent(), amounts={0: "150.00"})
        services.deciding.accept(request, by=fund.actor("bo"), at=NOW)
        claim = fund.owed(request, "150.00", "300.00")
        fund.pay(claim, "150.00")
        assert (money.balance(money.PAID, claim).amount, fund.free()) == (Decimal("150.00"), Decimal("2850.00"))

    def test_approval_reserves_freezes_proofs_and_sets_the_last_day(self, fund: Fund):
        request = fund.approved()
        activity = request.activities.get()
        assert request.status == RequestStatus.APPROVED
        assert money.balance(money.RESERVED, activity).amount == Decimal("300.00")
        assert fund.free() == Decimal("2700.00")
        assert activity.proofs == ["invoice", "photo", "lead_list", "summary"]
        assert activity.claim_due_on == END + timedelta(days=60)
        assert len(activity.tracking_code) == 10

    def test_one_approval_is_one_transaction(self, fund: Fund):
        request = fund.approved(WEBINAR, another(title="Second"))
        event = Event.objects.get(subject_id=request.pk, type="mdf_request.approved")
        assert LedgerTransaction.objects.get(event=event).entries.count() == 4

    def test_nobody_asks_for_more_than_our_share(self, fund: Fund):
        draft = fund.draft(another(asked_amount=Decimal("500.01")))
        words = refusal(lambda: services.requests.submit(draft, by=fund.actor("bo"), at=NOW))
        assert words == "We pay 50% of Harbour fair: ask for 500.00 USD or less."

    def test_nobody_asks_for_more_than_is_free(self, fund: Fund):
        draft = fund.draft(another(total_cost=Decimal(9000), asked_amount=Decimal("3000.01")))
        words = refusal(lambda: services.requests.submit(draft, by=fund.actor("bo"), at=NOW))
        assert words == "You have 3,000.00 USD. Ask for that or less, or talk to your channel manager."

    def test_what_became_too_little_meanwhile_is_refused_by_the_database(self, fund: Fund):
        one = fund.sent(another(total_cost=Decimal(6000), asked_amount=Decimal(2000)))
        two = fund.sent(another(total_cost=Decimal(6000), asked_amount=Decimal(2000)))
        fund.approve(one)
        with pytest.raises(ledger.Overdrawn):
            fund.approve(two)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"target_segment": ""}, "Harbour fair: say which segment it is for."),
            ({"expected_pipeline": None}, "Harbour fair: say how much pipeline you expect from it."),
            (
                {"measurement": replace(WEBINAR.measurement, capture="")},
                "Harbour fair: say how you measure it: what, how many, how you find out and when you report.",
            ),
            (
                {"starts_on": NOW.date() + timedelta(days=4)},
                "Harbour fair doesn't start in the period of these funds. Choose other dates or other funds.",
            ),
        ],
    )
    def test_a_request_is_sent_whole(self, fund: Fund, changes, words):
        draft = fund.draft(another(**changes))
        assert refusal(lambda: services.requests.submit(draft, by=fund.actor("bo"), at=NOW)) == words

    def test_ten_working_days_before_the_start_or_a_reason(self, fund: Fund):
        at = NOW.replace(year=2027, month=1, day=11)
        draft = fund.draft()
        words = "Harbour fair starts in fewer than 10 working days. Say why you ask so late."
        assert refusal(lambda: services.requests.submit(draft, by=fund.actor("bo"), at=at)) == words
        draft = services.requests.write(draft, fund.plan(late_reason="The fair moved."), by=fund.actor("bo"), at=at)
        assert services.requests.submit(draft, by=fund.actor("bo"), at=at).status == RequestStatus.IN_REVIEW

    def test_no_criterion_is_left_out_and_a_no_has_its_reason(self, fund: Fund):
        request = fund.sent()
        activity = request.activities.get()
        for verdicts, words in (
            ({}, "Harbour fair: judge “Aligned with our target segment”."),
            (
                MET | {Criterion.RETURN: {"met": False, "reason": ""}},
                "Harbour fair: say why “Budget against expected pipeline return” is not met.",
            ),
        ):
            decision = Decision([Ruling(activity, Decimal(300), verdicts)])
            assert (
                refusal(lambda d=decision: services.deciding.approve(request, d, by=fund.actor("mona"), at=NOW))
                == words
            )

    def test_less_than_was_asked_is_offered_for_a_week(self, fund: Fund):
        request = fund.approve(fund.sent(), amounts={0: "100.00"})
        assert request.status == RequestStatus.PARTLY_APPROVED
        assert money.balance(money.RESERVED, request.activities.get()).amount == Decimal("100.00")
        later = NOW + timedelta(days=9)
        assert code(lambda: services.deciding.accept(request, by=fund.actor("bo"), at=later)) == "rule"
        services.requests.run_out(request, at=later)
        assert (request.status, fund.free()) == (RequestStatus.WITHDRAWN, Decimal("3000.00"))

    def test_a_part_of_the_activities_is_funded(self, fund: Fund):
        request = fund.approve(fund.sent(WEBINAR, another(title="Second")), amounts={1: "0"})
        assert [a.status for a in request.activities.order_by("place_in_request")] == [
            ActivityStatus.APPROVED, ActivityStatus.REJECTED,
        ]  # fmt: skip
        assert fund.free() == Decimal("2700.00")

    def test_nothing_at_all_is_declined_not_approved(self, fund: Fund):
        request = fund.sent()
        assert refusal(lambda: fund.approve(request, amounts={0: "0"})) == (
            "Nothing is left of the request. Decline it instead."
        )

    def test_who_wrote_it_on_behalf_never_decides(self, fund: Fund):
        request = services.requests.draft(fund.plan(), by=fund.actor("mona"), at=NOW)
        services.requests.submit(request, by=fund.actor("mona"), at=NOW)
        services.requests.confirm(request, by=fund.actor("bo"), at=NOW)
        assert code(lambda: fund.approve(request, by="mona")) == "four_eyes_required"
        assert fund.approve(request, by="mark").status == RequestStatus.APPROVED

    def test_what_we_wrote_for_the_partner_waits_for_the_partner(self, fund: Fund):
        request = services.requests.draft(fund.plan(), by=fund.actor("mona"), at=NOW)
        services.requests.submit(request, by=fund.actor("mona"), at=NOW)
        assert refusal(lambda: fund.approve(request, by="mark")) == (
            "We wrote this request for the partner. The partner confirms it first."
        )

    def test_large_sums_take_two_and_three_people(self, cast):
        fund = make_fund(cast, "9000.00", second_step_from=1000, third_step_from=2000)
        request = fund.sent(another(total_cost=Decimal(6000), asked_amount=Decimal(2500)))
        assert request.steps == ["manager", "operations", "finance"]
        fund.approve(request, by="mona")
        assert code(lambda: fund.approve(request, by="mark")) == "permission_denied"
        assert fund.free() == Decimal("9000.00")
        fund.approve(request, by="olga")
        assert fund.approve(request, by="finn").status == RequestStatus.APPROVED
        assert fund.free() == Decimal("6500.00")

    def test_a_declined_request_may_be_sent_again_one_declined_for_good_not(self, fund: Fund):
        request = services.deciding.reject(fund.sent(), Words("Say who comes."), by=fund.actor("mona"), at=NOW)
        request = services.requests.write(request, fund.plan(), by=fund.actor("bo"), at=NOW)
        services.requests.submit(request, by=fund.actor("bo"), at=NOW)
        services.deciding.decline(request, Words("Not our market."), by=fund.actor("mona"), at=NOW)
        with pytest.raises(IllegalTransition):
            services.requests.submit(request, by=fund.actor("bo"), at=NOW)

    def test_a_question_stops_the_clock(self, fund: Fund):
        request = fund.sent()
        left = request.due_at - (NOW + timedelta(days=1))
        services.deciding.ask(request, Words("Who comes?"), by=fund.actor("mona"), at=NOW + timedelta(days=1))
        later = NOW + timedelta(days=20)
        services.requests.answer(request, Words("Shippers."), by=fund.actor("bo"), at=later)
        assert (request.status, request.due_at) == (RequestStatus.IN_REVIEW, later + left)

    def test_a_round_trip_of_a_draft_loses_no_line(self, fund: Fund):
        plan = another(lines=WEBINAR.lines)
        draft = services.requests.write(
            fund.draft(WEBINAR), fund.plan(plan, another(title="Second")), by=fund.actor("bo"), at=NOW
        )
        assert list(BudgetLine.objects.order_by("activity__place_in_request", "place").values_list("label", "cost")) == [
            ("Stand", Decimal("700.00")), ("Print", Decimal("300.00")),
        ]  # fmt: skip
        assert draft.activities.count() == 2

    def test_two_who_write_one_draft_do_not_overwrite_each_other(self, fund: Fund):
        mine = fund.draft()
        yours = Request.objects.get(pk=mine.pk)
        services.requests.write(yours, fund.plan(), by=fund.actor("bo"), at=NOW)
        with pytest.raises(Stale):
            services.requests.write(mine, fund.plan(), by=fund.actor("bo"), at=NOW)

    def test_changed_dates_are_decided_again(self, fund: Fund):
        request = fund.approved()
        later = another(starts_on=START + timedelta(days=30), ends_on=END + timedelta(days=30))
        services.changing.change(request, fund.plan(later), by=fund.actor("bo"), at=NOW)
        assert (request.status, fund.free()) == (RequestStatus.IN_REVIEW, Decimal("3000.00"))
        assert fund.approve(request, by="mark").status == RequestStatus.APPROVED


class TestClaim:
    def test_payable_is_the_least_of_three(self, fund: Fund):
        claim = fund.owed(fund.approved(), "300.00", "500.00")
        assert claim.status == ClaimStatus.PAYABLE
        assert claim.arithmetic == {
            "claimed": "300.00", "approved_left": "300.00", "accepted_cost": "500.00", "share": "250.00",
            "payable": "250.00", "share_percent": "50", "currency": "USD",
        }  # fmt: skip

    def test_recoverable_tax_is_left_out_and_foreign_money_converted(self, fund: Fund):
        request = fund.approved()
        activity = request.activities.get()
        plan = fund.claim_plan(activity, "300.00", "100.00", recoverable_tax=Decimal(23), other_tax=Decimal(2))
        plan = replace(plan, invoices=[replace(plan.invoices[0], currency="BRL", rate=Decimal("0.2"))])
        claim = services.claims.draft(plan, by=fund.actor("bo"), at=NOW)
        assert claim.invoice_lines.get().cost == Decimal("20.40")

    def test_a_second_claim_takes_what_is_left(self, fund: Fund):
        request = fund.approved()
        fund.owed(request, "100.00", "200.00")
        second = fund.owed(request, "300.00", "900.00")
        assert (second.approved_amount, fund.free()) == (Decimal("200.00"), Decimal("2700.00"))

    def test_a_claim_without_an_invoice_or_a_proof_is_not_sent(self, fund: Fund):
        activity = fund.approved().activities.get()
        plan = fund.claim_plan(activity, "300.00")
        bare = services.claims.draft(replace(plan, invoices=()), by=fund.actor("bo"), at=NOW)
        assert refusal(lambda: services.claims.submit(bare, by=fund.actor("bo"), at=NOW)) == "Add at least one invoice."
        blind = services.claims.draft(replace(plan, proofs=plan.proofs[:1]), by=fund.actor("bo"), at=NOW)
        assert refusal(lambda: services.claims.submit(blind, by=fund.actor("bo"), at=NOW)) == (
            "Add what is still missing: photo, list of leads or attendees, summary."
        )

    def test_the_same_invoice_twice_is_flagged(self, fund: Fund):
        activity = fund.approved().activities.get()
        plan = fund.claim_plan(activity, "100.00")
        first = services.claims.draft(plan, by=fund.actor("bo"), at=NOW)
        second = services.claims.draft(plan, by=fund.actor("bo"), at=NOW)
        assert second.invoice_lines.get().twin == first.reference

    def test_every_proof_is_looked_at_before_a_decision(self, fund: Fund):
        claim = fund.claimed(fund.approved())
        blind = replace(fund.looks(claim), looks=fund.looks(claim).looks[:-1])
        assert refusal(lambda: services.claims.approve(claim, blind, by=fund.actor("mona"), at=NOW)) == (
            "Look at every proof and every invoice first."
        )

    def test_after_its_last_day_nothing_is_claimed_and_the_money_is_free_again(self, fund: Fund):
        request = fund.approved()
        activity = request.activities.get()
        services.executing.lapse(activity, at=NOW + timedelta(days=120))
        request.refresh_from_db()
        assert (request.status, activity.status, fund.free()) == (
            RequestStatus.LAPSED, ActivityStatus.RELEASED, Decimal("3000.00"),
        )  # fmt: skip

    def test_what_is_in_review_does_not_lapse(self, fund: Fund):
        request = fund.approved()
        fund.claimed(request)
        services.executing.lapse(request.activities.get(), at=NOW + timedelta(days=120))
        assert fund.free() == Decimal("2700.00")

    def test_one_extension_and_no_second(self, fund: Fund):
        activity = fund.approved().activities.get()
        due = activity.claim_due_on
        services.executing.extend(activity, by=fund.actor("mona"), at=NOW)
        assert activity.claim_due_on == due + timedelta(days=30)
        assert refusal(lambda: services.executing.extend(activity, by=fund.actor("mona"), at=NOW)) == (
            "The time for this claim can't be extended any more."
        )

    def test_a_declined_claim_is_sent_again_in_time(self, fund: Fund):
        claim = fund.claimed(fund.approved())
        services.claims.reject(claim, Words("No logo on the photo."), by=fund.actor("mona"), at=NOW)
        with_proofs = fund.claim_plan(claim.activity, "300.00")
        services.claims.write(claim, with_proofs, by=fund.actor("bo"), at=NOW)
        late = NOW + timedelta(days=50)
        assert code(lambda: services.claims.submit(claim, by=fund.actor("bo"), at=late)) == "rule"
        assert services.claims.submit(claim, by=fund.actor("bo"), at=NOW).status == ClaimStatus.IN_REVIEW

    def test_a_declined_claim_is_sent_again_until_the_told_day_ends_and_no_longer(self, fund: Fund):
        claim, bo = fund.claimed(fund.approved()), fund.actor("bo")
        services.claims.reject(claim, Words("No logo on the photo."), by=fund.actor("mona"), at=NOW)
        over = claim.resubmit_by
        assert code(lambda: services.claims.submit(claim, by=bo, at=over)) == "rule"
        assert services.claims.submit(claim, by=bo, at=over - timedelta(seconds=1)).status == ClaimStatus.IN_REVIEW

    def test_what_is_paid_can_not_be_cancelled(self, fund: Fund):
        request = fund.approved(another(total_cost=Decimal(2000)))
        fund.owed(request, "100.00", "400.00")
        fresh = Request.objects.get(pk=request.pk)
        assert refusal(lambda: services.deciding.cancel(fresh, Words("No."), by=fund.actor("bo"), at=NOW)) == (
            "Something was approved for payment already. Only what is left can lapse."
        )


class TestPayment:
    @pytest.fixture
    def owed(self, fund: Fund) -> Claim:
        return fund.owed(fund.approved())

    def test_instalments_sum_up_to_what_is_owed_and_no_further(self, fund: Fund, owed: Claim):
        fund.pay(owed, "100.00")
        with pytest.raises(ledger.Overdrawn):
            fund.pay(owed, "200.01")
        fund.pay(owed, "200.00")
        owed.refresh_from_db()
        assert owed.status == ClaimStatus.PAID
        assert owed.activity.request.status == RequestStatus.CLOSED

    def test_who_decided_the_claim_does_not_pay_it(self, fund: Fund, owed: Claim):
        Claim.objects.filter(pk=owed.pk).update(decided_by=fund.cast.finn)
        owed.refresh_from_db()
        assert code(lambda: fund.pay(owed, "100.00")) == "four_eyes_required"

    def test_above_the_limit_a_second_person_sends_it(self, cast):
        fund = make_fund(cast, two_payers_from=200)
        payment = fund.pay(fund.owed(fund.approved()), "300.00")
        assert payment.status == PaymentStatus.ORDERED
        assert code(lambda: services.payments.release(payment, by=fund.actor("finn"), at=NOW)) == "four_eyes_required"
        assert services.payments.release(payment, by=fund.actor("olga"), at=NOW).status == PaymentStatus.SENT

    def test_a_payment_without_a_reference_is_refused(self, fund: Fund, owed: Claim):
        order = Order(Decimal(1), " ")
        assert refusal(lambda: services.payments.order(owed, order, by=fund.actor("finn"), at=NOW)) == (
            "Enter the reference that stands on the payment."
        )

    def test_what_came_back_is_owed_again(self, fund: Fund, owed: Claim):
        payment = fund.pay(owed, "300.00")
        services.payments.fail(payment, Outcome(failure="Account closed"), by=fund.actor("finn"), at=NOW)
        owed.refresh_from_db()
        assert (owed.status, money.balance(money.CLAIMED, owed).amount) == (ClaimStatus.PAYABLE, Decimal("300.00"))

    def test_what_arrived_is_reconciled_and_can_be_clawed_back(self, fund: Fund, owed: Claim):
        payment = fund.pay(owed, "300.00")
        services.payments.settle(payment, Outcome(), by=fund.actor("finn"), at=NOW)
        owed.refresh_from_db()
        services.payments.claw_back(owed, Words("The fair was called off."), by=fund.actor("finn"), at=NOW)
        assert (owed.status, fund.free(), ledger.wrong()) == (ClaimStatus.CLAWED_BACK, Decimal("3000.00"), [])


class TestLeaving:
    def test_a_partner_does_not_leave_with_money_reserved(self, fund: Fund):
        assert blocker(SYSTEM, fund.cast.acme, NOW) is None
        fund.approved()
        assert blocker(SYSTEM, fund.cast.acme, NOW) == (
            "Market funds are open: 300.00 USD. Pay the claims or cancel the requests first."
        )


def test_more_time_for_a_claim_is_asked_for_once(fund):
    activity = fund.approved().activities.get()
    services.executing.ask_extension(activity, Words("The agency is late."), by=fund.actor("bo"), at=NOW)
    assert (activity.extension_asked_at, activity.extension_reason) == (NOW, "The agency is late.")
    with pytest.raises(Refused, match="asked for more time already"):
        services.executing.ask_extension(activity, Words("Again."), by=fund.actor("bo"), at=NOW)


def test_market_funds_wait_until_a_partner_that_joined_by_itself_is_checked(fund):
    request = fund.draft()
    Partner.objects.filter(pk=fund.cast.acme.pk).update(unvetted_since=NOW)
    fresh = Request.objects.get(pk=request.pk)
    with pytest.raises(Refused) as refusal:
        services.requests.submit(fresh, by=fund.actor("bo"), at=NOW)
    words = "The partner joined by itself and waits for our check. Margins, leads and market funds come after it."
    assert str(refusal.value) == words
    Partner.objects.filter(pk=fund.cast.acme.pk).update(unvetted_since=None)
    fund.sent()
