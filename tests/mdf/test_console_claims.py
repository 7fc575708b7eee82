"""The channel team's pages about claims: proof by proof, invoice by invoice, and what is therefore paid."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from mdf import money, services
from mdf.enums import ClaimStatus, ProofStatus
from mdf.models import Claim
from tests.deals.test_portal import signed_in
from tests.factories import NOW
from tests.mdf.conftest import Fund

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona(fund: Fund) -> Client:
    return signed_in(fund.cast.mona)


@pytest.fixture
def claim(fund: Fund) -> Claim:
    return fund.claimed(fund.approved())


def verb(claim: Claim, name: str) -> str:
    return reverse("admin:mdf_claim_verb", args=[claim.reference, name])


def looks(claim: Claim, **changes: str) -> dict[str, str]:
    """What an approver sends who accepts every proof and every invoice."""
    rows = [*claim.proofs.all(), *claim.invoice_lines.all()]
    sent = {f"look_{row.pk.hex}": "accepted" for row in rows}
    return {"version": str(Claim.objects.get(pk=claim.pk).version), "reason": "", **sent, **changes}


def sums(facts) -> dict[str, Decimal]:
    return {fact.label: fact.value.amount for fact in facts}


def test_every_proof_and_invoice_is_accepted_and_the_claim_is_owed(fund: Fund, claim: Claim, mona: Client):
    page = mona.get(claim.get_console_url())
    assert [one["title"] for one in page.context["proofs"]] == [
        "Invoice", "Photo", "List of leads or attendees", "Summary",
    ]  # fmt: skip
    assert mona.post(verb(claim, "approve"), looks(claim)).status_code == 302
    claim.refresh_from_db()
    assert (claim.status, claim.approved_amount) == (ClaimStatus.PAYABLE, Decimal("300.00"))


def test_the_arithmetic_is_on_the_page(claim: Claim, mona: Client):
    assert sums(mona.get(claim.get_console_url()).context["sum"]) == {
        "Claimed": 300, "Left of what was approved": 300, "Our share of accepted cost": 300,
        "Payable: the least of the three": 300,
    }  # fmt: skip


def test_the_arithmetic_follows_what_is_ticked_before_it_is_sent(claim: Claim, mona: Client):
    line = claim.invoice_lines.get()
    ticked = looks(claim, **{f"look_{line.pk.hex}": "rejected"})
    answer = mona.post(reverse("admin:mdf_payable_now", args=[claim.reference]), ticked)
    assert sums(answer.context["sum"])["Payable: the least of the three"] == 0
    line.refresh_from_db()
    assert line.status == ProofStatus.WAITING


def test_nothing_is_decided_while_a_proof_is_open(claim: Claim, mona: Client):
    proof = claim.proofs.first()
    answer = mona.post(verb(claim, "approve"), looks(claim, **{f"look_{proof.pk.hex}": ""}))
    assert (answer.status_code, answer.context["form"].non_field_errors()) == (
        422, ["Look at every proof and every invoice first."],
    )  # fmt: skip


def test_what_was_looked_at_is_kept_for_later(claim: Claim, mona: Client):
    proof = claim.proofs.first()
    told = {f"look_{proof.pk.hex}": "rejected", f"why_{proof.pk.hex}": "Too dark to read."}
    sent = {name: value for name, value in looks(claim).items() if "look" not in name} | told
    assert mona.post(verb(claim, "look"), sent).status_code == 302
    proof.refresh_from_db()
    claim.refresh_from_db()
    assert (proof.status, proof.reason, claim.status) == (
        ProofStatus.REJECTED, "Too dark to read.", ClaimStatus.IN_REVIEW,
    )  # fmt: skip


def test_a_refusal_of_a_proof_needs_its_reason(claim: Claim, mona: Client):
    proof = claim.proofs.first()
    answer = mona.post(verb(claim, "approve"), looks(claim, **{f"look_{proof.pk.hex}": "rejected"}))
    assert answer.status_code == 422
    proof.refresh_from_db()
    assert proof.status == ProofStatus.WAITING


def test_less_than_claimed_is_paid_with_a_reason(fund: Fund, mona: Client):
    claim = fund.claimed(fund.approved(), "300.00", "500.00")
    assert mona.post(verb(claim, "approve"), looks(claim)).status_code == 422
    mona.post(verb(claim, "approve"), looks(claim, reason="We pay half of the cost."))
    claim.refresh_from_db()
    assert (claim.approved_amount, money.balance(money.CLAIMED, claim).amount) == (250, 250)


def test_a_possible_duplicate_is_flagged_on_the_page_and_in_the_queue(fund: Fund, mona: Client):
    activity = fund.approved().activities.get()
    plan = fund.claim_plan(activity, "100.00")
    first = services.claims.draft(plan, by=fund.actor("bo"), at=NOW)
    second = services.claims.draft(plan, by=fund.actor("bo"), at=NOW)
    services.claims.submit(second, by=fund.actor("bo"), at=NOW)
    page = mona.get(second.get_console_url())
    doubts = [f.value.text for f in page.context["invoices"][0]["facts"] if f.label == "Check"]
    assert doubts == [f"Possible duplicate: {first.reference}"]
    (row,) = mona.get(reverse("admin:index")).context["table"].rows
    assert row.cells[4].text == "1 possible duplicate"


def test_of_two_who_read_the_same_claim_one_decides_and_the_other_is_told(fund: Fund, claim: Claim, mona: Client):
    read = looks(claim)
    assert mona.post(verb(claim, "approve"), read).status_code == 302
    answer = signed_in(fund.cast.mark).post(verb(claim, "approve"), read)
    assert answer.status_code == 409
    assert [str(m) for m in answer.context["messages"]] == ["This can't be done any more: it is payable now."]
    assert money.balance(money.CLAIMED, claim).amount == 300


def test_a_claim_written_anew_is_looked_at_again(fund: Fund, claim: Claim, mona: Client):
    read = looks(claim)
    Claim.objects.filter(pk=claim.pk).update(amount=Decimal("299.00"))
    assert mona.post(verb(claim, "approve"), read).status_code == 409
    assert money.balance(money.CLAIMED, claim).amount == 0


def test_declined_asked_and_clawed_back_with_words(fund: Fund, claim: Claim, mona: Client):
    version = {"version": str(claim.version)}
    assert mona.post(verb(claim, "reject"), version | {"text": ""}).status_code == 422
    mona.post(verb(claim, "reject"), version | {"text": "No logo on the photo."})
    claim.refresh_from_db()
    assert (claim.status, claim.decision_reason) == (ClaimStatus.REJECTED, "No logo on the photo.")


def test_who_decided_does_not_claw_back(fund: Fund, mona: Client):
    claim = fund.owed(fund.approved())
    fund.pay(claim, "300.00")
    finn, olga = signed_in(fund.cast.finn), signed_in(fund.cast.olga)
    Claim.objects.filter(pk=claim.pk).update(decided_by=fund.cast.finn)
    claim.refresh_from_db()
    said = {"version": str(claim.version), "text": "The fair was called off."}
    assert mona.post(verb(claim, "claw_back"), said).status_code == 403  # does not pay at all
    assert finn.post(verb(claim, "claw_back"), said).status_code == 403
    assert olga.post(verb(claim, "claw_back"), said).status_code == 302
    claim.refresh_from_db()
    assert (claim.status, fund.free()) == (ClaimStatus.CLAWED_BACK, Decimal("3000.00"))


def test_who_wrote_a_claim_never_decides_it(fund: Fund, mona: Client):
    activity = fund.approved().activities.get()
    draft = services.claims.draft(fund.claim_plan(activity, "300.00"), by=fund.actor("mona"), at=NOW)
    claim = services.claims.submit(draft, by=fund.actor("mona"), at=NOW)
    assert mona.get(claim.get_console_url()).context["not_you"] == ("You wrote this claim. Another person decides it.")
    assert mona.post(verb(claim, "approve"), looks(claim)).status_code == 403
    assert signed_in(fund.cast.mark).post(verb(claim, "approve"), looks(claim)).status_code == 302


def test_the_list_is_narrowed(fund: Fund, claim: Claim, mona: Client):
    for words, n in {"": 1, "?status=mine": 1, "?q=harbour": 1}.items():
        assert len(mona.get(reverse("admin:mdf_claims") + words).context["table"].rows) == n
    assert mona.get(reverse("admin:mdf_claims") + "?status=paid").context["table"] is None
