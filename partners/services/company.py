"""Changes of the partner company: what is known about it, who looks after it, what was signed and noted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Forbidden, Refused, Stale
from core.events import changes, record
from core.files import drop, keep
from core.scope import elevated
from partners import rules
from partners.models import Agreement, Note, Partner
from partners.particulars import Amendment, Care, Company, Logo, Signature, Start, Words
from partners.services.care import begin_term, refuse_same_person


@transaction.atomic
def register(company: Company, start: Start = Start(), *, by: Actor, at: datetime) -> Partner:  # noqa: B008
    """A new partner. Raises Forbidden without partner.edit."""
    by.require("partner.edit")
    _refuse_zone(company)
    care = start.care or Care(None)
    refuse_same_person(care)
    with elevated():  # it may be for another region
        partner = Partner.objects.create(
            **company.values(),
            domain=rules.domain_of(company.website),
            status=start.status,
            joined_on=start.joined_on or at.date(),
            manager=care.manager,
            backup=care.backup,
        )
        begin_term(partner, at)
        record("created", partner, by=by, at=at, partner_id=partner.pk, data={"status": partner.status})
    return partner


@transaction.atomic
def edit(partner: Partner, company: Company, *, by: Actor, at: datetime) -> Partner:
    """What is known about a partner; its own admin changes the profile, the vendor everything.

    Raises Stale when somebody else wrote the partner since it was read.
    """
    _refuse_zone(company)
    fresh = company.values()
    moved = changes({name: getattr(partner, name) for name in fresh}, fresh)
    _require_edit(by, moved)
    if moved:
        if not Partner.objects.filter(pk=partner.pk).exists():  # behind the wall
            raise Stale(_("This was changed a moment ago. Look at it again."))
        with elevated():  # who moves it to another region may not see it afterwards
            _write(partner, {name: fresh[name] for name in moved} | {"domain": rules.domain_of(company.website)})
            record("updated", partner, by=by, at=at, partner_id=partner.pk, data={"changes": moved})
    return partner


def _refuse_zone(company: Company) -> None:
    if why := rules.no_such_zone(company.time_zone):
        raise Refused(why, code="no_such_time_zone", field="time_zone")


def amend(partner: Partner, amendment: Amendment, *, by: Actor, at: datetime) -> Partner:
    """Some of what is known. Raises Stale when the form showed an older version than there is."""
    if amendment.version not in (None, partner.version):
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    return edit(partner, replace(Company.of(partner), **amendment.values), by=by, at=at)


def _require_edit(by: Actor, moved: Mapping[str, Any]) -> None:
    if by.can("partner.edit"):
        return
    by.require("profile.edit")
    if beyond := set(moved) - Company.PROFILE:
        names = ", ".join(sorted(beyond))
        raise Forbidden(_("Only your channel manager can change this: %s.") % names, permission="partner.edit")


def _write(partner: Partner, values: Mapping[str, Any]) -> None:
    if Partner.objects.filter(pk=partner.pk, version=partner.version).update(**values) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    partner.refresh_from_db()


def write_note(partner: Partner, words: Words, *, by: Actor, at: datetime) -> Note:
    """A note for the vendor's own people. Neither it nor its event ever reaches the partner."""
    by.require("note.write")
    note = Note.objects.create(partner=partner, author_id=by.id, text=words.text, at=at)
    record("created", note, by=by, at=at, data={"partner": partner.public_id})
    return note


def record_agreement(partner: Partner, signature: Signature, *, by: Actor, at: datetime) -> Agreement:
    """A contract that was signed on paper or elsewhere."""
    by.require("partner.edit")
    if signature.signed_at > at:
        raise Refused(_("Enter the day it was signed, today at the latest."), field="signed_at")
    agreement = Agreement.objects.create(partner=partner, **signature.values())
    told = {"title": agreement.title, "version": agreement.text_version}
    record("recorded", agreement, by=by, at=at, partner_id=partner.pk, data=told)
    return agreement


@transaction.atomic
def set_logo(partner: Partner, logo: Logo, *, by: Actor, at: datetime) -> None:
    """The picture in the directory; None takes it away."""
    if not by.can("partner.edit"):
        by.require("profile.edit")
    old = partner.logo
    new = keep(logo.picture, partner_id=partner.pk, by=by, at=at, subject=partner) if logo.picture else None
    _write(partner, {"logo": new})
    if old:
        drop(old)
    record("updated", partner, by=by, at=at, partner_id=partner.pk, data={"fields": ["logo"]})
