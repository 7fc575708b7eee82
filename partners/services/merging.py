"""Two partners become one: proposed by one person, carried out by another, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from core import slots
from core.actor import SYSTEM, Actor
from core.errors import Forbidden, Refused
from core.events import record
from core.models import ExternalId, StoredFile
from partners import rules
from partners.enums import InvitationStatus
from partners.models import (
    Agreement,
    ApiKey,
    Call,
    Contact,
    Integration,
    Invitation,
    Member,
    Merge,
    MutualValue,
    Note,
    Partner,
)
from partners.particulars import Joining, Words
from partners.services.people import revoke
from partners.workflow import MERGE


@dataclass(frozen=True)
class Pair:
    """Who goes into whom: what the slot `merge_step` is asked with."""

    loser: Partner
    winner: Partner


@transaction.atomic
def propose_merge(winner: Partner, joining: Joining, *, by: Actor, at: datetime) -> Merge:
    """Asks a second person to put `joining.loser` into `winner`. Raises Refused when it can't be done."""
    by.require("partner.merge")
    person = _person(by)
    if why := rules.no_pair(winner, joining.loser):
        raise Refused(why, field="loser")
    try:
        with transaction.atomic():
            merge = Merge.objects.create(
                winner=winner, loser=joining.loser, reason=joining.reason, proposed_by_id=person, proposed_at=at
            )
    except IntegrityError as error:
        raise Refused(_("A merge of this partner is proposed already."), field="loser") from error
    told = {"winner": winner.public_id, "loser": joining.loser.public_id, "text": joining.reason}
    record("proposed", merge, by=by, at=at, data=told)
    return merge


def _person(by: Actor) -> UUID:
    if by.kind != "vendor" or by.id is None:
        raise Forbidden(_("Two people of ours decide this. Sign in to do it."), code="four_eyes_required")
    return by.id


@transaction.atomic
def carry_out_merge(merge: Merge, *, by: Actor, at: datetime) -> Merge:
    """Moves everything and leaves a signpost. Raises Forbidden for the person who proposed it, Refused when unfit."""
    by.require("partner.merge")
    if _person(by) == merge.proposed_by_id:
        raise Forbidden(_("You proposed this. A colleague carries it out."), code="four_eyes_required")
    pair = _locked(merge, at)
    moved = _move(pair, at)
    MERGE.fire(merge, "carry_out", by=by, at=at, decided_by_id=by.id, decided_at=at, moved=moved, data={"moved": moved})
    _leave_a_signpost(pair, moved, by=by, at=at)
    return merge


@transaction.atomic
def refuse_merge(merge: Merge, words: Words, *, by: Actor, at: datetime) -> Merge:
    """They stay two. Whoever proposed it may take it back."""
    MERGE.fire(merge, "refuse", by=by, at=at, decided_at=at, data={"text": words.text})
    return merge


def preview_merge(pair: Pair, *, at: datetime) -> Mapping[str, int]:
    """What would move, by kind: done as it will be done, and undone. Raises Refused when it can't be done."""
    with transaction.atomic():
        if why := rules.no_pair(pair.winner, pair.loser):
            raise Refused(why, field="loser")
        moved = _move(pair, at)
        transaction.set_rollback(True)
    return moved


def _locked(merge: Merge, at: datetime) -> Pair:
    """Both partners, locked in one order, so that two merges never wait for each other; before them what the apps
    above lock before a partner."""
    slots.ask("merge_lock", SYSTEM, Pair(merge.loser, merge.winner), at=at)
    pks = sorted((merge.loser_id, merge.winner_id))
    rows = {row.pk: row for row in Partner.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
    pair = Pair(rows[merge.loser_id], rows[merge.winner_id])
    if why := rules.no_pair(pair.winner, pair.loser):
        raise Refused(why)
    return pair


def _move(pair: Pair, at: datetime) -> dict[str, int]:
    """What belongs to the loser belongs to the winner, set by set; the apps above move theirs."""
    for why in slots.ask("merge_barred", SYSTEM, pair, at=at):
        raise Refused(why)
    moved = _people(pair, at) | _papers(pair, at)
    for name, count in slots.ask("merge_step", SYSTEM, pair, at=at):
        moved[name] = moved.get(name, 0) + count
    moved["files"] = StoredFile.objects.filter(partner_id=pair.loser.pk).update(partner_id=pair.winner.pk)
    ExternalId.objects.filter(partner_id=pair.loser.pk).update(partner_id=pair.winner.pk)
    ExternalId.objects.filter(object_id=pair.loser.pk).update(object_id=pair.winner.pk)
    return {name: count for name, count in moved.items() if count}


def hand(model: Any, pair: Pair, **only: Any) -> int:
    """The loser's rows of a model in one statement; how many."""
    return model._base_manager.filter(partner_id=pair.loser.pk, **only).update(partner_id=pair.winner.pk)


def _people(pair: Pair, at: datetime) -> dict[str, int]:
    """Colleagues go along with their roles; who is known on both sides is one contact; open invitations likewise."""
    known = Contact.objects.filter(partner=pair.winner, deleted_at=None).annotate(word=Lower("email"))
    twins = Contact.objects.filter(partner=pair.loser, deleted_at=None)
    twins.filter(Exists(known.filter(word=Lower(OuterRef("email"))))).update(deleted_at=at)
    Contact.objects.filter(partner=pair.loser, is_primary=True).update(is_primary=False)
    waiting = Invitation.objects.filter(partner=pair.winner, status=InvitationStatus.SENT).values("email")
    for twice in Invitation.objects.filter(partner=pair.loser, status=InvitationStatus.SENT, email__in=waiting):
        revoke(twice, by=SYSTEM, at=at)
    ApiKey.objects.filter(partner=pair.loser, revoked_at=None).update(revoked_at=at)
    return {"people": hand(Member, pair), "contacts": hand(Contact, pair), "invitations": hand(Invitation, pair)}


def _papers(pair: Pair, at: datetime) -> dict[str, int]:
    """Agreements, notes, calls, what is done together. Plans of years and terms of managers stay as history."""
    names = Integration.objects.filter(partner=pair.winner).values("name")
    for twin in Integration.objects.filter(partner=pair.loser, name__in=names):
        Integration.objects.filter(pk=twin.pk).update(name=f"{twin.name[:100]} ({pair.loser.reference})")
    moved = {"agreements": Agreement, "notes": Note, "calls": Call, "values": MutualValue, "integrations": Integration}
    return {name: hand(model, pair) for name, model in moved.items()}


def _leave_a_signpost(pair: Pair, moved: Mapping[str, int], *, by: Actor, at: datetime) -> None:
    """The loser is no more; its address leads to the winner. Whoever was merged into it leads there, too."""
    Partner.objects.filter(merged_into=pair.loser).update(merged_into=pair.winner)
    Partner.objects.filter(pk=pair.loser.pk).update(
        merged_into=pair.winner, deleted_at=at, is_listed=False, manager=None, backup=None, region=pair.winner.region
    )
    Partner.objects.filter(parent=pair.loser).exclude(pk=pair.winner.pk).update(parent=pair.winner)
    pair.loser.refresh_from_db()
    told = {"into": pair.winner.public_id, "moved": dict(moved)}
    record("merged", pair.loser, by=by, at=at, partner_id=pair.winner.pk, data=told)
