"""Changes of a partner's people: invitations, joining, roles, leaving."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import Kind
from accounts.models import User
from accounts.particulars import Person
from accounts.queries import with_address
from accounts.services import enrol, let_in, shut_out
from core.actor import Actor
from core.errors import Forbidden, Refused, Stale
from core.events import changes, record
from core.models import Event
from partners import roles, rules, tokens
from partners.actors import hash_token
from partners.enums import InvitationStatus, MemberRole, PortalAccess
from partners.models import Contact, Invitation, Member, Partner
from partners.particulars import Guest, Invites, Newcomer, Role
from partners.workflow import INVITATION

# --- invitations ----------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(partner: Partner, invites: Invites, *, by: Actor, at: datetime) -> list[Invitation]:
    """Invites all addresses or none. Raises Refused for people who are here and for too many a day."""
    by.require("member.invite")
    _refuse_above_own(invites.role, by)
    emails = list(dict.fromkeys(email.strip().casefold() for email in invites.emails))
    _lock(partner)
    _refuse_too_many(partner, len(emails), at)
    _refuse_known(partner, emails)
    return [_send(partner, email, invites.role, by=by, at=at) for email in emails]


def _send(partner: Partner, email: str, role: str, *, by: Actor, at: datetime) -> Invitation:
    invitation = Invitation(partner=partner, email=email, role=role, **_fresh_clock(at))
    invitation.invited_by_id = by.id if by.kind in ("partner", "vendor") else None
    invitation.token_hash = hash_token(tokens.fresh(invitation))
    invitation.save(force_insert=True)
    record("sent", invitation, by=by, at=at, partner_id=partner.pk, data={"role": role})
    return invitation


def _fresh_clock(at: datetime) -> dict[str, Any]:
    return {"sent_at": at, "expires_at": at + rules.INVITATION_LIVES}


def _lock(partner: Partner) -> None:
    """Changes of a partner's people wait for one another: limits and the last admin are counted on still ground."""
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)


def _refuse_above_own(role: str, by: Actor) -> None:
    if by.is_vendor or by.kind == "system":
        return
    if why := rules.above_own(roles.of_member(role), by.permissions):
        raise Forbidden(why, code="role_above_own")


def _refuse_too_many(partner: Partner, more: int, at: datetime) -> None:
    day = at - timedelta(days=1)
    sent = Event.objects.filter(type="invitation.sent", partner_id=partner.pk, at__gt=day).count()
    if why := rules.too_many_invitations(sent, more):
        raise Refused(why, code="rate_limited", field="emails")


def _refuse_known(partner: Partner, emails: list[str]) -> None:
    here = Member.objects.filter(partner=partner, ended_at=None, user__email__in=emails)
    if known := list(here.values_list("user__email", flat=True)):
        raise Refused(_("%s: works with you here already.") % ", ".join(known), code="member_exists", field="emails")
    waiting = Invitation.objects.filter(partner=partner, status=InvitationStatus.SENT, email__in=emails)
    if known := list(waiting.values_list("email", flat=True)):
        words = _("%s: has an open invitation. Send it again in the list below.") % ", ".join(known)
        raise Refused(words, code="invitation_exists", field="emails")


@transaction.atomic
def resend(invitation: Invitation, *, by: Actor, at: datetime) -> Invitation:
    """A new link for 7 more days; the old one is dead."""
    INVITATION.check(invitation, "resend", by=by, at=at)
    _refuse_above_own(invitation.role, by)
    _lock(invitation.partner)
    _refuse_too_many(invitation.partner, 1, at)
    clock = _fresh_clock(at)
    fresh = hash_token(tokens.fresh(Invitation(pk=invitation.pk, sent_at=at)))
    INVITATION.fire(invitation, "resend", by=by, at=at, **clock, token_hash=fresh)
    return invitation


def revoke(invitation: Invitation, *, by: Actor, at: datetime) -> Invitation:
    """The link is dead at once."""
    INVITATION.fire(invitation, "revoke", by=by, at=at)
    return invitation


def expire(invitation: Invitation, *, by: Actor, at: datetime) -> None:
    """Nobody came in time."""
    INVITATION.fire(invitation, "expire", by=by, at=at)


# --- joining ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def accept(invitation: Invitation, newcomer: Newcomer, *, by: Actor, at: datetime) -> Member:
    """Whoever holds the link joins, as the person with its address; that person is made when nobody has it.

    `by` is who is signed in, or NOBODY. Needs a scope that sees all. Raises Stale when the link was used meanwhile.
    """
    _alone(invitation)
    user = with_address(invitation.email)
    _refuse_stranger(invitation, user, by)
    INVITATION.check(invitation, "accept", by=_joiner(invitation, newcomer.name or invitation.email), at=at)
    if user is None:
        person = Person(invitation.email, newcomer.name, password=newcomer.password)
        user = enrol(person, by=_joiner(invitation, newcomer.name), at=at)
    return _join(invitation, user, at)


def _alone(invitation: Invitation) -> None:
    """Waits for whoever else holds this link; the second one finds it used."""
    rows = Invitation.objects.select_for_update(no_key=True).filter(pk=invitation.pk)
    if rows.get().version != invitation.version:
        raise Stale(_("This invitation was used a moment ago."))


