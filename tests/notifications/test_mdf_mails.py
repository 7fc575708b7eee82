"""Mails about market funds: who gets which, once, and what they say."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from core import deliver
from mdf import services
from mdf.models import Activity, Request
from mdf.particulars import Words
from tests.factories import NOW
from tests.mdf.conftest import Fund, another, fund  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def delivered() -> list[tuple[list[str], str]]:
    """The mails since the last look."""
    mail.outbox.clear()
    deliver.deliver_due(timezone.now() + timedelta(days=400))
    return sorted((message.to, message.subject) for message in mail.outbox)


def body(subject: str) -> str:
    return next(message.body for message in mail.outbox if message.subject.startswith(subject))


BO, MONA, OLGA = ["bo@acme.example"], ["mona@northwind.example"], ["olga@northwind.example"]


def test_a_sent_request_is_told_to_both_sides(fund: Fund):  # noqa: F811
    fund.sent()
    assert delivered() == [
        (BO, "Received: Spring · answer by Mon 30 Nov, 17:00 (UTC)"),
        (MONA, "Decide by Mon 30 Nov, 17:00 (UTC): Spring, 300.00 USD (Acme)"),
    ]
    assert Request.objects.get().get_absolute_url() in body("Received")
    assert Request.objects.get().get_console_url() in body("Decide")


def test_an_approval_names_the_sum_the_proofs_and_the_last_day(fund: Fund):  # noqa: F811
    fund.approved()
    assert (BO, "Approved: 300.00 USD for Spring · claim by 21 Mar 2027") in delivered()
    assert "invoice, photo, list of leads or attendees, summary" in body("Approved")


def test_a_partial_approval_says_until_when_and_its_acceptance_is_told(fund: Fund):  # noqa: F811
    request = fund.approve(fund.sent(), amounts={0: "150.00"})
    subject = "Approved in part: 150.00 USD of 300.00 USD for Spring · accept by 30 Nov 2026"
    assert (BO, subject) in delivered()
    services.deciding.accept(request, by=fund.actor("bo"), at=NOW)
    assert delivered() == [(MONA, "Accepted: 150.00 USD for Spring (Acme)")]


def test_the_next_step_is_told_to_those_it_names(fund: Fund):  # noqa: F811
    type(fund.membership.program.fund_terms).objects.update(data={"second_step_from": "100"})
    fund.approve(fund.sent())
    assert (OLGA, "Your step by Mon 30 Nov, 17:00 (UTC): Spring, 300.00 USD (Acme)") in delivered()


def test_question_answer_and_refusal_carry_the_words(fund: Fund):  # noqa: F811
    request, mona = fund.sent(), fund.actor("mona")
    services.deciding.ask(request, Words("Who comes?"), by=mona, at=NOW)
    assert (BO, "Question on Spring") in delivered()
    assert "Who comes?" in body("Question")
    services.requests.answer(request, Words("Shippers."), by=fund.actor("bo"), at=NOW)
    assert [to for to, _subject in delivered()] == [MONA]
    assert "Shippers." in body("Answered")
    services.deciding.reject(request, Words("Say more."), by=mona, at=NOW)
    assert delivered() == [(BO, "Not approved: Spring")]
    assert "Say more." in body("Not approved")


def test_what_we_wrote_for_a_partner_asks_it_to_confirm_and_nobody_to_decide(fund: Fund):  # noqa: F811
    request = fund.draft(by="mark")
    services.requests.submit(request, by=fund.actor("mark"), at=NOW)
    assert delivered() == [(BO, "Confirm: Spring, asked for in your name")]
    services.requests.confirm(request, by=fund.actor("bo"), at=NOW)
    assert delivered() == [(MONA, "Confirmed: Spring (Acme) · decide by Mon 30 Nov, 17:00 (UTC)")]


def test_the_last_day_is_remembered_and_more_time_is_asked_and_given(fund: Fund):  # noqa: F811
    fund.approved()
    activity = Activity.objects.get()
    delivered()
    for days in (14, 1):
        services.executing.remind(activity, days, at=NOW)
    left = [f"{n} left to claim 300.00 USD for Harbour fair" for n in ("1 day", "14 days")]
    assert delivered() == [(BO, subject) for subject in left]
    services.executing.ask_extension(activity, Words("The agency is late."), by=fund.actor("bo"), at=NOW)
    assert delivered() == [(MONA, "More time? Harbour fair (Acme), due 21 Mar 2027")]
    services.executing.extend(activity, by=fund.actor("mona"), at=NOW)
    assert delivered() == [(BO, "More time: claim Harbour fair by 20 Apr 2027")]
    services.executing.lapse(activity, at=NOW)
    assert (BO, "Lapsed: Harbour fair was not claimed in time") in delivered()
    assert "300.00 USD set aside for it are free again" in body("Lapsed")


def test_a_claim_is_received_decided_and_paid(fund: Fund):  # noqa: F811
    claim = fund.claimed(fund.approved(), "300.00", "500.00")
    found = delivered()
    assert (BO, "Received: claim for Harbour fair · answer by Mon 30 Nov, 17:00 (UTC)") in found
    subject = "Decide by Mon 30 Nov, 17:00 (UTC): claim for Harbour fair, 300.00 USD (Acme)"
    assert (MONA, subject) in found
    services.claims.approve(claim, fund.looks(claim), by=fund.actor("mona"), at=NOW)
    partly = "Approved in part: 250.00 USD of 300.00 USD for Harbour fair · paid by 23 Dec 2026"
    assert delivered() == [(BO, partly)]
    assert "50% × 500.00 accepted cost = 250.00" in body("Approved in part")
    fund.pay(claim, "250.00")
    assert (BO, "Paid: 250.00 USD for Harbour fair, ref SEPA 1") in delivered()


def test_a_claim_that_is_not_accepted_says_until_when_to_send_it_again(fund: Fund):  # noqa: F811
    claim = fund.claimed(fund.approved())
    services.claims.ask(claim, Words("Where is the list?"), by=fund.actor("mona"), at=NOW)
    delivered()
    assert "Where is the list?" in body("Question on your claim")
    services.claims.answer(claim, Words("Here."), by=fund.actor("bo"), at=NOW)
    services.claims.reject(claim, Words("No logo."), by=fund.actor("mona"), at=NOW)
    assert (BO, "Not accepted: claim for Harbour fair · send it again by 7 Jan 2027") in delivered()


def test_drafts_are_nobodys_news(fund: Fund):  # noqa: F811
    services.requests.withdraw(fund.draft(), by=fund.actor("bo"), at=NOW)
    request = fund.approved()
    delivered()
    plan = fund.claim_plan(request.activities.get(), "10.00")
    draft = services.claims.draft(plan, by=fund.actor("bo"), at=NOW)
    services.claims.withdraw(draft, by=fund.actor("bo"), at=NOW)
    assert delivered() == []


def test_every_mail_is_whole_plain_and_drawn(fund: Fund):  # noqa: F811
    claim = fund.claimed(fund.approved(another(asked_amount=Decimal(300))))
    delivered()
    seen = list(mail.outbox)
    services.claims.approve(claim, fund.looks(claim), by=fund.actor("mona"), at=NOW)
    delivered()
    seen += mail.outbox
    for message in seen:
        assert "%(" not in message.subject + message.body
        assert "  " not in message.body.replace("\n", "")
        assert message.alternatives[0].content.count("</p>") >= 3
    assert len(seen) == 4
