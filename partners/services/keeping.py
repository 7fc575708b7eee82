"""What leaves the house: a partner's data as a file, and people after their time."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.models import User
from core import slots
from core.actor import SYSTEM, Actor
from core.errors import Refused
from core.events import record
from core.files import Clean, drop, keep
from core.querysets import PartnerQuerySet
from core.scope import scope
from partners import rules
from partners.enums import ExportStatus, InvitationStatus, PartnerStatus
from partners.models import Contact, HouseRules, Invitation, Member, Partner, PartnerExport
from partners.particulars import Keeping

SECRET = {"token_hash", "hint", "metadata", "verdict", "queued_behind_id", "steps", "parts"}
KEPT_FOR = timedelta(days=7)
CHUNK = 2_000
Paper = tuple[str, str | bytes]  # name of a file, content
GONE = "@removed.invalid"

# --- a partner's data ---


@transaction.atomic
def ask_export(partner: Partner, *, by: Actor, at: datetime) -> PartnerExport:
    """Asks the worker for a file of all that the partner may see of itself. Raises Refused while one is being made."""
    by.require("partner.export")
    try:
        with transaction.atomic():
            row = PartnerExport.objects.create(partner=partner, asked_by_id=by.id, asked_at=at)
    except IntegrityError as error:
        raise Refused(_("A file is being made already. It is here in a few minutes.")) from error
    record("asked", row, by=by, at=at, data={"partner": partner.public_id})
    return row


def pack_at_the_end(partner: Partner, *, at: datetime) -> None:
    """Asks for the last file of a partner that has left. Bears running twice."""
    known = PartnerExport.objects.filter(Q(asked_at__gte=at) | Q(status=ExportStatus.WAITING), partner=partner)
    if not known.exists():
        ask_export(partner, by=SYSTEM, at=at)


def make_export(row: PartnerExport, *, at: datetime) -> None:
    """Makes the file: exactly the rows that the wall shows to this partner. Bears running twice."""
    if row.status != ExportStatus.WAITING:
        return
    reader = Actor(str(row.partner), "partner", partner_ids=frozenset({row.partner_id}))
    with scope(reader):
        content, count = _packed(reader, _papers(row.partner, reader, at))
    name = f"{row.partner.reference}-{at:%Y-%m-%d}.zip"
    file = keep(Clean(name, "application/zip", content, ""), partner_id=None, by=SYSTEM, at=at, subject=row)
    rows = PartnerExport.objects.filter(pk=row.pk, status=ExportStatus.WAITING)
    rows.update(status=ExportStatus.READY, done_at=at, rows=count, file=file)
    row.refresh_from_db()
    moved = {"status": [ExportStatus.WAITING, ExportStatus.READY]}
    record("made", row, by=SYSTEM, at=at, data={"partner": row.partner.public_id, "rows": count, "changes": moved})


def fetch_export(row: PartnerExport, *, by: Actor, at: datetime) -> PartnerExport:
    """Writes down who takes the file. Raises Refused when it is not there."""
    by.require("partner.export")
    if row.file is None:
        raise Refused(_("The file is no longer here. Ask for a new one."))
    record("fetched", row, by=by, at=at, data={"partner": row.partner.public_id})
    return row


def forget_exports(*, at: datetime) -> int:
    """Removes files that were kept long enough; how many."""
    old = PartnerExport.objects.filter(file__isnull=False, done_at__lte=at - KEPT_FOR).select_related("file")
    found = list(old[:CHUNK])
    for row in found:
        assert row.file
        drop(row.file)
    return len(found)


def _papers(partner: Partner, reader: Actor, at: datetime) -> list[Paper]:
    """What apps put beside the rows of a partner that has left: its final statement."""
    if partner.status != PartnerStatus.OFFBOARDED:
        return []
    return [paper for papers in slots.ask("final_paper", reader, partner, at=at) for paper in papers]


def _packed(reader: Actor, papers: Sequence[Paper]) -> tuple[bytes, int]:
    """A ZIP with a CSV and a JSON of every table that holds something, and how many rows; papers as they are."""
    target, total = io.BytesIO(), 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        for model in _tables():
            rows = _rows_of(model, reader)
            if not rows:
                continue
            name, total = model._meta.model_name, total + len(rows)
            pack.writestr(f"{name}.json", json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
            pack.writestr(f"{name}.csv", _csv(rows))
        for name, content in papers:
            pack.writestr(name, content)
    return target.getvalue(), total


def _tables() -> Iterator[type[models.Model]]:
    """Every model whose rows belong to a partner."""
    for model in apps.get_models():
        rows = getattr(model, "objects", None)
        shown = rows.all() if rows is not None else None
        if isinstance(shown, PartnerQuerySet) and shown.partner_path:
            yield model


def _rows_of(model: type[models.Model], reader: Actor) -> list[dict[str, Any]]:
    names = [f.attname for f in model._meta.concrete_fields if f.attname not in SECRET]
    rows = model.objects.visible_to(reader)  # type: ignore[attr-defined]
    return list(rows.order_by("pk").values(*names))


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: Any) -> Any:
    """As text; a cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    if isinstance(value, dict | list):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r", "＝") else text


