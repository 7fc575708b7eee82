"""Market funds on their way: asked for, approved, claimed, paid, measured; after each step both sides read the same."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from core.actor import SYSTEM
from core.scope import scope
from core.tasks import ring_timers
from deals.enums import TouchKind, TouchStatus
from deals.models import ExchangeRate, Touch
from mdf.models import Activity
from tests.factories import NOW, make_cast
from tests.mdf.conftest import END, START, Fund, make_fund
from tests.metrics.world import opportunity

pytestmark = [pytest.mark.browser, pytest.mark.committed]
FIELDS = {
    "Its name": "Harbour fair",
    "First day": START.isoformat(),
    "Last day": END.isoformat(),
    "Who it is for": "Shipping lines",
    "What it costs in all": "1,000",
    "Pipeline you expect from it": "2,600",
    "What you count": "Leads",
    "How many you aim at": "40",
    "How you find out": "Badge scans",
}
NEEDED = ["Type", *(label for label in FIELDS if label != "Last day")]
ASKS = "fields => fields.map(one => one.labels[0].innerText)"


@pytest.fixture
def travel(monkeypatch):
    """travel(moment): from now on the machine's clock runs from there."""
    real = timezone.now

    def to(moment: datetime) -> None:
        shift = moment - real()
        monkeypatch.setattr(timezone, "now", lambda: real() + shift)

    to(NOW)
    return to


def look(page: Page, name: str) -> None:
    """Pictures for people, where they are wished for."""
    if not (folder := os.environ.get("PRM_PICTURES")):
        return
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.screenshot(
            path=str(Path(folder) / f"{name}-{page.viewport_size['width']}-{theme}.png"),
            full_page=True,
            caret="initial",
        )


def rows(page: Page, selector: str) -> dict[str, str]:
    """Label → value of a list of facts or a table of two columns."""
    return dict(
        page.locator(selector).evaluate(
            """at => [...at.querySelectorAll("tr, dt")].map(row => (row.tagName === "DT"
                ? [row, row.nextElementSibling] : [...row.children]).map(cell => {
                    const copy = cell.cloneNode(true)
                    copy.querySelectorAll(".hint").forEach(hint => hint.remove())
                    return copy.textContent.trim() }))"""
        )
    )


@dataclass(frozen=True)
class Read:
    """What stands on the pages after a step."""

    balance: tuple[str, ...]  # free, set aside, claimed, paid: as the partner reads them
    budget: dict[str, str]  # the pieces of the budget's bar that hold something
    roi: tuple[str, dict[str, str]]  # the tile, and the figures beside it that are not zero


class Walk:
    """One person a browser, and what each reads."""

    def __init__(self, visit, width: int, fund: Fund):
        self.visit, self.width, self.fund = visit, width, fund
        self.sign_in()

    def sign_in(self) -> None:
        """Everybody anew: sessions end while time passes."""
        self.bo = self.visit("bo@acme.example", self.width)
        self.mona, self.finn, self.eve = (
            self.visit(f"{name}@northwind.example", self.width) for name in ("mona", "finn", "eve")
        )

    def read(self, step: str) -> Read:
        return Read(self._balance(step), self._budget(step), self._roi(step))

    def _balance(self, step: str) -> tuple[str, ...]:
        self.bo.goto("/portal/mdf/")
        look(self.bo, f"{step}-balance")
        return tuple(self.bo.locator("ul.legend li strong").all_inner_texts())

    def _budget(self, step: str) -> dict[str, str]:
        self.mona.goto(f"/admin/mdf/budgets/{self.fund.budget.reference}/")
        look(self.mona, f"{step}-budget")
        found = rows(self.mona, "section[aria-labelledby=bar] tbody")
        return {label: sum_ for label, sum_ in found.items() if sum_ != "$0"}

    def _roi(self, step: str) -> tuple[str, dict[str, str]]:
        self.eve.goto("/dashboard/")
        tile = self.eve.locator("section.tile", has=self.eve.get_by_role("heading", name="MDF return"))
        figure = tile.locator(".figure").inner_text()
        self.eve.goto("/dashboard/mdf_roi/")
        look(self.eve, f"{step}-roi")
        found = rows(self.eve, "#counted dl")
        return figure, {label: n for label, n in found.items() if n not in ("0", "$0", "Version 1")}

    def story(self, step: str) -> list[str]:
        """What happened, as the partner reads it; how often a draft saved itself says nothing."""
        self.bo.goto("/portal/mdf/")
        self.bo.get_by_role("link", name="Harbour fair").click()
        expect(self.bo.get_by_role("heading", name="What happened")).to_be_visible()
        look(self.bo, f"{step}-request")
        told = self.bo.locator("ol.timeline .what").all_inner_texts()
        return [words for one in told if "changed the request" not in (words := one.split(" · ")[0])]


