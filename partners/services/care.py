"""Who of the vendor looks after a partner: from a day on, for many at once, and who stands in meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.actor import SYSTEM, Actor
from core.errors import Forbidden, Refused, Stale
from core.events import changes, record
from core.scope import elevated
from partners import rules
from partners.models import Absence, ManagerTerm, Partner
from partners.particulars import Away, Care, NewCare


@transaction.atomic
def set_manager(partner: Partner, care: Care, *, by: Actor, at: datetime) -> Partner:
    """Who looks after a partner from now on; history stays with who held it then. Raises Stale."""
    by.require("partner.edit")
    refuse_same_person(care)
    before = {"manager": _who(partner.manager), "backup": _who(partner.backup)}
    moved = changes(before, {"manager": _who(care.manager), "backup": _who(care.backup)})
    if moved:
        with elevated():  # who gives it away may not see it afterwards
            _give(partner, care, at)
            record("manager_changed", partner, by=by, at=at, partner_id=partner.pk, data={"changes": moved})
    return partner


def _give(partner: Partner, care: Care, at: datetime) -> None:
    rows = Partner.objects.filter(pk=partner.pk, version=partner.version)
    old = partner.manager
    if rows.update(manager=care.manager, backup=care.backup) != 1:
        raise Stale(_("This was changed a moment ago. Look at it again."), code="version_mismatch")
    partner.refresh_from_db()
    _turn_page(partner, old, at)


def _turn_page(partner: Partner, old: User | None, at: datetime) -> None:
    """Ends one term and begins the next; a term that nobody wrote down is counted from the start."""
    if partner.manager == old:
        ManagerTerm.objects.filter(partner=partner, until=None, begun_at__isnull=False).update(backup=partner.backup)
        return
    day = at.date()
    ended = ManagerTerm.objects.filter(partner=partner, until=None, begun_at__isnull=False).update(until=day)
    if old and not ended:
        since = min(partner.joined_on or partner.created_at.date(), day)
        ManagerTerm.objects.create(partner=partner, manager=old, since=since, until=day, begun_at=at)
    ManagerTerm.objects.filter(partner=partner, begun_at=None, since__lte=day).delete()
    begin_term(partner, at)


def begin_term(partner: Partner, at: datetime) -> None:
    """The first or next term of who looks after a partner now, if anybody does."""
    if partner.manager is None:
        return
    ManagerTerm.objects.create(
        partner=partner, manager=partner.manager, backup=partner.backup, since=at.date(), begun_at=at
    )  # fmt: skip


def _who(user: User | None) -> str | None:
    return user.public_id if user else None


def refuse_same_person(care: Care) -> None:
    if care.backup is not None and care.backup == care.manager:
        raise Refused(_("Choose another person as backup."), field="backup")


@transaction.atomic
def hand_over(partner: Partner, new: NewCare, *, by: Actor, at: datetime) -> Partner:
    """Another manager from a day on: at once when the day is here, else announced. A new announcement replaces one."""
    by.require("partner.edit")
    if new.since is None or new.since <= at.date():
        return set_manager(partner, new.care, by=by, at=at)
    refuse_same_person(new.care)
    if new.care.manager is None:
        raise Refused(_("Choose who looks after it from then on."), field="manager")
    ManagerTerm.objects.filter(partner=partner, begun_at=None).delete()
    ManagerTerm.objects.create(
        partner=partner, manager=new.care.manager, backup=new.care.backup, since=new.since
    )  # fmt: skip
    told = {"manager": new.care.manager.public_id, "since": new.since.isoformat()}
    record("manager_announced", partner, by=by, at=at, partner_id=partner.pk, data=told)
    return partner


@transaction.atomic
def begin_announced(term: ManagerTerm, *, at: datetime) -> None:
    """The day of an announced change has come."""
    partner = (
        Partner.objects.select_for_update(of=("self",)).select_related("manager", "backup").get(pk=term.partner_id)
    )
    if ManagerTerm.objects.filter(pk=term.pk, begun_at=None).delete()[0] == 0:
        return
    set_manager(partner, Care(term.manager, term.backup), by=SYSTEM, at=at)


@transaction.atomic
def reassign(partners: Sequence[Partner], new: NewCare, *, by: Actor, at: datetime) -> int:
    """Many partners get another manager, all or none. Raises Refused past the limit and for nobody chosen."""
    by.require("partner.edit")
    if why := rules.not_reassignable(len(partners)):
        raise Refused(why)
    for partner in partners:
        same = partner.backup == new.care.manager
        care = replace(new.care, backup=None if same else partner.backup)
        hand_over(partner, replace(new, care=care), by=by, at=at)
    return len(partners)


# --- absence ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def be_away(away: Away, *, by: Actor, at: datetime) -> Absence:
    """Somebody decides for somebody who is away. One's own, or a colleague's with partner.edit."""
    if not by.is_vendor or (by.id != away.person.pk and not by.can("partner.edit")):
        raise Forbidden(_("Your role can't do this. Ask your administrator."), permission="partner.edit")
    _refuse_dates(away, at.date())
    if away.person == away.delegate:
        raise Refused(_("Choose another person who decides meanwhile."), field="delegate")
    row = Absence.objects.create(**away.values())
    told = {"person": away.person.public_id, "delegate": away.delegate.public_id}
    record("created", row, by=by, at=at, data=told | {"from": str(row.first_day), "until": str(row.last_day)})
    return row


def _refuse_dates(away: Away, today: date) -> None:
    if away.last_day < max(away.first_day, today):
        raise Refused(_("Enter a last day that is not over, on or after the first."), field="last_day")
    User.objects.select_for_update(no_key=True).get(pk=away.person.pk)  # two at once wait for one another
    known = Absence.objects.filter(
        person=away.person, cancelled_at=None, first_day__lte=away.last_day, last_day__gte=away.first_day
    )  # fmt: skip
    if known.exists():
        raise Refused(_("They are away then already. End that absence first."), field="first_day")


@transaction.atomic
def be_back(row: Absence, *, by: Actor, at: datetime) -> None:
    """Ends an absence before its day, or takes it back."""
    if by.id != row.person_id:
        by.require("partner.edit")
    if Absence.objects.filter(pk=row.pk, cancelled_at=None).update(cancelled_at=at) != 1:
        raise Stale(_("Somebody ended this absence already."))
    row.refresh_from_db()
    record("ended", row, by=by, at=at)
