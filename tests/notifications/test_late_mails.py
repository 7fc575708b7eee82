"""Mails that leave late, after more has happened: each is whole and true, and asks for nothing that is over."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail

from core import deliver
from core.clock import now
from deals import services
from deals.particulars import Progress, Question, Reason, Rejection
from mdf import services as funds
from mdf.particulars import Words
from tests.deals.conftest import market  # noqa: F401 - a fixture
from tests.factories import NOW
from tests.mails import holes
from tests.mdf.conftest import END, START, another, fund  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def sent_late() -> list[str]:
    """The subjects of what leaves now, each mail whole."""
    mail.outbox.clear()
    while deliver.deliver_due(now()):
        pass
    assert holes(mail.outbox) == []
    return sorted(f"{one.to[0].partition('@')[0]}: {one.subject}" for one in mail.outbox)


def test_who_answered_at_once_is_not_promised_an_answer(market):  # noqa: F811
    services.ask(market.sent(), Question("Who is the buyer?"), by=market.cast.actor("mona"), at=NOW)
    assert sent_late() == ["ada: Question on Contoso Ltd"]


def test_of_a_registration_that_was_taken_back_only_that_is_told(market):  # noqa: F811
    services.withdraw(market.sent(), by=market.cast.actor("ada"), at=NOW)
    assert sent_late() == ["mona: Withdrawn: Contoso Ltd (Acme)"]


def test_a_decline_keeps_its_reason_when_the_appeal_was_faster(market):  # noqa: F811
    deal, mona = market.sent(), market.cast.actor("mona")
    services.reject(deal, Rejection("not_qualified", "No budget."), by=mona, at=NOW)
    services.appeal(deal, Reason("There is one."), by=market.cast.actor("ada"), at=NOW + timedelta(hours=1))
    assert sent_late() == [
        "ada: Not approved: Contoso Ltd",
        "olga: Appeal by Acme: Contoso Ltd · decide by Wed 25 Nov, 17:00 (UTC)",
    ]
    declined = next(one for one in mail.outbox if one.to == ["ada@acme.example"])
    assert "We declined Contoso Ltd: Not qualified." in declined.body


def test_an_appeal_that_was_heard_asks_nobody_to_decide_it(market):  # noqa: F811
    deal, mona, olga = market.sent(), market.cast.actor("mona"), market.cast.actor("olga")
    services.reject(deal, Rejection("not_qualified", "No budget."), by=mona, at=NOW)
    services.appeal(deal, Reason("There is one."), by=market.cast.actor("ada"), at=NOW)
    services.grant_appeal(deal, Reason("Right."), by=olga, at=NOW)
    services.approve(deal, by=olga, at=NOW)
    assert sent_late() == ["ada: Approved: Contoso Ltd is yours until 21 Feb 2027", "ada: Not approved: Contoso Ltd"]


def test_a_deal_without_a_value_is_told_without_one(market):  # noqa: F811
    market.sent(motion="refer", amount=None, product=None, need="A new platform")
    due = "Wed 25 Nov, 17:00 (UTC)"
    assert sent_late() == [
        f"ada: Received: Contoso Ltd · answer by {due}",
        f"mona: Decide by {due}: Contoso Ltd (Acme)",
    ]
    assert "We have your registration: Contoso Ltd.\n" in mail.outbox[0].body


def test_a_deal_that_has_grown_is_told_with_both_values(market):  # noqa: F811
    deal = market.approved()
    services.report_progress(deal, Progress(amount=Decimal(96000)), by=market.cast.actor("ada"), at=NOW)
    told = sent_late()
    assert "ada: Contoso Ltd is in review again · answer by Wed 25 Nov, 17:00 (UTC)" in told
    again = next(one for one in mail.outbox if "in review again" in one.subject)
    assert "The value has grown from 48,000.00 to 96,000.00 USD." in again.body


def test_of_a_request_for_funds_that_was_called_off_nothing_is_asked(fund):  # noqa: F811
    request = fund.sent()
    funds.deciding.ask(request, Words("Who comes?"), by=fund.actor("mona"), at=NOW)
    funds.requests.withdraw(request, by=fund.actor("bo"), at=NOW)
    assert sent_late() == ["bo: Question on Spring", "mona: Withdrawn: Spring (Acme)"]


def test_an_approval_that_was_changed_meanwhile_is_not_told(fund):  # noqa: F811
    request = fund.approved()
    later = another(starts_on=START + timedelta(days=30), ends_on=END + timedelta(days=30))
    funds.changing.change(request, fund.plan(later), by=fund.actor("bo"), at=NOW)
    assert [one for one in sent_late() if one.startswith("bo")] == [
        "bo: Received: Spring · answer by Mon 30 Nov, 17:00 (UTC)"
    ]


def test_an_offer_that_was_accepted_is_not_made_again(fund):  # noqa: F811
    request = fund.approve(fund.sent(), amounts={0: "150.00"})
    funds.deciding.accept(request, by=fund.actor("bo"), at=NOW)
    assert sent_late() == ["mona: Accepted: 150.00 USD for Spring (Acme)"]
