"""Money moves whole or not at all, never below a floor, and no cent of it can be changed unseen."""

import threading
from contextlib import closing
from decimal import Decimal

import psycopg2
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.utils import IntegrityError

from core import ledger, verify
from core.actor import SYSTEM, Actor
from core.events import record
from core.ids import uuid7
from core.models import Event, LedgerAccount, LedgerEntry, LedgerTransaction
from core.money import CurrencyMismatch, Money
from core.scope import scope
from tests.factories import NOW, PartnerFactory


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


@pytest.fixture
def partner(db):
    return PartnerFactory()


def accounts(owner_id, currency: str = "USD", partner_id=None) -> tuple[LedgerAccount, LedgerAccount]:
    """A source without a floor and a fund that can't be overdrawn."""
    source = ledger.account("test.source", owner_id, currency)
    return source, ledger.account("test.fund", owner_id, currency, partner_id=partner_id, floor=Decimal(0))


def tell(partner, legs) -> Event:
    return record("moved", partner, by=SYSTEM, at=NOW, partner_id=partner.pk, data=ledger.told(legs))


def pay(partner, source, target, amount: str) -> LedgerTransaction:
    legs = ledger.move(source, target, usd(amount))
    return ledger.post(tell(partner, legs), legs)


def balance(account: LedgerAccount) -> Decimal:
    return LedgerAccount.objects.get(pk=account.pk).balance


def raw(sql: str, *values) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.django_db
class TestPosting:
    def test_money_that_moves_is_gone_here_and_there_now(self, partner):
        source, fund = accounts(partner.pk)
        pay(partner, source, fund, "100.10")
        pay(partner, fund, source, "0.10")
        assert (balance(source), balance(fund)) == (Decimal("-100.00"), Decimal("100.00"))
        assert ledger.wrong() == []

    def test_an_account_is_opened_once(self, partner):
        assert accounts(partner.pk) == accounts(partner.pk)

    def test_a_fund_can_not_be_overdrawn_and_nothing_of_the_posting_stays(self, partner):
        source, fund = accounts(partner.pk)
        pay(partner, source, fund, "100.00")
        with pytest.raises(ledger.Overdrawn) as refusal, transaction.atomic():
            pay(partner, fund, source, "100.01")
        assert refusal.value.code == "balance_insufficient"
        assert balance(fund) == Decimal("100.00")
        assert LedgerTransaction.objects.count() == 1

    def test_legs_that_do_not_balance_are_refused(self, partner):
        source, fund = accounts(partner.pk)
        legs = [ledger.Leg(source, usd("-1.00")), ledger.Leg(fund, usd("0.99"))]
        with pytest.raises(ValueError, match="do not balance"):
            ledger.post(tell(partner, legs), legs)

    def test_an_amount_is_of_its_accounts_currency(self, partner):
        source, _fund = accounts(partner.pk)
        _source, euros = accounts(partner.pk, "EUR")
        legs = ledger.move(source, euros, usd("1.00"))
        with pytest.raises(CurrencyMismatch):
            ledger.post(tell(partner, legs), legs)

    def test_an_event_that_tells_of_other_money_moves_none(self, partner):
        legs = ledger.move(*accounts(partner.pk), usd("1.00"))
        other = tell(partner, ledger.move(*accounts(partner.pk), usd("2.00")))
        with pytest.raises(ValueError, match="does not tell"):
            ledger.post(other, legs)

    def test_an_event_moves_money_once(self, partner):
        legs = ledger.move(*accounts(partner.pk), usd("1.00"))
        event = tell(partner, legs)
        ledger.post(event, legs)
        with pytest.raises(IntegrityError), transaction.atomic():
            ledger.post(event, legs)

    def test_a_partner_that_moves_money_sees_its_own_account_alone(self, partner):
        source, fund = accounts(partner.pk, partner_id=partner.pk)
        with scope(Actor(kind="partner", partner_ids=frozenset({partner.pk}))):
            pay(partner, source, fund, "5.00")
            connection.check_constraints()
            assert [a.pk for a in LedgerAccount.objects.all()] == [fund.pk]
            assert [e.amount for e in LedgerEntry.objects.all()] == [Decimal("5.00")]


