"""A lead from its arrival to a deal, or back to the vendor; time passes by timers."""

from datetime import UTC, datetime, timedelta

import pytest

from core import timers
from core.actor import SYSTEM
from core.errors import Forbidden, IllegalTransition, Refused
from core.models import Event, Timer
from core.scope import scope
from deals import services
from deals.enums import LeadStatus, OfferStatus, PartnerRole, VendorSource
from deals.lead_particulars import Ending, No, OfferTo, Report
from deals.models import Lead, LeadOffer, LeadRanking, Registration
from deals.particulars import Reason
from deals.services import leads, offers
from partners.models import Partner
from tests.deals.leads.conftest import pass_time, state
from tests.factories import NOW

pytestmark = pytest.mark.django_db
L, F = LeadStatus, OfferStatus


def told(subject) -> list[str]:
    return list(Event.objects.filter(subject_id=subject.pk).order_by("id").values_list("type", flat=True))


def offers_of(lead_id) -> list[tuple[str, str]]:
    rows = LeadOffer.objects.filter(lead_id=lead_id).order_by("rank")
    return [(row.partner.name, row.status) for row in rows.select_related("partner")]


def test_a_lead_goes_to_the_best_ranked_partner_and_becomes_a_deal(desk):
    offer = desk.offered()
    assert offers_of(offer.lead_id) == [("Acme", F.OFFERED)]
    ada = desk.cast.actor("ada")
    with scope(ada):
        offers.accept(LeadOffer.objects.get(pk=offer.pk), by=ada, at=NOW)
        lead = Lead.objects.get(pk=offer.lead_id)
        leads.work(lead, Report("Called Dora.", "Demo on Friday"), by=ada, at=NOW)
        draft = leads.begin_deal(lead, by=ada, at=NOW)
        again = leads.begin_deal(lead, by=ada, at=NOW)
        assert (draft.pk, draft.lead_id, draft.contact_email) == (again.pk, lead.pk, "dora@canary-werke.example")
        claim = desk.market.acme
        services.redraft(draft, claim, by=ada, at=NOW)
        services.submit(draft, by=ada, at=NOW)
    assert (state(lead), Registration.objects.get(pk=draft.pk).lead_id) == (L.CONVERTED, lead.pk)
    assert told(lead)[-4:] == ["lead.offered", "lead.accepted", "lead.worked", "lead.converted"]


@pytest.mark.parametrize(
    ("source", "origin", "roles"),
    [
        ("inbound", VendorSource.INBOUND, {PartnerRole.SELLING}),
        ("event", VendorSource.MARKETING, {PartnerRole.SELLING}),
        ("sales", VendorSource.SALES_OUTBOUND, {PartnerRole.SELLING}),
        ("campaign", VendorSource.NONE, {PartnerRole.SOURCING, PartnerRole.SELLING}),
    ],
)
def test_a_converted_lead_stays_ours_and_the_partner_sells_it(desk, source, origin, roles):
    ada, mona = desk.cast.actor("ada"), desk.cast.actor("mona")
    deal = leads.begin_deal(desk.accepted(source=source), by=ada, at=NOW)
    services.redraft(deal, desk.market.acme, by=ada, at=NOW)
    services.submit(deal, by=ada, at=NOW)
    deal = services.approve(deal, by=mona, at=NOW)
    assert deal.opportunity.vendor_source == origin
    assert {row.role for row in deal.opportunity.partners.all()} == roles


def test_a_declined_lead_goes_to_the_next_and_then_comes_back(desk):
    first = desk.offered()
    offers.decline(first, No("no_capacity", "Full."), by=desk.cast.actor("ada"), at=NOW)
    assert offers_of(first.lead_id) == [("Acme", F.DECLINED), ("Cobalt", F.OFFERED)]
    second = LeadOffer.objects.get(status=F.OFFERED)
    offers.decline(second, No("not_our_field"), by=desk.cast.actor("cy"), at=NOW)
    lead = Lead.objects.get(pk=first.lead_id)
    assert (lead.status, lead.partner, lead.due_at) == (L.RETURNED, None, None)
    assert [r.at for r in LeadRanking.objects.order_by("pk")] == [NOW, NOW]


