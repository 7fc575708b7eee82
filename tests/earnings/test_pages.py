"""The pages of earnings: what each side sees, and who is refused what."""

import csv
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.actor import SYSTEM
from core.models import Event
from earnings import services, vault
from earnings.enums import DisputeStatus, LineStatus, RunStatus
from earnings.models import BankDetails, Dispute, EarningLine, PayoutRun
from earnings.particulars import Objection
from earnings.payout_particulars import Answer
from earnings.services import payouts
from earnings.ways import Way, ways
from partners.models import Partner
from tests.deals.test_portal import signed_in
from tests.earnings.paying import ACCOUNT, IN_OCTOBER, OCTOBER, owe
from tests.factories import (
    NOW,
    PASSWORD,
    Cast,
    MemberFactory,
    MembershipFactory,
    ProgramFactory,
    RevenueRuleFactory,
    StaffFactory,
)
from tests.tiers.standing import AT, FILE
from tiers import files
from tiers import services as tiers

pytestmark = pytest.mark.django_db
MONTH = {"period": "2026-10"}
WORDS = {
    "holder": "Acme Lda", "country": "PT", "account": "PT50 0002 0123 1234 5678 9015 4", "code": "BCOMPTPL",
    "bank": "Millennium", "password": PASSWORD,
}  # fmt: skip


@pytest.fixture
def acme(cast: Cast):
    payouts.set_bank_details(cast.acme, ACCOUNT, by=SYSTEM, at=IN_OCTOBER.replace(month=1))
    return cast.acme


def client(cast: Cast, name: str) -> Client:
    return signed_in(getattr(cast, name))


def page(one: Client, name: str, *args) -> str:
    answer = one.get(reverse(name, args=args))
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def verb(one: Client, run: PayoutRun, name: str, **words) -> int:
    return one.post(reverse("admin:payout_run_verb", args=[run.reference, name]), words).status_code


# --- the portal -------------------------------------------------------------------------------------------------------


def test_who_joined_by_itself_reads_that_margins_and_payouts_wait_for_our_check(cast, acme):
    bo, words = client(cast, "bo"), "Margins and payouts come after that; nothing is lost meanwhile."
    assert words not in page(bo, "portal:earnings")
    Partner.objects.filter(pk=acme.pk).update(unvetted_since=IN_OCTOBER)
    assert words in page(bo, "portal:earnings")


def test_a_partner_reads_how_it_earns_and_how_the_other_types_do(cast):
    told = {"reseller": {"does": "Sells our product", "revenue": "Margin off the list price"},
            "oem": {"does": "Embeds our product", "revenue": "A license fee"}}  # fmt: skip
    (example,) = files.parse(FILE.read_text(), "it")
    bare = {key: example[key] for key in ("id", "name", "currency", "tiers")} | {"types": told}
    program = tiers.load_program(bare, by=SYSTEM, at=AT)[0]
    MembershipFactory(partner=cast.acme, program=program, partner_type="reseller")
    RevenueRuleFactory(program=program, partner_type="reseller", kind="margin", direction="retained", percent=20,
                       name="Margin", registered_only=True)  # fmt: skip
    RevenueRuleFactory(program=program, partner_type="strategic", kind="revenue_share", percent=12, name="Co-sell")
    RevenueRuleFactory(program=ProgramFactory(), partner_type="reseller", percent=7, name="Of another program")
    found = ways(cast.actor("ada"), cast.acme, NOW.date())
    assert found.own == [("Reseller", [Way("Margin", "20% margin", "registered deals")])]
    agreed = ("What both sides give is agreed", "As agreed")
    assert [tuple(row.cells) for row in found.table.rows] == [
        ("Referral partner", "", *agreed),
        ("Reseller (you)", "Sells our product", "Margin off the list price", "The partner keeps it"),
        ("Integration partner", "", *agreed),
        ("Agency / consulting partner", "", *agreed),
        ("Strategic / co-sell partner", "", "Revenue share", "We pay the partner"),
        ("Technology partner", "", *agreed),
        ("OEM partner", "Embeds our product", "A license fee", "As agreed"),
    ]
    shown = page(client(cast, "ada"), "portal:how_you_earn")
    assert ("You, as Reseller" in shown, "Margin: 20% margin" in shown, "Margin off the list price" in shown) == (
        True, True, True,
    )  # fmt: skip
    assert "Of another program" not in shown


