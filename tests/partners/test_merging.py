"""Two partners become one."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from core.actor import SYSTEM
from core.errors import Forbidden, Refused, Stale
from core.events import name_of
from core.models import Event
from core.scope import scope
from deals.models import ConflictCase, Lead, Opportunity, OpportunityPartner, Registration
from metrics.services import recompute
from partners import services
from partners.actors import actor_for, key_of
from partners.models import Contact, Invitation, Member, Merge, Partner
from partners.particulars import Joining, Words
from partners.services import Pair
from prm.reactions import TABLE
from prm.seed.load import PROGRAM
from tests.deals.conftest import make_market
from tests.factories import (
    NOW,
    ApiKeyFactory,
    ContactFactory,
    InvitationFactory,
    MembershipFactory,
    StaffFactory,
)
from tiers.models import Fact, ProgramMembership
from tiers.services import load_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(cast):
    return make_market(cast)


@pytest.fixture
def oda(db):
    """A second person of channel operations."""
    return StaffFactory(name="Oda", staff_role="channel_operations")


def merge(cast, oda) -> Merge:
    """Cobalt goes into Acme."""
    row = services.propose_merge(cast.acme, Joining(cast.cobalt, "One company."), by=cast.actor("olga"), at=NOW)
    return services.carry_out_merge(row, by=actor_for(oda), at=NOW)


def sent(market, who: str, days_ago: int) -> Registration:
    """A registration of both.example, sent so many days ago."""
    deal = market.sent(who, website="both.example")
    Registration.objects.filter(pk=deal.pk).update(submitted_at=NOW - timedelta(days=days_ago))
    deal.refresh_from_db()
    return deal


def test_who_proposes_does_not_carry_out(cast, oda):
    row = services.propose_merge(cast.acme, Joining(cast.cobalt, "One."), by=cast.actor("olga"), at=NOW)
    with pytest.raises(Forbidden) as refusal:
        services.carry_out_merge(row, by=cast.actor("olga"), at=NOW)
    assert refusal.value.code == "four_eyes_required"
    for name in ("mona", "finn", "root", "bo"):
        with pytest.raises(Forbidden):
            services.carry_out_merge(row, by=cast.actor(name), at=NOW)
    assert Partner.objects.get(pk=cast.cobalt.pk).merged_into is None


def test_it_is_carried_out_once(cast, oda):
    row = merge(cast, oda)
    with pytest.raises((Refused, Stale)):
        services.carry_out_merge(row, by=actor_for(oda), at=NOW)


def test_one_partner_is_proposed_once_and_not_into_itself(cast):
    services.propose_merge(cast.acme, Joining(cast.cobalt, "One."), by=cast.actor("olga"), at=NOW)
    for pair in ((cast.acme, cast.cobalt), (cast.acme, cast.acme)):
        with pytest.raises(Refused):
            services.propose_merge(pair[0], Joining(pair[1], "One."), by=cast.actor("olga"), at=NOW)


def test_people_come_along_with_their_roles(cast, oda):
    merge(cast, oda)
    assert Member.objects.get(user=cast.cy).partner == cast.acme
    assert cast.acme.pk in cast.actor("cy").partner_ids


def test_who_is_known_on_both_sides_is_one_contact_and_one_invitation(cast, oda):
    for partner in (cast.acme, cast.cobalt):
        ContactFactory(partner=partner, email="Same@x.example" if partner == cast.acme else "same@x.example")
        InvitationFactory(partner=partner, email="new@x.example")
    merge(cast, oda)
    assert Contact.objects.filter(partner=cast.acme, deleted_at=None).count() == 1
    assert sorted(Invitation.objects.values_list("status", flat=True)) == ["revoked", "sent"]


def test_keys_of_the_one_that_goes_open_nothing(cast, oda):
    ApiKeyFactory(partner=cast.cobalt, token="prm_theirs")
    merge(cast, oda)
    assert key_of("prm_theirs", NOW) is None


def test_registrations_and_their_history_belong_to_the_one_that_stays(cast, oda, market):
    deal = market.sent("cy", website="one.example")
    merge(cast, oda)
    deal.refresh_from_db()
    assert (deal.partner, deal.membership.partner, deal.status) == (cast.acme, cast.acme, "in_review")
    with scope(cast.actor("ada")) as ada:
        assert Event.objects.visible_to(ada).filter(subject_id=deal.pk).exists()


def test_of_two_on_one_scope_the_earlier_moment_is_kept(cast, oda, market):
    first, second = sent(market, "cy", 3), sent(market, "ada", 0)
    merge(cast, oda)
    first.refresh_from_db()
    second.refresh_from_db()
    assert sorted((first.status, second.status)) == ["in_review", "withdrawn"]
    kept = first if first.status == "in_review" else second
    assert kept.submitted_at == NOW - timedelta(days=3)
    assert not ConflictCase.objects.filter(status="open", registration=kept, other_registration__isnull=False).exists()


def test_a_protected_one_stays_and_takes_the_earlier_moment(cast, oda, market):
    kept = market.approved("ada", website="both.example")
    twin = sent(market, "cy", 3)
    waiting = market.draft("ada", website="later.example")
    Registration.objects.filter(pk=waiting.pk).update(queued_behind=twin)
    merge(cast, oda)
    for deal in (kept, twin, waiting):
        deal.refresh_from_db()
    assert (kept.status, kept.submitted_at) == ("approved", NOW - timedelta(days=3))
    assert (twin.status, waiting.queued_behind) == ("withdrawn", kept)


def test_of_two_protected_ones_the_second_is_released(cast, oda, market):
    market.approved("ada", website="both.example")
    other = market.approved("cy", website="other.example", account_name="Zebra Works")
    Registration.objects.filter(pk=other.pk).update(domain="both.example")
    merge(cast, oda)
    assert sorted(Registration.objects.values_list("status", flat=True)) == ["approved", "released"]


def test_different_products_are_different_deals(cast, oda, market):
    market.sent("cy", website="both.example")
    other = market.sent("ada", website="both.example")
    Registration.objects.filter(pk=other.pk).update(product=None)
    merge(cast, oda)
    assert Registration.objects.filter(partner=cast.acme, status="in_review").count() == 2


def test_shares_of_one_opportunity_add_up(cast, oda):
    deal = Opportunity.objects.create(name="Both", amount=Decimal(100), currency="USD")
    for partner, share in ((cast.acme, 60), (cast.cobalt, 40)):
        OpportunityPartner.objects.create(opportunity=deal, partner=partner, role="sourcing", share_percent=share)
    merge(cast, oda)
    rows = OpportunityPartner.objects.filter(deleted_at=None)
    assert [(row.partner, row.share_percent) for row in rows] == [(cast.acme, Decimal(100))]


def test_leads_go_along(cast, oda):
    Lead.objects.create(account_name="L", partner=cast.cobalt, status="accepted", accepted_at=NOW, received_at=NOW)
    merge(cast, oda)
    assert Lead.objects.get().partner == cast.acme


def test_places_in_programs_are_joined_and_figures_added(cast, oda, market):
    for name in ("acme", "cobalt"):
        place = ProgramMembership.objects.get(partner=getattr(cast, name))
        Fact.objects.create(partner=place.partner, membership=place, metric="certified_people", value=2, as_of=NOW)
    merge(cast, oda)
    place = ProgramMembership.objects.get(status="active")
    assert (place.partner, Fact.objects.get(membership=place, metric="certified_people").value) == (cast.acme, 4)


def test_the_tier_is_judged_on_the_union(cast, oda):
    [program] = load_program(PROGRAM, by=SYSTEM, at=NOW - timedelta(days=900))
    for who in (cast.acme, cast.cobalt):
        MembershipFactory(partner=who, program=program, tier=None)
        deal = Opportunity.objects.create(
            name=f"Deal of {who}", amount=Decimal(100), currency="USD", stage="won", closed_on=NOW.date(),
            opened_on=NOW.date(), kind="new",
        )  # fmt: skip
        OpportunityPartner.objects.create(opportunity=deal, partner=who, role="selling")
    merge(cast, oda)
    assert [name_of(reaction) for reaction in TABLE["partner.merged"]] == ["metrics.rules_changed"]
    recompute(at=NOW)
    place = ProgramMembership.objects.get(partner=cast.acme, program=program, status="active")
    assert Fact.objects.get(membership=place, metric="closed_deals_12m").value == 2


def test_the_preview_tells_and_changes_nothing(cast, market):
    market.sent("cy", website="one.example")
    before = Event.objects.count()
    moved = services.preview_merge(Pair(cast.cobalt, cast.acme), at=NOW)
    assert (moved["registrations"], moved["people"]) == (1, 1)
    assert (Event.objects.count(), Registration.objects.get().partner) == (before, cast.cobalt)


def test_the_old_address_leads_to_the_new_one(client, cast, oda):
    merge(cast, oda)
    client.force_login(cast.olga)
    answer = client.get(f"/admin/partners/{cast.cobalt.reference}/")
    assert (answer.status_code, answer.url) == (302, cast.acme.get_console_url())


def test_the_api_says_where_it_went(client, cast, oda):
    ApiKeyFactory(scopes=["*"], token="prm_ours")
    merge(cast, oda)
    answer = client.get(f"/api/v1/partners/{cast.cobalt.public_id}", HTTP_AUTHORIZATION="Bearer prm_ours")
    assert (answer.status_code, answer.json()["merged_into"]) == (410, cast.acme.public_id)


def test_what_must_always_hold_still_holds(cast, oda, market):
    sent(market, "cy", 3), sent(market, "ada", 0)
    merge(cast, oda)
    call_command("prm_verify", "--json")


def test_the_second_person_finds_it_in_the_queue_and_decides_on_its_page(client, cast, oda):
    client.force_login(cast.olga)
    where = f"/admin/partners/{cast.acme.reference}/merge/"
    assert client.post(where, {"loser": "P-00000", "reason": "x"}).status_code == 422
    made = client.post(where, {"loser": cast.cobalt.reference.lower(), "reason": "One company."})
    assert client.post(f"{made.url}carry_out/").status_code == 403
    client.force_login(oda)
    assert b"Cobalt into Acme" in client.get("/admin/?who=all").content
    page = client.get(made.url)
    assert {fact.label for fact in page.context["facts"]} >= {"People who sign in"}
    assert client.post(f"{made.url}carry_out/").status_code == 302
    assert Partner.objects.get(pk=cast.cobalt.pk).merged_into == cast.acme


def test_they_stay_two_with_a_reason(cast, oda):
    row = services.propose_merge(cast.acme, Joining(cast.cobalt, "One."), by=cast.actor("olga"), at=NOW)
    services.refuse_merge(row, Words("A sister company."), by=actor_for(oda), at=NOW)
    assert (row.status, Partner.objects.get(pk=cast.cobalt.pk).deleted_at) == ("refused", None)
