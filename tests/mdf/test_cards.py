"""What market funds say on the partner's home and in its navigation."""

from datetime import timedelta
from decimal import Decimal

import pytest

from core.money import Money
from mdf import cards, services
from mdf.models import Activity, Claim
from mdf.particulars import Words
from tests.factories import NOW
from tests.mdf.conftest import Fund

pytestmark = pytest.mark.django_db


def needs(fund: Fund, at=NOW, who: str = "bo") -> list[tuple[str, str]]:
    pending = cards.needs_you(fund.actor(who), fund.cast.acme, at) or ()
    return [(need.title, need.reason) for one in pending for need in one.needs()]


def test_a_question_a_part_and_a_draft_wait_for_the_partner(fund: Fund):
    asked, part = fund.sent(), fund.approve(fund.sent(), amounts={0: "150.00"})
    services.deciding.ask(asked, Words("Who comes?"), by=fund.actor("mona"), at=NOW)
    fund.draft()
    assert needs(fund) == [
        ("Accept what we approved for Spring", "We approved a part of it. Accept it by 30 Nov."),
        ("Answer a question on Spring", "Who comes?"),
        ("Finish your request for Spring", "Not sent yet."),
    ]
    assert part.get_absolute_url() == next(iter(cards.needs_you(fund.actor("bo"), None, NOW)[0].needs())).url


def test_a_claim_is_called_for_when_it_is_over_or_falls_due(fund: Fund):
    fund.approved()
    over = Activity.objects.get().ends_on + timedelta(days=1)
    assert needs(fund) == []
    assert needs(fund, NOW.replace(year=over.year, month=over.month, day=over.day)) == [
        ("Claim 300.00 USD for Harbour fair", "By 21 Mar 2027.")
    ]


def test_a_declined_claim_is_to_be_sent_again_until_its_day(fund: Fund):
    claim = fund.claimed(fund.approved())
    services.claims.reject(claim, Words("No logo."), by=fund.actor("mona"), at=NOW)
    assert needs(fund) == [("Send your claim for Harbour fair again", "By 7 Jan.")]
    assert needs(fund, NOW + timedelta(days=60)) == []
    assert Claim.objects.count() == 1


def test_who_may_not_ask_has_nothing_to_do(fund: Fund):
    fund.draft()
    assert needs(fund, who="ada") == []
    assert cards.nav_count(fund.actor("ada"), None, NOW) is None


def test_the_card_tells_what_is_free_now_and_what_is_set_aside(fund: Fund):
    fund.approved()
    card = cards.home_card(fund.actor("bo"), fund.cast.acme, NOW)
    assert (card.free, card.reserved) == ((Money(Decimal(2700), "USD"),), (Money(Decimal(300), "USD"),))
    later = cards.home_card(fund.actor("bo"), fund.cast.acme, NOW + timedelta(days=500))
    assert (later.free, later.reserved) == ((), (Money(Decimal(300), "USD"),))
    assert cards.home_card(fund.actor("cy"), fund.cast.cobalt, NOW) is None
