"""What pages show of credit and of touches: frozen, in words, with the arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor
from core.money import Money
from core.parts import Column, Fact, Row, Table, Tag
from deals.attribution import local_day, version_on
from deals.attribution.why import Candidate, Why
from deals.enums import Credit, Evidence, Stage, TouchStatus
from deals.models import Attribution, Opportunity, Touch
from deals.rules.attribution import Deal, influence_bar

_TOUCH_TONES: dict[str, str] = {
    TouchStatus.CLAIMED: "info", TouchStatus.CONFIRMED: "good", TouchStatus.REFUSED: "bad", TouchStatus.LAPSED: "warn",
}  # fmt: skip
_VOID: dict[str, Any] = {
    "not_approved": gettext_lazy("It isn't approved, or it was taken back."),
    "converted_lead": gettext_lazy("It came from a lead of ours. The deal stays ours; the partner sells."),
    "own_people": gettext_lazy("Our own people source and influence nothing."),
    "unconfirmed": gettext_lazy("The owner of the opportunity hasn't confirmed it."),
}


def touch_tag(touch: Touch) -> Tag:
    return Tag(touch.get_status_display(), _TOUCH_TONES.get(touch.status, ""))


def touch_customer(touch: Touch, seen: Opportunity | None) -> str:
    """The customer as the partner named it, else its own opportunity."""
    return str(seen) if seen is not None else touch.account_name or touch.reference


def credit_address(opportunity: Opportunity | None) -> str:
    return reverse("portal:opportunity_credit", args=[opportunity.reference]) if opportunity else ""


def claim_address(opportunity: Opportunity) -> str:
    return f"{reverse('portal:touch_new')}?opportunity={opportunity.reference}"


def late_words(touch: Touch, opportunity: Opportunity | None) -> str:
    """What to say of a touch that can't count any more; nothing where it may."""
    if opportunity is None or opportunity.opened_on is None:
        return ""
    closed = opportunity.closed_on if opportunity.stage != Stage.OPEN else None
    deal = Deal(opportunity.opened_on, closed, opportunity.vendor_source)
    terms = version_on(closed).terms
    return influence_bar(touch.kind, touch.happened_on, local_day(touch.entered_at), deal, terms) or ""


@dataclass(frozen=True)
class Shown:
    """The page that says why."""

    facts: Sequence[Fact]
    result: Table | None
    sourcing: Table | None
    influence: Table | None
    version: str
    terms: Sequence[Fact]
    incomplete: bool
    decision: str
    decided_by: str


def why(found: Why, actor: Actor) -> Shown:
    decision = found.decision
    who = str(decision.partner) if decision and decision.partner else _("Nobody")
    return Shown(
        facts=_facts(found.opportunity),
        result=_result(found),
        sourcing=_evidence(_("Evidence of sourcing"), found.sourcing, found),
        influence=_evidence(_("Evidence of influence"), found.influence, found),
        version=f"v{found.version.number}",
        terms=_terms(found),
        incomplete=found.incomplete,
        decision=_("Sourced by a manager's decision: %s.") % who if decision else "",
        decided_by=decision.reason if decision and actor.is_vendor else "",
    )


def _facts(opportunity: Opportunity) -> list[Fact]:
    amount = None if opportunity.amount is None else Money(opportunity.amount, opportunity.currency)
    closed = opportunity.closed_on if opportunity.stage != Stage.OPEN else None
    return [
        Fact(_("Customer"), opportunity.account.name if opportunity.account else None),
        Fact(_("Amount"), amount, hint=_("estimated") if opportunity.amount_estimated else ""),
        Fact(_("Kind"), opportunity.get_kind_display()),
        Fact(_("Stage"), opportunity.get_stage_display()),
        Fact(_("Opened"), opportunity.opened_on),
        Fact(_("Closed"), closed),
        Fact(_("What brought it to us"), opportunity.get_vendor_source_display()),
    ]


def _terms(found: Why) -> list[Fact]:
    terms = found.version.terms
    lives = {str(e): terms.days.get(e) for e in (Evidence.CAMPAIGN, Evidence.LINK)}
    words = [
        f"{Evidence(e).label} {_('%d days') % days}"
        for e, days in lives.items()
        if e in terms.ranks and days is not None
    ]
    return [
        Fact(_("Order of evidence"), " › ".join(str(Evidence(e).label) for e in (Evidence.DECISION, *terms.ranks))),
        Fact(_("Registrations and referrals"), _("until their grace ends")),
        Fact(_("Other evidence"), ", ".join(words)),
        Fact(_("Evidence after the opening"), _("%d days") % terms.late_days),
        Fact(_("Touches before the opening"), _("%d days") % terms.touch_days_before),
        Fact(_("Touches entered after the close"), _("%d days") % terms.touch_entered_days),
    ]


def _result(found: Why) -> Table | None:
    columns = (
        Column(_("Partner")), Column(_("Credit"), "tag"), Column(_("By")), Column(_("Arithmetic")),
        Column(_("Worth"), "num"), Column(_("Rules")), Column(_("Frozen"), "when"),
    )  # fmt: skip
    rows = [_credit(row, found.opportunity) for row in found.credits]
    return Table(_("Credit"), columns, rows) if rows else None


def _credit(row: Attribution, opportunity: Opportunity) -> Row:
    amount, currency = opportunity.amount, opportunity.currency
    sourced = row.credit == Credit.SOURCED
    share = f"{row.share_percent.normalize():f}%"
    whole = Money(amount, currency) if amount is not None else None
    worth = whole.times(row.share_percent / 100) if whole and sourced else whole
    sum_words = f"{share} × {whole.amount:,.2f} {currency}" if whole and sourced else _("counted once, in full")
    tag = Tag(row.get_credit_display(), "good" if sourced else "info")
    return Row(
        (row.partner.name, tag, row.get_evidence_display(), sum_words, worth, f"v{row.rule_version}", row.frozen_on)
    )


def _evidence(caption: str, found: Sequence[Candidate], whole: Why) -> Table | None:
    columns = (
        Column(_("Evidence")), Column(_("Partner")), Column(_("Came"), "when"), Column(_("Until"), "when"),
        Column(_("Counts"), "tag"), Column(_("Why")),
    )  # fmt: skip
    rows = [_candidate(one, whole) for one in found]
    return Table(caption, columns, rows) if rows else None


def _candidate(one: Candidate, whole: Why) -> Row:
    name = f"{Evidence(one.evidence).label} {one.record.reference}"
    if isinstance(one.record, Touch):
        name = f"{one.record.get_kind_display()}, {date_format(one.record.happened_on, 'j M Y')}"
    return Row((name, one.partner.name if one.partner else "", one.at, one.ends_on, *_verdict(one, whole)))


def _verdict(one: Candidate, whole: Why) -> tuple[Tag, str]:
    why_not = one.bar or (str(_VOID[one.raw_bar]) if one.raw_bar else "")
    if isinstance(one.record, Touch) and one.record.status != TouchStatus.CONFIRMED:
        return touch_tag(one.record), why_not
    if one.wins:
        return Tag(_("Decides"), "good"), _("The strongest that counts; of equals the earliest.")
    if why_not:
        return Tag(_("No"), "bad"), why_not
    if one in whole.influence:
        sourced = {row.partner_id for row in whole.credits if row.credit == Credit.SOURCED}
        if one.partner and one.partner.pk in sourced:
            return Tag(_("Counts"), ""), _("The partner sourced it; it isn't counted twice.")
        return Tag(_("Counts"), "good"), ""
    return Tag(_("Stands behind"), ""), _("Stronger or earlier evidence decides.")