@pytest.mark.django_db
class TestTheDatabaseRefuses:
    """What the application's own user can't do, whatever its code says."""

    @pytest.fixture
    def paid(self, partner) -> LedgerTransaction:
        return pay(partner, *accounts(partner.pk), "7.00")

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE core_ledgerentry SET amount = amount + 0.01",
            "DELETE FROM core_ledgerentry",
            "TRUNCATE core_ledgerentry CASCADE",
            "UPDATE core_ledgertransaction SET at = now()",
            "DELETE FROM core_ledgertransaction",
            "UPDATE core_ledgeraccount SET balance = balance + 0.01",
            "UPDATE core_ledgeraccount SET floor = NULL",
            "DELETE FROM core_ledgeraccount",
            "ALTER TABLE core_ledgerentry DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
        ],
    )
    def test_editing_and_removing(self, paid, sql):
        with pytest.raises(DatabaseError):
            raw(sql)

    def test_an_account_that_opens_full(self, partner):
        with pytest.raises(DatabaseError, match="opens empty"), transaction.atomic():
            LedgerAccount.objects.create(kind="test.x", owner_id=partner.pk, currency="USD", balance=Decimal(5))

    def _entries(self, partner, *legs: tuple[LedgerAccount, str, str]) -> None:
        move = LedgerTransaction.objects.create(event=tell(partner, []), at=NOW)
        for place, (account, amount, currency) in enumerate(legs):
            LedgerEntry.objects.create(
                transaction=move, place=place, account=account, amount=Decimal(amount), currency=currency
            )
        connection.check_constraints()  # what the commit would do

    def test_one_leg(self, partner):
        with pytest.raises(DatabaseError, match="sum to zero"), transaction.atomic():
            self._entries(partner, (accounts(partner.pk)[0], "1.00", "USD"))

    def test_no_leg(self, partner):
        with pytest.raises(DatabaseError, match="sum to zero"), transaction.atomic():
            self._entries(partner)

    def test_two_legs_a_cent_apart(self, partner):
        source, fund = accounts(partner.pk)
        with pytest.raises(DatabaseError, match="sum to zero"), transaction.atomic():
            self._entries(partner, (source, "-1.00", "USD"), (fund, "1.01", "USD"))

    def test_two_currencies_that_seem_to_sum_up(self, partner):
        source, fund = accounts(partner.pk)[0], accounts(partner.pk, "EUR")[1]
        with pytest.raises(DatabaseError, match="sum to zero"), transaction.atomic():
            self._entries(partner, (source, "-1.00", "USD"), (fund, "1.00", "EUR"))

    def test_a_leg_in_another_currency_than_its_account(self, partner):
        source, fund = accounts(partner.pk)
        with pytest.raises(DatabaseError, match="ledger_entry_currency"), transaction.atomic():
            self._entries(partner, (source, "-1.00", "EUR"), (fund, "1.00", "EUR"))

    def test_a_leg_of_nothing(self, partner):
        source, fund = accounts(partner.pk)
        with pytest.raises(DatabaseError, match="ledger_entry_moves"), transaction.atomic():
            self._entries(partner, (source, "0.00", "USD"), (fund, "0.00", "USD"))


def _in_scope(work) -> None:
    with scope(SYSTEM):
        work()


@pytest.mark.committed
class TestCommitted:
    def test_a_pair_added_to_an_earlier_transaction_is_refused(self, committed):
        with scope(SYSTEM):
            partner = PartnerFactory()
            source, fund = accounts(partner.pk)
            earlier = pay(partner, source, fund, "3.00")
        pair = [
            LedgerEntry(transaction=earlier, place=place, account=account, amount=Decimal(amount), currency="USD")
            for place, (account, amount) in enumerate(((source, "-1.00"), (fund, "1.00")), 2)
        ]
        with pytest.raises(DatabaseError, match="written with their transaction"):
            _in_scope(lambda: LedgerEntry.objects.bulk_create(pair))

    def test_of_many_who_draw_at_once_only_as_many_succeed_as_there_is_money_for(self, committed):
        with scope(SYSTEM):
            partner = PartnerFactory()
            source, fund = accounts(partner.pk)
            pay(partner, source, fund, "500.00")
        start, paid, refused = threading.Barrier(12), [], []

        def draw() -> None:
            start.wait()
            for _round in range(10):
                try:
                    _in_scope(lambda: pay(partner, fund, source, "10.00"))
                    paid.append(1)
                except ledger.Overdrawn:
                    refused.append(1)
            connections.close_all()

        threads = [threading.Thread(target=draw) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with scope(SYSTEM):
            assert (len(paid), len(refused), balance(fund)) == (50, 70, Decimal(0))
            assert ledger.wrong() == []

    def test_two_postings_over_the_same_accounts_do_not_lock_up(self, committed):
        with scope(SYSTEM):
            partner = PartnerFactory()
            one, two = accounts(partner.pk)[0], ledger.account("test.other", partner.pk, "USD")
        faults = []

        def swap(here: LedgerAccount, there: LedgerAccount) -> None:
            try:
                for _round in range(40):
                    _in_scope(lambda: pay(partner, here, there, "1.00"))
            except DatabaseError as error:
                faults.append(error)
            connections.close_all()

        threads = [threading.Thread(target=swap, args=pair) for pair in ((one, two), (two, one))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with scope(SYSTEM):
            assert (faults, balance(one), ledger.wrong()) == ([], Decimal(0), [])

    @pytest.mark.parametrize(
        ("tampering", "words"),
        [
            ("UPDATE core_ledgerentry SET amount = amount + 0.01 WHERE place = 1", "does not sum to zero"),
            ("UPDATE core_ledgeraccount SET balance = balance + 0.01", "is not the sum of its entries"),
            (
                "UPDATE core_ledgerentry SET amount = amount * 2; UPDATE core_ledgeraccount SET balance = balance * 2",
                "are not those that its event tells of",
            ),
            (
                "DELETE FROM core_ledgerentry; DELETE FROM core_ledgertransaction; "
                "UPDATE core_ledgeraccount SET balance = 0",
                "tells of money that never moved",
            ),
        ],
    )
    def test_verify_finds_what_a_superuser_changed(self, committed, tampering, words):
        with scope(SYSTEM):
            partner = PartnerFactory()
            pay(partner, *accounts(partner.pk), "9.99")
            assert verify.verify(NOW)["ledger"] == []
        with closing(psycopg2.connect(committed.place.url("postgres", committed.name))) as mighty:
            with mighty.cursor() as cursor:
                cursor.execute(f"SET session_replication_role = replica; {tampering}")
            mighty.commit()
        with scope(SYSTEM):
            assert [words in found for found in verify.verify(NOW)["ledger"]].count(True) >= 1


def test_legs_are_told_with_cents():
    account = LedgerAccount(pk=uuid7(), currency="USD")
    assert ledger.told([ledger.Leg(account, usd("5"))]) == {"ledger": [[f"lac_{account.pk.hex}", "5.00"]]}