def test_the_partner_sees_what_is_payable_and_how_each_line_is_made(cast, acme):
    line = owe(acme, "120.50")
    bo = client(cast, "bo")
    assert "$120.50" in page(bo, "portal:earnings")
    assert "Put right by hand: 120.50" in page(bo, "portal:earning", line.reference)
    assert "$120.50" in page(bo, "portal:statement", "2026-10")


@pytest.mark.parametrize("name", ["portal:earnings", "portal:bank"])
def test_sales_does_not_see_the_money(cast, acme, name):
    assert client(cast, "ada").get(reverse(name)).status_code == 403


def test_a_partner_disputes_a_line_and_finance_answers(cast, acme):
    line = owe(acme, 100)
    bo, finn = client(cast, "bo"), client(cast, "finn")
    EarningLine.objects.filter(pk=line.pk).update(dispute_until=None)
    url = reverse("portal:earning_verb", args=[line.reference, "dispute"])
    assert bo.post(url, {"text": "We agreed on 150."}).status_code == 302
    dispute = Dispute.objects.get()
    line.refresh_from_db()
    assert (line.status, dispute.status) == (LineStatus.DISPUTED, DisputeStatus.OPEN)
    assert "We agreed on 150." in page(finn, "admin:dispute", dispute.public_id)
    told = {"text": "You are right.", "amount": "150"}
    answer = finn.post(reverse("admin:dispute_verb", args=[dispute.public_id, "uphold"]), told)
    assert answer.status_code == 302
    amounts = EarningLine.objects.order_by("pk").values_list("amount", "status")
    assert [(f"{a:f}", s) for a, s in amounts] == [("100.00", "approved"), ("50.00", "approved")]


@pytest.mark.parametrize("name", ["mona", "mark", "eve", "root"])
def test_who_does_not_decide_money_answers_no_dispute(cast, acme, name):
    services.dispute(owe(acme, 100), Objection("No."), by=cast.actor("bo"), at=IN_OCTOBER)
    url = reverse("admin:dispute_verb", args=[Dispute.objects.get().public_id, "refuse"])
    assert client(cast, name).post(url, {"text": "Stands."}).status_code == 403


# --- bank details -----------------------------------------------------------------------------------------------------


def test_bank_details_are_kept_encrypted_and_shown_masked(cast):
    bo = client(cast, "bo")
    assert bo.post(reverse("portal:bank_verb", args=["save"]), WORDS).status_code == 302
    kept = BankDetails.objects.get()
    assert "90154" not in kept.secret
    assert vault.opened(kept.secret) == ("PT50000201231234567890154", "BCOMPTPL")
    shown = page(bo, "portal:bank")
    assert ("PT•••• 0154" in shown, "5678" in shown) == (True, False)


def test_every_admin_hears_of_new_bank_details(cast, mailoutbox):
    MemberFactory(partner=cast.acme, role="admin", user__email="second@acme.example")
    client(cast, "bo").post(reverse("portal:bank_verb", args=["save"]), WORDS)
    event = Event.objects.get(type="bank_details.changed")
    assert event.data == {"changes": {"hint": [None, "PT•••• 0154"]}}
    assert [d.reaction for d in event.deliveries.all()] == ["notifications.earnings.bank_changed"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"account": "PT50 0002 0123 1234 5678 9015 5"}, "This IBAN is not right"),
        ({"account": "12345678", "code": ""}, "Enter the bank&#x27;s BIC"),
        ({"account": "12345678", "code": "021000022"}, "This routing number is not right"),
        ({"password": "guess"}, "This is not your password"),
    ],
)
def test_what_can_not_be_right_is_refused_with_its_reason(cast, words, told):
    answer = client(cast, "bo").post(reverse("portal:bank_verb", args=["save"]), WORDS | words)
    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    assert BankDetails.objects.count() == 0


def test_sales_and_channel_managers_do_not_change_bank_details(cast):
    mona = client(cast, "mona")
    assert client(cast, "ada").post(reverse("portal:bank_verb", args=["save"]), WORDS).status_code == 403
    assert mona.post(reverse("admin:partner_bank_verb", args=[cast.acme.reference, "save"]), WORDS).status_code == 403


def test_missing_bank_details_are_asked_for_when_there_is_money(cast):
    bo = client(cast, "bo")
    assert "Add bank details" not in page(bo, "portal:home")
    owe(cast.acme, 100)
    assert "Add bank details" in page(bo, "portal:home")


