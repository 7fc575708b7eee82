"""Two partners become one: their registrations, leads, roles and touches."""

from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from core.actor import SYSTEM, Actor
from core.events import record
from deals.enums import LIVE, PROTECTED, CaseOutcome, CaseStatus, RequestStatus, Side
from deals.models import (
    Account,
    Approval,
    Attribution,
    AttributionDecision,
    Breach,
    ConflictCase,
    Extension,
    Lead,
    LeadOffer,
    OpportunityPartner,
    OwnerQuestion,
    Registration,
    Revocation,
    RoutingRule,
    Touch,
    Transfer,
)
from deals.services.winding import wind
from deals.workflow import REGISTRATION, REQUEST
from partners.services.merging import Pair, hand
from tiers.merging import doubles

BESIDE = (
    Approval,
    OwnerQuestion,
    Extension,
    Revocation,
    Breach,
    ConflictCase,
    AttributionDecision,
    RoutingRule,
    LeadOffer,
)


def registrations(actor: Actor, pair: Pair, at: datetime) -> tuple[str, int]:
    """Registrations with all that hangs on them; of two on one customer and product the earlier moment is kept."""
    _places(pair)
    moved = hand(Registration, pair)
    for model in BESIDE:
        hand(model, pair)
    _transfers(pair, at)
    for kept, twin in _twins(pair):
        _keep_the_earlier(kept, twin, at)
    return "registrations", moved


def leads(actor: Actor, pair: Pair, at: datetime) -> tuple[str, int]:
    return "leads", hand(Lead, pair)


def touches(actor: Actor, pair: Pair, at: datetime) -> tuple[str, int]:
    return "touches", hand(Touch, pair)


def opportunities(actor: Actor, pair: Pair, at: datetime) -> tuple[str, int]:
    """Roles and credit. Where both had the same role, the shares are added and one role is left."""
    theirs = OpportunityPartner.objects.filter(
        opportunity=OuterRef("opportunity"), role=OuterRef("role"), partner=pair.loser, deleted_at=None
    )
    both = OpportunityPartner.objects.filter(Exists(theirs), partner=pair.winner, deleted_at=None)
    share = F("share_percent") + Coalesce(Subquery(theirs.values("share_percent")[:1]), 0)
    both.filter(share_percent__isnull=False).update(share_percent=share)
    mine = OpportunityPartner.objects.filter(
        opportunity=OuterRef("opportunity"), role=OuterRef("role"), partner=pair.winner
    )
    OpportunityPartner.objects.filter(Exists(mine), partner=pair.loser, deleted_at=None).update(deleted_at=at)
    known = Attribution.objects.filter(opportunity=OuterRef("opportunity"), partner=pair.winner)
    Attribution.objects.filter(Exists(known), partner=pair.loser).delete()
    hand(Attribution, pair)
    Account.objects.filter(owner_partner=pair.loser).update(owner_partner=pair.winner)
    return "opportunities", hand(OpportunityPartner, pair, deleted_at=None)


def _places(pair: Pair) -> None:
    """What stood under a place of the loser that the winner holds, too, stands under the winner's."""
    rows: tuple[tuple[Any, str], ...] = (
        (Registration, "membership"), (Lead, "membership"), (LeadOffer, "membership"),
        (OpportunityPartner, "membership"), (Transfer, "to_membership"),
    )  # fmt: skip
    for mine, theirs in doubles(pair):
        for model, column in rows:
            model._base_manager.filter(**{column: theirs}).update(**{column: mine})


def _transfers(pair: Pair, at: datetime) -> None:
    """A hand-over between the two is void; the others go along."""
    both = (pair.loser.pk, pair.winner.pk)
    between = Transfer.objects.filter(partner_id__in=both, to_partner_id__in=both)
    for one in between.filter(status=RequestStatus.REQUESTED):
        words = _("Both belong to one partner now.")
        REQUEST.fire(one, "refuse", by=SYSTEM, at=at, decided_at=at, answer=words, data={"text": words})
    rest = Transfer.objects.exclude(pk__in=between.values("pk"))
    rest.filter(partner=pair.loser).update(partner=pair.winner)
    rest.filter(to_partner=pair.loser).update(to_partner=pair.winner)


def _twins(pair: Pair) -> Iterator[tuple[Registration, Registration]]:
    """(the one to keep, the other) of live registrations on one customer and product. Protected ones are kept first."""
    rows = Registration.objects.filter(partner=pair.winner, status__in=LIVE, submitted_at__isnull=False)
    rows = rows.filter(deleted_at=None).select_related("partner", "membership__program").order_by("submitted_at", "pk")
    gone = set()
    ordered = sorted(rows, key=lambda deal: deal.status not in PROTECTED)
    for one, other in combinations(ordered, 2):
        if one.pk not in gone and other.pk not in gone and _same_scope(one, other):
            gone.add(other.pk)
            yield one, other


def _same_scope(one: Registration, other: Registration) -> bool:
    same_customer = (one.account_id and one.account_id == other.account_id) or (
        one.domain and one.domain == other.domain
    )
    return bool(same_customer) and one.product_id == other.product_id


def _keep_the_earlier(kept: Registration, twin: Registration, at: datetime) -> None:
    """One registration is left, with the earlier moment; whoever waited behind the other waits behind it."""
    Registration.objects.filter(queued_behind=twin).exclude(pk=kept.pk).update(queued_behind=kept)
    moved = {}
    if twin.submitted_at and kept.submitted_at and twin.submitted_at < kept.submitted_at:
        moved = {"submitted_at": [kept.submitted_at.isoformat(), twin.submitted_at.isoformat()]}
        Registration.objects.filter(pk=kept.pk).update(submitted_at=twin.submitted_at)
    Registration.objects.filter(pk=kept.pk, queued_behind=twin).update(queued_behind=None)
    kept.refresh_from_db()
    data = {"twin": twin.public_id, "changes": moved}
    record("joined", kept, by=SYSTEM, at=at, partner_id=kept.partner_id, data=data)
    _settle(kept, twin, at)
    step = "release" if twin.status in PROTECTED else "withdraw"
    words = _("It is the same deal as %s.") % kept.reference
    REGISTRATION.fire(twin, step, by=SYSTEM, at=at, closed_at=at, due_at=None, data={"text": words})
    wind(twin, at)


def _settle(kept: Registration, twin: Registration, at: datetime) -> None:
    """A conflict between the two is over; what others dispute with the second, they dispute with the first."""
    both = (kept.pk, twin.pk)
    for case in ConflictCase.objects.filter(registration__in=both, other_registration__in=both, status=CaseStatus.OPEN):
        side = Side.OURS if case.registration_id == kept.pk else Side.OTHER
        values = {"outcome": CaseOutcome.FIRST_WINS, "winner": side, "reason": _("Both belong to one partner now.")}
        ConflictCase.objects.filter(pk=case.pk).update(status=CaseStatus.RESOLVED, decided_at=at, **values)
        case.refresh_from_db()
        moved = {"status": [CaseStatus.OPEN, CaseStatus.RESOLVED], "outcome": ["", CaseOutcome.FIRST_WINS]}
        record("resolved", case, by=SYSTEM, at=at, data={"changes": moved, "winner": side})
    others = ConflictCase.objects.filter(other_registration=twin, status=CaseStatus.OPEN).exclude(registration=kept)
    others.update(other_registration=kept)