@pytest.fixture
def walk(travel, site, visit, request) -> Walk:
    with scope(SYSTEM):
        fund = make_fund(make_cast(), segments=["Shipping"])
        ExchangeRate.objects.create(currency="EUR", day=NOW.date() - timedelta(days=20), rate="1.10", source="test")
    return Walk(visit, request.param, fund)


def asks(bo: Page) -> None:
    """Eight answers beside the type, and three presses: what takes somebody well under three minutes."""
    bo.goto("/portal/mdf/")
    bo.get_by_role("link", name="Ask for market funds").click()
    look(bo, "1-form")
    wanted = bo.locator("main form :is(input, select, textarea):visible").evaluate_all(ASKS)
    assert [one.split(" (")[0] for one in wanted if "optional" not in one] == NEEDED
    for label, value in FIELDS.items():
        bo.get_by_label(label).fill(value)
    expect(bo.locator("#advice").get_by_text("Pipeline 2,600 ÷ 500 asked for = 5.2×. We look for 5×.")).to_be_visible()
    look(bo, "1-form-filled")
    bo.get_by_role("button", name="Check and send").click()
    look(bo, "1-check")
    bo.get_by_role("button", name="Send request").click()
    expect(bo.get_by_text("Waiting for us").first).to_be_visible()


def approves(mona: Page) -> None:
    mona.goto("/admin/")
    mona.get_by_role("link", name="Harbour fair").click()
    expect(mona.get_by_text("Leaves 2,500.00 USD of 3,000.00 USD free.")).to_be_visible()
    for radio in mona.get_by_label("Yes", exact=True).all():
        radio.check()
    look(mona, "2-review")
    mona.get_by_role("button", name="Approve", exact=True).click()
    expect(mona.get_by_text("Approved.", exact=True)).to_be_visible()


def claims(bo: Page, photo: Path) -> None:
    bo.goto("/portal/mdf/")
    bo.get_by_role("link", name="Harbour fair").click()
    bo.get_by_role("link", name="Claim", exact=True).click()
    look(bo, "3-claim-form")
    bo.get_by_label("Supplier").fill("Messe Hamburg")
    bo.get_by_label("Invoice number").fill("2027-118")
    bo.get_by_label("Date of the invoice").fill(END.isoformat())
    bo.get_by_label("Amount without tax").fill("800")
    bo.get_by_label("Currency").fill("EUR")
    bo.get_by_label("Tax you get back").fill("152")
    expect(bo.locator("#sums").get_by_text("If we accept all of it, we pay $440.00.")).to_be_visible()
    for n in range(4):
        bo.locator(f"#proof{n}-new").set_input_files(photo)
        expect(bo.locator(f"#proof{n}-files").get_by_text("Uploaded")).to_be_visible()
    expect(bo.locator("main .tag:visible", has_text="Missing")).to_have_count(0)
    look(bo, "3-claim-filled")
    bo.get_by_role("button", name="Send claim").click()
    expect(bo.get_by_role("heading", name="What we pay")).to_be_visible()
    look(bo, "3-claim-sent")
    for words in ("800.00 EUR × 1.1 (rate of 3 Nov 2026) = 880.00 USD", "152.00 EUR is left out: you get this tax back.",
                  "50% × accepted cost 880.00"):  # fmt: skip
        expect(bo.get_by_text(words)).to_be_visible()


def accepts(mona: Page) -> None:
    mona.goto("/admin/")
    mona.get_by_role("link", name="Harbour fair").click()
    for radio in mona.get_by_label("Accept", exact=True).all():
        radio.check()
    look(mona, "4-claim-review")
    assert rows(mona, "#payable dl") == {
        "Claimed": "$440", "Left of what was approved": "$500", "Our share of accepted cost": "$440",
        "Payable: the least of the three": "$440",
    }  # fmt: skip
    expect(mona.get_by_text("1 EUR = 1.1 USD")).to_be_visible()
    expect(mona.get_by_text("The partner gets it back from the state: left out.")).to_be_visible()
    expect(mona.get_by_text("50% of 880.00 USD")).to_be_visible()

    mona.get_by_role("button", name="Approve what is payable").click()
    expect(mona.get_by_text("Approved. It can be paid.")).to_be_visible()


