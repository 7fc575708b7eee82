"""A program's next rules: one person drafts them, another one publishes them from a day on."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import timers
from core.actor import Actor
from core.calendar import working_days_after
from core.errors import Forbidden, IllegalTransition, Refused
from core.events import record
from partners.models import Program
from tiers import documents, previews
from tiers.enums import STANDING_OVERRIDES, VersionStatus
from tiers.models import ProgramVersion, TierOverride
from tiers.particulars import DraftText, Publication, Words
from tiers.rules import tier_key
from tiers.services.programs import begin, earliest, next_number, sound, stored, told_of
from tiers.services.reviews import REVIEW_WORKING_DAYS
from tiers.workflow import VERSION


@transaction.atomic
def draft(program: Program, text: DraftText | None = None, *, by: Actor, at: datetime) -> ProgramVersion:
    """A copy of what is in force, to be edited; or a draft of these rules. Raises Refused with every fault."""
    by.require("program.edit")
    if text is not None:
        sound(text.definition)
        _same_program(program, text)
    now = documents.in_force(program)
    definition = stored(text.definition if text else documents.document(program))
    reason = (text.reason if text else "") or ""
    return _new(program, definition, now, reason, by, at)


def _new(
    program: Program, definition: dict, based_on: ProgramVersion | None, reason: str, by: Actor, at: datetime
) -> ProgramVersion:
    version = ProgramVersion.objects.create(
        program=program, definition=definition, based_on=based_on, reason=reason, editors=_with([], by)
    )
    version.refresh_from_db()
    record("drafted", version, by=by, at=at, data={"program": program.key, "text": reason})
    return version


def _with(editors: list[str], by: Actor) -> list[str]:
    return sorted({*editors, str(by.id)}) if by.id else editors


def _same_program(program: Program, text: DraftText) -> None:
    if str(text.definition.get("id")) != program.key:
        raise Refused(
            _("id: this draft is of the program %s. Leave its id as it is.") % program.key, field="definition"
        )


@transaction.atomic
def edit(version: ProgramVersion, text: DraftText, *, by: Actor, at: datetime) -> ProgramVersion:
    """Other rules in a draft. Who edits it can't publish it. Raises Refused with every fault and its path."""
    VERSION.check(version, "edit", by=by, at=at)
    sound(text.definition)
    _same_program(version.program, text)
    changed = [path for path, _old, _new in documents.changes(version.definition, text.definition)]
    reason = version.reason if text.reason is None else text.reason
    VERSION.fire(
        version, "edit", by=by, at=at, definition=stored(text.definition), reason=reason,
        editors=_with(version.editors, by), data={"paths": changed[:50]},
    )  # fmt: skip
    return version


@transaction.atomic
def request(version: ProgramVersion, wish: Publication, *, by: Actor, at: datetime) -> ProgramVersion:
    """Asks another person to publish a draft from a day on."""
    VERSION.check(version, "request", by=by, at=at)
    reason = wish.reason or version.reason
    if not reason:
        raise Refused(_("Say what changes and why. The second person reads it."), field="reason")
    _publishable(version, wish.effective_on, at)
    due = working_days_after(at, REVIEW_WORKING_DAYS, settings.TIME_ZONE)
    VERSION.fire(
        version, "request", by=by, at=at, wanted_from=wish.effective_on, reason=reason, requested_at=at, due_at=due,
        editors=_with(version.editors, by), answer="", data={"text": reason},
    )  # fmt: skip
    return version


def _publishable(version: ProgramVersion, day: date | None, at: datetime) -> date:
    """The day from which a version may hold. Raises Refused with what stands in the way."""
    sound(version.definition)
    if not documents.changes(documents.document(version.program), version.definition):
        raise Refused(_("This is what is in force already. Change something first."), code="unchanged")
    first = earliest(version.program, at)
    if day is not None and day < first:
        words = _("Choose %s or a later day: what was before is never changed.") % date_format(first, "j F Y")
        raise Refused(words, field="effective_on")
    keys = [tier_key(tier) for tier in version.definition["tiers"]]
    held = TierOverride.objects.filter(membership__program=version.program_id, status__in=STANDING_OVERRIDES)
    if blocker := held.exclude(tier__key__in=keys).select_related("tier").first():
        known = {"tier": blocker.tier, "reference": blocker.reference}
        raise Refused(_("%(tier)s can't go: the exception %(reference)s needs it. End it first.") % known)
    return day or first


