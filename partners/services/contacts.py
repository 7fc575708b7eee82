"""Changes of contacts: people at a partner whom we know; they need no sign-in."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Forbidden, Refused, Stale
from core.events import changes, record
from partners.models import Contact, Partner
from partners.particulars import Person


def _require_edit(by: Actor) -> None:
    if not (by.can("partner.edit") or by.can("profile.edit")):
        raise Forbidden(_("Your role can't do this. Ask your administrator."), permission="profile.edit")


@transaction.atomic
def add_contact(partner: Partner, person: Person, *, by: Actor, at: datetime) -> Contact:
    """Somebody we know at a partner."""
    _require_edit(by)
    contact = Contact(partner=partner, **person.values())
    _store(contact, person, force_insert=True)
    record("created", contact, by=by, at=at, partner_id=partner.pk)
    return contact


@transaction.atomic
def edit_contact(contact: Contact, person: Person, *, by: Actor, at: datetime) -> Contact:
    """What we know of them. The event tells which fields moved, never what they held."""
    _require_edit(by)
    fresh = person.values()
    moved = sorted(changes({name: getattr(contact, name) for name in fresh}, fresh))
    if moved:
        if not Contact.objects.filter(pk=contact.pk, version=contact.version, deleted_at=None).exists():
            raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
        for name in moved:
            setattr(contact, name, fresh[name])
        _store(contact, person, update_fields=moved)
        contact.refresh_from_db()
        record("updated", contact, by=by, at=at, partner_id=contact.partner_id, data={"fields": moved})
    return contact


def _store(contact: Contact, person: Person, **how) -> None:
    if person.is_primary:
        others = Contact.objects.filter(partner_id=contact.partner_id, is_primary=True).exclude(pk=contact.pk)
        others.update(is_primary=False)
    try:
        with transaction.atomic():
            contact.save(**how)
    except IntegrityError as error:
        raise Refused(_("We know somebody with this address already."), code="email_taken", field="email") from error


@transaction.atomic
def remove_contact(contact: Contact, *, by: Actor, at: datetime) -> None:
    """Forgets a contact in lists; what happened stays."""
    _require_edit(by)
    if Contact.objects.filter(pk=contact.pk, deleted_at=None).update(deleted_at=at) != 1:
        raise Stale(_("Somebody removed this contact already."))
    record("deleted", contact, by=by, at=at, partner_id=contact.partner_id)
