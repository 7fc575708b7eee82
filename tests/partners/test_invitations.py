"""Invitations: who may send them, to whom, how many; and joining by them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from accounts.models import User
from core.actor import NOBODY, SYSTEM
from core.errors import Forbidden, IllegalTransition, Refused, Stale
from core.models import Event
from core.scope import elevated, scope
from partners import services, tokens
from partners.actors import actor_for, hash_token
from partners.enums import InvitationStatus, MemberRole
from partners.models import Invitation, Member
from partners.particulars import Invites, Newcomer, Role
from tests.factories import NOW, ContactFactory, InvitationFactory, MemberFactory, PartnerFactory, UserFactory

ONE = Invites(("new@acme.example",), MemberRole.SALES)


def test_an_admin_invites_several_at_once(cast):
    two = Invites(("a@acme.example", "B@Acme.example"), "viewer")
    sent = services.invite(cast.acme, two, by=cast.actor("bo"), at=NOW)
    assert [(i.email, i.role, i.status, i.expires_at) for i in sent] == [
        ("a@acme.example", "viewer", "sent", NOW + timedelta(days=7)),
        ("b@acme.example", "viewer", "sent", NOW + timedelta(days=7)),
    ]


@pytest.mark.parametrize("name", ["ada", "finn", "eve"])
def test_without_the_right_nobody_invites(cast, name):
    with pytest.raises(Forbidden):
        services.invite(cast.acme, ONE, by=cast.actor(name), at=NOW)


def test_nobody_gives_a_role_above_their_own(cast):
    seller = cast.actor("ada")
    almost = replace(seller, permissions=seller.permissions | {"member.invite"})
    with pytest.raises(Forbidden) as refused:
        services.invite(cast.acme, Invites(("x@acme.example",), MemberRole.ADMIN), by=almost, at=NOW)
    assert refused.value.code == "role_above_own"


def test_into_another_partner_the_database_lets_nobody_invite(cast):
    bo = cast.actor("bo")
    with scope(bo), pytest.raises(cast.cobalt.DoesNotExist):
        services.invite(cast.cobalt, ONE, by=bo, at=NOW)
    assert Invitation.objects.count() == 0


def test_20_invitations_a_day_and_no_more(cast):
    many = Invites(tuple(f"p{n}@acme.example" for n in range(20)), "viewer")
    services.invite(cast.acme, many, by=cast.actor("bo"), at=NOW)
    with pytest.raises(Refused) as refused:
        services.invite(cast.acme, ONE, by=cast.actor("bo"), at=NOW + timedelta(hours=23))
    assert (refused.value.code, Invitation.objects.count()) == ("rate_limited", 20)
    services.invite(cast.acme, ONE, by=cast.actor("bo"), at=NOW + timedelta(hours=25))


def test_the_limit_is_of_the_partner_not_of_all(cast):
    many = Invites(tuple(f"p{n}@acme.example" for n in range(20)), "viewer")
    services.invite(cast.acme, many, by=cast.actor("bo"), at=NOW)
    assert len(services.invite(cast.cobalt, ONE, by=cast.actor("cy"), at=NOW)) == 1


def test_who_works_here_is_not_invited_and_nobody_else_either(cast):
    two = Invites(("ada@acme.example", "new@acme.example"), "viewer")
    with pytest.raises(Refused) as refused:
        services.invite(cast.acme, two, by=cast.actor("bo"), at=NOW)
    assert (refused.value.code, Invitation.objects.count()) == ("member_exists", 0)


def test_an_address_has_one_open_invitation(cast):
    services.invite(cast.acme, ONE, by=cast.actor("bo"), at=NOW)
    with pytest.raises(Refused) as refused:
        services.invite(cast.acme, ONE, by=cast.actor("bo"), at=NOW)
    assert refused.value.code == "invitation_exists"


def test_only_the_hash_of_the_token_is_kept(cast):
    [invitation] = services.invite(cast.acme, ONE, by=cast.actor("bo"), at=NOW)
    invitation.refresh_from_db()
    token = tokens.of(invitation)
    assert (hash_token(token), len(token)) == (invitation.token_hash, 43)
    assert token not in repr(list(Event.objects.values()))


def test_sending_again_makes_a_new_link_and_a_new_week(cast):
    [invitation] = services.invite(cast.acme, ONE, by=cast.actor("bo"), at=NOW)
    old, later = invitation.token_hash, NOW + timedelta(days=6)
    services.resend(invitation, by=cast.actor("bo"), at=later)
    invitation.refresh_from_db()
    assert (invitation.token_hash != old, invitation.expires_at) == (True, later + timedelta(days=7))
    assert hash_token(tokens.of(invitation)) == invitation.token_hash


def test_a_cancelled_invitation_lets_nobody_in(cast):
    [invitation] = services.invite(cast.acme, ONE, by=cast.actor("bo"), at=NOW)
    services.revoke(invitation, by=cast.actor("bo"), at=NOW)
    with pytest.raises(IllegalTransition):
        services.accept(invitation, Newcomer("New"), by=NOBODY, at=NOW)


def test_an_expired_invitation_lets_nobody_in_and_says_why(cast):
    invitation = InvitationFactory(partner=cast.acme)
    with pytest.raises(Refused, match="has expired"):
        services.accept(invitation, Newcomer("New"), by=NOBODY, at=NOW + timedelta(days=7))


def test_accepting_makes_a_person_who_can_sign_in(cast):
    [invitation] = services.invite(cast.acme, ONE, by=cast.actor("bo"), at=NOW)
    member = services.accept(invitation, Newcomer("New One", "a long password"), by=NOBODY, at=NOW)
    assert (member.partner, member.role, member.user.check_password("a long password")) == (cast.acme, "sales", True)
    assert actor_for(member.user).partner_ids == {cast.acme.pk}
    told = Event.objects.filter(type__startswith="invitation.").order_by("id").values_list("type", "actor_label")
    assert list(told) == [("invitation.sent", "Bo"), ("invitation.accepted", "New One")]


def test_accepting_joins_the_person_who_has_the_address(cast):
    user = UserFactory(email="back@acme.example", is_active=False)
    invitation = InvitationFactory(partner=cast.acme, email=user.email)
    member = services.accept(invitation, Newcomer(""), by=NOBODY, at=NOW)
    user.refresh_from_db()
    assert (member.user, user.is_active) == (user, True)


def test_accepting_marks_the_contact_with_the_address(cast):
    contact = ContactFactory(partner=cast.acme, email="New@acme.example")
    [invitation] = services.invite(cast.acme, ONE, by=cast.actor("bo"), at=NOW)
    services.accept(invitation, Newcomer("New"), by=NOBODY, at=NOW)
    contact.refresh_from_db()
    assert (contact.portal_access, contact.user.email) == ("active", "new@acme.example")


def test_an_invitation_works_once(cast):
    [invitation] = services.invite(cast.acme, ONE, by=cast.actor("bo"), at=NOW)
    again = Invitation.objects.get(pk=invitation.pk)
    services.accept(invitation, Newcomer("New"), by=NOBODY, at=NOW)
    with pytest.raises(Stale):
        services.accept(again, Newcomer("Other"), by=NOBODY, at=NOW)


def test_another_person_cannot_use_the_link(cast):
    invitation = InvitationFactory(partner=cast.acme)
    with pytest.raises(Refused, match="is for"):
        services.accept(invitation, Newcomer(""), by=cast.actor("cy"), at=NOW)


@pytest.mark.parametrize(("name", "why"), [("cy", "You work for Cobalt"), ("mona", "vendor's own staff")])
def test_people_with_another_place_cannot_join(cast, name, why):
    person = getattr(cast, name)
    invitation = InvitationFactory(partner=cast.acme, email=person.email)
    with pytest.raises(Refused, match=why):
        services.accept(invitation, Newcomer(""), by=cast.actor(name), at=NOW)


def test_time_ends_an_invitation(cast):
    invitation = InvitationFactory(partner=cast.acme)
    services.expire(invitation, by=SYSTEM, at=NOW + timedelta(days=8))
    assert invitation.status == InvitationStatus.EXPIRED


@pytest.mark.committed
def test_of_two_who_accept_one_invitation_at_once_one_wins(committed):
    with elevated():
        invitation = InvitationFactory(partner=PartnerFactory())
        rows = [Invitation.objects.get(pk=invitation.pk) for _who in range(2)]
    start = Barrier(2)

    def join(row):
        try:
            start.wait()
            with elevated():
                return type(services.accept(row, Newcomer("Somebody"), by=NOBODY, at=NOW)).__name__
        except (Stale, Refused) as error:
            return type(error).__name__
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(join, rows))
    with elevated():
        people = User.objects.filter(email=invitation.email).count()
        assert (outcomes, Member.objects.count(), people) == (["Member", "Stale"], 1, 1)


# --- members ----------------------------------------------------------------------------------------------------------


def membership(user) -> Member:
    return Member.objects.select_related("partner", "user").get(user=user, ended_at=None)


def test_an_admin_changes_a_role(cast):
    member = services.change_role(membership(cast.ada), Role("marketing"), by=cast.actor("bo"), at=NOW)
    assert (member.role, "deal.register" in cast.actor("ada").permissions) == ("marketing", False)


def test_the_last_admin_stays(cast):
    with pytest.raises(Refused) as refused:
        services.remove(membership(cast.bo), by=cast.actor("bo"), at=NOW)
    assert refused.value.code == "last_admin"


def test_the_last_admin_stays_admin(cast):
    with pytest.raises(Refused) as refused:
        services.change_role(membership(cast.bo), Role("sales"), by=cast.actor("bo"), at=NOW)
    assert refused.value.code == "last_admin"


def test_an_admin_may_leave_when_another_stays(cast):
    MemberFactory(partner=cast.acme, role=MemberRole.ADMIN)
    services.remove(membership(cast.bo), by=cast.actor("bo"), at=NOW)
    assert not Member.objects.filter(user=cast.bo, ended_at=None).exists()


def test_a_removed_person_is_signed_out_and_sees_nothing(cast, client):
    client.force_login(cast.ada)
    assert client.get("/accounts/preferences/").status_code == 200
    bo = cast.actor("bo")
    with scope(bo):
        services.remove(membership(cast.ada), by=bo, at=NOW)
    cast.ada.refresh_from_db()
    assert (actor_for(cast.ada), cast.ada.is_active) == (NOBODY, False)
    assert client.get("/accounts/preferences/").status_code == 302


def test_anybody_may_leave_but_not_remove_others(cast):
    other = MemberFactory(partner=cast.acme)
    with pytest.raises(Forbidden):
        services.remove(other, by=cast.actor("ada"), at=NOW)
    services.remove(membership(cast.ada), by=cast.actor("ada"), at=NOW)
