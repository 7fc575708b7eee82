"""Mails about earnings: paid, come back, bank details, disputes. Each names the figure and what to do."""

from decimal import Decimal

import pytest
from django.core import mail

from core.actor import SYSTEM
from earnings.models import EarningLine, Payout
from earnings.particulars import Objection, Verdict
from earnings.services import dispute, payouts, refuse_dispute, uphold
from tests.earnings.paying import ACCOUNT, IN_OCTOBER, answered, finance, owe, sent
from tests.factories import NOW
from tests.notifications.test_late_mails import sent_late

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(cast) -> EarningLine:
    """1,000.00 USD that we owe Acme, whose bank account we know; nothing is left to deliver."""
    payouts.set_bank_details(cast.acme, ACCOUNT, by=SYSTEM, at=NOW.replace(month=1))
    found = owe(cast.acme, 1000)
    sent_late()
    return found


def test_new_bank_details_are_told_to_every_admin(cast):
    payouts.set_bank_details(cast.acme, ACCOUNT, by=cast.actor("bo"), at=NOW)
    assert sent_late() == ["bo: Bank details of Acme have changed"]
    assert "Bo entered new bank details for Acme, Mon 23 Nov, 12:00 (UTC): account PT•••• 0154." in mail.outbox[0].body


def test_what_was_paid_is_told_with_account_and_reference(line):
    run = sent(finance("Fin"), finance("Fay"))
    answered(run, by=finance("Flo"))
    payout = Payout.objects.get()
    assert sent_late() == ["bo: Paid: 1,000.00 USD"]
    assert (
        f"We paid you 1,000.00 USD, payout {payout.reference}. It went to the account PT•••• 0154. "
        f"Reference of the bank: B-{payout.reference}." in mail.outbox[0].body
    )


def test_what_came_back_says_why_and_what_to_do(line):
    run = sent(finance("Fin"), finance("Fay"))
    answered(run, by=finance("Flo"), paid=False)
    assert sent_late() == ["bo: Came back: 1,000.00 USD · check your bank details"]
    assert "It says: Account closed.\n\nCheck your bank details." in mail.outbox[0].body


def test_a_dispute_names_the_line_and_the_day(line, cast):
    dispute(line, Objection("We agreed on 12%."), by=cast.actor("bo"), at=IN_OCTOBER)
    assert sent_late() == [
        f"finn: Acme disputes {line.reference}, 1,000.00 USD · answer by Sat 7 Nov, 12:00 (UTC)",
    ]


def test_a_dispute_that_was_answered_asks_nobody_any_more_and_says_who_was_right(line, cast):
    one = dispute(line, Objection("We agreed on 12%."), by=cast.actor("bo"), at=IN_OCTOBER)
    uphold(one, Verdict("Indeed.", Decimal(1200)), by=cast.actor("finn"), at=NOW)
    assert sent_late() == [f"bo: You are right: {line.reference}, 1,000.00 USD"]
    words = f"You disputed the line {line.reference} over 1,000.00 USD, and you are right. Our answer:\n\nIndeed."
    assert words in mail.outbox[0].body


def test_a_line_that_stands_is_told_with_the_reason(line, cast):
    one = dispute(line, Objection("We agreed on 12%."), by=cast.actor("bo"), at=IN_OCTOBER)
    refuse_dispute(one, Verdict("The rule says 10%."), by=cast.actor("finn"), at=NOW)
    assert sent_late() == [f"bo: {line.reference} stays as it is: 1,000.00 USD"]
    assert f"/portal/earnings/lines/{line.reference}/" in mail.outbox[0].body
