"""Revenue rules: a change is a new version from a day on. What stands is never edited."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Refused
from core.events import record
from deals.check import hold
from earnings import rules
from earnings.dossier import local_day
from earnings.enums import Direction, RuleKind
from earnings.models import EarningTerms, RevenueRule
from earnings.particulars import RuleDraft, TermsOfMoney
from partners.models import Program

_ONE_DAY = timedelta(days=1)
_OWN = ("key", "effective_from")  # what two versions may differ in without being another rule


@transaction.atomic
def publish_rule(draft: RuleDraft, *, by: Actor, at: datetime) -> RevenueRule:
    """The next version of a rule, in force from a day on; the one before ends on the day before it.

    The version that stands where nothing differs. Raises Refused for terms that do not fit together, for a day that
    has passed, and for a tie: another rule that names the same things on the same days.
    """
    by.require("program.edit")
    hold(f"revenue rules {draft.program.pk}")
    _refuse_unsound(draft)
    last = RevenueRule.objects.filter(program=draft.program, key=draft.key).order_by("number").last()
    if last and last.effective_to is None and _same(last, draft):
        return last
    _refuse_past(draft, last, by, at)
    return _write(draft, last, by=by, at=at)


def _write(draft: RuleDraft, last: RevenueRule | None, *, by: Actor, at: datetime) -> RevenueRule:
    number = last.number + 1 if last else 1
    fresh = RevenueRule(**draft.values(), number=number, published_at=at, published_by=by.label)
    if last and (last.effective_to is None or last.effective_to >= draft.effective_from):
        _end(last, draft.effective_from - _ONE_DAY)
    _refuse_tie(fresh)
    fresh.save(force_insert=True)
    told = {"key": fresh.key, "number": number, "effective_from": fresh.effective_from.isoformat()}
    record("published", fresh, by=by, at=at, data=told)
    return fresh


@transaction.atomic
def retire_rule(rule: RevenueRule, last_day: date, *, by: Actor, at: datetime) -> RevenueRule:
    """The rule ends with a day; deals that were won or registered until then keep it."""
    by.require("program.edit")
    if rule.effective_to is not None and rule.effective_to <= last_day:
        raise Refused(_("This rule has ended already."), code="illegal_transition")
    if by.kind != "system" and last_day < local_day(at) - _ONE_DAY:
        raise Refused(_("A rule can't end in the past. Choose today or a later day."), field="effective_to")
    _end(rule, last_day)
    record(
        "retired", rule, by=by, at=at, data={"key": rule.key, "number": rule.number, "last_day": last_day.isoformat()}
    )
    return rule


def _end(rule: RevenueRule, last_day: date) -> None:
    """A version that would end before it began never was in force: it ends on its first day."""
    rule.effective_to = max(last_day, rule.effective_from)
    RevenueRule.objects.filter(pk=rule.pk).update(effective_to=rule.effective_to)


def _same(rule: RevenueRule, draft: RuleDraft) -> bool:
    values = {name: value for name, value in draft.values().items() if name not in _OWN}
    return all(_plain(getattr(rule, name)) == _plain(value) for name, value in values.items())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _number(one) for key, one in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _number(value: Any) -> Any:
    return rules.decimal(value)


def _refuse_past(draft: RuleDraft, last: RevenueRule | None, by: Actor, at: datetime) -> None:
    if last and draft.effective_from < last.effective_from:
        raise Refused(
            _("Version %(n)s of this rule begins on %(day)s. Choose a later day.")
            % {"n": last.number, "day": last.effective_from}, field="effective_from",
        )  # fmt: skip
    if last and by.kind != "system" and draft.effective_from < local_day(at):
        raise Refused(_("A change can't take effect in the past. Choose today or a later day."), field="effective_from")


def _refuse_tie(fresh: RevenueRule) -> None:
    others = RevenueRule.objects.filter(program_id=fresh.program_id, partner_type=fresh.partner_type, kind=fresh.kind)
    if (other := rules.tie(fresh, list(others))) is not None:
        raise Refused(
            _("“%(rule)s” is for the same deals on the same days. Name a tier, a product, a territory or a currency, "
              "or end the other rule first.") % {"rule": other.name}, code="tie", field="key",
        )  # fmt: skip


def _refuse_unsound(draft: RuleDraft) -> None:
    for field, bad, reason in (
        ("percent", (draft.percent is None) == (draft.amount is None), _("Give either a percentage or an amount.")),
        ("split", draft.split and sum(draft.split.values()) != 100, _("The parts of the split must add up to 100%.")),
        ("direction", draft.direction == Direction.RETAINED and draft.kind != RuleKind.MARGIN,
         _("Only a margin is retained. Everything else is payable or receivable.")),
        ("kind", draft.kind == RuleKind.LICENSE_FEE and draft.amount is None,
         _("A license fee needs the amount for one unit.")),
        ("kind", draft.kind == RuleKind.MARGIN and draft.percent is None,
         _("A margin is a percentage of the list price.")),
        ("currency", _amounts(draft) and not (draft.currency or draft.pay_currency),
         _("Amounts need a currency: of the deals, or of the payment.")),
        ("minimum", draft.minimum is not None and draft.kind != RuleKind.LICENSE_FEE,
         _("Only a license fee has a minimum for each period.")),
        ("nets", draft.nets and draft.direction != Direction.RECEIVABLE,
         _("Only what the partner owes can be taken from what we owe.")),
        ("cap", None not in (draft.floor, draft.cap) and draft.floor > draft.cap, _("The floor is above the cap.")),  # type: ignore[operator]
    ):  # fmt: skip
        if bad:
            raise Refused(reason, field=field)


def _amounts(draft: RuleDraft) -> bool:
    return any(one is not None for one in (draft.amount, draft.floor, draft.cap, draft.minimum))


@transaction.atomic
def set_earning_terms(program: Program, terms: TermsOfMoney, *, by: Actor, at: datetime) -> EarningTerms:
    """A program's terms of money from now on; deals that are won keep what makes them accrue."""
    by.require("program.edit")
    before = EarningTerms.objects.filter(program=program).first()
    old = {name: str(getattr(before, name)) if before else None for name in terms.values()}
    row, _made = EarningTerms.objects.update_or_create(program=program, defaults=terms.values())
    moved = {name: [old[name], str(value)] for name, value in terms.values().items() if old[name] != str(value)}
    if moved:
        row.refresh_from_db()
        record("set", row, by=by, at=at, data={"changes": moved})
    return row