def _joiner(invitation: Invitation, label: str, user: User | None = None) -> Actor:
    """The invited person, with the rights the invitation gives."""
    own = frozenset({invitation.partner_id})
    return Actor(label, "partner", user.pk if user else None, own, permissions=roles.of_member(invitation.role))


def _refuse_stranger(invitation: Invitation, user: User | None, by: Actor) -> None:
    if by.id is not None and (user is None or by.id != user.pk):
        raise Refused(_("This invitation is for %s. Sign out, then open the link again.") % invitation.email)
    if user is None:
        return
    if user.kind != Kind.PARTNER:
        raise Refused(_("This address belongs to the vendor's own staff and can't join a partner."))
    elsewhere = Member.objects.filter(user=user, ended_at=None).select_related("partner").first()
    if elsewhere:
        raise Refused(_("You work for %s here. Ask them to remove you first.") % elsewhere.partner)


def _join(invitation: Invitation, user: User, at: datetime) -> Member:
    me = _joiner(invitation, str(user), user)
    let_in(user, by=me, at=at)
    INVITATION.fire(invitation, "accept", by=me, at=at, accepted_at=at)
    member = Member.objects.create(partner_id=invitation.partner_id, user=user, role=invitation.role)
    record("created", member, by=me, at=at, partner_id=member.partner_id, data={"role": member.role})
    _mark_contact(member, PortalAccess.ACTIVE, by=me, at=at)
    return member


def _mark_contact(member: Member, access: str, *, by: Actor, at: datetime) -> None:
    """The contact with a member's address shows whether they can sign in."""
    known = Contact.objects.filter(partner_id=member.partner_id, deleted_at=None)
    contact = known.filter(email__iexact=member.user.email).first()
    if contact and contact.portal_access != access:
        Contact.objects.filter(pk=contact.pk).update(user=member.user, portal_access=access)
        contact.refresh_from_db()
        record("updated", contact, by=by, at=at, partner_id=member.partner_id, data={"fields": ["portal_access"]})


# --- members ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def change_role(member: Member, wanted: Role, *, by: Actor, at: datetime) -> Member:
    """Another role at the partner. Raises Refused for the last admin, Forbidden for a role above one's own."""
    by.require("member.invite")
    _refuse_above_own(wanted.role, by)
    if member.role == wanted.role:
        return member
    _lock(member.partner)
    _keep_an_admin(member)
    moved = changes({"role": member.role}, {"role": wanted.role})
    if Member.objects.filter(pk=member.pk, version=member.version, ended_at=None).update(role=wanted.role) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    member.refresh_from_db()
    record("role_changed", member, by=by, at=at, partner_id=member.partner_id, data={"changes": moved})
    return member


@transaction.atomic
def remove(member: Member, *, by: Actor, at: datetime) -> None:
    """Ends somebody's work for a partner and all their sessions. Anybody may leave but the last admin."""
    if by.id != member.user_id:
        by.require("member.invite")
    _lock(member.partner)
    _keep_an_admin(member)
    if Member.objects.filter(pk=member.pk, ended_at=None).update(ended_at=at) != 1:
        raise Stale(_("Somebody removed this person already."))
    member.refresh_from_db()
    record("removed", member, by=by, at=at, partner_id=member.partner_id)
    _mark_contact(member, PortalAccess.DISABLED, by=by, at=at)
    if not Member.objects.filter(user_id=member.user_id, ended_at=None).exists():
        shut_out(member.user, by=by, at=at)


def _keep_an_admin(member: Member) -> None:
    """Needs the partner's lock."""
    if member.role != MemberRole.ADMIN:
        return
    others = Member.objects.filter(partner_id=member.partner_id, role=MemberRole.ADMIN, ended_at=None)
    if not others.exclude(pk=member.pk).exists():
        raise Refused(_("Name another admin first."), code="last_admin")


# --- many at once, by the vendor --------------------------------------------------------------------------------------


@transaction.atomic
def invite_many(people: Sequence[Guest], *, by: Actor, at: datetime) -> int:
    """Invites people of several partners; who is there or invited already is left alone. How many were invited.

    Raises Refused past the vendor's daily limit.
    """
    by.require("member.invite")
    if not by.is_vendor:
        raise Forbidden(_("Your role can't do this. Ask your administrator."), permission="member.invite")
    fresh = [guest for guest in sorted(people, key=lambda g: (g.partner.pk, g.email)) if not _is_there(guest)]
    day = at - timedelta(days=1)
    sent = Event.objects.filter(type="invitation.sent", actor_kind="vendor", at__gt=day).count()
    if why := rules.too_many_by_vendor(sent, len(fresh)):
        raise Refused(why, code="rate_limited")
    for guest in fresh:
        _send(guest.partner, guest.email, guest.role, by=by, at=at)
    return len(fresh)


def _is_there(guest: Guest) -> bool:
    """Asked under the partner's lock, so that a file sent twice at once invites once."""
    _lock(guest.partner)
    here = Member.objects.filter(user__email=guest.email, ended_at=None)
    waiting = Invitation.objects.filter(partner=guest.partner, status=InvitationStatus.SENT, email=guest.email)
    return here.exists() or waiting.exists()
