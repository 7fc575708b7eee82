"""Why an opportunity is credited as it is: every piece of evidence with what counts against it. One opportunity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Q

from core.actor import Actor
from core.calendar import last_local_day
from deals.attribution.run import APPROVED_ONCE, Version, local_day, version_on
from deals.enums import Evidence, LeadSource, LeadStatus, Motion, Stage, TouchStatus
from deals.models import Attribution, AttributionDecision, Lead, Opportunity, Registration, Touch
from deals.rules.attribution import Deal, Proof, influence_bar, sourcing_bar
from partners.models import Partner

_ACCEPTED = (LeadStatus.ACCEPTED, LeadStatus.WORKING, LeadStatus.STALE, LeadStatus.CONVERTED)


@dataclass(frozen=True)
class Candidate:
    """One piece of evidence. `bar` says why it doesn't count by itself; `wins` that the sourcing rests on it."""

    partner: Partner | None
    evidence: str
    record: Any  # what it is: a registration, a lead, a touch, a decision
    at: datetime
    ends_on: date | None = None
    bar: str | None = None
    raw_bar: str = ""  # key of a bar that no rule knows: not_approved, converted_lead, own_people, unconfirmed
    wins: bool = False


@dataclass(frozen=True)
class Why:
    """All that the page tells."""

    opportunity: Opportunity
    version: Version
    sourcing: tuple[Candidate, ...]
    influence: tuple[Candidate, ...]
    credits: tuple[Attribution, ...]
    decision: AttributionDecision | None
    incomplete: bool = False  # open, without account, day or amount


def why(opportunity: Opportunity, actor: Actor) -> Why:
    """What the actor may know of it: a partner reads its own evidence and credit alone."""
    closed = opportunity.closed_on if opportunity.stage != Stage.OPEN else None
    version = version_on(closed)
    deal = Deal(opportunity.opened_on or date.max, closed, opportunity.vendor_source)
    decisions = AttributionDecision.objects.visible_to(actor).filter(opportunity=opportunity).select_related("partner")
    standing = decisions.filter(withdrawn_at=None, deleted_at=None).first()
    credits = Attribution.objects.visible_to(actor).filter(opportunity=opportunity, deleted_at=None)
    found = tuple(credits.select_related("partner").order_by("credit", "-share_percent", "partner__name"))
    leads = _leads(opportunity, actor)
    sourcing = [*_registrations(opportunity, actor, deal, version), *_campaigns(leads, opportunity, deal, version)]
    won = {row.evidence_id for row in found if row.credit == "sourced"}
    marked = [_marked(one, won) for one in sorted(sourcing, key=lambda c: _order(c, version))]
    influence = [*_touches(opportunity, actor, deal, version), *_lead_influence(leads, deal, version)]
    return Why(opportunity, version, tuple(marked), tuple(influence), found, standing, _incomplete(opportunity))


def _incomplete(opportunity: Opportunity) -> bool:
    lacks = opportunity.account_id is None or opportunity.amount is None
    return opportunity.opened_on is None or (opportunity.stage == Stage.OPEN and lacks)


def _order(one: Candidate, version: Version) -> tuple:
    ranks = list(version.terms.ranks)
    rank = ranks.index(one.evidence) if one.evidence in ranks else len(ranks)
    return (bool(one.bar or one.raw_bar), rank, one.at, str(one.record.pk))


def _marked(one: Candidate, won: set) -> Candidate:
    return Candidate(**{**one.__dict__, "wins": one.record.pk in won})


# --- what sources ---------------------------------------------------------------------------------------------------


def _registrations(opportunity: Opportunity, actor: Actor, deal: Deal, version: Version) -> list[Candidate]:
    rows = Registration.objects.visible_to(actor).filter(opportunity=opportunity, deleted_at=None)
    rows = rows.filter(submitted_at__isnull=False).select_related("partner", "lead")
    return [_registration(row, opportunity, deal, version) for row in rows]


def _registration(row: Registration, opportunity: Opportunity, deal: Deal, version: Version) -> Candidate:
    evidence = Evidence.REFERRAL if row.motion == Motion.REFER else Evidence.REGISTRATION
    sent = row.submitted_at
    assert sent is not None
    ends = last_local_day(row.grace_until, settings.TIME_ZONE) if row.grace_until else None
    return _judged(Candidate(row.partner, evidence, row, sent, ends, raw_bar=_void(row)), opportunity, deal, version)


