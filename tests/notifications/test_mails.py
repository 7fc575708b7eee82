"""Mails about registrations: who gets which, once."""

import pytest
from django.core import mail

from core import deliver
from core.clock import now
from core.models import Delivery, DeliveryState
from deals import services
from deals.particulars import Question, Rejection
from tests.deals.conftest import market  # noqa: F401 - a fixture
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def delivered() -> list[tuple[list[str], str]]:
    deliver.deliver_due(now())
    return sorted((message.to, message.subject) for message in mail.outbox)


def test_a_sent_registration_is_told_to_both_sides(market):  # noqa: F811
    market.sent()
    assert delivered() == [
        (["ada@acme.example"], "Received: Contoso Ltd · answer by Wed 25 Nov, 17:00 (UTC)"),
        (
            ["mona@northwind.example"],
            "Decide by Wed 25 Nov, 17:00 (UTC): Contoso Ltd, 48,000.00 USD (Acme)",
        ),
    ]


def test_the_approval_says_until_when_and_stands_in_the_thread(market):  # noqa: F811
    deal = market.approved()
    subject = "Approved: Contoso Ltd is yours until 21 Feb 2027"
    assert (["ada@acme.example"], subject) in delivered()
    approval = next(m for m in mail.outbox if m.subject == subject)
    assert approval.extra_headers["References"].startswith(f"<{deal.pk.hex}@")
    assert deal.get_absolute_url() in approval.body


def test_a_second_delivery_sends_nothing(market):  # noqa: F811
    market.sent()
    first = delivered()
    assert delivered() == first
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.DONE}


def test_a_withdrawn_draft_is_nobodys_news(market):  # noqa: F811
    services.withdraw(market.draft(), by=market.cast.actor("ada"), at=NOW)
    assert delivered() == []


def test_question_and_refusal_carry_the_words(market):  # noqa: F811
    deal, mona = market.sent(), market.cast.actor("mona")
    services.ask(deal, Question("Who is the buyer?"), by=mona, at=NOW)
    delivered()
    assert "Who is the buyer?" in next(m.body for m in mail.outbox if m.subject.startswith("Question"))
    other = market.sent("cy", website="fabrikam.com", account_name="Fabrikam")
    services.reject(other, Rejection("incomplete", "Name the product."), by=mona, at=NOW)
    delivered()
    refusal = next(m for m in mail.outbox if m.subject == "Not approved: Fabrikam")
    assert (refusal.to, "Name the product." in refusal.body) == (["cy@cobalt.example"], True)


def test_without_a_manager_operations_is_told(market):  # noqa: F811
    type(market.cast.acme).objects.filter(pk=market.cast.acme.pk).update(manager=None)
    market.sent()
    assert [to for to, subject in delivered() if subject.startswith("Decide")] == [["olga@northwind.example"]]
