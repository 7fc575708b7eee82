"""Finance enters what came from customers, and sees what it gives first."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.actor import SYSTEM
from core.errors import Refused
from core.models import Event
from deals.models import RevenueEvent
from deals.particulars import Revenue
from deals.services import enter_revenue
from earnings.models import EarningLine
from tests.earnings.conftest import WON, amounts
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def finn(client, cast):
    client.force_login(cast.finn)
    return client


def words(**more) -> dict:
    return {"kind": "payment", "occurred_on": "2026-06-11", "amount": "10000", "about": "", "service_start": "",
            "service_end": "", **more}  # fmt: skip


def where(deal, verb: str = "") -> str:
    return f"/admin/revenue/{deal.reference}/" + (f"{verb}/" if verb else "")


def test_what_a_payment_gives_is_shown_and_nothing_is_entered(finn, trade):
    trade.rule()
    deal = trade.referred()
    before = (amounts(), Event.objects.count())
    page = finn.post(where(deal, "check"), words())
    assert page.status_code == 200
    (line,) = page.context["lines"]
    assert (line["worth"].amount, line["steps"]) == (Decimal("1000.00"), ["10% of 10,000.00 = 1,000.00"])
    assert (amounts(), Event.objects.count()) == before
    assert not RevenueEvent.objects.exists()


def test_what_was_looked_at_is_what_is_entered(finn, trade):
    trade.rule()
    deal = trade.referred()
    page = finn.post(where(deal, "check"), words())
    assert finn.post(where(deal, "enter"), dict(page.context["hidden"])).status_code == 302
    assert list(RevenueEvent.objects.values_list("kind", "amount", "currency")) == [
        ("payment", Decimal("10000.00"), "USD")
    ]


def test_who_goes_back_from_the_check_finds_what_was_typed(finn, trade):
    deal = trade.referred()
    page = finn.post(where(deal, "check"), words(amount="12.50"))
    form = finn.get(page.context["back"]).context["form"]
    assert (form["amount"].value(), form["kind"].value()) == ("12.50", "payment")


def test_a_refund_shows_what_is_taken_back(finn, trade):
    trade.rule()
    deal = trade.referred()
    paid = trade.pays(deal)
    page = finn.post(
        where(deal, "check"), words(kind="refund", occurred_on="2026-07-11", amount="5000", about=str(paid.pk))
    )
    assert [line["worth"].amount for line in page.context["lines"]] == [Decimal("-500.00")]


def test_a_deal_without_partners_gives_nothing_and_says_so(finn, trade):
    deal = trade.deal()
    page = finn.post(where(deal, "check"), words())
    assert "No partner earns or gives back anything by this." in page.content.decode()


@pytest.mark.parametrize("wrong", [
    {"amount": "0"}, {"amount": "-5"}, {"amount": "1e2"}, {"amount": "1.005"}, {"kind": "gift"}, {"occurred_on": "soon"},
    {"service_end": "2026-07-01"},
])  # fmt: skip
@pytest.mark.parametrize("verb", ["check", "enter"])
def test_what_cannot_be_is_refused_beside_its_field(finn, trade, wrong, verb):
    deal = trade.deal()
    page = finn.post(where(deal, verb), words(**wrong))
    assert (page.status_code, list(page.context["form"].errors)) == (422, list(wrong))
    assert not RevenueEvent.objects.exists()


def test_a_payment_is_about_nothing(finn, trade):
    deal = trade.deal()
    other = trade.revenue(deal, "invoice", "100")
    page = finn.post(where(deal, "enter"), words(about=str(other.pk)))
    assert list(page.context["form"].errors) == ["about"]


def test_a_return_names_an_invoice_of_its_own_deal_alone(finn, trade):
    deal, strange = trade.deal(), trade.revenue(trade.deal(), "invoice", "100")
    page = finn.post(where(deal, "enter"), words(kind="credit", about=str(strange.pk)))
    assert list(page.context["form"].errors) == ["about"]
    with pytest.raises(Refused):
        enter_revenue(deal, Revenue("credit", WON, Decimal(5), about=strange), by=SYSTEM, at=NOW)


def test_no_more_goes_back_than_was_invoiced(trade):
    deal = trade.deal()
    invoice = trade.revenue(deal, "invoice", "100")
    trade.revenue(deal, "credit", "60", about=invoice)
    with pytest.raises(Refused) as refusal:
        trade.revenue(deal, "credit", "40.01", about=invoice)
    assert str(refusal.value) == "40.00 USD is left of it. Enter at most that."
    trade.revenue(deal, "credit", "40", about=invoice)


def test_a_refund_takes_back_from_the_payment_that_it_names(trade):
    trade.rule()
    deal = trade.referred()
    first = trade.pays(deal, "4000", WON + timedelta(days=5))
    trade.pays(deal, "6000", WON + timedelta(days=35))
    trade.refunds(deal, "4000", about=first)
    back = EarningLine.objects.get(amount__lt=0)
    assert (back.amount, back.reverses.revenue_event_id) == (Decimal("-400.00"), first.pk)


def test_deals_are_found_by_customer_and_number(finn, trade):
    deal = trade.deal()
    for asked in ("custom", deal.reference.lower()):
        table = finn.get("/admin/revenue/", {"q": asked}).context["found"]
        assert [row.cells[1] for row in table.rows] == [deal.reference]
    assert "No deal of that name or number." in finn.get("/admin/revenue/", {"q": "nobody"}).content.decode()


def test_only_finance_enters_revenue(client, cast, trade):
    deal = trade.deal()
    for name in ("mona", "olga", "eve", "bo"):
        client.force_login(getattr(cast, name))
        assert client.post(where(deal, "enter"), words()).status_code == 403
    assert not RevenueEvent.objects.exists()
