"""The vendor's people claim for a partner: its form in their hands, decided by somebody else."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import Forbidden
from mdf import services
from mdf.enums import ClaimStatus
from mdf.models import Claim, Request
from tests.factories import NOW
from tests.mdf.claiming import photo, typed
from tests.mdf.conftest import Fund
from tests.mdf.test_portal import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("claimed_now")]


@pytest.fixture
def mona(fund) -> Client:
    return signed_in(fund.cast.mona)


def address(agreed: Request) -> str:
    return reverse("admin:mdf_claim_for", args=[agreed.reference])


def test_a_claim_is_written_and_sent_with_its_files_and_a_second_click_finds_it(fund: Fund, agreed: Request, mona):
    page = mona.get(agreed.get_console_url())
    activity = agreed.activities.get()
    assert page.context["cards"][0]["claim_for"] == f"{address(agreed)}?activity={activity.public_id}"
    assert mona.get(page.context["cards"][0]["claim_for"]).status_code == 200
    told = typed(activity=activity.public_id) | {"proof1-link": ""}
    for file in (photo(), photo()):
        answer = mona.post(address(agreed), told | {"proof1-new": file})
        claim = Claim.objects.get()
        assert (answer.status_code, answer.url) == (302, claim.get_console_url())
    assert (claim.status, claim.amount, claim.created_by) == (ClaimStatus.IN_REVIEW, Decimal(300), fund.cast.mona)
    assert claim.proofs.get(kind="photo").file_name == "fair.jpg"


def test_what_is_not_whole_is_not_kept(agreed: Request, mona):
    answer = mona.post(address(agreed), typed() | {"invoice0-supplier": ""})
    assert (answer.status_code, Claim.objects.count()) == (422, 0)
    assert mona.post(address(agreed), typed() | {"proof1-link": ""}).status_code == 422
    assert Claim.objects.count() == 0


def test_both_sides_read_who_wrote_it_and_who_wrote_it_does_not_decide(fund: Fund, agreed: Request, mona):
    mona.post(address(agreed), typed())
    claim = Claim.objects.get()
    shown = mona.get(claim.get_console_url())
    assert ("Written by us", "Mona") in [(f.label, f.value) for f in shown.context["facts"]]
    assert shown.context["not_you"] == "You wrote this claim. Another person decides it."
    with pytest.raises(Forbidden):
        services.claims.approve(claim, fund.looks(claim), by=fund.actor("mona"), at=NOW)
    theirs = signed_in(fund.cast.bo).get(claim.get_absolute_url()).content.decode()
    assert "We wrote this claim for you." in theirs
    claim.refresh_from_db()
    assert services.claims.approve(claim, fund.looks(claim), by=fund.actor("mark"), at=NOW).status == "payable"


def test_a_draft_of_the_partner_is_not_taken_over(fund: Fund, agreed: Request, mona):
    theirs = services.claims.draft(fund.claim_plan(agreed.activities.get(), "100"), by=fund.actor("bo"), at=NOW)
    answer = mona.post(address(agreed), typed(draft=str(theirs.pk)))
    theirs.refresh_from_db()
    assert (answer.status_code, theirs.status, theirs.amount) == (422, ClaimStatus.DRAFT, Decimal(100))


def test_who_writes_a_claim_of_the_partner_further_does_not_decide_it(fund: Fund, agreed: Request):
    activity = agreed.activities.get()
    claim = services.claims.draft(fund.claim_plan(activity, "100"), by=fund.actor("bo"), at=NOW)
    claim = services.claims.write(claim, fund.claim_plan(activity, "200"), by=fund.actor("mona"), at=NOW)
    claim = services.claims.submit(claim, by=fund.actor("bo"), at=NOW)
    with pytest.raises(Forbidden):
        services.claims.approve(claim, fund.looks(claim), by=fund.actor("mona"), at=NOW)


def test_others_do_not_write_claims(agreed: Request, fund: Fund):
    assert signed_in(fund.cast.eve).get(address(agreed)).status_code == 403
