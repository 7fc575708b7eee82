"""Market funds in a browser: a partner asks and sees where it stands."""

import os
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from core.actor import SYSTEM
from core.clock import now
from core.scope import scope
from deals.models import ExchangeRate
from mdf import services
from mdf.enums import RequestStatus
from mdf.models import Allocation, Budget, Claim, Request
from tests.factories import make_cast
from tests.mdf.conftest import Fund, another, make_fund

pytestmark = [pytest.mark.browser, pytest.mark.committed]


def with_funds() -> Fund:
    """Acme's funds of this very year."""
    with scope(SYSTEM):
        fund = make_fund(make_cast(), segments=["Shipping"])
        today = now().date()
        period = {"period_start": today - timedelta(days=30), "period_end": today + timedelta(days=330)}
        Budget.objects.update(**period)
        Allocation.objects.update(**period)
    return fund


def look(page, name: str) -> None:
    """A picture for people, where one is wished for."""
    if folder := os.environ.get("PRM_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}-{page.viewport_size['width']}.png"), full_page=True)


def fill_in(page) -> None:
    starts = (now() + timedelta(days=45)).date()
    page.get_by_label("Its name").fill("Harbour fair")
    page.get_by_label("First day").fill(starts.isoformat())
    page.get_by_label("Who it is for").fill("Shipping lines")
    page.get_by_label("What it costs in all").fill("1,000")
    page.get_by_label("Pipeline you expect from it").fill("2,000")
    page.get_by_label("What you count").fill("Leads")
    page.get_by_label("How many you aim at").fill("40")
    page.get_by_label("How you find out").fill("Badge scans")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_partner_asks_in_under_three_minutes(visit, width):
    with_funds()
    bo = visit("bo@acme.example", width)
    begun = time.monotonic()
    bo.goto("/portal/mdf/")
    look(bo, "list-empty")
    bo.get_by_role("link", name="Ask for market funds").click()
    look(bo, "form-empty")
    fill_in(bo)
    advice = bo.locator("#advice")
    expect(advice.get_by_text("Pipeline 2,000 ÷ 500 asked for = 4×. We look for 5×.")).to_be_visible()
    bo.get_by_label("Pipeline you expect from it").fill("2,600")
    expect(advice.get_by_text("Pipeline 2,600 ÷ 500 asked for = 5.2×. We look for 5×.")).to_be_visible()
    expect(advice.get_by_text("It costs $1,000.00: we pay $500.00, you pay $500.00.")).to_be_visible()
    look(bo, "form-filled")
    bo.get_by_role("button", name="Check and send").click()
    expect(bo.get_by_text("List of leads or attendees").first).to_be_visible()
    look(bo, "check")
    bo.get_by_role("button", name="Send request").click()
    expect(bo.get_by_text("Waiting for us").first).to_be_visible()
    assert time.monotonic() - begun < 180
    look(bo, "sent")
    bo.goto("/portal/mdf/")
    look(bo, "list")


def test_a_form_of_two_activities_keeps_its_words_and_saves_itself(visit):
    with_funds()
    bo = visit("bo@acme.example", 390)
    bo.goto("/portal/mdf/new/")
    bo.get_by_label("Its name").fill("Harbour fair")
    bo.get_by_role("button", name="Add an activity").click()
    expect(bo.get_by_label("Its name").first).to_have_value("Harbour fair")
    bo.get_by_label("Its name").nth(1).fill("A paper")
    expect(bo.locator("[data-save-status]")).to_contain_text("Draft saved", timeout=10_000)
    with scope(SYSTEM):
        assert Request.objects.get().status == RequestStatus.DRAFT
    bo.get_by_role("button", name="Check and send").click()
    expect(bo.get_by_role("alert")).to_be_focused()
    look(bo, "form-errors")
    expect(bo.get_by_label("Its name").nth(1)).to_have_value("A paper")
    bo.get_by_role("button", name="Remove this activity").first.click()
    expect(bo.get_by_label("Its name")).to_have_value("A paper")


def agreed() -> Fund:
    """Acme's fair is approved in full: 500 dollars of 1,000."""
    fund = with_funds()
    day = now().date() + timedelta(days=45)
    with scope(SYSTEM):
        plan = another(starts_on=day, ends_on=day, asked_amount=Decimal(500))
        draft = services.requests.draft(fund.plan(plan), by=fund.actor("bo"), at=now())
        sent = services.requests.submit(draft, by=fund.actor("bo"), at=now())
        services.deciding.approve(sent, fund.rulings(sent), by=fund.actor("mona"), at=now())
        ExchangeRate.objects.create(currency="EUR", day=now().date() - timedelta(days=30), rate="1.10", source="test")
    return fund


@pytest.mark.parametrize("width", [1440, 390])
def test_a_partner_claims_an_invoice_in_another_currency_with_photos(visit, width, tmp_path, settings):
    settings.FILES_ROOT = tmp_path
    Image.new("RGB", (300, 200), "navy").save(tmp_path / "fair.jpg")
    agreed()
    bo = visit("bo@acme.example", width)
    bo.goto("/portal/mdf/")
    bo.get_by_role("link", name="Spring").click()
    look(bo, "approved")
    bo.get_by_role("link", name="Claim").click()
    bo.get_by_label("Supplier").fill("Messe Hamburg")
    bo.get_by_label("Invoice number").fill("2026-118")
    bo.get_by_label("Date of the invoice").fill((now().date() - timedelta(days=2)).isoformat())
    bo.get_by_label("Amount without tax").fill("800")
    bo.get_by_label("Currency").fill("EUR")
    bo.get_by_label("Tax you get back").fill("152")
    sums = bo.locator("#sums")
    expect(sums.get_by_text("800.00 EUR × 1.1")).to_be_visible()
    expect(sums.get_by_text("152.00 EUR is left out")).to_be_visible()
    expect(sums.get_by_text("If we accept all of it, we pay $440.00.")).to_be_visible()
    for n in range(4):
        bo.locator(f"#proof{n}-new").set_input_files(tmp_path / "fair.jpg")
        expect(bo.locator(f"#proof{n}-files").get_by_text("Uploaded")).to_be_visible()
    look(bo, "claim-filled")
    bo.get_by_role("button", name="Send claim").click()
    expect(bo.get_by_text("Waiting for us").first).to_be_visible()
    expect(bo.get_by_text("$440.00").first).to_be_visible()
    look(bo, "claim-sent")
    with scope(SYSTEM):
        assert Claim.objects.get().proofs.count() == 4
