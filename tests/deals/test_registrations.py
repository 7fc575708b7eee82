"""A registration from draft to its end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import Forbidden, Refused, Stale
from core.models import Event
from deals import services
from deals.enums import CaseStatus, PartnerRole, Stage, Status, Verdict
from deals.models import ConflictCase, Registration
from deals.particulars import Answer, Approval, Closing, Question, Rejection, Resolution
from deals.workflow import REGISTRATION
from partners.enums import PartnerStatus
from partners.models import Agreement
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def events(subject) -> list[str]:
    return list(Event.objects.filter(subject_id=subject.pk).order_by("id").values_list("type", flat=True))


def test_a_sent_registration_is_in_review_at_once_with_its_priority_and_due_time(market):
    deal = market.sent()
    assert (deal.status, deal.submitted_at) == (Status.IN_REVIEW, NOW)
    assert deal.due_at == datetime(2026, 11, 25, 17, tzinfo=UTC)
    assert (deal.domain, deal.verdict) == ("contoso.com", Verdict.CLEAR)
    assert events(deal) == ["deal_registration.created", "deal_registration.submitted", "deal_registration.taken_up"]


def test_approval_protects_the_deal_and_opens_its_opportunity(market):
    deal = market.approved()
    assert deal.status == Status.APPROVED
    assert deal.protection_expires_at == datetime(2027, 2, 22, tzinfo=UTC)  # the end of the 90th day
    assert (deal.opportunity.amount, deal.opportunity.opened_on) == (Decimal("48000.00"), NOW.date())
    shares = set(deal.opportunity.partners.values_list("role", "share_percent"))
    assert shares == {(PartnerRole.SOURCING, Decimal("100.00")), (PartnerRole.SELLING, None)}
    assert deal.decided_label == "Mona"


def test_a_second_decision_on_what_was_read_before_is_stale(market):
    deal = market.sent()
    as_seen_by_olga = Registration.objects.get(pk=deal.pk)
    services.approve(deal, by=market.cast.actor("mona"), at=NOW)
    with pytest.raises(Stale) as lost:
        REGISTRATION.fire(as_seen_by_olga, "ask", by=market.cast.actor("olga"), at=NOW)
    assert lost.value.code == "already_decided"


def test_a_partner_cannot_decide_its_own_registration(market):
    with pytest.raises(Forbidden):
        services.approve(market.sent(), by=market.cast.actor("ada"), at=NOW)


def test_two_partners_on_one_customer_leave_an_open_conflict_that_bars_the_second(market):
    first, second = market.sent("ada"), market.sent("cy", website="contoso.com", account_name="CONTOSO Limited")
    case = ConflictCase.objects.get()
    assert (case.registration, case.other_registration) == (second, first)
    with pytest.raises(Refused) as barred:
        services.approve(second, by=market.cast.actor("mona"), at=NOW)
    assert str(barred.value) == "A conflict is open. Decide it first."
    assert services.approve(first, by=market.cast.actor("mona"), at=NOW).status == Status.APPROVED


def test_a_resolved_conflict_no_longer_bars(market):
    market.sent("ada")
    second = market.sent("cy")
    case = ConflictCase.objects.get()
    services.resolve(case, Resolution("different", "Two companies of one name."), by=market.cast.actor("mona"), at=NOW)
    assert ConflictCase.objects.get().status == CaseStatus.RESOLVED
    assert services.approve(second, by=market.cast.actor("mona"), at=NOW).status == Status.APPROVED


def test_the_same_customer_and_product_cannot_be_registered_twice_by_one_partner(market):
    first = market.sent()
    with pytest.raises(Refused) as twice:
        market.sent()
    assert first.reference in str(twice.value)


def test_a_question_stops_the_clock_and_the_answer_lets_it_run_on_in_working_hours(market):
    deal, mona, ada = market.sent(), market.cast.actor("mona"), market.cast.actor("ada")
    services.ask(deal, Question("Who is the buyer?", ("contact_name",)), by=mona, at=NOW)
    assert (deal.status, deal.due_at, deal.clock_left) == (Status.ACTION_REQUIRED, None, timedelta(hours=21))
    saturday = NOW + timedelta(days=5)
    services.answer(deal, Answer("Rui.", {"contact_name": "Rui Silva"}), by=ada, at=saturday)
    assert (deal.status, deal.submitted_at) == (Status.IN_REVIEW, NOW)
    assert deal.due_at == datetime(2026, 12, 2, 14, tzinfo=UTC)  # Monday 8, Tuesday 8, Wednesday 5 hours
    assert deal.contact_name == "Rui Silva"


def test_an_answer_changes_only_the_fields_that_were_opened(market):
    deal = market.sent()
    services.ask(deal, Question("Who?", ("contact_name",)), by=market.cast.actor("mona"), at=NOW)
    with pytest.raises(Refused) as shut:
        services.answer(deal, Answer("x", {"amount": Decimal(1)}), by=market.cast.actor("ada"), at=NOW)
    assert shut.value.field == "amount"


def test_personal_fields_stand_in_events_by_name_alone(market):
    deal = market.sent()
    services.ask(deal, Question("Who?", ("contact_name",)), by=market.cast.actor("mona"), at=NOW)
    services.answer(deal, Answer("Rui.", {"contact_name": "Rui Silva"}), by=market.cast.actor("ada"), at=NOW)
    answered = Event.objects.get(type="deal_registration.answered")
    assert answered.data["fields"] == {"contact_name": [None, None]}


def test_a_rejection_names_its_reason(market):
    deal = market.sent()
    services.reject(deal, Rejection("existing_customer", "They buy from us."), by=market.cast.actor("mona"), at=NOW)
    assert (deal.status, deal.rejection_code, deal.decision_reason) == (
        "rejected",
        "existing_customer",
        "They buy from us.",
    )


@pytest.mark.parametrize("status", [PartnerStatus.SUSPENDED, PartnerStatus.OFFBOARDING, PartnerStatus.OFFBOARDED])
def test_a_partner_that_stands_aside_gets_no_approval(market, status):
    deal = market.sent()
    type(deal.partner).objects.filter(pk=deal.partner_id).update(status=status)
    deal = Registration.objects.get(pk=deal.pk)
    with pytest.raises(Refused):
        services.approve(deal, by=market.cast.actor("mona"), at=NOW)


def test_without_an_agreement_there_is_no_approval(market):
    deal = market.sent()
    Agreement.objects.filter(partner=deal.partner).update(deleted_at=NOW)
    with pytest.raises(Refused):
        services.approve(deal, by=market.cast.actor("mona"), at=NOW)


def test_capacity_is_program_data(market):
    program = market.acme.membership.program
    type(program).objects.filter(pk=program.pk).update(policy={"capacity": 1})
    market.approved()
    second = market.sent(website="fabrikam.com", account_name="Fabrikam")
    second = Registration.objects.select_related("membership__program").get(pk=second.pk)
    with pytest.raises(Refused) as full:
        services.approve(second, by=market.cast.actor("mona"), at=NOW)
    assert "1 protected deals of 1" in str(full.value)


def test_a_won_opportunity_wins_its_registration(market):
    deal = market.approved()
    closing = Closing(Stage.WON, NOW.date(), Decimal(50000))
    services.close(deal.opportunity, closing, by=market.cast.actor("mona"), at=NOW)
    deal.refresh_from_db()
    assert (deal.status, deal.opportunity.amount) == (Status.WON, Decimal("50000.00"))


def test_past_the_grace_a_win_leaves_the_registration_as_it_is(market):
    deal = market.approved()
    long_after = deal.grace_until + timedelta(seconds=1)
    services.expire(deal, at=long_after)
    services.close(deal.opportunity, Closing(Stage.WON, long_after.date()), by=market.cast.actor("mona"), at=long_after)
    deal.refresh_from_db()
    assert deal.status == Status.EXPIRED


def test_protection_holds_to_its_last_moment_and_not_beyond(market):
    deal = market.approved()
    with pytest.raises(Refused):
        services.expire(deal, at=deal.protection_expires_at - timedelta(microseconds=1))
    services.expire(deal, at=deal.protection_expires_at)
    assert deal.status == Status.EXPIRED


def test_staff_register_on_behalf_and_it_is_shown_as_such(market):
    deal = services.register(market.acme, by=market.cast.actor("mona"), at=NOW)
    assert (deal.on_behalf, deal.partner) == (True, market.cast.acme)


def test_free_mail_domains_match_nobody(market):
    market.sent(website="someone@gmail.com", account_name="Rui Alves Lda")
    second = market.sent("cy", website="gmail.com", account_name="Quite another company")
    assert second.verdict == Verdict.CLEAR


def test_approval_note_reaches_the_timeline(market):
    deal = market.sent()
    services.approve(deal, Approval("Well found."), by=market.cast.actor("mona"), at=NOW)
    assert Event.objects.get(type="deal_registration.approved").data["text"] == "Well found."


def test_an_incomplete_draft_cannot_be_sent(market):
    draft = services.register(replace(market.acme, amount=None), by=market.cast.actor("ada"), at=NOW)
    with pytest.raises(Refused):
        services.submit(draft, by=market.cast.actor("ada"), at=NOW)