def test_the_rule_says_how_many_are_asked(desk):
    type(desk.rule).objects.update(offers=1)
    first = desk.offered()
    offers.decline(first, No("no_capacity"), by=desk.cast.actor("ada"), at=NOW)
    assert (offers_of(first.lead_id), Lead.objects.get().status) == ([("Acme", F.DECLINED)], L.RETURNED)


def test_what_nobody_answers_goes_round_by_itself(desk):
    """NOW is a Monday noon: 5 working hours are left of that day, 8 of each that follows."""
    offer = desk.offered()
    assert offer.due_at == datetime(2026, 11, 26, 12, tzinfo=UTC)
    timers.ring(offer.due_at - timedelta(seconds=1))
    assert offers_of(offer.lead_id) == [("Acme", F.OFFERED)]
    timers.ring(offer.due_at)
    assert offers_of(offer.lead_id) == [("Acme", F.TIMED_OUT), ("Cobalt", F.OFFERED)]
    pass_time(NOW + timedelta(days=20), since=offer.due_at)
    assert offers_of(offer.lead_id) == [("Acme", F.TIMED_OUT), ("Cobalt", F.TIMED_OUT)]
    assert Lead.objects.get().status == L.RETURNED
    assert Timer.objects.filter(done_at=None).count() == 0


def test_a_hot_lead_waits_four_working_hours_and_the_weekend_is_none(desk):
    friday = datetime(2026, 11, 27, 15, tzinfo=UTC)
    assert desk.offered(friday, temperature="hot").due_at == datetime(2026, 11, 30, 11, tzinfo=UTC)


def test_hours_are_those_of_the_partners_place(desk):
    Partner.objects.filter(pk=desk.cast.acme.pk).update(time_zone="America/New_York")
    assert desk.offered(temperature="hot").due_at == datetime(2026, 11, 23, 18, tzinfo=UTC)


def test_an_offer_is_reminded_half_way_and_an_hour_before(desk):
    offer = desk.offered()
    pass_time(offer.due_at - timedelta(minutes=1), timedelta(hours=1))
    assert told(offer) == ["lead_offer.offered", "lead_offer.reminded", "lead_offer.reminded"]


def test_after_its_time_an_offer_cannot_be_accepted_even_before_the_bell(desk):
    offer = desk.offered()
    with pytest.raises(Refused, match="time to answer has ended"):
        offers.accept(offer, by=desk.cast.actor("ada"), at=offer.due_at)
    assert state(Lead.objects.get()) == L.OFFERED


def test_without_a_first_contact_a_lead_goes_stale_and_is_taken_back(desk):
    lead = desk.accepted()
    assert lead.due_at == datetime(2026, 12, 1, 12, tzinfo=UTC)
    pass_time(lead.due_at - timedelta(minutes=1))
    assert (state(lead), told(lead)[-1]) == (L.ACCEPTED, "lead.reminded")
    timers.ring(lead.due_at)
    assert state(lead) == L.STALE
    lead.refresh_from_db()
    timers.ring(lead.due_at)
    lead.refresh_from_db()
    assert (lead.status, lead.partner, lead.accepted_at) == (L.RETURNED, None, None)
    assert offers_of(lead.pk) == [("Acme", F.RECALLED)]
    with scope(desk.cast.actor("ada")):
        assert not Lead.objects.filter(pk=lead.pk).exists()


def test_news_keep_a_lead_and_wake_a_stale_one(desk):
    lead, ada = desk.working(), desk.cast.actor("ada")
    assert lead.due_at == datetime(2026, 12, 8, tzinfo=UTC)  # the end of the local day, 14 days on
    timers.ring(lead.due_at)
    stale = Lead.objects.get()
    assert stale.status == L.STALE
    leads.work(stale, Report("They are back from holiday."), by=ada, at=lead.due_at)
    pass_time(lead.due_at + timedelta(days=13), since=lead.due_at)
    assert (state(lead), Lead.objects.get().first_contact_at) == (L.WORKING, NOW)


