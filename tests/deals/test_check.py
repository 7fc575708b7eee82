"""What the duplicate check finds, and what it says."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.scope import scope
from deals import check, services
from deals.enums import CaseOutcome, CaseStatus, Coverage, Verdict
from deals.matching import index
from deals.models import Account, AccountAlias, ConflictCase, Opportunity
from deals.normalise import normal_name
from deals.particulars import Resolution
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(market):
    """The check as Cobalt's people start it."""

    def ask(website="", name="", country="PT", email="", who="cobalt") -> check.Findings:
        customer = check.Customer.of(website, name, country, email)
        partner = getattr(market.cast, who)
        with scope(market.cast.actor("cy" if who == "cobalt" else "ada")):
            return check.find(customer, partner_id=partner.pk, product_id=market.product.pk, ignore=None, at=NOW)

    return ask


def account(name: str, **more) -> Account:
    row = Account.objects.create(name=name, normal_name=normal_name(name), **more)
    index.renew(row)
    return row


def rivals(found: check.Findings) -> list[str]:
    return [match.registration.account_name for match in found.matches if match.verdict != Verdict.YOURS]


def test_the_same_domain_is_a_conflict_whatever_the_name(market, look):
    market.sent("ada")
    assert look("contoso.com", "Something else").verdict == Verdict.CONFLICT


def test_a_name_as_good_as_equal_is_a_conflict(market, look):
    market.sent("ada", account_name="Zanderfield Chemicals Ltd", website="")
    found = look("", "Zanderfeild Chemicals")
    assert (found.verdict, found.matches[0].parts["name"], found.matches[0].parts["alike"] > 0.9) == (
        Verdict.CONFLICT, False, True,
    )  # fmt: skip


def test_a_name_of_the_group_is_a_possible_match(market, look):
    market.sent("ada", account_name="Zanderfield Chemicals Ltd", website="zanderfield.example")
    assert look("", "Zanderfield Iberia").verdict == Verdict.POSSIBLE


def test_two_domains_and_one_name_are_a_possible_match(market, look):
    market.sent("ada", account_name="Zanderfield", website="zanderfield.example")
    assert look("zanderfield-pt.example", "Zanderfield").verdict == Verdict.POSSIBLE


def test_the_same_name_in_another_country_is_clear(market, look):
    market.sent("ada", account_name="Zanderfield", website="")
    assert look("", "Zanderfield", country="BR").verdict == Verdict.CLEAR


def test_the_contacts_mail_domain_finds_the_customer_and_free_mail_never(market, look):
    market.sent("ada")
    assert look("", "Unheard of", email="rui@contoso.com").verdict == Verdict.POSSIBLE
    market.sent("ada", account_name="Gee", website="gmail.com")
    assert look("", "Unheard of", email="rui@gmail.com").verdict == Verdict.CLEAR


def test_an_alias_finds_our_customer(look):
    row = account("Zanderfield Chemicals", customer_since=NOW.date())
    index.renew(AccountAlias.objects.create(account=row, name="Blimpworth"))
    found = look("", "Blimpworth Ltd")
    assert (found.verdict, found.matches[0].account, found.matches[0].parts["known_as"]) == (
        Verdict.POSSIBLE, row, "Blimpworth",
    )  # fmt: skip


def test_a_subsidiary_of_a_house_account_is_a_possible_match(look):
    house = account("Quorvex Holding", coverage=Coverage.HOUSE)
    account("Zanderfield", domain="zanderfield.example", parent=house)
    found = look("zanderfield.example", "Zanderfield")
    assert (found.verdict, found.matches[0].parts["belongs_to"]) == (Verdict.POSSIBLE, "Quorvex Holding")


def test_a_deal_of_our_own_team_is_found_by_a_misspelt_name(look):
    row = account("Zanderfield Chemicals")
    direct = Opportunity.objects.create(account=row, opened_on=NOW.date())
    assert look("", "Zanderfeild Chemicals").matches[0].opportunity == direct


def test_ones_own_deal_on_a_namesake_is_no_obstacle(market, look):
    market.sent("ada", account_name="Zanderfield Chemicals", website="zanderfield.example")
    assert look("zanderfield-logistics.example", "Zanderfield Logistics", who="acme").own is None


def test_what_was_told_apart_is_never_asked_again(market, look):
    market.sent("ada", account_name="Zanderfield Chemicals", website="zanderfield.example")
    market.sent("cy", account_name="Zanderfield Iberia", website="iberia.example")
    case = ConflictCase.objects.get(status=CaseStatus.OPEN)
    apart = Resolution(outcome=CaseOutcome.DIFFERENT, reason="Two companies.")
    services.resolve(case, apart, by=market.cast.actor("mona"), at=NOW + timedelta(hours=1))
    assert rivals(look("iberia.example", "ZANDERFIELD IBERIA")) == []
    assert rivals(look("other.example", "Zanderfield Iberia")) == ["Zanderfield Chemicals"]


def test_a_check_costs_the_same_queries_whatever_it_finds(market, look):
    market.sent("ada")
    market.sent("ada", account_name="Zanderfield Chemicals", website="zanderfield.example")
    account("Quorvex", domain="quorvex.example", customer_since=NOW.date())
    counts = set()
    for website, name in (("nobody.example", "Wuzzle"), ("contoso.com", "Contoso"), ("quorvex.example", "Zanderfield")):
        with CaptureQueriesContext(connection) as asked:
            look(website, name)
        counts.add(len(asked))
    assert len(counts) == 1


@pytest.mark.parametrize("text", ["\0", "x" * 10_000, "😀", "'; --"])
def test_any_text_can_be_checked(look, text):
    assert look(text, text, "PT", text).verdict in (Verdict.CLEAR, Verdict.UNKNOWN)
