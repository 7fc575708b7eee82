"""Receipts: what they say, and that one changed byte is found."""

import json
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from core.files import pdf
from deals import receipts
from deals.receipts import keys, seal
from tests.factories import NOW

SIGNER = seal.Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEYS = {SIGNER.key_id: SIGNER.public}
FACTS = {"number": "D-7F3K2", "customer": "Müller & Söhne", "position": 7}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def genuine(file: bytes) -> bool:
    try:
        seal.verify(file, KEYS)
    except seal.Broken:
        return False
    return True


def test_a_signed_receipt_says_its_facts():
    assert seal.verify(seal.as_json(FACTS, SIGNER), KEYS) == FACTS


def test_any_other_byte_in_any_place_of_the_json_is_found():
    file = seal.as_json(FACTS, SIGNER)
    changed = [
        at for at in range(len(file)) for other in (file[at] ^ 1, file[at] ^ 32, 32)
        if other != file[at] and genuine(file[:at] + bytes([other]) + file[at + 1 :])
    ]  # fmt: skip
    assert changed == []


@pytest.mark.parametrize("more", [b" ", b"\n", b"{}"])
def test_a_byte_more_or_less_is_found(more):
    file = seal.as_json(FACTS, SIGNER)
    assert [genuine(file + more), genuine(more + file), genuine(file[:-1])] == [False, False, False]


def test_any_flipped_byte_of_a_pdf_is_found():
    paper = seal.seal_pdf(b"%PDF-1.7\nsome page\n%%EOF\n", 7, SIGNER)
    assert seal.verify(paper, KEYS)["position"] == 7
    flipped = [at for at in range(len(paper)) if genuine(paper[:at] + bytes([paper[at] ^ 1]) + paper[at + 1 :])]
    assert flipped == []


def test_an_unknown_key_is_no_proof():
    stranger = seal.Signer(Ed25519PrivateKey.generate())
    with pytest.raises(seal.Broken, match="isn't known here"):
        seal.verify(seal.as_json(FACTS, stranger), KEYS)


def test_a_receipt_that_was_signed_with_an_earlier_key_stays_genuine(settings):
    file = seal.as_json(FACTS, keys.own_key())
    settings.RECEIPT_OLD_PUBLIC_KEYS = [keys.published()["keys"][0]["x"]]
    settings.RECEIPT_KEY = "another secret " * 5
    assert len(keys.public_keys()) == 2
    assert seal.verify(file, keys.public_keys()) == FACTS


@pytest.mark.django_db
def test_the_keys_stand_at_a_well_known_address():
    answer = Client().get("/.well-known/prm-receipt-key.json")
    assert keys.from_published(answer.json()) == keys.public_keys()


@pytest.mark.django_db
def test_a_partner_downloads_a_receipt_that_names_its_place_and_no_contact(market, cast):
    deal = market.approved()
    answer = signed_in(cast.ada).get(reverse("portal:deal_receipt", args=[deal.reference, "json"]))
    facts = seal.verify(answer.content, keys.public_keys())
    assert (facts["number"], facts["priority_at"], facts["status"]) == (
        deal.reference, "2026-11-23T12:00:00Z", "approved",
    )  # fmt: skip
    assert (facts["customer"]["name"], facts["last_protected_day"]) == ("Contoso Ltd", "2027-02-21")
    assert "Rui" not in answer.content.decode()


@pytest.mark.django_db
def test_a_draft_and_a_rivals_deal_have_no_receipt(market, cast):
    draft, deal = market.draft(), market.sent("ada", website="other.example", account_name="Other")
    assert signed_in(cast.ada).get(reverse("portal:deal_receipt", args=[draft.reference, "json"])).status_code == 404
    assert signed_in(cast.cy).get(reverse("portal:deal_receipt", args=[deal.reference, "json"])).status_code == 404


@pytest.mark.django_db
def test_the_paper_carries_its_data_and_its_signature(market, cast, tmp_path):
    deal = market.approved()
    answer = signed_in(cast.mona).get(reverse("admin:deal_receipt", args=[deal.reference, "pdf"]))
    file = tmp_path / "receipt.pdf"
    file.write_bytes(answer.content)
    said = StringIO()
    call_command("verify_receipt", str(file), stdout=said)
    assert said.getvalue().startswith("Genuine: the PDF")
    text = "".join(page.extract_text() for page in PdfReader(file).pages)
    assert deal.reference in text and "Contoso Ltd" in text and '"receipt"' in text.replace("\n", "")
    file.write_bytes(answer.content.replace(b"%PDF-1.7", b"%PDF-1.6", 1))
    with pytest.raises(CommandError, match="Not genuine"):
        call_command("verify_receipt", str(file))


@pytest.mark.django_db
def test_a_receipt_is_checked_with_a_saved_key_file(market, tmp_path):
    deal = market.sent()
    file, saved = tmp_path / "receipt.json", tmp_path / "keys.json"
    file.write_bytes(receipts.as_json(receipts.facts_of(deal, NOW), receipts.own_key()))
    saved.write_text(json.dumps(keys.published()))
    said = StringIO()
    call_command("verify_receipt", str(file), "--key", str(saved), stdout=said)
    assert said.getvalue().startswith(f"Genuine: registration {deal.reference} of Acme")


@pytest.mark.parametrize(
    "trap",
    [
        '<link rel="attachment" href="file:///etc/passwd">',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
        '<img src="file:///etc/passwd"><img src="static:../manage.py">',
        '<style>@import url("file:///etc/passwd"); @font-face { font-family: x; src: url("file:///etc/passwd") }</style>',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        '<link rel="stylesheet" href="http://127.0.0.1:1/x.css"><img src="http://169.254.169.254/">',
    ],
)
def test_documents_fetch_and_carry_nothing_that_a_text_names(trap, tmp_path):
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf.render(f"<p>Words</p>{trap}"))
    reader = PdfReader(file)
    assert ("Words" in reader.pages[0].extract_text(), list(reader.attachments)) == (True, [])
    assert b"root:" not in file.read_bytes()


@pytest.mark.django_db
def test_a_customers_name_is_text_on_the_paper_whatever_it_holds(market):
    deal = market.sent(account_name='<link rel=attachment href=file:///etc/passwd> & "Co"')
    facts = receipts.facts_of(deal, NOW)
    assert b"/EmbeddedFile" not in receipts.as_pdf(deal, facts, receipts.own_key(), NOW)


@pytest.mark.committed
def test_a_receipt_names_the_seals_of_its_events(committed):
    from core.actor import SYSTEM  # noqa: PLC0415 - Django is set up by now
    from core.models import SequenceEntry  # noqa: PLC0415 - the same
    from core.scope import scope  # noqa: PLC0415 - the same
    from tests.deals.conftest import make_market  # noqa: PLC0415 - the same
    from tests.factories import make_cast  # noqa: PLC0415 - the same

    with scope(SYSTEM):
        deal = make_market(make_cast()).approved()
    with scope(SYSTEM):
        facts = receipts.facts_of(deal, NOW)
        types = [e["type"].partition(".")[2] for e in facts["events"]]
        assert types == ["created", "submitted", "taken_up", "approved"]
        seals = {e.position: bytes(e.hash).hex() for e in SequenceEntry.objects.all()}
        assert {e["position"]: e["hash"] for e in facts["events"]}.items() <= seals.items()
        assert facts["position"] == facts["events"][-1]["position"]