def _void(row: Registration) -> str:
    """Why a registration is no evidence at all."""
    if row.partner.is_direct:
        return "own_people"
    if row.decided_at is None or row.status not in APPROVED_ONCE:
        return "not_approved"
    return "converted_lead" if row.lead and row.lead.source != LeadSource.CAMPAIGN else ""


def _judged(one: Candidate, opportunity: Opportunity, deal: Deal, version: Version, *, own: bool = True) -> Candidate:
    day = local_day(one.at)
    late = day > deal.opened_on
    beside = late and _beside_direct(opportunity, day)
    bar = sourcing_bar(Proof(one.evidence, day, one.ends_on, own, beside), deal, version.terms)
    return Candidate(**{**one.__dict__, "bar": bar})


def _beside_direct(opportunity: Opportunity, day: date) -> bool:
    """Whether another direct opportunity was open on the account on that day."""
    if opportunity.account_id is None:
        return False
    others = Opportunity.objects.filter(account_id=opportunity.account_id, deleted_at=None, opened_on__lte=day)
    others = others.filter(Q(stage=Stage.OPEN) | Q(closed_on__gt=day), partners=None).exclude(pk=opportunity.pk)
    return others.exists()


def _leads(opportunity: Opportunity, actor: Actor) -> list[tuple[Lead, bool]]:
    """(accepted lead, whether it is about this very opportunity)."""
    rows = Lead.objects.visible_to(actor).filter(partner__isnull=False, accepted_at__isnull=False, deleted_at=None)
    rows = rows.filter(status__in=_ACCEPTED).select_related("partner")
    registered = Registration.objects.filter(opportunity=opportunity, lead__isnull=False, deleted_at=None)
    pairs = set(registered.values_list("lead_id", "partner_id"))
    own = [row for row in rows.filter(pk__in=[lead for lead, _p in pairs]) if (row.pk, row.partner_id) in pairs]
    domain = opportunity.account.domain if opportunity.account else ""
    near = rows.filter(domain=domain).exclude(pk__in=[row.pk for row in own]) if domain else rows.none()
    return [(row, True) for row in own] + [(row, False) for row in near]


def _campaigns(
    leads: Sequence[tuple[Lead, bool]], opportunity: Opportunity, deal: Deal, version: Version
) -> list[Candidate]:
    rows = [(row, own) for row, own in leads if row.source == LeadSource.CAMPAIGN]
    return [
        _judged(
            Candidate(row.partner, Evidence.CAMPAIGN, row, row.received_at, raw_bar=_own_people(row.partner)),
            opportunity, deal, version, own=own,
        )
        for row, own in rows
    ]  # fmt: skip


def _own_people(partner: Partner | None) -> str:
    return "own_people" if partner is not None and partner.is_direct else ""


# --- what influences ------------------------------------------------------------------------------------------------


def _touches(opportunity: Opportunity, actor: Actor, deal: Deal, version: Version) -> list[Candidate]:
    rows = Touch.objects.visible_to(actor).filter(opportunity=opportunity, deleted_at=None).select_related("partner")
    return [_touch(row, deal, version) for row in rows.order_by("happened_on", "pk")]


def _touch(row: Touch, deal: Deal, version: Version) -> Candidate:
    bar = influence_bar(row.kind, row.happened_on, local_day(row.entered_at), deal, version.terms)
    void = _own_people(row.partner) or ("" if row.status == TouchStatus.CONFIRMED else "unconfirmed")
    return Candidate(row.partner, Evidence.TOUCH, row, row.entered_at, bar=bar, raw_bar=void)


def _lead_influence(leads: Sequence[tuple[Lead, bool]], deal: Deal, version: Version) -> list[Candidate]:
    return [_lead(row, deal, version) for row, _own in leads]


def _lead(row: Lead, deal: Deal, version: Version) -> Candidate:
    campaign = row.source == LeadSource.CAMPAIGN
    at = row.received_at if campaign else row.accepted_at
    assert at is not None
    day = local_day(at)
    bar = influence_bar(None, day, day, deal, version.terms)
    kind = Evidence.CAMPAIGN if campaign else Evidence.LEAD
    return Candidate(row.partner, kind, row, at, bar=bar, raw_bar=_own_people(row.partner))
