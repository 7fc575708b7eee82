"""The files of a claim."""

from dataclasses import replace

import pytest
from django.test import Client

from core.errors import Refused
from core.files import Clean, keep
from core.files.kinds import TEXT
from core.models import StoredFile
from mdf import services
from mdf.enums import ProofKind
from mdf.models import Proof
from mdf.particulars import Shown
from mdf.shown.proofs import proof_link
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.FILES_ROOT = tmp_path


@pytest.fixture
def request_(fund):
    return fund.approved()


def a_file(fund, partner=None, content: bytes = b"one,two") -> StoredFile:
    clean = Clean("leads.csv", TEXT, content, "a" * 64)
    return keep(clean, partner_id=(partner or fund.cast.acme).pk, by=fund.actor("bo"), at=NOW)


def with_proof(fund, request_, *shown: Shown):
    return replace(fund.claim_plan(request_.activities.get(), "300.00"), proofs=shown)


def drafted(fund, request_, *shown: Shown):
    return services.claims.draft(with_proof(fund, request_, *shown), by=fund.actor("bo"), at=NOW)


def test_a_file_belongs_to_the_claim_that_names_it(fund, request_):
    file = a_file(fund)
    claim = drafted(fund, request_, Shown(ProofKind.PHOTO, file_id=file.pk, file_name="other.png"))
    file.refresh_from_db()
    proof = Proof.objects.get()
    assert (file.subject_type, file.subject_id) == ("mdf_claim", claim.pk)
    assert (proof.file_name, proof.file_hash) == ("leads.csv", "a" * 64)


def test_a_file_that_no_proof_names_any_more_goes(fund, request_):
    first, second = a_file(fund), a_file(fund)
    claim = drafted(fund, request_, Shown(ProofKind.PHOTO, file_id=first.pk))
    plan = with_proof(fund, request_, Shown(ProofKind.PHOTO, file_id=second.pk))
    services.claims.write(claim, plan, by=fund.actor("bo"), at=NOW)
    assert list(StoredFile.objects.values_list("pk", flat=True)) == [second.pk]


def test_a_file_of_another_partner_or_claim_is_refused(fund, request_):
    foreign = a_file(fund, fund.cast.cobalt)
    with pytest.raises(Refused, match="is gone"):
        drafted(fund, request_, Shown(ProofKind.PHOTO, file_id=foreign.pk))
    own = a_file(fund)
    drafted(fund, request_, Shown(ProofKind.PHOTO, file_id=own.pk))
    with pytest.raises(Refused, match="is gone"):
        drafted(fund, request_, Shown(ProofKind.PHOTO, file_id=own.pk))


def test_the_link_of_a_proof_opens_its_file_for_partner_and_vendor_and_for_nobody_else(fund, request_):
    drafted(fund, request_, Shown(ProofKind.PHOTO, file_id=a_file(fund).pk))
    link = proof_link(Proof.objects.get())
    assert [opened(who, link) for who in (fund.cast.bo, fund.cast.mona, fund.cast.cy)] == [200, 200, 404]
    assert proof_link(Proof(link="https://acme.example/fair")) == "https://acme.example/fair"


def opened(user, link: str) -> int:
    client = Client()
    client.force_login(user)
    answer = client.get(link, follow=True)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code