@transaction.atomic
def dry_run(version: ProgramVersion, *, by: Actor, at: datetime) -> ProgramVersion:
    """Keeps with a draft who would move now and what it would cost; nothing else changes."""
    by.require("program.edit")
    if version.status not in (VersionStatus.DRAFT, VersionStatus.REQUESTED, VersionStatus.SCHEDULED):
        raise IllegalTransition(_("These rules have begun, or never will. Draft others to try them."))
    found = previews.summary(previews.preview(version.program, version.definition, by=by, at=at), at)
    ProgramVersion.objects.filter(pk=version.pk).update(preview=found)
    version.refresh_from_db()
    told = {name: found[name] for name in ("partners", "up", "down", "margin", "mdf", "currency")}
    record("dry_run", version, by=by, at=at, data=told)
    return version


@transaction.atomic
def publish(version: ProgramVersion, wish: Publication, *, by: Actor, at: datetime) -> ProgramVersion:
    """The second person's yes: the rules hold from the day on, at once where that is today.

    Raises Forbidden for keys and for everybody who wrote them.
    """
    VERSION.check(version, "publish", by=by, at=at)
    must_be_second(version, by)
    Program.objects.select_for_update().get(pk=version.program_id)
    day = _publishable(version, wish.effective_on or version.wanted_from, at)
    number = next_number(version.program)
    version.number, version.effective_from = number, day
    VERSION.fire(
        version, "publish", by=by, at=at, number=number, effective_from=day, published_at=at, published_by=by.label,
        answer=wish.reason, data=told_of(version) | {"text": version.reason},
    )  # fmt: skip
    return begin(version, at=at)


def must_be_second(version: ProgramVersion, by: Actor) -> None:
    """Raises Forbidden for keys and for everybody who wrote the draft."""
    if by.kind != "vendor":
        raise Forbidden(_("Two people publish rules. A key can't."), code="four_eyes_required")
    if str(by.id) in version.editors:
        raise Forbidden(_("You wrote this draft. Another person publishes it."), code="four_eyes_required")


@transaction.atomic
def give_back(version: ProgramVersion, words: Words, *, by: Actor, at: datetime) -> ProgramVersion:
    """Back to a draft, with what should be different."""
    VERSION.check(version, "give_back", by=by, at=at)
    if not words.reason:
        raise Refused(_("Say what should be different."), field="reason")
    VERSION.fire(version, "give_back", by=by, at=at, answer=words.reason, due_at=None, data={"text": words.reason})
    return version


@transaction.atomic
def discard(version: ProgramVersion, *, by: Actor, at: datetime) -> ProgramVersion:
    """A draft that nobody wants."""
    VERSION.fire(version, "discard", by=by, at=at)
    return version


@transaction.atomic
def withdraw(version: ProgramVersion, words: Words, *, by: Actor, at: datetime) -> ProgramVersion:
    """Published rules whose day has not come never take effect."""
    VERSION.check(version, "withdraw", by=by, at=at)
    if not words.reason:
        raise Refused(_("Say why."), field="reason")
    VERSION.fire(
        version, "withdraw", by=by, at=at, effective_from=None, answer=words.reason, data={"text": words.reason}
    )
    timers.stop(version)
    return version


@transaction.atomic
def undo(version: ProgramVersion, wish: Publication, *, by: Actor, at: datetime) -> ProgramVersion:
    """Asks for the rules before these to be published anew. They become the next version; nothing past changes."""
    by.require("program.edit")
    if version.status != VersionStatus.IN_FORCE:
        raise Refused(_("Only what is in force can be undone."), code="illegal_transition")
    rows = ProgramVersion.objects.filter(program=version.program_id, status=VersionStatus.SUPERSEDED)
    before = rows.order_by("-number").first()
    if before is None:
        raise Refused(_("There is no version before this one."), code="first_version")
    words = wish.reason or _("Version %(old)s anew, in place of version %(n)s") % {
        "old": before.number, "n": version.number,
    }  # fmt: skip
    again = _new(version.program, before.definition | before.closing, before, words, by, at)
    return request(again, Publication(wish.effective_on, words), by=by, at=at)
