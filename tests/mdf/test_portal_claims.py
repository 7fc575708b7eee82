"""Partners' pages about market funds: claiming."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.models import StoredFile
from deals.models import ExchangeRate
from mdf import services
from mdf.enums import ClaimStatus, ProofStatus
from mdf.models import Claim, InvoiceLine, Proof, Request
from mdf.particulars import Words
from partners.models import Member
from tests.factories import NOW
from tests.mdf.claiming import photo, typed
from tests.mdf.conftest import Fund
from tests.mdf.test_portal import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("claimed_now")]


@pytest.fixture
def bo(fund) -> Client:
    return signed_in(fund.cast.bo)


def new(agreed: Request) -> str:
    return reverse("portal:mdf_claim_new", args=[agreed.reference])


def page(client: Client, claim: Claim, name: str = "mdf_claim") -> str:
    answer = client.get(reverse(f"portal:{name}", args=[claim.activity.request.reference, claim.reference]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_proof_list_that_was_frozen_is_the_form(agreed, bo):
    shown = bo.get(new(agreed)).content.decode()
    for words in ("Invoice", "Photo", "List of leads or attendees", "Summary"):
        assert f'{words} <span class="tag warn">Missing</span></h3>' in shown
    assert shown.count('capture="environment"') == 2  # of paper and of the event
    assert Claim.objects.count() == 0


def test_a_whole_claim_is_sent_and_its_page_shows_the_sum(agreed, bo):
    answer = bo.post(new(agreed), typed())
    claim = Claim.objects.get()
    assert (answer.status_code, answer.url) == (302, claim.get_absolute_url())
    assert (claim.status, claim.amount, claim.results) == (ClaimStatus.IN_REVIEW, Decimal(300), {"leads": "12"})
    assert Proof.objects.filter(link="https://acme.example/fair").count() == 4
    shown = page(bo, claim)
    assert "50% × accepted cost 600.00" in shown
    assert '<p class="figure">$300.00</p>' in shown


def test_what_is_missing_is_told_and_the_draft_is_kept(agreed, bo):
    answer = bo.post(new(agreed), typed(**{"proof1-link": "", "proof3-link": ""}))
    assert answer.status_code == 422
    assert "Add what is still missing: photo, summary." in answer.content.decode()
    assert Claim.objects.get().status == ClaimStatus.DRAFT


@pytest.mark.parametrize(
    ("field", "words", "said"),
    [
        ("supplier", "", "Enter who sent the invoice."),
        ("invoice_date", "2027-05-01", "This day is still to come. Correct the date of the invoice."),
        ("currency", "€", "Enter three letters, like EUR."),
        ("currency", "GBP", "We know no rate of GBP for 20 Nov 2026. Ask your channel manager."),
        ("net_amount", "0", "Enter an amount above 0."),
    ],
)
def test_what_does_not_fit_is_told_beside_all_that_was_typed(agreed, bo, field, words, said):
    shown = bo.post(new(agreed), typed(**{f"invoice0-{field}": words, "proof3-note": "All went well"}))
    assert shown.status_code == 422
    assert said in shown.content.decode()
    assert "All went well" in shown.content.decode()
    claim = Claim.objects.get()
    assert (claim.status, claim.typed["values"]["leads"]) == (ClaimStatus.DRAFT, "12")
    assert f'value="{words}"' in page(bo, claim, "mdf_claim_edit")


# --- money of other countries --------------------------------------------------------------------------------------


def test_an_invoice_in_another_currency_is_converted_on_the_page_without_recoverable_tax(fund, bo):
    agreed = fund.approved()
    ExchangeRate.objects.create(currency="EUR", day=date(2026, 11, 19), rate=Decimal("1.10"), source="test")
    money = {"currency": "EUR", "net_amount": "400", "recoverable_tax": "92", "other_tax": "10"}
    foreign = {f"invoice0-{name}": value for name, value in money.items()}
    live = bo.post(reverse("portal:mdf_claim_sums", args=[agreed.reference]), typed(**foreign)).content.decode()
    told = "(400.00 + 10.00) EUR × 1.1 (rate of 19 Nov 2026) = 451.00 USD"
    for words in (told, "92.00 EUR is left out: you get this tax back.", "we pay $225.50"):
        assert words in live
    bo.post(new(agreed), typed(**foreign))
    claim, line = Claim.objects.get(), InvoiceLine.objects.get()
    assert (line.rate, line.rate_on, line.cost) == (Decimal("1.1"), date(2026, 11, 19), Decimal("451.00"))
    assert claim.amount == Decimal("225.50")
    shown = page(bo, claim)
    assert told in shown
    assert "50% × accepted cost 451.00" in shown


# --- files ---------------------------------------------------------------------------------------------------------


def test_a_file_is_kept_as_soon_as_it_comes_and_belongs_to_the_claim_when_it_is_saved(agreed, bo):
    address = reverse("portal:mdf_claim_files", args=[agreed.reference]) + "?place=proof1"
    words = typed()
    piece = bo.post(address, {"draft": words["draft"], "proof": ["1"], "proof1-new": photo()}).content.decode()
    file = StoredFile.objects.get()
    assert file.subject_id is None
    assert f'name="proof1-file" value="{file.public_id}"' in piece
    bo.post(new(agreed), words | {"proof1-file": [file.public_id], "proof1-link": ""})
    file.refresh_from_db()
    claim = Claim.objects.get()
    assert (claim.status, file.subject_id) == (ClaimStatus.IN_REVIEW, claim.pk)
    assert reverse("file", args=[file.public_id]) in page(bo, claim)


def test_without_scripts_files_come_with_the_form_and_outlive_its_errors(agreed, bo):
    answer = bo.post(new(agreed), typed(**{"proof1-new": photo(), "invoice0-supplier": ""}))
    file = StoredFile.objects.get()
    assert answer.status_code == 422
    assert f'value="{file.public_id}"' in answer.content.decode()
    assert file.subject_id == Claim.objects.get().pk


def test_a_file_of_the_wrong_kind_is_told_and_nothing_else_is_lost(agreed, bo):
    address = reverse("portal:mdf_claim_files", args=[agreed.reference]) + "?place=proof1"
    page_ = SimpleUploadedFile("fair.jpg", b"<html><script>1</script></html>", "image/jpeg")
    answer = bo.post(address, {"proof": ["1"], "proof1-new": page_})
    assert answer.status_code == 422
    assert "fair.jpg is no file of these kinds" in answer.content.decode()
    assert StoredFile.objects.count() == 0


def test_a_file_is_removed_from_its_card(agreed, bo):
    bo.post(new(agreed), typed(do="save", **{"proof1-new": photo()}))
    claim, file = Claim.objects.get(), StoredFile.objects.get()
    words = typed(draft=str(claim.pk), do=f"forget:proof1:{file.public_id}", **{"proof1-file": [file.public_id]})
    left_out = bo.post(reverse("portal:mdf_claim_edit", args=[agreed.reference, claim.reference]), words)
    assert file.public_id not in left_out.content.decode()
    bo.post(
        reverse("portal:mdf_claim_edit", args=[agreed.reference, claim.reference]),
        words | {"do": "save", "proof1-file": []},
    )
    assert StoredFile.objects.count() == 0


def test_a_file_of_another_partner_is_as_good_as_none(agreed, fund, bo):
    bo.post(new(agreed), typed(do="save", **{"proof1-new": photo()}))
    stolen = StoredFile.objects.get()
    StoredFile.objects.update(partner_id=fund.cast.cobalt.pk, subject_id=None)
    answer = bo.post(new(agreed), typed(**{"proof1-file": [stolen.public_id], "proof1-link": ""}))
    assert answer.status_code == 422
    assert "Photo: a file was used already or is gone. Send it again." in answer.content.decode()


def test_the_same_invoice_and_the_same_file_are_told_before_and_after_sending(fund, agreed, bo):
    bo.post(new(agreed), typed(amount="100", **{"proof1-new": photo()}))
    first = Claim.objects.get()
    live = bo.post(reverse("portal:mdf_claim_sums", args=[agreed.reference]), typed()).content.decode()
    assert f"Invoice F-1 stands in {first.reference} already." in live
    bo.post(new(agreed), typed(amount="100", **{"proof1-new": photo("again.jpg")}))
    second = Claim.objects.exclude(pk=first.pk).get()
    assert page(bo, second).count(f"Stands in {first.reference} already.") == 2


# --- afterwards ----------------------------------------------------------------------------------------------------


def verb(claim: Claim, name: str) -> str:
    return reverse("portal:mdf_claim_verb", args=[claim.activity.request.reference, claim.reference, name])


def test_a_question_is_answered_with_another_proof(fund: Fund, agreed, bo):
    claim = fund.claimed(agreed)
    services.claims.ask(claim, Words("Where is the list?"), by=fund.actor("mona"), at=NOW)
    assert "Where is the list?" in page(bo, claim)
    words = typed(draft=str(claim.pk), do="save", **{"proof2-note": "Here."})
    saved = bo.post(reverse("portal:mdf_claim_edit", args=[agreed.reference, claim.reference]), words)
    assert saved.status_code == 302
    bo.post(verb(claim, "answer"), {"text": "Attached."})
    claim.refresh_from_db()
    assert (claim.status, Proof.objects.filter(note="Here.").count()) == (ClaimStatus.IN_REVIEW, 1)


def test_what_was_declined_is_put_right_and_sent_again(fund: Fund, agreed, bo):
    claim = fund.claimed(agreed)
    services.claims.look(claim, fund.looks(claim, "No logo on it.").looks, by=fund.actor("mona"), at=NOW)
    services.claims.reject(claim, Words("No logo on the photo."), by=fund.actor("mona"), at=NOW)
    shown = page(bo, claim)
    for words in ("No logo on it.", "No logo on the photo.", "Send it again by", "Not accepted"):
        assert words in shown
    bo.post(reverse("portal:mdf_claim_edit", args=[agreed.reference, claim.reference]), typed(draft=str(claim.pk)))
    claim.refresh_from_db()
    assert claim.status == ClaimStatus.IN_REVIEW
    assert set(claim.proofs.values_list("status", flat=True)) == {ProofStatus.WAITING}


def test_what_is_paid_is_shown_with_the_arithmetic_of_the_decision(fund: Fund, agreed, bo):
    claim = fund.owed(agreed, "300.00", "500.00")
    fund.pay(claim, "250.00")
    shown = page(bo, claim)
    for words in (
        '<p class="figure">$250.00</p>',
        "50% × accepted cost 500.00",
        "Reference SEPA 1",
        "The program pays half.",
    ):
        assert words in shown


def test_a_claim_is_withdrawn_and_another_one_made(fund: Fund, agreed, bo):
    claim = fund.claimed(agreed)
    bo.post(verb(claim, "withdraw"))
    claim.refresh_from_db()
    assert claim.status == ClaimStatus.WITHDRAWN
    assert bo.get(new(agreed)).status_code == 200


def test_a_second_click_sends_one_claim(agreed, bo):
    words = typed()
    first, second = (bo.post(new(agreed), words) for _n in range(2))
    assert (first.url, Claim.objects.count()) == (second.url, 1)


def test_a_draft_saves_itself_word_for_word(agreed, bo):
    words = typed(**{"invoice0-net_amount": "about 600"})
    bo.post(reverse("portal:mdf_claim_draft", args=[agreed.reference]), words)
    claim = Claim.objects.get()
    assert (claim.status, claim.amount, claim.invoice_lines.count()) == (ClaimStatus.DRAFT, Decimal(300), 0)
    assert 'value="about 600"' in page(bo, claim, "mdf_claim_edit")


def test_invoices_come_and_go_without_scripts(agreed, bo):
    more = bo.post(new(agreed), typed(do="add:invoice")).content.decode()
    assert more.count('name="invoice"') == 2
    assert "errorlist" not in more


def test_what_is_not_approved_can_not_be_claimed(fund: Fund, bo):
    request = fund.sent()
    assert bo.get(new(request)).status_code == 422


@pytest.mark.parametrize(("role", "status"), [("marketing", 200), ("sales", 403), ("finance", 403)])
def test_marketing_and_admins_claim(fund: Fund, agreed, role, status):
    Member.objects.filter(user=fund.cast.ada).update(role=role)
    assert signed_in(fund.cast.ada).get(new(agreed)).status_code == status


def test_another_company_finds_no_claim(fund: Fund, agreed):
    claim, cy = fund.claimed(agreed), signed_in(fund.cast.cy)
    for address in (new(agreed), claim.get_absolute_url(), f"{claim.get_absolute_url()}edit/"):
        assert cy.get(address).status_code == 404
    assert cy.post(verb(claim, "withdraw")).status_code == 404


def test_a_claim_is_found_under_its_own_request_alone(fund: Fund, agreed, bo):
    claim, other = fund.claimed(agreed), fund.draft()
    assert bo.get(reverse("portal:mdf_claim", args=[other.reference, claim.reference])).status_code == 404


@pytest.mark.parametrize("draft", ["", "mine"])
def test_the_sums_of_a_form_without_its_id_are_told(agreed, bo, draft):
    live = bo.post(reverse("portal:mdf_claim_sums", args=[agreed.reference]), typed(draft=draft))
    assert (live.status_code, "50% × accepted cost 600.00" in live.content.decode()) == (200, True)


# --- what went wrong elsewhere -------------------------------------------------------------------------------------


def test_a_claim_is_not_sent_without_the_invoice_also_after_an_edit(fund: Fund, agreed, bo):
    claim = fund.claimed(agreed)
    services.claims.ask(claim, Words("Where is the list?"), by=fund.actor("mona"), at=NOW)
    emptied = typed(
        draft=str(claim.pk),
        do="save",
        **{f"invoice0-{name}": "" for name in ("supplier", "net_amount", "invoice_number", "invoice_date")},
    )
    bo.post(reverse("portal:mdf_claim_edit", args=[agreed.reference, claim.reference]), emptied)
    answer = bo.post(verb(claim, "answer"), {"text": "Here."})
    assert answer.status_code == 422
    assert "Add at least one invoice." in answer.content.decode()
    without = bo.post(new(agreed), typed(**{"proof0-link": ""}))
    assert "Add what is still missing: invoice." in without.content.decode()


def test_a_second_claim_is_sent_after_a_draft_was_discarded_and_both_stay_editable(agreed, bo):
    bo.post(new(agreed), typed(do="save", amount="100"))
    first = Claim.objects.get()
    bo.post(verb(first, "withdraw"))
    for number, amount in (("F-2", "100"), ("F-3", "150")):
        sent = bo.post(new(agreed), typed(amount=amount, **{"invoice0-invoice_number": number}))
        assert sent.status_code == 302
    open_ = Claim.objects.exclude(pk=first.pk).order_by("amount")
    assert [(one.status, one.amount) for one in open_] == [("in_review", Decimal(100)), ("in_review", Decimal(150))]


def test_a_claim_under_anothers_request_or_activity_is_refused(fund: Fund, agreed, bo):
    other = fund.approved()
    foreign = other.activities.get().public_id
    assert bo.post(new(agreed), typed(activity=foreign)).status_code == 422
    assert bo.post(new(agreed), typed(activity="mac_" + "0" * 32)).status_code == 422
    cy = signed_in(fund.cast.cy)
    for name in ("mdf_claim_new", "mdf_claim_draft", "mdf_claim_sums", "mdf_claim_files"):
        assert cy.post(reverse(f"portal:{name}", args=[agreed.reference]), typed()).status_code == 404
    assert Claim.objects.count() == 0


def test_what_another_company_claimed_is_not_told_while_typing(fund: Fund, agreed, bo):
    bo.post(new(agreed), typed(amount="100"))
    Claim.objects.update(partner=fund.cast.cobalt)
    live = bo.post(reverse("portal:mdf_claim_sums", args=[agreed.reference]), typed()).content.decode()
    assert "already" not in live