# --- the console ------------------------------------------------------------------------------------------------------


def test_a_run_is_made_reviewed_approved_by_another_sent_and_settled_on_pages(cast, acme):
    owe(acme, 20_000)
    finn, fred = client(cast, "finn"), signed_in(StaffFactory(name="Fred", staff_role="finance"))
    assert finn.post(reverse("admin:payout_runs_verb", args=["prepare"]), MONTH).status_code == 302
    run = PayoutRun.objects.get()
    assert "Payouts of October 2026" in page(finn, "admin:index")
    assert verb(finn, run, "review") == 302
    assert "Payouts of October 2026" not in page(finn, "admin:index")
    assert "You made this run" in page(finn, "admin:payout_run", run.reference)
    assert verb(finn, run, "approve") == 403
    assert "Payouts of October 2026" in page(fred, "admin:index")
    assert verb(fred, run, "approve") == 302
    file = fred.post(reverse("admin:payout_run_verb", args=[run.reference, "export"]))
    (row,) = csv.DictReader(StringIO(file.content.decode("utf-8-sig")))
    assert (row["account"], row["amount"]) == ("PT50000201231234567890154", "20000.00")
    assert verb(fred, run, "send") == 302
    row |= {"status": "settled", "reference": "B-1"}
    answers = ",".join(row) + "\n" + ",".join(row.values())
    assert verb(finn, run, "answers", file=SimpleUploadedFile("a.csv", answers.encode())) == 302
    run.refresh_from_db()
    assert (run.status, run.payouts.get().bank_reference) == (RunStatus.SETTLED, "B-1")
    assert "B-1" in page(finn, "admin:payout", run.payouts.get().reference)
    assert "PT•••• 0154" in page(finn, "admin:partner", acme.reference)
    assert "$20,000" in page(finn, "admin:partner_earnings", acme.reference)


@pytest.mark.parametrize("name", ["mona", "mark", "eve", "root"])
@pytest.mark.parametrize("step", ["review", "approve", "send_back", "cancel", "send", "answers", "export", "retry"])
def test_who_has_not_the_right_moves_no_run_on_pages(cast, acme, name, step):
    owe(acme, 100)
    finn = cast.actor("finn")
    run = payouts.prepare(OCTOBER, by=finn, at=IN_OCTOBER.replace(month=11))
    words = {"reason": "So.", "file": SimpleUploadedFile("a.csv", b"payout,status\nx,settled")}
    assert verb(client(cast, name), run, step, **words) == 403
    run.refresh_from_db()
    assert run.status == RunStatus.OPEN


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (b"", "empty"),
        (b"\x00", "not a CSV"),
        (b"a,b\n1,2", "must name the columns"),
        (b"payout,status\nPY-X,maybe", "Lines 2 name no payout"),
        (b"payout,status\nPY-X,settled", "no such payout"),
        ("payout,status\nPY-ü,settled".encode("latin-1"), "UTF-8"),
    ],
)
def test_a_file_of_answers_that_does_not_fit_changes_nothing(cast, acme, file, told):
    owe(acme, 100)
    finn, at = cast.actor("finn"), IN_OCTOBER.replace(month=11)
    run = payouts.review(payouts.prepare(OCTOBER, by=finn, at=at), by=finn, at=at)
    run = payouts.send(payouts.approve(run, by=finn, at=at), by=finn, at=at)
    url = reverse("admin:payout_run_verb", args=[run.reference, "answers"])
    answer = client(cast, "finn").post(url, {"file": SimpleUploadedFile("a.csv", file)})
    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    run.refresh_from_db()
    assert run.status == RunStatus.SENT


def test_the_partner_sees_its_payouts_on_its_own_pages(cast, acme):
    owe(acme, 100)
    finn, at = cast.actor("finn"), IN_OCTOBER.replace(month=11)
    run = payouts.review(payouts.prepare(OCTOBER, by=finn, at=at), by=finn, at=at)
    run = payouts.send(payouts.approve(run, by=finn, at=at), by=finn, at=at)
    reference = run.payouts.get().reference
    payouts.reconcile(run, [Answer(reference, True, "B-7")], by=finn, at=at)
    shown = page(client(cast, "bo"), "portal:statement", "2026-11")
    assert (reference in shown, "B-7" in shown) == (True, True)
    assert "November 2026" not in page(client(cast, "cy"), "portal:earnings")
