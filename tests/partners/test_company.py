"""Partner companies: who adds and changes them, contacts, keys, and what time does."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from core.errors import Forbidden, Refused, Stale
from core.models import Event
from core.scope import scope
from partners import rules, services
from partners.actors import actor_of_key
from partners.models import Contact, Invitation, Partner
from partners.particulars import Care, Company, KeyTerms, Person
from partners.tasks import expire_invitations
from tests.factories import NOW, ApiKeyFactory, ContactFactory, InvitationFactory, PartnerFactory


def test_a_new_partner_has_a_reference_a_domain_and_an_event(cast):
    told = Company("Newco", website="https://www.Newco.example/about")
    partner = services.register(told, by=cast.actor("mona"), at=NOW)
    partner.refresh_from_db()
    assert (partner.reference[:2], partner.domain, partner.joined_on) == ("P-", "newco.example", NOW.date())
    assert Event.objects.get(type="partner.created").partner_id == partner.pk


@pytest.mark.parametrize("person", ["bo", "mark", "finn", "eve", "root"])
def test_without_the_right_nobody_adds_a_partner(cast, person):
    with pytest.raises(Forbidden):
        services.register(Company("Newco"), by=cast.actor(person), at=NOW)


def test_an_edit_writes_down_what_moved(cast):
    services.edit(cast.acme, replace(Company.of(cast.acme), region="APAC"), by=cast.actor("mona"), at=NOW)
    assert Event.objects.get(type="partner.updated").data == {"changes": {"region": ["EMEA", "APAC"]}}


def test_an_edit_of_nothing_leaves_no_trace(cast):
    services.edit(cast.acme, Company.of(cast.acme), by=cast.actor("mona"), at=NOW)
    assert Event.objects.filter(type="partner.updated").count() == 0


def test_a_partners_admin_changes_the_profile_and_no_more(cast):
    bo = cast.actor("bo")
    with scope(bo):
        services.edit(cast.acme, replace(Company.of(cast.acme), country="DE"), by=bo, at=NOW)
        with pytest.raises(Forbidden):
            services.edit(cast.acme, replace(Company.of(cast.acme), name="Other"), by=bo, at=NOW)
    cast.acme.refresh_from_db()
    assert (cast.acme.country, cast.acme.name) == ("DE", "Acme")


def test_another_company_is_behind_the_second_wall(cast):
    bo = cast.actor("bo")
    with scope(bo), pytest.raises(Stale):
        services.edit(cast.cobalt, replace(Company.of(cast.cobalt), country="DE"), by=bo, at=NOW)


def test_of_two_edits_of_one_state_the_second_is_stale(cast):
    again = Partner.objects.get(pk=cast.acme.pk)
    services.edit(cast.acme, replace(Company.of(cast.acme), country="DE"), by=cast.actor("mona"), at=NOW)
    with pytest.raises(Stale):
        services.edit(again, replace(Company.of(again), country="FR"), by=cast.actor("olga"), at=NOW)


def test_a_time_zone_that_is_none_is_refused(cast):
    with pytest.raises(Refused) as refused:
        services.register(Company("Newco", time_zone="Moon/Sea"), by=cast.actor("mona"), at=NOW)
    assert refused.value.field == "time_zone"


def test_a_change_of_manager_names_nobody_but_ids(cast):
    services.set_manager(cast.acme, Care(cast.olga), by=cast.actor("mona"), at=NOW)
    told = Event.objects.get(type="partner.manager_changed").data
    assert told == {"changes": {"manager": [cast.mona.public_id, cast.olga.public_id]}}


@pytest.mark.parametrize(
    ("website", "domain"),
    [("https://www.Acme.example/x", "acme.example"), ("acme.example:8080", "acme.example"), ("", ""), ("www.", "")],
)
def test_the_domain_of_a_website(website, domain):
    assert rules.domain_of(website) == domain


# --- contacts ---------------------------------------------------------------------------------------------------------


def test_an_address_stands_once_in_a_partners_contacts(cast):
    ContactFactory(partner=cast.acme, email="lee@acme.example")
    with pytest.raises(Refused) as refused:
        services.add_contact(cast.acme, Person("Lee", "LEE@acme.example"), by=cast.actor("mona"), at=NOW)
    assert refused.value.code == "email_taken"


def test_there_is_one_main_contact(cast):
    first = services.add_contact(cast.acme, Person("A", "a@x.example", is_primary=True), by=cast.actor("mona"), at=NOW)
    services.add_contact(cast.acme, Person("B", "b@x.example", is_primary=True), by=cast.actor("bo"), at=NOW)
    first.refresh_from_db()
    assert (first.is_primary, Contact.objects.filter(is_primary=True).count()) == (False, 1)


def test_the_event_of_a_contact_names_fields_and_never_what_they_held(cast):
    contact = ContactFactory(partner=cast.acme)
    services.edit_contact(contact, replace(Person.of(contact), phone="+351912345678"), by=cast.actor("mona"), at=NOW)
    assert Event.objects.get(type="contact.updated").data == {"fields": ["phone"]}


@pytest.mark.parametrize("person", ["ada", "eve", "finn"])
def test_without_the_right_nobody_changes_contacts(cast, person):
    with pytest.raises(Forbidden):
        services.remove_contact(ContactFactory(partner=cast.acme), by=cast.actor(person), at=NOW)


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_partners_admin_makes_keys_for_the_own_company(cast):
    bo = cast.actor("bo")
    with scope(bo):
        key, token = services.issue_key(KeyTerms("Ours", ("partners:read",), cast.acme), by=bo, at=NOW)
    actor = actor_of_key(key)
    assert (token.startswith(key.hint), actor.partner_ids, actor.sees_all) == (True, {cast.acme.pk}, False)


@pytest.mark.parametrize("person", ["bo", "ada", "olga", "mona"])
def test_only_administrators_make_keys_that_see_all(cast, person):
    with pytest.raises(Forbidden):
        services.issue_key(KeyTerms("All", ("*",)), by=cast.actor(person), at=NOW)


def test_a_key_is_revoked_once(cast):
    key = ApiKeyFactory()
    services.revoke_key(key, by=cast.actor("root"), at=NOW)
    with pytest.raises(Stale):
        services.revoke_key(key, by=cast.actor("root"), at=NOW)


# --- time -------------------------------------------------------------------------------------------------------------


def test_the_sweep_ends_invitations_that_nobody_used(cast):
    InvitationFactory(partner=cast.acme)
    InvitationFactory(partner=cast.acme, expires_at=NOW + timedelta(days=30))
    with time_machine.travel(NOW + timedelta(days=8), tick=False):
        assert (expire_invitations(), expire_invitations()) == (1, 0)
    assert sorted(Invitation.objects.values_list("status", flat=True)) == ["expired", "sent"]


def test_partners_of_other_programs_are_no_strangers_to_the_vendor(cast):
    other = PartnerFactory()
    assert Partner.objects.visible_to(cast.actor("eve")).filter(pk=other.pk).exists()
