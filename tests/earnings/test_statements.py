"""Statements, journal and liability: one truth with the ledger, to the cent."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from pypdf import PdfReader

from core.actor import SYSTEM
from core.files.sheets import sheet
from core.ids import uuid7
from core.models import LedgerAccount, LedgerEntry
from earnings import journal, statements
from earnings.books import CLAIM, OWED
from earnings.enums import Direction, LineStatus
from earnings.models import EarningLine
from earnings.payout_particulars import Period
from tests.earnings.paying import OCTOBER, answered, finance, owe, payee, sent
from tests.factories import NOW

pytestmark = pytest.mark.django_db
NOVEMBER = Period(date(2026, 11, 1))


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"))))


def accounts(partner, period=OCTOBER) -> list[tuple[str, str, str, str]]:
    """(opening, earned, paid, closing) by currency."""
    found = statements.statement(SYSTEM, partner, period).accounts
    return [
        (f"{one.opening:f} {one.currency}", f"{one.earned_total.amount:f}", f"{one.paid_total.amount:f}",
         f"{one.closing.amount:f}")
        for one in found
    ]  # fmt: skip


def traded():
    """Acme: 100 and 20 less in October, 50 in November after the payout; Cobalt in euros."""
    acme, cobalt = payee("Acme"), payee("Cobalt")
    owe(acme, "100.10"), owe(acme, "-20.05"), owe(cobalt, "70", "EUR")
    finn = finance()
    answered(sent(finn, finance("Fred")), by=finn)
    owe(acme, 50, at=NOW)
    return acme, cobalt


def test_a_statement_goes_from_one_balance_to_the_next():
    acme, cobalt = traded()
    assert accounts(acme) == [("0 USD", "80.05", "0", "80.05")]
    assert accounts(acme, NOVEMBER) == [("80.05 USD", "50.00", "80.05", "50.00")]
    assert accounts(cobalt, NOVEMBER) == [("70.00 EUR", "0", "70.00", "0.00")]


def test_closings_liability_and_ledger_are_the_same():
    acme, cobalt = traded()
    for period in (OCTOBER, NOVEMBER):
        closing: dict[str, Decimal] = {}
        for partner in (acme, cobalt):
            for one in statements.statement(SYSTEM, partner, period).accounts:
                closing[one.currency] = closing.get(one.currency, Decimal(0)) + one.closing.amount
        owed = {one.currency: one.owed - one.claimed for one in journal.liability(SYSTEM, period)}
        assert {c: a for c, a in closing.items() if a} == {c: a for c, a in owed.items() if a}
    balances = LedgerAccount.objects.filter(kind__in=(OWED, CLAIM))
    assert sum(b.balance for b in balances if b.currency == "USD") == Decimal("50.00")


def test_the_journal_holds_every_entry_once_and_balances():
    traded()
    told = [rows(journal.as_csv(SYSTEM, period))[1:] for period in (OCTOBER, NOVEMBER)]
    entries = [row for month in told for row in month]
    assert len(entries) == LedgerEntry.objects.exclude(account__kind__startswith="test").count()
    debit, credit = (sum(Decimal(row[i] or 0) for row in entries) for i in (6, 7))
    assert debit == credit
    assert {row[2] for row in entries} == {"commission.accrued", "payout.paid"}


def test_what_the_partner_keeps_stands_apart(trade):
    trade.rule("reseller", kind="margin", direction="retained", percent=20)
    deal = trade.deal((trade.member("reseller"), "selling", 100))
    trade.pays(deal)
    (one,) = statements.statement(SYSTEM, trade.member("reseller").partner, NOVEMBER).accounts
    assert (one.closing.amount, [e.money.amount > 0 for e in one.kept]) == (Decimal(0), [True])


def test_each_line_of_a_statement_tells_its_sum(trade):
    trade.rule()
    deal = trade.referred()
    trade.pays(deal), trade.refunds(deal)
    (one,) = statements.statement(SYSTEM, trade.member().partner, NOVEMBER).accounts
    assert [(e.money.amount, e.how) for e in one.earned] == [
        (Decimal(1000), ("10% of 10,000.00 = 1,000.00",)),
        (Decimal(-500), ("Refund to the customer",
                         "5,000.00 of 10,000.00 went back to the customer; that part of 1,000.00: -500.00")),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝x"])
def test_no_cell_is_a_formula(name):
    assert rows(sheet(("a",), [(name,)]))[1] == [f"'{name}"]


def test_amounts_stay_figures():
    assert rows(sheet(("a",), [(Decimal("-5.10"),)]))[1] == ["-5.10"]


def test_the_file_of_a_statement_adds_up():
    acme, _cobalt = traded()
    told = rows(statements.as_csv(statements.statement(SYSTEM, acme, NOVEMBER)))[1:]
    assert [row[2] for row in told] == ["Balance before", "Earned", "Paid", "Balance after"]
    assert sum(Decimal(row[6]) for row in told[:-1]) == Decimal(told[-1][6])


def many(n: int) -> statements.Statement:
    acme = payee()
    EarningLine.objects.bulk_create(
        EarningLine(
            id=uuid7(), partner=acme, kind="commission", direction=Direction.PAYABLE, status=LineStatus.APPROVED,
            amount=Decimal("10.05"), currency="USD", occurred_on=date(2026, 10, 5),
            accrued_at=NOW.replace(month=10) + timedelta(seconds=i),
            arithmetic=[{"step": "percent", "percent": "10", "of": "100.50", "gives": "10.05"}],
        )
        for i in range(n)
    )  # fmt: skip
    return statements.statement(SYSTEM, acme, OCTOBER)


def test_a_statement_of_200_rows_is_on_paper_whole():
    one = many(200)
    pages = PdfReader(BytesIO(statements.as_pdf(one, NOW))).pages
    text = "".join(page.extract_text() for page in pages)
    named = EarningLine.objects.filter(partner=one.partner).values_list("reference", flat=True)
    assert (len(named), [reference for reference in named if reference not in text]) == (200, [])


def test_a_statement_costs_the_same_queries_however_long(django_assert_num_queries):
    one = many(3)
    with django_assert_num_queries(6):
        statements.statement(SYSTEM, one.partner, OCTOBER)
    many(30)
    with django_assert_num_queries(6):
        statements.statement(SYSTEM, one.partner, OCTOBER)