# --- people after their time ---


@transaction.atomic
def keep_people_for(keeping: Keeping, *, by: Actor, at: datetime) -> None:
    """For how long we keep who has left; None is for ever."""
    set_house_rule("keep_people_months", keeping.months, by=by, at=at)


def set_house_rule(name: str, value: Any, *, by: Actor, at: datetime) -> None:
    """One of the rules of the whole house. Raises Forbidden without staff.manage."""
    by.require("staff.manage")
    row, _new = HouseRules.objects.get_or_create(only=True)
    before = getattr(row, name)
    if before != value:
        HouseRules.objects.filter(pk=row.pk).update(**{name: value})
        row.refresh_from_db()
        record("changed", row, by=by, at=at, data={"changes": {name: [before, value]}})


def months_kept() -> int | None:
    return HouseRules.objects.values_list("keep_people_months", flat=True).first()


def past_their_time(months: int, at: datetime) -> tuple[QuerySet[User], QuerySet[Contact], QuerySet[Invitation]]:
    """Who left that long ago: people who signed in, contacts we removed, addresses that were invited."""
    until = rules.left_before(at, months)
    left = Member.objects.filter(ended_at__lte=until).values("user_id")
    here = Member.objects.filter(Q(ended_at=None) | Q(ended_at__gt=until)).values("user_id")
    users = User.objects.filter(pk__in=left).exclude(pk__in=here).exclude(email__endswith=GONE)
    contacts = Contact.objects.filter(Q(deleted_at__lte=until) | Q(user__in=users)).exclude(email__endswith=GONE)
    invited = Invitation.objects.filter(sent_at__lte=until).exclude(status=InvitationStatus.SENT)
    return users, contacts, invited.exclude(email__endswith=GONE)


@transaction.atomic
def forget_people(*, at: datetime) -> int:
    """Takes the personal words of those out; a row without them stays. How many rows. Nothing without a rule."""
    months = months_kept()
    if months is None:
        return 0
    due = past_their_time(months, at)
    users, contacts, invited = list(due[0][:CHUNK]), list(due[1][:CHUNK]), list(due[2][:CHUNK])
    for contact in contacts:
        _forget_contact(contact, at)
    for user in users:
        accounts.forget(user, by=SYSTEM, at=at)
    for invitation in invited:
        Invitation.objects.filter(pk=invitation.pk).update(email=f"{invitation.pk.hex}{GONE}")
    return len(users) + len(contacts) + len(invited)


def _forget_contact(contact: Contact, at: datetime) -> None:
    blank = {"first_name": "", "last_name": "–", "phone": "", "job_title": "", "email": f"{contact.pk.hex}{GONE}"}
    Contact.objects.filter(pk=contact.pk).update(**blank, consent={}, deleted_at=contact.deleted_at or at)
    contact.refresh_from_db()
    record("forgotten", contact, by=SYSTEM, at=at, partner_id=contact.partner_id, data={"fields": sorted(blank)})