def pays(finn: Page) -> None:
    finn.goto("/admin/mdf/payments/")
    finn.get_by_label("Reference of the run").fill("SEPA 2027-01")
    finn.locator("[name=pick]").check()
    look(finn, "5-run")
    finn.get_by_role("button", name="Order the chosen").click()
    expect(finn.get_by_text("Ordered: 1.")).to_be_visible()
    look(finn, "5-ordered")
    finn.locator("section[aria-labelledby=under-way] table a").first.click()
    look(finn, "5-payment")
    finn.get_by_role("button", name="It arrived").click()
    expect(finn.get_by_text("It arrived.")).to_be_visible()


ASKED = ["Bo started a draft", "Bo sent the request", "System opened the review"]
AGREED = [*ASKED, "Mona approved the request"]
OVER = [*AGREED, "System noted that it has begun", "System noted that it is over"]
CLAIMED = [*OVER, "Bo started a claim", "Bo sent a claim"]
OWED = [*CLAIMED, "Mona looked at proofs", "Mona approved a claim"]
PAID = [*OWED, "System paid a claim", "Finn noted that the payment arrived"]
RESULTS = "System asked what came of it: Harbour fair"
FREED = "System freed what was not claimed in time: Harbour fair"
MEASURED = [RESULTS, FREED, "System closed the request", RESULTS, RESULTS]
FREE = {"Free with partners": "$3,000", "Not shared out": "$7,000"}
RESERVED = {"Reserved": "$500", "Free with partners": "$2,500", "Not shared out": "$7,000"}
UNPAID = {"Activities without a payment, not counted": "1"}
MATURING = {"Activities whose 180 days still run": "1", "Paid for those": "$440"}


@pytest.mark.parametrize("walk", [1440, 390], indirect=True)
def test_funds_are_asked_for_approved_claimed_paid_and_measured(walk, travel, tmp_path, settings):
    settings.FILES_ROOT = tmp_path
    Image.new("RGB", (300, 200), "navy").save(tmp_path / "fair.jpg")
    free = Read(("$3,000.00", "$0.00", "$0.00", "$0.00"), FREE, ("Not yet", {}))
    assert walk.read("0") == free

    asks(walk.bo)
    assert (walk.read("1"), walk.story("1")) == (free, ASKED)

    approves(walk.mona)
    aside = ("$2,500.00", "$500.00", "$0.00", "$0.00")
    assert (walk.read("2"), walk.story("2")) == (Read(aside, RESERVED, ("Not yet", {})), AGREED)

    travel(NOW.replace(year=2027, month=1, day=25))  # the fair is over
    ring_timers()
    walk.sign_in()
    claims(walk.bo, tmp_path / "fair.jpg")
    assert (walk.read("3"), walk.story("3")) == (Read(aside, RESERVED, ("Not yet", UNPAID)), CLAIMED)

    accepts(walk.mona)
    owed = RESERVED | {"Payable": "$440", "Reserved": "$60"}
    claimed = Read(("$2,500.00", "$60.00", "$440.00", "$0.00"), owed, ("Not yet", UNPAID))
    assert (walk.read("4"), walk.story("4")) == (claimed, OWED)

    pays(walk.finn)
    spent = RESERVED | {"Paid": "$440", "Reserved": "$60"}
    paid = Read(("$2,500.00", "$60.00", "$0.00", "$440.00"), spent, ("Not yet", MATURING))
    assert (walk.read("5"), walk.story("5")) == (paid, PAID)

    with scope(SYSTEM):
        evidence()
    travel(NOW.replace(year=2027, month=7, day=21))  # 180 days after its end are over
    ring_timers()
    walk.sign_in()
    home = FREE | {"Free with partners": "$2,560", "Paid": "$440"}
    came = {"Activities that count": "1", "Pipeline that was forecast for them": "$2,600"}
    assert walk.read("6") == Read(("$2,560.00", "$0.00", "$0.00", "$440.00"), home, ("5", came))
    assert [words for words in walk.story("6") if "reminded" not in words] == [*PAID, *MEASURED]
    walk.bo.goto("/portal/mdf/new/")
    expect(walk.bo.get_by_text("$2,200 pipeline ÷ $440 of our funds = 5×")).to_be_visible()


def evidence() -> None:
    """Somebody who came to the fair, as the owner of the opportunity has confirmed: the work of other pages."""
    activity = Activity.objects.get()
    Touch.objects.create(
        opportunity=opportunity(amount="2200", opened=END), partner_id=activity.partner_id, happened_on=END,
        kind=TouchKind.CAMPAIGN_ATTENDANCE, status=TouchStatus.CONFIRMED, campaign=activity.tracking_code,
        entered_at=NOW, answered_at=NOW,
    )  # fmt: skip
