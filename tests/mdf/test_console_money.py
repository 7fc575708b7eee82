"""Finance's pages: budgets by two people, the payment run, the bank's answers, what stands at a month's end."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.ledger import wrong
from mdf import money, services
from mdf.enums import BudgetStatus, ClaimStatus, PaymentStatus
from mdf.models import Allocation, Budget, BudgetChange, Claim, Payment
from mdf.particulars import Sum
from tests.deals.test_portal import signed_in
from tests.factories import NOW
from tests.mdf.conftest import Fund, make_fund

pytestmark = pytest.mark.django_db
PAYMENTS = "admin:mdf_payments"


@pytest.fixture
def finn(fund: Fund) -> Client:
    return signed_in(fund.cast.finn)


@pytest.fixture
def olga(fund: Fund) -> Client:
    return signed_in(fund.cast.olga)


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def run(client: Client, *claims: Claim, reference: str = "RUN 7"):
    sent = {"pick": [claim.reference for claim in claims], "reference": reference}
    return client.post(reverse("admin:mdf_payments_verb", args=["run"]), sent, follow=True)


def bank(client: Client, text: str):
    file = SimpleUploadedFile("bank.csv", text.encode())
    return client.post(reverse("admin:mdf_payments_verb", args=["reconcile"]), {"file": file}, follow=True)


class TestPayments:
    def test_what_is_owed_is_listed_and_paid_in_one_run(self, fund: Fund, finn: Client):
        first, second = fund.owed(fund.approved()), fund.owed(fund.approved(), "100.00", "200.00")
        rows = finn.get(reverse(PAYMENTS)).context["payable"].rows
        assert {(row.id, row.cells[4].amount) for row in rows} == {(first.reference, 300), (second.reference, 100)}
        assert said(run(finn, first, second)) == ["Ordered: 2."]
        assert [(p.amount, p.bank_reference) for p in Payment.objects.order_by("-amount")] == [
            (300, f"RUN 7 {first.reference}"), (100, f"RUN 7 {second.reference}"),
        ]  # fmt: skip
        assert {claim.status for claim in Claim.objects.all()} == {ClaimStatus.PAID}

    def test_a_run_leaves_what_its_payer_decided_and_says_why(self, fund: Fund, finn: Client):
        good, own = fund.owed(fund.approved()), fund.owed(fund.approved())
        Claim.objects.filter(pk=own.pk).update(decided_by=fund.cast.finn)
        assert said(run(finn, good, own)) == [
            f"{own.reference}: You decided this claim. Another person pays it.", "Ordered: 1.",
        ]  # fmt: skip

    def test_an_instalment_is_ordered_on_the_claims_page_once(self, fund: Fund, finn: Client):
        claim = fund.owed(fund.approved())
        claim.refresh_from_db()
        sent = {"version": str(claim.version), "amount": "100", "reference": "SEPA 1"}
        address = reverse("admin:mdf_claim_verb", args=[claim.reference, "order"])
        assert finn.post(address, sent).status_code == 302
        assert finn.post(address, sent).status_code == 409
        assert money.balance(money.CLAIMED, claim).amount == 200

    def test_above_the_limit_another_person_sends_it(self, cast):
        fund = make_fund(cast, two_payers_from=200)
        claim = fund.owed(fund.approved())
        finn, olga = signed_in(cast.finn), signed_in(cast.olga)
        run(finn, claim)
        payment = Payment.objects.get()
        assert payment.status == PaymentStatus.ORDERED
        address = reverse("admin:mdf_payment_verb", args=[payment.reference, "release"])
        page = finn.get(reverse("admin:mdf_payment", args=[payment.reference]))
        assert page.context["not_you"] == "You ordered this payment. Another person sends it."
        assert finn.post(address).status_code == 403
        assert olga.post(address).status_code == 302
        payment.refresh_from_db()
        assert payment.status == PaymentStatus.SENT

    def test_what_failed_is_owed_again(self, fund: Fund, finn: Client):
        claim = fund.owed(fund.approved())
        payment = fund.pay(claim, "300.00")
        payment.refresh_from_db()
        address = reverse("admin:mdf_payment_verb", args=[payment.reference, "fail"])
        assert finn.post(address, {"version": payment.version, "failure": ""}).status_code == 422
        assert finn.post(address, {"version": payment.version, "failure": "Account closed"}).status_code == 302
        claim.refresh_from_db()
        assert (claim.status, money.balance(money.CLAIMED, claim).amount) == (ClaimStatus.PAYABLE, 300)

    def test_the_file_holds_what_was_sent_and_comes_back_as_the_banks_answers(self, fund: Fund, finn: Client):
        claims = [fund.owed(fund.approved()) for _n in range(2)]
        run(finn, *claims)
        text = finn.get(reverse("admin:mdf_payments_file")).content.decode("utf-8-sig")
        head, *rows = text.splitlines()
        assert head == ("payment,claim,partner,partner_number,amount,currency,method,reference,sent_at,paid_on,failure")
        assert len(rows) == 2
        assert said(bank(finn, text)) == ["Reconciled: 2."]
        assert {claim.status for claim in Claim.objects.all()} == {ClaimStatus.RECONCILED}
        assert said(bank(finn, text)) == [
            "Line 2: no such payment waits for the bank's answer.",
            "Line 3: no such payment waits for the bank's answer.",
        ]

    def test_two_payments_under_one_reference_come_back_by_their_own_numbers(self, fund: Fund, finn: Client):
        claim = fund.owed(fund.approved())
        for amount in ("100.00", "200.00"):
            fund.pay(claim, amount)
            claim.refresh_from_db()
        assert said(bank(finn, "reference\nSEPA 1\n")) == ["Line 2: no such payment waits for the bank's answer."]
        text = finn.get(reverse("admin:mdf_payments_file")).content.decode("utf-8-sig")
        assert said(bank(finn, text)) == ["Reconciled: 2."]

    def test_the_bank_names_our_number_or_its_reference_with_a_day_or_a_failure(self, fund: Fund, finn: Client):
        good, bad = fund.owed(fund.approved()), fund.owed(fund.approved())
        run(finn, good, bad)
        names = {p.claim_id: p for p in Payment.objects.all()}
        text = (
            f"reference;paid_on;failure\n{names[good.pk].reference.lower()};2026-12-01;\n"
            f"{names[bad.pk].bank_reference};;Account closed\n"
        )
        assert said(bank(finn, text)) == ["Reconciled: 2."]
        settled, failed = (Payment.objects.get(claim=claim) for claim in (good, bad))
        assert (str(settled.settled_on), failed.failure) == ("2026-12-01", "Account closed")

    def test_another_amount_than_was_sent_settles_nothing(self, fund: Fund, finn: Client):
        claim = fund.owed(fund.approved())
        run(finn, claim)
        payment = Payment.objects.get()
        wrong = f"reference,amount\n{payment.reference},100.00\n"
        assert said(bank(finn, wrong)) == [
            "Line 2: the bank says 100.00, we sent 300.00. Ask the bank; nothing was noted."
        ]
        payment.refresh_from_db()
        assert payment.status == PaymentStatus.SENT
        assert said(bank(finn, wrong.replace("100.00", "300"))) == ["Reconciled: 1."]

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("reference,amount\nY-1,much\n", "Put these lines right: 2. Nothing was taken in."),
            ("a,b\n1,2\n", "The first line must name the column reference."),
            ("reference,paid_on\nY-1,yesterday\n", "Put these lines right: 2. Nothing was taken in."),
            ("reference\n\x00\n", "This is not a CSV file."),
        ],
    )
    def test_a_file_that_can_not_be_read_is_refused_whole(self, finn: Client, text: str, why: str):
        answer = bank(finn, text)
        assert (answer.status_code, answer.context["form"].errors["file"]) == (422, [why])

    def test_the_books_of_a_day_hold_what_was_reserved_and_payable_then(self, fund: Fund, finn: Client):
        request = fund.approved()
        claim = fund.owed(fund.approved(), "100.00", "200.00")
        services.executing.release(request.activities.get(), at=NOW + timedelta(days=40))
        fund.pay(claim, "100.00")
        Payment.objects.update(released_at=NOW)

        def books(day: str) -> list[tuple]:
            table = finn.get(reverse(PAYMENTS), {"on": day}).context["books"]
            return [(r.cells[0], r.cells[1].amount, r.cells[2].amount) for r in table.rows] if table else []

        assert books("2026-11-22") == []
        assert books("2026-11-23") == [("USD", Decimal("500.00"), Decimal("0.00"))]
        assert books("2027-01-31") == [("USD", Decimal("200.00"), Decimal("0.00"))]

    @pytest.mark.parametrize("who", ["mona", "mark", "eve", "root"])
    def test_others_do_not_pay(self, fund: Fund, who: str):
        claim = fund.owed(fund.approved())
        client = signed_in(getattr(fund.cast, who))
        assert client.get(reverse(PAYMENTS)).status_code == 403
        address = reverse("admin:mdf_claim_verb", args=[claim.reference, "order"])
        sent = {"version": claim.version, "amount": "1", "reference": "X"}
        assert client.post(address, sent).status_code == 403
        assert Payment.objects.count() == 0


class TestBudgets:
    def verb(self, budget: Budget, name: str) -> str:
        return reverse("admin:mdf_budget_verb", args=[budget.reference, name])

    def test_a_budget_is_planned_asked_for_and_granted_by_another(self, fund: Fund, finn: Client, olga: Client):
        sent = {
            "program": fund.budget.program.key, "name": "EMEA 2028", "currency": "EUR",
            "period_start": "2028-01-01", "period_end": "2028-12-31",
        }  # fmt: skip
        olga.post(reverse("admin:mdf_budget_new"), sent)
        budget = Budget.objects.get(name="EMEA 2028")
        olga.post(self.verb(budget, "ask_change"), {"way": "more", "amount": "5,000", "reason": "The year"})
        change = {"change": BudgetChange.objects.get(budget=budget).public_id}
        page = olga.get(budget.get_console_url())
        assert [w["not_you"] for w in page.context["waiting"]] == ["You asked for this. Another person decides it."]
        assert olga.post(self.verb(budget, "grant"), change).status_code == 403
        assert finn.post(self.verb(budget, "grant"), change).status_code == 302
        budget.refresh_from_db()
        assert (budget.status, money.balance(money.UNDIVIDED, budget).amount) == (BudgetStatus.OPEN, 5000)
        assert finn.post(self.verb(budget, "grant"), change).status_code == 409

    def test_a_change_of_another_budget_is_not_granted_here(self, fund: Fund, finn: Client, olga: Client):
        other = make_fund(fund.cast).budget
        olga.post(self.verb(other, "ask_change"), {"way": "more", "amount": "1", "reason": "More"})
        change = BudgetChange.objects.get(budget=other, status="requested")
        assert finn.post(self.verb(fund.budget, "grant"), {"change": change.public_id}).status_code == 422

    def test_the_list_shows_where_the_money_of_each_stands(self, fund: Fund, finn: Client):
        fund.approved()
        (row,) = finn.get(reverse("admin:mdf_budgets")).context["table"].rows
        assert [cell.amount for cell in row.cells[4:]] == [10_000, 7_000, 2_700, 300, 0, 0]

    def test_a_partner_gets_a_part_more_of_it_and_gives_back_what_is_free(self, fund: Fund, olga: Client):
        sent = {"partner": fund.cast.acme.reference, "amount": "500"}
        assert olga.post(self.verb(fund.budget, "allocate"), sent).status_code == 302
        fresh = Allocation.objects.latest("pk")
        address = reverse("admin:mdf_allocation_verb", args=[fresh.reference, "move"])

        def move(way: str, amount: str) -> int:
            version = Allocation.objects.get(pk=fresh.pk).version
            return olga.post(address, {"version": version, "way": way, "amount": amount}).status_code

        assert (move("more", "100"), move("less", "600.01"), move("less", "50")) == (302, 422, 302)
        assert money.balance(money.AVAILABLE, fresh).amount == 550
        assert olga.post(address, {"version": fresh.version, "way": "less", "amount": "1"}).status_code == 409

    def test_nobody_gets_more_than_the_budget_holds(self, fund: Fund, olga: Client):
        sent = {"partner": fund.cast.acme.reference, "amount": "7000.01"}
        answer = olga.post(self.verb(fund.budget, "allocate"), sent)
        assert (answer.status_code, answer.context["form"].non_field_errors()) == (
            422, ["There is not enough money left for this."],
        )  # fmt: skip
        assert wrong() == []

    def test_a_closed_budget_gives_nothing(self, fund: Fund, olga: Client):
        assert olga.post(self.verb(fund.budget, "close")).status_code == 302
        sent = {"partner": fund.cast.acme.reference, "amount": "1"}
        assert olga.post(self.verb(fund.budget, "allocate"), sent).status_code == 422
        assert olga.get(fund.budget.get_console_url()).context["allocate"] is None

    def test_who_refuses_a_change_is_kept_and_who_takes_back_its_own_is_nobody(self, fund: Fund):
        for name, decider in (("finn", fund.cast.finn), ("olga", None)):
            change = services.budgets.ask_change(fund.budget, Sum(Decimal(5), "More"), by=fund.actor("olga"), at=NOW)
            services.budgets.refuse_change(change, by=fund.actor(name), at=NOW)
            assert (change.status, change.decided_by) == ("refused", decider)

    def test_others_look_and_do_not_touch(self, fund: Fund):
        mona = signed_in(fund.cast.mona)
        page = mona.get(fund.budget.get_console_url())
        assert (page.status_code, page.context["allocate"], page.context["change"]) == (200, None, None)
        assert mona.get(reverse("admin:mdf_budget_new")).status_code == 403
        sent = {"partner": fund.cast.acme.reference, "amount": "1"}
        assert mona.post(self.verb(fund.budget, "allocate"), sent).status_code == 403
