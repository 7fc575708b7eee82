"""Mails about tiers: each step, to whom, with the fact and the day in the subject."""

from datetime import date, timedelta

import pytest
from django.core import mail

from core import deliver
from core.clock import now
from core.timers import ring
from tests.tiers.conftest import acme, program  # noqa: F401 - fixtures
from tests.tiers.standing import AT, closes, fresh, many, open_review, stands_on, tier
from tiers import services
from tiers.models import Fact
from tiers.particulars import Decision, Demotion, OverrideTerms, Plan, Waiver, Wish, Words

pytestmark = pytest.mark.django_db
BO, MONA, OLGA, MARK = (f"{name}@{place}.example" for name, place in (
    ("bo", "acme"), ("mona", "northwind"), ("olga", "northwind"), ("mark", "northwind"),
))  # fmt: skip
NOTICE_OVER = AT + timedelta(days=62)


def delivered() -> list[tuple[list[str], str]]:
    mail.outbox.clear()
    while deliver.deliver_due(now()):
        pass
    return sorted((message.to, message.subject) for message in mail.outbox)


@pytest.fixture
def enrolled(acme):  # noqa: F811
    """Acme in the program, with nothing left to deliver: its own deals were counted."""
    delivered()
    return acme


@pytest.fixture
def silver(enrolled):
    member = stands_on(enrolled, "Silver", 1)
    delivered()
    return member


def below(member):
    closes(member)
    found = open_review(member)
    delivered()
    return found


def test_a_move_up_is_put_before_the_manager_and_then_told(enrolled, cast):
    closes(enrolled, *many(1))
    assert delivered() == [([MONA], "Decide by Mon 30 Nov, 17:00 (UTC): Acme to Silver")]
    services.promote(open_review(enrolled), Decision("Well done"), by=cast.actor("mona"), at=AT)
    assert delivered() == [([BO], "You're Silver from today")]
    assert "New for you:\n– Funds from the co-marketing budget\n– Leads we pass on to you\n" in mail.outbox[0].body


def test_a_move_up_put_off_is_told_with_its_reason(enrolled, cast):
    closes(enrolled, *many(1))
    services.defer(open_review(enrolled), Decision("In spring", date(2027, 3, 1)), by=cast.actor("mona"), at=AT)
    assert delivered() == [([BO], "Not yet: Silver")]  # the letter that asks is overtaken
    assert "In spring" in mail.outbox[0].body


def test_a_tier_at_risk_is_told_to_both_with_the_day_and_what_is_missing(silver):
    closes(silver, date(2027, 2, 20))
    assert delivered() == [
        ([BO], "Silver ends after 19 Feb 2027 unless: 1 more closed deal"),
        ([MONA], "At risk: Acme keeps Silver until 19 Feb 2027"),
    ]


def test_a_tier_no_longer_reached_is_told_to_both(silver):
    closes(silver)
    assert delivered() == [
        ([BO], "The figures no longer reach Silver"),
        ([MONA], "Below: Acme no longer reaches Silver"),
    ]


def test_a_notice_is_told_reminded_and_then_put_before_who_did_not_give_it(silver, cast):
    services.give_notice(below(silver), Words("No deals"), by=cast.actor("mona"), at=AT)
    first = delivered()
    ring(AT + timedelta(days=50))
    second = delivered()
    ring(NOTICE_OVER)
    told = [([BO], "Silver ends after 22 Jan 2027 unless: 1 more closed deal")]
    assert (first, second, delivered()) == (told, told, [([OLGA], "Decide: the notice for Acme has run")])


def test_a_notice_is_told_too_where_no_figure_can_say_what_is_missing(silver, cast):
    services.give_notice(below(silver), Words("No deals"), by=cast.actor("mona"), at=AT)
    Fact.objects.filter(membership=silver).update(value=99)
    assert delivered() == [([BO], "Silver ends after 22 Jan 2027 unless: the requirements of Silver")]


def test_a_move_down_is_told_once_where_it_takes_effect_at_once(silver, cast):
    review = services.give_notice(below(silver), Words(""), by=cast.actor("mona"), at=AT)
    delivered()
    services.demote(review, Demotion("No deals"), by=cast.actor("olga"), at=NOTICE_OVER)
    assert delivered() == [([BO], "You're Registered from today")]


def test_a_move_down_on_a_later_day_is_told_before_and_on_the_day(silver, cast):
    review = services.give_notice(below(silver), Words(""), by=cast.actor("mona"), at=AT)
    delivered()
    services.demote(review, Demotion("No deals", date(2027, 2, 15)), by=cast.actor("olga"), at=NOTICE_OVER)
    before = delivered()
    ring(NOTICE_OVER + timedelta(days=60))
    assert (before, delivered()) == (
        [([BO], "Silver ends: you move to Registered on 15 Feb 2027")], [([BO], "You're Registered from today")],
    )  # fmt: skip


def test_a_waiver_and_a_tier_reached_again_are_told(silver, cast):
    review = below(silver)
    closes(silver, *many(1))
    first = delivered()
    review = below(silver)
    services.waive(review, Waiver("Their buyer changed", date(2027, 3, 31)), by=cast.actor("mona"), at=AT)
    assert (first, delivered()) == ([([BO], "You keep Silver")], [([BO], "You keep Silver until 31 Mar 2027")])


def test_an_exception_asks_the_others_and_then_tells_the_partner(silver, cast):
    terms = OverrideTerms(tier("Gold"), "Launch", date(2026, 12, 1), date(2027, 3, 31))
    override = services.propose_override(fresh(silver), terms, by=cast.actor("mona"), at=AT)
    first = delivered()
    services.agree_override(override, by=cast.actor("olga"), at=AT)
    assert (first, delivered()) == (
        [([OLGA], "A second person is needed: Acme to Gold")], [([BO], "Gold from 1 Dec 2026 until 31 Mar 2027")],
    )  # fmt: skip


def test_a_request_goes_to_who_answers_and_the_answer_to_who_asked(silver, cast):
    type(silver).objects.filter(pk=silver.pk).update(tier=tier("Platinum"))
    request = services.ask_for(fresh(silver), Wish("joint_pr", "A note"), by=cast.actor("ada"), at=AT)
    first = delivered()
    services.agree_to(request, Plan("Gladly", next_on=date(2026, 12, 10)), by=cast.actor("mark"), at=AT)
    assert (first, delivered()) == (
        [([MARK, MONA], "Press campaign from Acme · answer by Mon 30 Nov, 17:00 (UTC)")],
        [(["ada@acme.example"], "Agreed: Press campaign")],
    )


def test_the_yearly_review_is_told_to_the_manager(silver):
    type(silver).objects.filter(pk=silver.pk).update(next_review_on=date(2026, 12, 1))
    services.plan_review(fresh(silver))
    ring(AT + timedelta(days=10))
    assert delivered() == [([MONA], "Review due: Acme")]
