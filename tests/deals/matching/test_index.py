from datetime import timedelta

import pytest

from deals.enums import NameOf
from deals.matching import build, index
from deals.models import Account, AccountAlias, CommonKey, CustomerName, Distinct, NameKey
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def account(name: str, **more) -> Account:
    row = Account.objects.create(name=name, **more)
    index.renew(row)
    return row


def found(text: str) -> list[str]:
    return [one.name for one in index.near(text, least=0.5)]


def test_an_account_is_found_by_a_misspelt_name():
    account("Quorvex Motors AG")
    account("Zanderfield Chemicals Ltd")
    assert found("Zanderfeild Chemicals") == ["Zanderfield Chemicals Ltd"]


def test_an_account_is_found_by_its_other_name_and_means_the_account():
    row = account("Zanderfield Chemicals Ltd")
    index.renew(AccountAlias.objects.create(account=row, name="Blimpworth"))
    assert [(one.kind, one.account_id) for one in index.near("Blimpworth Inc")] == [(NameOf.ALIAS, row.pk)]


def test_a_renamed_account_is_found_by_its_new_name_alone():
    row = account("Zanderfield")
    row.name = "Quorvex"
    index.renew(row)
    assert (found("Zanderfield"), found("Quorvex")) == ([], ["Quorvex"])


def test_a_deleted_account_is_forgotten():
    row = account("Zanderfield")
    row.deleted_at = NOW
    index.renew(row)
    assert (CustomerName.objects.count(), NameKey.objects.count()) == (0, 0)


def test_a_sent_registration_is_found_and_a_draft_is_not(market):
    market.draft("ada", account_name="Blimpworth", website="blimpworth.example")
    sent = market.sent("ada", account_name="Zanderfield", website="zanderfield.example")
    assert [one.owner_id for name in ("Blimpworth", "Zanderfeild") for one in index.near(name)] == [sent.pk]


def test_what_came_without_a_service_is_caught_up_with():
    Account.objects.create(name="Zander\tfield \\N Ltd")
    gone = account("Quorvex")
    Account.objects.filter(pk=gone.pk).delete()
    assert (build.catch_up(), build.catch_up()) == (1, 0)
    assert list(CustomerName.objects.values_list("name", flat=True)) == ["Zander\tfield \\N Ltd"]
    assert NameKey.objects.count() == 1


def test_a_word_that_many_share_is_looked_up_with_another_one():
    Account.objects.bulk_create(
        Account(name=f"Zanderfield {chr(97 + n % 26)}{chr(97 + n // 26)}lorp") for n in range(150)
    )
    Account.objects.create(name="Zanderfield Quorvex")
    build.catch_up()
    assert CommonKey.objects.count() > 0
    assert found("Quorvex Zanderfeild")[0] == "Zanderfield Quorvex"
    assert len(found("Zanderfield")) == 20


@pytest.mark.parametrize("text", ["", "\0", "😀", "x" * 10_000, "'; DROP TABLE x --", "%s {} \\"])
def test_any_text_can_be_asked_for(text):
    assert found(text) == []


def test_two_customers_are_told_apart_once(market):
    mona = market.cast.actor("mona")
    pair = index.identity("a.example", "Zander"), index.identity("", "Zander Ltd")
    index.tell_apart(*pair, by=mona, at=NOW)
    index.tell_apart(*reversed(pair), by=mona, at=NOW + timedelta(days=1))
    assert [(row.decided_at, row.decided_by_id) for row in Distinct.objects.all()] == [(NOW, market.cast.mona.pk)]
    assert index.told_apart(pair[0]) == {pair[1]}


def test_equal_identities_are_never_told_apart(market):
    index.tell_apart("a|a", "a|a", by=market.cast.actor("mona"), at=NOW)
    assert Distinct.objects.count() == 0
