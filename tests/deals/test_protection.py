"""What happens to a protected deal: more time, handing over, taking back, breaches, the line, the end and the way back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from core import bulk, deliver, timers
from core.errors import Forbidden, IllegalTransition, Refused, Stale
from core.models import Delivery, Event
from core.scope import scope
from deals import protected, services
from deals.enums import CaseOutcome, PartnerRole, Stage, Status, TransferBasis
from deals.models import (
    Account,
    Breach,
    ConflictCase,
    Extension,
    Opportunity,
    OpportunityPartner,
    Registration,
    Revocation,
)
from deals.particulars import BreachDecision, Closing, Handover, Progress, Reason, Resolution, WinProposal
from partners.models import Product, Program
from tests.factories import NOW, MembershipFactory

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=10)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def settle(at) -> None:
    """Everything that follows from what happened."""
    while deliver.deliver_due(at + timedelta(days=400)):
        pass
    assert list(Delivery.objects.exclude(error="").values_list("reaction", "error")) == []


@pytest.fixture
def deal(market) -> Registration:
    return market.approved()


@pytest.fixture
def ada(cast):
    return cast.actor("ada")


@pytest.fixture
def mona(cast):
    return cast.actor("mona")


@pytest.fixture
def olga(cast):
    return cast.actor("olga")


def direct(deal, **values) -> Opportunity:
    known = {"account": deal.account, "product": deal.product, "amount": 9, "opened_on": NOW.date(), "name": "Direct"}
    return Opportunity.objects.create(**known | values)


# --- more time -------------------------------------------------------------------------------------------------------


def test_an_extension_is_asked_for_granted_and_moves_the_end(deal, ada, mona):
    end = deal.protection_expires_at
    extension = services.request_extension(deal, Reason("The board meets in March."), by=ada, at=LATER)
    assert extension.due_at == LATER + timedelta(days=4, hours=5)  # Thursday to Monday at 17:00: two working days
    services.grant_extension(extension, Reason("Good luck."), by=mona, at=LATER)
    deal.refresh_from_db()
    assert (deal.status, deal.protection_expires_at) == (Status.APPROVED, end + timedelta(days=30))
    assert deal.grace_until == end + timedelta(days=37)


def test_an_extension_is_asked_for_once_at_a_time_and_with_a_reason(deal, ada):
    with pytest.raises(Refused) as silent:
        services.request_extension(deal, Reason(""), by=ada, at=LATER)
    assert silent.value.field == "text"
    services.request_extension(deal, Reason("More."), by=ada, at=LATER)
    with pytest.raises(Refused, match="asked for an extension already"):
        services.request_extension(deal, Reason("More."), by=ada, at=LATER)


def test_an_extension_is_refused_with_words_and_changes_nothing(deal, ada, mona):
    end = deal.protection_expires_at
    extension = services.request_extension(deal, Reason("More."), by=ada, at=LATER)
    services.refuse_extension(extension, Reason("The customer told us no."), by=mona, at=LATER)
    deal.refresh_from_db()
    assert (extension.status, extension.answer, deal.protection_expires_at) == (
        "refused", "The customer told us no.", end,
    )  # fmt: skip


def test_a_program_may_extend_nothing(deal, ada):
    Program.objects.update(policy={"extension": {"mode": "none"}})
    deal = Registration.objects.get(pk=deal.pk)
    with pytest.raises(Refused, match="extends no protection"):
        services.request_extension(deal, Reason("More."), by=ada, at=LATER)


def test_a_partner_cannot_grant_itself_more_time(deal, ada):
    extension = services.request_extension(deal, Reason("More."), by=ada, at=LATER)
    with pytest.raises(Forbidden):
        services.grant_extension(extension, Reason(""), by=ada, at=LATER)


def test_far_more_value_is_reviewed_again(deal, ada):
    services.report_progress(deal, Progress(amount=Decimal(60_000)), by=ada, at=LATER)
    assert deal.status == Status.APPROVED
    services.report_progress(deal, Progress(amount=Decimal(72_000)), by=ada, at=LATER)
    assert deal.status == Status.IN_REVIEW


def test_a_close_after_the_protection_is_reviewed_again(deal, ada):
    services.report_progress(deal, Progress(expected_close_on=date(2027, 2, 21)), by=ada, at=LATER)
    assert deal.status == Status.APPROVED
    services.report_progress(deal, Progress(expected_close_on=date(2027, 2, 22)), by=ada, at=LATER)
    assert deal.status == Status.IN_REVIEW


# --- taking back -----------------------------------------------------------------------------------------------------


def test_two_people_revoke(deal, mona, olga):
    revocation = services.propose_revocation(deal, Reason("Broke the rules."), by=mona, at=LATER)
    assert Registration.objects.get(pk=deal.pk).status == Status.APPROVED
    with pytest.raises(Forbidden) as alone:
        services.confirm_revocation(revocation, by=mona, at=LATER)
    assert alone.value.code == "four_eyes_required"
    services.confirm_revocation(revocation, by=olga, at=LATER)
    assert Registration.objects.get(pk=deal.pk).status == Status.REVOKED
    assert Event.objects.get(type="deal_registration.revoked").data["text"] == "Broke the rules."


def test_the_database_refuses_one_pair_of_eyes_too(deal, mona):
    revocation = services.propose_revocation(deal, Reason("Why."), by=mona, at=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revocation.objects.filter(pk=revocation.pk).update(status="granted", decided_at=LATER, decided_by_id=mona.id)


def test_the_partner_learns_nothing_of_a_mere_proposal(deal, ada, mona):
    services.propose_revocation(deal, Reason("Secret."), by=mona, at=LATER)
    with scope(ada):
        assert list(Revocation.objects.all()) == []
        assert Event.objects.filter(type="revocation.requested").count() == 0


def test_the_console_says_why_one_person_is_not_enough(deal, cast, mona):
    services.propose_revocation(deal, Reason("Why."), by=mona, at=LATER)
    address = reverse("admin:protection_verb", args=[deal.reference, "revocation-confirm"])
    assert signed_in(cast.mona).post(address).status_code == 403
    assert signed_in(cast.olga).post(address).status_code == 302


# --- handing over ----------------------------------------------------------------------------------------------------


def test_both_partners_agree_and_the_vendor_confirms(deal, market, ada, mona):
    cobalt, cy = market.cast.cobalt, market.cast.actor("cy")
    with scope(ada):
        transfer = services.offer_transfer(deal, Handover(cobalt.reference), by=ada, at=LATER)
    with pytest.raises(Refused, match="hasn't agreed yet"):
        services.confirm_transfer(transfer, Reason(""), by=mona, at=LATER)
    with scope(cy):
        seen = protected.offered_to(cy).get()
        assert seen.account_name == "Contoso Ltd"
        assert list(Registration.objects.all()) == []
        services.agree_to_transfer(seen, by=cy, at=LATER)
    transfer.refresh_from_db()
    services.confirm_transfer(transfer, Reason(""), by=mona, at=LATER)
    successor = transfer.successor
    assert Registration.objects.get(pk=deal.pk).status == Status.TRANSFERRED
    assert (successor.partner, successor.status, successor.submitted_at) == (cobalt, Status.APPROVED, NOW)
    assert successor.protection_expires_at == deal.protection_expires_at
    roles = set(OpportunityPartner.objects.values_list("partner__name", "role", "share_percent"))
    assert roles == {("Cobalt", PartnerRole.SOURCING, Decimal(100)), ("Cobalt", PartnerRole.SELLING, None)}


def test_the_customers_letter_is_enough_and_must_be_told(deal, market, mona):
    with pytest.raises(Refused) as silent:
        services.hand_over(deal, Handover(market.cast.cobalt.reference), by=mona, at=LATER)
    assert silent.value.field == "text"
    letter = "Mrs. Alves wrote on 2 December that Cobalt is to deliver."
    transfer = services.hand_over(deal, Handover(market.cast.cobalt.reference, letter), by=mona, at=LATER)
    assert (transfer.basis, transfer.status, transfer.successor.partner) == (
        TransferBasis.CUSTOMER_LETTER, "granted", market.cast.cobalt,
    )  # fmt: skip


@pytest.mark.parametrize("number", ["P-ZZZZZ", "nonsense", ""])
def test_a_deal_goes_to_members_of_its_program_alone(deal, ada, number):
    with pytest.raises(Refused, match="No other partner in this program"):
        services.offer_transfer(deal, Handover(number), by=ada, at=LATER)


def test_a_partner_of_another_program_is_as_unknown_as_none(deal, ada):
    stranger = MembershipFactory().partner
    with pytest.raises(Refused, match="No other partner in this program"):
        services.offer_transfer(deal, Handover(stranger.reference), by=ada, at=LATER)


def test_a_third_partner_cannot_answer_an_offer(deal, market, ada):
    transfer = services.offer_transfer(deal, Handover(market.cast.cobalt.reference), by=ada, at=LATER)
    with pytest.raises(IllegalTransition):
        services.agree_to_transfer(transfer, by=ada, at=LATER)


def test_the_offered_deal_has_a_page_for_the_taker_alone(deal, market, ada, cast):
    transfer = services.offer_transfer(deal, Handover(cast.cobalt.reference), by=ada, at=LATER)
    address = reverse("portal:transfer", args=[transfer.public_id])
    page = signed_in(cast.cy).get(address)
    assert page.context["may_answer"] is True
    assert b"48,000" not in page.content
    signed_in(cast.cy).post(reverse("portal:transfer_verb", args=[transfer.public_id, "decline"]))
    transfer.refresh_from_db()
    assert transfer.status == "refused"


# --- breaches --------------------------------------------------------------------------------------------------------


def test_a_direct_deal_on_the_protection_is_a_breach_found_once(deal):
    other = direct(deal)
    assert [b.registration_id for b in services.find_breaches([other.pk], at=LATER)] == [deal.pk]
    assert services.find_breaches([other.pk], at=LATER) == []
    assert Event.objects.filter(type="breach.opened", partner_id=deal.partner_id).count() == 1


def test_what_is_no_breach(deal, market, cast):
    other = Product.objects.create(sku="OTHER", name="Other", family="Other")
    old = direct(deal, opened_on=NOW.date() - timedelta(days=1))
    elsewhere = direct(deal, product=other)
    partnered = direct(deal)
    OpportunityPartner.objects.create(opportunity=partnered, partner=cast.cobalt, role=PartnerRole.SELLING)
    lost = direct(deal, stage=Stage.LOST, closed_on=NOW.date())
    found = services.find_breaches([old.pk, elsewhere.pk, partnered.pk, lost.pk, deal.opportunity_id], at=LATER)
    assert found == []


def test_the_scope_is_the_programs(deal):
    other = Product.objects.create(sku="OTHER", name="Other", family="Other")
    elsewhere = direct(deal, product=other)
    Program.objects.update(policy={"scope": "opportunity"})
    assert services.find_breaches([direct(deal).pk], at=LATER) == []
    Program.objects.update(policy={"scope": "account"})
    assert len(services.find_breaches([elsewhere.pk], at=LATER)) == 1


def test_daughters_count_where_the_program_ticks_them(deal):
    daughter = type(deal.account).objects.create(name="Contoso Iberia", parent=deal.account)
    grandchild = type(deal.account).objects.create(name="Contoso Porto", parent=daughter)
    below = direct(deal, account=grandchild)
    assert services.find_breaches([below.pk], at=LATER) == []
    Program.objects.update(policy={"with_subsidiaries": True})
    assert len(services.find_breaches([below.pk], at=LATER)) == 1


def test_a_load_is_searched_as_a_whole(deal, mona):
    ours, theirs = direct(deal), direct(deal, opened_on=NOW.date() - timedelta(days=400))
    batch = bulk.Batch(mona, LATER)
    rows = "SELECT id, 'created', version, NULL::uuid, '{}'::jsonb FROM deals_opportunity"
    bulk.write_events(batch, Opportunity, f"{rows} WHERE id IN (%(a)s, %(b)s)", {"a": ours.pk, "b": theirs.pk})
    bulk.loaded(batch, "opportunity", [], created=2)
    settle(LATER)
    assert list(Breach.objects.values_list("opportunity_id", flat=True)) == [ours.pk]


def test_what_our_team_opened_while_the_partner_waited_is_found_at_approval(market):
    waiting = market.sent()
    account = Account.objects.create(name="Contoso Ltd", normal_name=waiting.normal_name, domain="contoso.com")
    Opportunity.objects.create(account=account, product=waiting.product, amount=1, opened_on=NOW.date())
    services.approve(waiting, by=market.cast.actor("mona"), at=NOW)
    settle(NOW)
    assert list(Breach.objects.values_list("registration_id", flat=True)) == [waiting.pk]


def test_the_reaction_finds_it_and_both_sides_see_it(deal, cast, ada, mona):
    other = direct(deal)
    from core.events import record  # noqa: PLC0415 - as a service would

    record("created", other, by=mona, at=LATER)
    settle(LATER)
    page = signed_in(cast.ada).get(deal.get_absolute_url())
    assert [line.state.text for line in page.context["breaches"]] == ["Being settled"]
    assert b"Direct" not in page.content
    queue = signed_in(cast.mona).get(reverse("admin:index"))
    assert [row.cells[1] for row in queue.context["table"].rows] == ["Breach"]


def test_a_compensated_partner_sells_along_in_the_direct_opportunity(deal, mona):
    other = direct(deal)
    (breach,) = services.find_breaches([other.pk], at=LATER)
    services.settle_breach(breach, BreachDecision("compensated", "Both of you sell."), by=mona, at=LATER)
    assert list(other.partners.values_list("partner_id", "role")) == [(deal.partner_id, "co_sell")]


def test_a_breach_is_settled_once_with_a_reason_the_partner_reads(deal, cast, mona, olga):
    (breach,) = services.find_breaches([direct(deal).pk], at=LATER)
    again = Breach.objects.get(pk=breach.pk)
    address = reverse("admin:protection_verb", args=[deal.reference, "breach"])
    words = {"breach": breach.public_id, "outcome": "honoured", "reason": "Our rep has closed it."}
    assert signed_in(cast.mona).post(address, words).status_code == 302
    with pytest.raises(Stale):
        services.settle_breach(again, BreachDecision("broken", "No."), by=olga, at=LATER)
    page = signed_in(cast.ada).get(deal.get_absolute_url())
    assert [line.said for line in page.context["breaches"]] == ["Our rep has closed it."]


# --- the line --------------------------------------------------------------------------------------------------------


@pytest.fixture
def second(market, deal, mona) -> Registration:
    """Cobalt's registration, in line behind Acme's."""
    second = market.sent("cy")
    case = ConflictCase.objects.get(registration=second)
    services.resolve(case, Resolution(CaseOutcome.FIRST_WINS, "Earlier.", winner="other"), by=mona, at=NOW)
    second.refresh_from_db()
    assert second.queued_behind == deal
    return second


def test_the_next_in_line_moves_up_when_the_first_is_released(deal, second, ada):
    with scope(ada):
        services.release(deal, Reason("Lost interest."), by=ada, at=LATER)
    settle(LATER)
    second.refresh_from_db()
    assert (second.queued_behind, second.due_at.date()) == (None, date(2026, 12, 7))
    assert Event.objects.filter(type="deal_registration.moved_up", subject_id=second.pk).count() == 1


def test_the_next_in_line_waits_for_the_end_of_the_grace(deal, second):
    for moment in (deal.protection_expires_at, deal.grace_until - timedelta(microseconds=1)):
        while timers.ring(moment):
            pass
    settle(deal.grace_until)
    second.refresh_from_db()
    assert second.queued_behind == deal
    while timers.ring(deal.grace_until):
        pass
    second.refresh_from_db()
    assert second.queued_behind is None


def test_a_lost_deal_keeps_first_right_for_thirty_days(deal, second, mona):
    services.close(deal.opportunity, Closing(Stage.LOST, LATER.date()), by=mona, at=LATER)
    settle(LATER)
    deal.refresh_from_db()
    second.refresh_from_db()
    assert deal.first_right_until.date() == date(2027, 1, 3)
    assert second.queued_behind == deal
    while timers.ring(deal.first_right_until):
        pass
    second.refresh_from_db()
    assert second.queued_behind is None


def test_a_won_deal_ends_the_line(deal, second, mona):
    services.close(deal.opportunity, Closing(Stage.WON, LATER.date()), by=mona, at=LATER)
    settle(LATER)
    second.refresh_from_db()
    assert (second.status, second.rejection_code) == (Status.REJECTED, "already_registered")


# --- the end and the way back ----------------------------------------------------------------------------------------


def test_a_won_deal_that_is_reopened_goes_on_with_the_days_that_were_left(deal, mona):
    left = deal.protection_expires_at - LATER
    services.close(deal.opportunity, Closing(Stage.WON, LATER.date()), by=mona, at=LATER)
    back = LATER + timedelta(days=200)
    opportunity = Opportunity.objects.get(pk=deal.opportunity_id)
    services.reopen(opportunity, by=mona, at=back)
    deal.refresh_from_db()
    assert (opportunity.stage, opportunity.closed_on) == (Stage.OPEN, None)
    assert (deal.status, deal.closed_at) == (Status.APPROVED, None)
    assert (deal.protection_expires_at - back).days == left.days
    while timers.ring(deal.protection_expires_at):
        pass
    deal.refresh_from_db()
    assert deal.status == Status.EXPIRED


def test_the_partner_proposes_a_win_and_the_vendor_alone_closes(deal, cast, ada, mona):
    client = signed_in(cast.ada)
    address = reverse("portal:deal_verb", args=[deal.reference, "order"])
    words = {"number": "PO-4711", "closed_on": "2026-12-01", "amount": "50,000"}
    assert client.post(address, words).status_code == 302
    assert Registration.objects.get(pk=deal.pk).status == Status.APPROVED
    assert [row.reference for row in protected.proposed_wins(mona)] == [deal.reference]
    page = signed_in(cast.mona).get(deal.get_protection_url())
    assert [one["request"].kind for one in page.context["requests"]] == ["order"]
    close = reverse("admin:protection_verb", args=[deal.reference, "win"])
    assert signed_in(cast.mona).post(close, {"closed_on": "2026-12-01", "amount": "50,000"}).status_code == 302
    deal.refresh_from_db()
    assert (deal.status, deal.opportunity.amount) == (Status.WON, Decimal(50_000))
    assert list(protected.proposed_wins(mona)) == []


def test_a_refused_order_can_be_sent_again(deal, ada, mona):
    order = WinProposal("PO-1", LATER.date())
    services.propose_win(deal, order, by=ada, at=LATER)
    with pytest.raises(Refused, match="sent an order already"):
        services.propose_win(deal, order, by=ada, at=LATER)
    services.refuse_win(deal, Reason("Of another customer."), by=mona, at=LATER)
    services.propose_win(deal, order, by=ada, at=LATER)
    assert protected.proposed_win(deal).number == "PO-1"


def test_pages_offer_what_is_open_to_the_reader(deal, cast):
    page = signed_in(cast.ada).get(deal.get_absolute_url())
    offered = {
        name for name in ("release", "progress", "extend", "transfer", "order") if f"{name}_form" in page.context
    }
    assert offered == {"release", "progress", "extend", "transfer", "order"}
    console = signed_in(cast.mona).get(deal.get_protection_url())
    assert [one["verb"] for one in console.context["more"]] == ["hand-over", "revoke", "win", "lose"]
    assert Extension.objects.count() == 0


# --- mails -----------------------------------------------------------------------------------------------------------


def test_every_mail_can_be_written(deal, market, cast, ada, mona, mailoutbox):
    services.propose_revocation(deal, Reason("Why."), by=mona, at=LATER)
    services.refuse_extension(
        services.request_extension(deal, Reason("More."), by=ada, at=LATER), Reason("No."), by=mona, at=LATER
    )
    services.propose_win(deal, WinProposal("PO-1", LATER.date()), by=ada, at=LATER)
    services.refuse_win(deal, Reason("Of another."), by=mona, at=LATER)
    (breach,) = services.find_breaches([direct(deal).pk], at=LATER)
    services.settle_breach(breach, BreachDecision("different", "Another project."), by=mona, at=LATER)
    transfer = services.offer_transfer(deal, Handover(cast.cobalt.reference), by=ada, at=LATER)
    services.refuse_transfer(transfer, Reason("Not now."), by=mona, at=LATER)
    services.hand_over(deal, Handover(cast.cobalt.reference, "The customer wrote."), by=mona, at=LATER)
    mailoutbox.clear()
    settle(LATER)
    subjects = sorted((m.to[0].partition("@")[0], m.subject) for m in mailoutbox if "Contoso" in m.subject)
    assert ("cy", "Another partner offers you Contoso Ltd") in subjects
    assert ("olga", "A second person is needed: Contoso Ltd (Acme)") in subjects
    assert ("mona", "Won? Contoso Ltd (Acme)") in subjects
    assert ("ada", "Contoso Ltd: our own team is on your deal") in subjects
    assert ("cy", "Contoso Ltd is yours until 21 Feb 2027") in subjects
    assert "Cobalt" not in "".join(m.body for m in mailoutbox if m.to[0].startswith("ada"))