def test_a_lead_taken_back_can_be_offered_again_to_another(desk):
    lead, mona = desk.working(), desk.cast.actor("mona")
    leads.recall(lead, Reason("They asked for someone else."), by=mona, at=NOW)
    later = NOW + timedelta(hours=1)
    offers.offer(lead, by=mona, at=later)
    assert offers_of(lead.pk) == [("Acme", F.RECALLED), ("Cobalt", F.OFFERED)]


def test_an_offer_taken_back_before_an_answer_does_not_bar_the_partner(desk):
    offer, mona = desk.offered(), desk.cast.actor("mona")
    lead = Lead.objects.get()
    leads.recall(lead, Reason("Wrong region."), by=mona, at=NOW)
    again = offers.offer(lead, by=mona, at=NOW + timedelta(hours=1))
    assert again.partner_id == offer.partner_id


def test_a_manager_may_choose_the_partner_but_not_one_that_declined(desk):
    lead, mona = desk.new(), desk.cast.actor("mona")
    offer = offers.offer(lead, OfferTo(desk.cast.cobalt), by=mona, at=NOW)
    assert offer.partner == desk.cast.cobalt
    offers.decline(offer, No("other", "No."), by=desk.cast.actor("cy"), at=NOW)
    lead.refresh_from_db()
    leads.recall(lead, Reason("Stop."), by=mona, at=NOW)
    with pytest.raises(Refused, match="Cobalt can't get this lead: it had this lead already: declined"):
        offers.offer(lead, OfferTo(desk.cast.cobalt), by=mona, at=NOW)


def test_without_a_rule_somebody_must_choose(desk):
    type(desk.rule).objects.update(match={"countries": ["BR"]})
    with pytest.raises(Refused, match="No routing rule fits"):
        desk.offered()


def test_a_direct_rule_asks_its_partner_alone(desk):
    type(desk.rule).objects.update(mode="direct", partner=desk.cast.cobalt)
    offer = desk.offered()
    offers.decline(offer, No("conflict"), by=desk.cast.actor("cy"), at=NOW)
    assert (offers_of(offer.lead_id), Lead.objects.get().status) == ([("Cobalt", F.DECLINED)], L.RETURNED)


@pytest.mark.parametrize("status", ["suspended", "offboarding", "offboarded"])
def test_who_does_not_work_with_us_gets_none_and_takes_none(desk, status):
    offer = desk.offered()
    Partner.objects.filter(pk=desk.cast.acme.pk).update(status=status)
    with pytest.raises(Refused):
        offers.accept(LeadOffer.objects.get(pk=offer.pk), by=desk.cast.actor("ada"), at=NOW)
    other = desk.offered(account_name="Another one", website="another.example")
    assert other.partner == desk.cast.cobalt


def test_both_sides_can_close_a_lead_with_a_reason(desk):
    lead = desk.accepted()
    leads.disqualify(lead, Ending("no_budget", "Next year."), by=desk.cast.actor("ada"), at=NOW)
    assert (lead.status, lead.closed_at, lead.due_at) == (L.DISQUALIFIED, NOW, None)
    fresh = desk.new(account_name="Spam", website="")
    leads.disqualify(fresh, Ending("not_real"), by=desk.cast.actor("mona"), at=NOW)
    assert Timer.objects.filter(done_at=None, subject_id=lead.pk).count() == 0


@pytest.mark.parametrize("who", ["finn", "eve", "root", "ada"])
def test_others_enter_and_route_no_leads(desk, who):
    actor, lead = desk.cast.actor(who), desk.new()
    with pytest.raises(Forbidden):
        leads.qualify(lead, by=actor, at=NOW)
    with pytest.raises(Forbidden):
        offers.offer(lead, by=actor, at=NOW)


def test_what_the_state_forbids_is_refused(desk):
    lead = desk.accepted()
    with pytest.raises(IllegalTransition):
        offers.offer(lead, by=desk.cast.actor("mona"), at=NOW)
    leads.disqualify(lead, Ending("no_need"), by=SYSTEM, at=NOW)
    with pytest.raises(IllegalTransition):
        leads.work(lead, Report("Hello"), by=desk.cast.actor("ada"), at=NOW)
